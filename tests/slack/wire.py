"""A Slack at the wire for this room's tests: answers what it is told to, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

BOT_TOKEN = "xoxb-canary-of-the-bot"
APP_TOKEN = "xapp-canary-of-the-app"

Answer = Mapping[str, Any] | Callable[["Call"], Any]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as it came over the wire."""

    method: str
    arguments: dict[str, Any]
    headers: Mapping[str, str]
    request: web.Request


class DrivenClock:
    """A clock that stands still until a test moves it; sleepers are known by their seconds."""

    def __init__(self, start: float = 1_764_000_000.0) -> None:
        self._now = start
        self._sleepers: list[tuple[float, float, asyncio.Future[None]]] = []
        self._slept = asyncio.Condition()

    def now(self) -> float:
        """Unix seconds, UTC."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Return once a test has moved on by ``seconds``."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sleeper = (self._now + seconds, seconds, waker)
        self._sleepers.append(sleeper)
        async with self._slept:
            self._slept.notify_all()
        try:
            await waker
        finally:
            if sleeper in self._sleepers:
                self._sleepers.remove(sleeper)

    @property
    def sleeping(self) -> list[float]:
        """The seconds asked for by those asleep."""
        return [seconds for _, seconds, _ in self._sleepers]

    async def until_asleep(self, wanted: Callable[[float], bool] = lambda _: True) -> float:
        """Wait until somebody sleeps for such a time; returns the seconds."""
        async with self._slept:
            while True:
                found = [seconds for seconds in self.sleeping if wanted(seconds)]
                if found:
                    return found[0]
                await asyncio.wait_for(self._slept.wait(), 5)

    def advance(self, seconds: float) -> None:
        """Move on, and wake who is due."""
        self._now += seconds
        for sleeper in list(self._sleepers):
            due, _, waker = sleeper
            if due <= self._now and not waker.done():
                waker.set_result(None)
                self._sleepers.remove(sleeper)


@dataclass
class WireSlack:
    """A Slack whose answer to each method is set by the test."""

    answers: dict[str, Answer] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    url: str = ""

    def of(self, method: str) -> list[Call]:
        """The calls of one method, in order."""
        return [call for call in self.calls if call.method == method]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request as the test has said."""
        call = Call(
            method=request.match_info["method"],
            arguments=await _arguments(request),
            headers=request.headers,
            request=request,
        )
        self.calls.append(call)
        answer = self.answers.get(call.method, {"ok": False, "error": "unknown_method"})
        if callable(answer):
            answer = answer(call)
            if isinstance(answer, Awaitable):
                answer = await answer
        return answer if isinstance(answer, web.StreamResponse) else web.json_response(answer)


async def _arguments(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return dict(json.loads(await request.read()))
    return {key: str(value) for key, value in (await request.post()).items()}


async def serve(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.AppRunner:
    """A server on a free port of loopback, answering every path by ``handle``."""
    application = web.Application(client_max_size=2**24)
    application.router.add_route("*", "/{tail:.*}", handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


def address(runner: web.AppRunner) -> str:
    """``http://127.0.0.1:port`` of a server."""
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"
