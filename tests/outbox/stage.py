"""What this room's tests play on: a Slack at the wire that keeps its messages, and an outbox before it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from compliance_bot.config.schema import QuietHours
from compliance_bot.model.delivery import (
    Cleared,
    Effect,
    EffectKind,
    Lane,
    Never,
    Outcome,
    PlannedEffect,
    Presentation,
    Skip,
    StudioWrite,
)
from compliance_bot.model.slack import Channel
from compliance_bot.outbox.contract import Handler
from compliance_bot.rulebook import Rulebook, compile_rulebook
from compliance_bot.rules.sensitivity import Sensitivity, clear
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.faults import Faults
from compliance_bot.store.transaction import Transaction

ROOT = Path(__file__).parents[2]
_EVERYTHING = Sensitivity()


def a_rulebook(
    *, per_channel: float = 0.0, reconcile_after: float = 15.0, quiet: tuple[str, str] | None = None
) -> Rulebook:
    """The shipped rulebook at another pace; ``quiet``: from and to, in UTC."""
    rulebook, _ = compile_rulebook(ROOT / "rules.yaml", ROOT / "templates")
    delivery = rulebook.rules.delivery.model_copy(
        update={"per_channel": per_channel, "reconcile_after": reconcile_after}
    )
    hours = None if quiet is None else QuietHours(from_=quiet[0], to=quiet[1])
    changes = {"delivery": delivery, "quiet_hours": hours}
    return replace(rulebook, rules=rulebook.rules.model_copy(update=changes))


def a_post(name: str = "p1", **changes: Any) -> PlannedEffect:
    """A message for channel C1, called ``name``."""
    given: dict[str, Any] = {
        "kind": EffectKind.POST,
        "key": f"post:{name}",
        "lane": Lane.NORMAL,
        "order_key": f"order:{name}",
        "pace_key": "C1",
        "intent": {"name": name},
    }
    return PlannedEffect(**{**given, **changes})


def an_edit(post: str = "p1", *, version: int, **changes: Any) -> PlannedEffect:
    """An edit of the message called ``post``, wanted since ``version``."""
    given: dict[str, Any] = {
        "kind": EffectKind.EDIT,
        "key": f"edit:{post}:{version}",
        "order_key": f"order:{post}",
        "pace_key": "edits",
        "intent": {"name": post},
    }
    return a_post(post, **{**given, **changes})


def a_studio_write(name: str = "s1", **changes: Any) -> PlannedEffect:
    """A status for Studio."""
    given: dict[str, Any] = {
        "kind": EffectKind.STUDIO_STATUS,
        "key": f"studio:{name}",
        "pace_key": "studio",
    }
    return a_post(name, **{**given, **changes})


@dataclass
class Scene:
    """What the handlers present, and what they were told: the part the cases play elsewhere."""

    words: dict[str, str] = field(default_factory=dict)
    version: int = 1
    shown: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    ended: list[tuple[str, Any]] = field(default_factory=list)
    present_instead: Callable[[Effect], Presentation] | None = None

    def present(self, _tx: Transaction, effect: Effect, _now: float, _rulebook: Rulebook) -> Presentation:
        """What is to be sent, as the scene is now."""
        if self.present_instead is not None:
            return self.present_instead(effect)
        return self.usually(effect)

    def usually(self, effect: Effect) -> Presentation:
        """A message, an edit or a status, with the text of the moment."""
        name = effect.intent["name"]
        text = self.words.get(name, f"{name} at version {self.version}")
        if effect.kind is EffectKind.STUDIO_STATUS:
            return StudioWrite(operation="set_status", studio_id=name, body={"status": "investigating"})
        if effect.kind is EffectKind.EDIT:
            standing = self.shown.get(name)
            if standing is None:
                return Skip(reason="post.missing")
            arguments = {"ts": standing["ts"], "text": text}
            return self._cleared("chat.update", standing["channel"], arguments)
        blocks = [] if effect.degraded else [{"type": "divider"}]
        arguments = {"text": text, "blocks": blocks}
        channel = effect.intent.get("channel", effect.pace_key)
        return self._cleared("chat.postMessage", channel, arguments)

    def _cleared(self, method: str, channel: str, arguments: Mapping[str, Any]) -> Presentation:
        inner = Channel(id=channel, name=channel.lower(), private=True, member=True)
        return clear(
            method,
            _EVERYTHING.audience(channel, inner),
            arguments,
            content=_EVERYTHING.internal,
            instead={},
            version=self.version,
        )

    def settle(
        self, _tx: Transaction, effect: Effect, end: Outcome | Skip, _now: float, _rulebook: Rulebook
    ) -> None:
        """Keep how it ended, and where a message stands."""
        self.ended.append((effect.key, end))
        if effect.kind is EffectKind.POST and not isinstance(end, Never | Skip):
            self.shown[effect.intent["name"]] = end.result  # type: ignore[union-attr]  # a Done has one

    @property
    def handlers(self) -> dict[EffectKind, Handler]:
        """The same two for every kind."""
        return {kind: Handler(present=self.present, settle=self.settle) for kind in EffectKind}


def text_of(presented: Cleared) -> str:
    return str(presented.arguments["text"])


@dataclass
class WireSlack:
    """A Slack that keeps messages with their metadata, counts what comes, and fails as told."""

    clock: WorldClock
    faults: Faults = field(default_factory=Faults)
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any], float]] = field(default_factory=list)
    url: str = ""
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    def hook(self, name: str) -> str:
        """Where the incoming webhook of that name is."""
        return self.url.replace("/api/", f"/hooks/{name}")

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until that is so; looked at after each call."""
        async with asyncio.timeout(20), self._came:
            await self._came.wait_for(true)

    def arguments_of(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of a method, in order."""
        return [arguments for called, arguments, _ in self.calls if called == method]

    def texts(self, channel: str = "C1") -> list[str]:
        """What stands in a channel, oldest first."""
        return [message["text"] for message in self.messages if message["channel"] == channel]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call: counted, then answered or failed."""
        method = request.match_info.get("method", "webhook")
        arguments = await _arguments(request)
        self.calls.append((method, arguments, self.clock.now()))
        try:
            return await self._answer(request, method, arguments)
        finally:
            async with self._came:
                self._came.notify_all()

    async def _answer(
        self, request: web.Request, method: str, arguments: dict[str, Any]
    ) -> web.StreamResponse:
        fault = self.faults.meet(method, arguments)
        if fault is None:
            done = self._do(method, arguments)
            return web.Response(text="ok") if method == "webhook" else web.json_response(done)
        if fault.drop == "before":
            return _cut(request)
        if fault.hold is not None:
            answer = self._do(method, arguments) if fault.hold == "after" else None
            async with self._came:
                self._came.notify_all()
            await fault.wait_released()
            return web.json_response(answer or self._do(method, arguments))
        if fault.drop == "after":
            self._do(method, arguments)
            return _cut(request)
        if fault.effect_first:
            self._do(method, arguments)
        if isinstance(fault.body, str):
            return web.Response(text=fault.body, status=fault.status or 200)
        return web.json_response(fault.body or {}, status=fault.status or 200, headers=dict(fault.headers))

    def _do(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if method == "auth.test":
            return {"ok": True, "team_id": "T1", "team": "T", "user_id": "U0BOT", "bot_id": "B0BOT"}
        if method == "webhook":
            self.messages.append({**arguments, "channel": "webhook"})
            return {}
        if method == "chat.postMessage":
            ts = f"{self.clock.now():.0f}.{len(self.messages):06d}"
            self.messages.append({**arguments, "ts": ts, "user": "U0BOT", "bot_id": "B0BOT"})
            return {"ok": True, "ts": ts, "channel": arguments["channel"]}
        if method == "chat.update":
            (message,) = (found for found in self.messages if found["ts"] == arguments["ts"])
            message.update(text=arguments["text"])
            return {"ok": True, "ts": arguments["ts"], "channel": arguments["channel"]}
        return {
            "ok": True,
            "messages": [found for found in self.messages if found["channel"] == arguments["channel"]],
        }


async def _arguments(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return dict(await request.json())
    form = await request.post()
    return {name: _parsed(str(value)) for name, value in form.items()}


def _parsed(value: str) -> Any:
    try:
        return json.loads(value) if value[:1] in "[{" else value
    except ValueError:
        return value


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@contextlib.asynccontextmanager
async def a_slack(clock: WorldClock) -> AsyncIterator[WireSlack]:
    """A Slack that listens on loopback."""
    slack = WireSlack(clock=clock)
    application = web.Application()
    application.router.add_post("/api/{method}", slack.handle)
    application.router.add_post("/hooks/{name}", slack.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    yield slack
    slack.faults.lift_all()
    await runner.cleanup()
