"""Orders of the page for the demo's supervisor, and the answers that come back.

The world never touches the bot or its files: it passes a wish on, and whoever started the bot carries it
out. Without a supervisor (a world started alone) there is nobody to ask.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

from aiohttp import web

ANSWERED_WITHIN = 20.0
"""Real seconds a question waits for its answer."""


class Nobody(LookupError):
    """No supervisor listens, or it did not answer."""


class Orders:
    """The line to the supervisor: orders out as JSON lines, answers back by number."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[dict[str, Any]]] = set()
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Any]] = {}

    @property
    def heard(self) -> bool:
        """Whether somebody listens."""
        return bool(self._listeners)

    def routes(self) -> list[web.RouteDef]:
        """``/world/bot/orders`` and ``/world/bot/answers``, for the supervisor alone."""
        return [
            web.get("/world/bot/orders", self._stream),
            web.post("/world/bot/answers", self._take_answer),
        ]

    def give(self, order: str, **details: Any) -> None:
        """Have ``order`` carried out. Raises ``Nobody``."""
        if not self._listeners:
            raise Nobody("nobody here watches over a bot")
        for listener in self._listeners:
            listener.put_nowait({"order": order, **details})

    async def ask(self, order: str, **details: Any) -> Any:
        """Have ``order`` carried out and return what comes of it. Raises ``Nobody``."""
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.give(order, number=number, **details)
        self._asked[number] = answer
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                return await answer
        except TimeoutError:
            raise Nobody("whoever watches over the bot does not answer") from None
        finally:
            del self._asked[number]

    async def _take_answer(self, request: web.Request) -> web.StreamResponse:
        """``{"number": …, "answer": …}``; one that nobody waits for any more is dropped."""
        word = await request.json()
        waiting = self._asked.get(word["number"])
        if waiting is not None and not waiting.done():
            waiting.set_result(word["answer"])
        return web.json_response({"taken": waiting is not None})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """JSON lines ``{"order": "kill"}``, one when it is given; the first, ``hello``, at once."""
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        orders: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._listeners.add(orders)
        orders.put_nowait({"order": "hello"})
        try:
            while True:
                await response.write(json.dumps(await orders.get()).encode() + b"\n")
        except ConnectionError:  # the supervisor went away
            return response
        finally:
            self._listeners.discard(orders)
