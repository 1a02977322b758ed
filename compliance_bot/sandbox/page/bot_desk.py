"""Where the demo's supervisor says how the bot is, and hears that somebody wants it killed.

The world never touches the bot's process: it passes the wish on, and whoever started the bot carries
it out. Without a supervisor (a world started alone) there is nothing to kill.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

_FIELDS = {"state", "pid", "restarts", "commands"}


class BotDesk:
    """The bot as its supervisor tells it, and the orders that wait for the supervisor."""

    def __init__(self) -> None:
        self._told: dict[str, Any] = {"state": "absent", "pid": None, "restarts": 0, "commands": []}
        self._listeners: set[asyncio.Queue[str]] = set()

    def routes(self) -> list[web.RouteDef]:
        """``/world/bot…``."""
        return [
            web.get("/world/bot", self._show),
            web.post("/world/bot", self._take_word),
            web.get("/world/bot/orders", self._stream_orders),
            web.post("/world/bot/kill", self._ask_for_kill),
        ]

    async def _show(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({**self._told, "supervised": bool(self._listeners)})

    async def _take_word(self, request: web.Request) -> web.StreamResponse:
        """The supervisor says what changed: ``state``, ``pid``, ``restarts``, ``commands``."""
        word = await request.json()
        unknown = set(word) - _FIELDS
        if unknown:
            return web.json_response({"error": f"no such field: {', '.join(sorted(unknown))}"}, status=400)
        self._told |= word
        return await self._show(request)

    async def _ask_for_kill(self, _request: web.Request) -> web.StreamResponse:
        if not self._listeners:
            return web.json_response({"error": "nobody here watches over a bot"}, status=409)
        for listener in self._listeners:
            listener.put_nowait("kill")
        return web.json_response({"asked": True})

    async def _stream_orders(self, request: web.Request) -> web.StreamResponse:
        """JSON lines ``{"order": "kill"}``, one when it is given; the first, ``hello``, at once."""
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        orders: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.add(orders)
        orders.put_nowait("hello")
        try:
            while True:
                line = json.dumps({"order": await orders.get()})
                await response.write(line.encode() + b"\n")
        except ConnectionError:  # the supervisor went away
            return response
        finally:
            self._listeners.discard(orders)
