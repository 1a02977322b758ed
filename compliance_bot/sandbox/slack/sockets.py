"""The WebSocket side of Socket Mode: tickets, hello, disconnect frames, acks.

Source: recorded hello and disconnect frames. A ticket opens one socket once; the eleventh socket of
an app is told ``too_many_websockets`` and closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import WSMsgType, web

from compliance_bot.clock import Clock
from compliance_bot.sandbox.faults import Faults
from compliance_bot.sandbox.slack.changes import Changes
from compliance_bot.sandbox.slack.ids import secret
from compliance_bot.sandbox.slack.settings import Json, SlackSettings
from compliance_bot.sandbox.slack.timers import Timers
from compliance_bot.sandbox.slack.wire import meet

_BIGGEST = 16 * 1024 * 1024
_HOST = "applink-5"


class Socket:
    """One open socket. ``retiring``: asked to go, still delivered to until it is closed."""

    def __init__(self, number: int, wire: web.WebSocketResponse, request: web.Request) -> None:
        self.number = number
        self.wire = wire
        self.retiring = False
        self.frames_received = 0
        self._request = request
        self._outgoing: asyncio.Queue[str | bytes] = asyncio.Queue()

    def send(self, frame: str | bytes) -> None:
        """Put a frame on the socket, after those already waiting."""
        self._outgoing.put_nowait(frame)

    async def write(self) -> None:
        """Send what waits, until the socket is gone."""
        with contextlib.suppress(ConnectionError):
            while True:
                frame = await self._outgoing.get()
                if isinstance(frame, bytes):
                    await self.wire.send_bytes(frame)
                else:
                    await self.wire.send_str(frame)

    def cut(self) -> None:
        """Cut the TCP connection, without a close frame."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def close(self) -> None:
        """Close it in order."""
        await self.wire.close()


class Sockets:
    """The open sockets of the app."""

    def __init__(
        self, *, settings: SlackSettings, clock: Clock, timers: Timers, faults: Faults, changes: Changes
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._timers = timers
        self._faults = faults
        self._changes = changes
        self._numbers = itertools.count(1)
        self._tickets: dict[str, float] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self.open: dict[int, Socket] = {}
        self.opened = 0
        """How many there ever were."""
        self.bad_frames: list[Any] = []
        """What came from the client and was no ack of a known envelope."""
        self.on_ack: Callable[[str, Any, int], bool] = lambda _envelope, _payload, _socket: False
        self.on_gone: Callable[[int], None] = lambda _socket: None

    def new_ticket(self) -> str:
        """A ticket for one socket."""
        ticket = secret(32)
        self._tickets[ticket] = self._clock.now()
        return ticket

    def send(self, frame: str) -> int | None:
        """Put a frame on one of the open sockets, any of them; its number, None without sockets."""
        if not self.open:
            return None
        socket = random.choice(list(self.open.values()))
        socket.send(frame)
        return socket.number

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """``GET /slack/link``: the handshake and the life of one socket."""
        return await meet(self._faults, "link", dict(request.query), request, lambda: self._admit(request))

    async def _admit(self, request: web.Request) -> web.StreamResponse:
        since = self._tickets.pop(request.query.get("ticket", ""), None)
        life = self._settings.ticket_seconds
        if since is None or (life is not None and self._clock.now() - since > life):
            return web.Response(status=404, text="not found")
        wire = web.WebSocketResponse(
            autoping=False, autoclose=False, compress=False, max_msg_size=_BIGGEST, timeout=1.0
        )
        await wire.prepare(request)
        if len(self.open) >= self._settings.sockets_most:
            await wire.send_str(json.dumps(self._too_many()))
            await wire.close()
            return wire
        await self._live(Socket(next(self._numbers), wire, request))
        return wire

    async def _live(self, socket: Socket) -> None:
        self.open[socket.number] = socket
        self.opened += 1
        socket.send(json.dumps(self._hello()))
        writer = asyncio.get_running_loop().create_task(socket.write())
        self._changes.note()
        try:
            await self._listen(socket)
        finally:
            writer.cancel()
            self.open.pop(socket.number, None)
            self.on_gone(socket.number)
            self._changes.note()

    async def _listen(self, socket: Socket) -> None:
        while True:
            message = await socket.wire.receive()
            if message.type in (WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
                return
            if message.type is WSMsgType.CLOSE:
                if not self._settings.never_close:
                    await socket.wire.close()
                    return
                await self._changes.until(lambda: not self._settings.never_close)
                return
            socket.frames_received += 1
            await self._take(socket, message.type, message.data)
            self._changes.note()

    async def _take(self, socket: Socket, kind: WSMsgType, data: Any) -> None:
        if kind is WSMsgType.PING:
            if not self._settings.never_pong:
                await socket.wire.pong(data)
        elif kind is WSMsgType.TEXT and not self._is_ack(socket, data):
            self.bad_frames.append(data)

    def _is_ack(self, socket: Socket, data: str) -> bool:
        try:
            frame = json.loads(data)
        except ValueError:
            return False
        if not isinstance(frame, Mapping) or not isinstance(frame.get("envelope_id"), str):
            return False
        return self.on_ack(frame["envelope_id"], frame.get("payload"), socket.number)

    def ask_to_leave(self, reason: str, sockets: list[Socket]) -> None:
        """Send a ``disconnect`` frame; Slack closes some seconds later, at once for link_disabled."""
        for socket in sockets:
            frame: Json = {"type": "disconnect", "reason": reason, "debug_info": {"host": _HOST}}
            socket.send(json.dumps(self._too_many() if reason == "too_many_websockets" else frame))
            socket.retiring = True
            patient = reason in ("warning", "refresh_requested")
            self._timers.after(self._settings.warning_seconds if patient else 0.0, self._closer(socket))
        self._changes.note()

    def _closer(self, socket: Socket) -> Callable[[], None]:
        def close() -> None:
            task: asyncio.Task[None] = asyncio.get_running_loop().create_task(_quietly(socket.close))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

        return close

    async def stop(self) -> None:
        """Cut every socket."""
        for socket in list(self.open.values()):
            socket.cut()
        for task in list(self._closing):
            task.cancel()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.open),
            "debug_info": {
                "host": _HOST,
                "build_number": 124,
                "approximate_connection_time": self._settings.approximate_connection_time,
            },
            "connection_info": {"app_id": self._settings.app_id},
        }

    def _too_many(self) -> Json:
        return {
            "type": "disconnect",
            "reason": "too_many_websockets",
            "num_connections": self._settings.sockets_most + 1,
            "debug_info": {"host": _HOST},
            "connection_info": {"app_id": self._settings.app_id},
        }


async def _quietly(deed: Callable[[], Awaitable[Any]]) -> None:
    with contextlib.suppress(ConnectionError):
        await deed()
