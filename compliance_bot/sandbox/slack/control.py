"""Control routes below ``/world/slack``: the page, the demo and journeys work this Slack by JSON.

``POST /world/slack/DEED`` with the arguments of the deed as an object. 404: no such person, channel,
message, button; 400: arguments that do not fit.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.slack import report
from compliance_bot.sandbox.slack.interactions import Interaction
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.world import SlackWorld

Deed = Callable[..., Awaitable[Any]]
_FAULT_FIELDS = ("call", "times", "status", "headers", "body", "effect_first", "drop", "hold")


class Control:
    """The deeds of one Slack as routes."""

    def __init__(self, slack: SlackWorld) -> None:
        self._slack = slack
        self._laid: dict[int, Fault] = {}

    def routes(self) -> list[web.RouteDef]:
        """``/world/slack/…``."""
        return [
            web.get("/world/slack/state", self._state),
            web.get("/world/slack/events", self._events),
            web.get("/world/slack/calls", self._calls),
            web.get("/world/slack/faults", self._faults),
            web.post("/world/slack/{deed}", self._do),
        ]

    async def _state(self, request: web.Request) -> web.StreamResponse:
        last = request.query.get("last")
        return web.json_response(report.state(self._slack, last=None if last is None else int(last)))

    async def _calls(self, request: web.Request) -> web.StreamResponse:
        method = request.query.get("method")
        calls = [one for one in self._slack.calls if method in (None, one.method)]
        last = calls[-int(request.query.get("last", "200")) :]
        return web.json_response(
            {"counts": dict(self._slack.counts), "calls": [report.call(one) for one in last]}
        )

    async def _faults(self, _request: web.Request) -> web.StreamResponse:
        laid = [{"id": one.id, "call": one.call, "met": one.met} for one in self._laid.values()]
        return web.json_response({"faults": laid})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the state number, at once and after each change."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        number = self._slack.changes.number
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(f"data: {number}\n\n".encode())
                number = await self._slack.changes.beyond(number)
        return response

    async def _do(self, request: web.Request) -> web.StreamResponse:
        deed = self._deeds().get(request.match_info["deed"])
        if deed is None:
            return web.json_response({"error": "no such deed"}, status=404)
        try:
            arguments = await request.json() if request.can_read_body else {}
            return web.json_response({"ok": True, **(await deed(**arguments) or {})})
        except LookupError as problem:
            return web.json_response({"error": str(problem)}, status=404)
        except (TypeError, ValueError) as problem:
            return web.json_response({"error": str(problem)}, status=400)

    def _deeds(self) -> Mapping[str, Deed]:
        slack = self._slack
        return {
            "click": _told(slack.click),
            "click_in_view": _told(slack.click_in_view),
            "slash": _told(slack.slash),
            "submit_view": _told(slack.submit_view),
            "close_view": _told(slack.close_view),
            "suggest": _told(slack.suggest),
            "shortcut": _told(slack.shortcut),
            "message_action": _told(slack.message_action),
            "send_envelope": _told(slack.send_envelope),
            "say": _said(slack.say),
            "mention": _said(slack.mention),
            "dm": _said(slack.dm),
            "edit": slack.edit,
            "remove": slack.remove,
            "react": _quiet(slack.react),
            "unreact": _quiet(slack.unreact),
            "open_home": _quiet(slack.open_home),
            "invite": _plain(slack.invite),
            "kick": _plain(slack.kick),
            "archive": _plain(slack.archive),
            "rename": _plain(slack.rename),
            "share_outside": _plain(slack.share_outside),
            "offer_outside": _plain(slack.offer_outside),
            "unshare": _plain(slack.unshare),
            "make_private": _plain(slack.make_private),
            "add_guest": _plain(slack.add_guest),
            "delete_channel": _plain(slack.delete_channel),
            "change_person": _plain(slack.change_person),
            "set_group_members": _plain(slack.set_group_members),
            "add_channel": _plain(slack.add_channel),
            "add_person": _plain(slack.add_person),
            "disconnect": _plain(slack.disconnect),
            "drop_sockets": _plain(slack.drop_sockets),
            "send_raw": _plain(slack.send_raw),
            "fault": self._lay,
            "lift": self._lift,
            "release": self._release,
            "refuse": self._refuse,
            "set": self._set,
        }

    async def _lay(self, where: Mapping[str, Any] | None = None, **fields: Any) -> Json:
        unknown = set(fields) - set(_FAULT_FIELDS)
        if unknown:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        return self._keep(self._slack.faults.lay(Fault(**fields, where=_matching(where))))

    async def _refuse(self, method: str, error: str, times: int | None = 1) -> Json:
        return self._keep(self._slack.refuse(method, error, times=times))

    def _keep(self, fault: Fault) -> Json:
        self._laid[fault.id] = fault
        return {"id": fault.id}

    async def _lift(self, id: int | None = None) -> None:  # noqa: A002 - the name on the wire
        for fault in [self._laid.pop(id)] if id is not None else list(self._laid.values()):
            self._slack.faults.lift(fault)
        if id is None:
            self._laid.clear()

    async def _release(self, id: int) -> Json:  # noqa: A002 - the name on the wire
        self._laid[id].release()
        return {"met": self._laid[id].met}

    async def _set(self, **fields: Any) -> None:
        for name, value in fields.items():
            if not hasattr(self._slack.settings, name):
                raise LookupError(f"no setting {name!r}")
            kept = getattr(self._slack.settings, name)
            setattr(self._slack.settings, name, type(kept)(value) if isinstance(kept, set) else value)
        self._slack.changes.note()


def _matching(where: Mapping[str, Any] | None) -> Callable[[Mapping[str, Any]], bool] | None:
    if where is None:
        return None
    wanted = dict(where)
    return lambda arguments: all(arguments.get(key) == value for key, value in wanted.items())


def _told(deed: Callable[..., Awaitable[Interaction | None]]) -> Deed:
    async def do(**arguments: Any) -> Json:
        interaction = await deed(**arguments)
        if interaction is None:
            return {"acked": None}
        ack = await asyncio.shield(interaction.acked)
        shown: Json = {"envelope_id": interaction.envelope_id, "acked": ack is not None}
        return shown | ({"latency": ack.latency, "payload": ack.payload} if ack else {})

    return do


def _said(deed: Callable[..., Awaitable[Any]]) -> Deed:
    async def do(**arguments: Any) -> Json:
        message, envelopes = await deed(**arguments)
        return {"channel": message.channel, "ts": message.ts, "envelopes": len(envelopes)}

    return do


def _quiet(deed: Callable[..., Awaitable[Any]]) -> Deed:
    async def do(**arguments: Any) -> None:
        await deed(**arguments)

    return do


def _plain(deed: Callable[..., Any]) -> Deed:
    async def do(**arguments: Any) -> Json:
        made = deed(**arguments)
        return {"id": made.id} if hasattr(made, "id") else {"done": made if isinstance(made, int) else True}

    return do
