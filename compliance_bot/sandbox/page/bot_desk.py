"""Where the demo's supervisor says how the bot and its rules are, and hears what the page wants of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from compliance_bot.sandbox.page.orders import Nobody, Orders

_BOT = {"state", "pid", "restarts", "commands", "shortcuts", "cast"}
_RULES = {"text", "file", "hash", "events", "running", "refused"}
QUESTIONS = ("try", "save")
"""What the page may ask about a text of rules: is it right and what would it do; take it."""


class BotDesk:
    """The bot as its supervisor tells it; the page's wishes go to ``orders``."""

    def __init__(self) -> None:
        self._orders = Orders()
        self._told: dict[str, Any] = {"state": "absent", "pid": None, "restarts": 0}
        self._told |= {"commands": [], "shortcuts": [], "cast": []}
        self._rules: dict[str, Any] = dict.fromkeys(_RULES)
        self._rules_number = 0

    def routes(self) -> list[web.RouteDef]:
        """``/world/bot…``."""
        return [
            web.get("/world/bot", self._show),
            web.post("/world/bot", self._take_word),
            web.post("/world/bot/kill", self._ask_for_kill),
            web.get("/world/bot/rules", self._show_rules),
            web.post("/world/bot/rules", self._take_rules),
            *(web.post(f"/world/bot/rules/{name}", self._asking(name)) for name in QUESTIONS),
            *self._orders.routes(),
        ]

    async def _show(self, _request: web.Request) -> web.StreamResponse:
        """``rules_number`` rises whenever ``/world/bot/rules`` says something else."""
        more = {"supervised": self._orders.heard, "rules_number": self._rules_number}
        return web.json_response({**self._told, **more})

    async def _take_word(self, request: web.Request) -> web.StreamResponse:
        """The supervisor says what changed.

        ``state``, ``pid``, ``restarts``: of the bot's process. ``commands``, ``shortcuts``: those of its
        manifest. ``cast``: the people to act as, ``{user, part, may, may_not}``.
        """
        word = await request.json()
        if unknown := set(word) - _BOT:
            return _no_such_field(unknown)
        self._told |= word
        return await self._show(request)

    async def _show_rules(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({**self._rules, "number": self._rules_number})

    async def _take_rules(self, request: web.Request) -> web.StreamResponse:
        """The supervisor says what changed of the rules.

        ``text`` is what the file holds, ``events`` those that the page offers to explain; ``running``
        names the hash of the rules in force and since when, ``refused`` why the last ones are not.
        """
        word = await request.json()
        if unknown := set(word) - _RULES:
            return _no_such_field(unknown)
        self._rules |= word
        self._rules_number += 1
        return await self._show_rules(request)

    async def _ask_for_kill(self, request: web.Request) -> web.StreamResponse:
        if _strange(request):
            return _refusal()
        try:
            self._orders.give("kill")
        except Nobody as nobody:
            return web.json_response({"error": str(nobody)}, status=409)
        return web.json_response({"asked": True})

    def _asking(self, question: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def ask(request: web.Request) -> web.StreamResponse:
            if _strange(request):
                return _refusal()
            try:
                answer = await self._orders.ask(question, asked=await request.json())
            except Nobody as nobody:
                return web.json_response({"error": str(nobody)}, status=409)
            return web.json_response(answer, status=400 if "error" in answer else 200)

        return ask


def _strange(request: web.Request) -> bool:
    """Whether a browser says that another site asks: what stands on this machine is none of its business."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")


def _refusal() -> web.StreamResponse:
    return web.json_response({"error": "only this page may ask that"}, status=403)


def _no_such_field(unknown: set[str]) -> web.StreamResponse:
    return web.json_response({"error": f"no such field: {', '.join(sorted(unknown))}"}, status=400)
