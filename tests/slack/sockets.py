"""Slack's end of Socket Mode at the wire: single-use tickets, and every bad habit a test asks for."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.slack.wire import Call, WireSlack, address, serve


@dataclass(eq=False)
class ServerSocket:
    """One socket as Slack holds it; ``acks`` are the frames that came in on it."""

    number: int
    socket: web.WebSocketResponse
    acks: list[str] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    pings: int = 0
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, frame: dict[str, Any]) -> None:
        """Send one frame down this socket."""
        await self.socket.send_json(frame)


@dataclass
class Sockets:
    """All sockets of the app. ``statuses``: what the next handshakes answer instead of an upgrade.

    ``first_frames`` are sent instead of ``hello``, one to each new socket; ``mute`` answers no ping.
    """

    wire: WireSlack
    statuses: list[int] = field(default_factory=list)
    first_frames: list[dict[str, Any]] = field(default_factory=list)
    num_connections: int | None = None
    mute: bool = False
    opened: list[ServerSocket] = field(default_factory=list)
    tickets: set[str] = field(default_factory=set)
    tries: list[str] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    held: asyncio.Event | None = None
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def standing(self) -> list[ServerSocket]:
        """The sockets that are open now, oldest first."""
        return [each for each in self.opened if not each.closed.is_set()]

    @property
    def acks(self) -> list[str]:
        """Every envelope id acked, on whatever socket."""
        return [ack for each in self.opened for ack in each.acks]

    async def tell(self) -> None:
        """Wake whoever waits in ``until``."""
        async with self.changed:
            self.changed.notify_all()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something that happened here makes ``holds`` true."""
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(holds), 10)

    async def until_tried(self, times: int) -> None:
        """Wait until so many handshakes were tried."""
        await self.until(lambda: len(self.tries) == times)

    async def until_opened(self, count: int) -> None:
        """Wait until so many sockets were opened, whatever became of them."""
        await self.until(lambda: len(self.opened) == count)

    def open_ticket(self, base: str) -> Callable[[Call], Any]:
        """The answer to ``apps.connections.open``: a new ticket each time."""

        async def answer(_: Call) -> dict[str, Any]:
            if self.held is not None:
                await self.held.wait()
            ticket = f"ticket-{len(self.tries) + len(self.tickets) + len(self.wire.calls)}"
            self.tickets.add(ticket)
            return {"ok": True, "url": f"{base}/link/?ticket={ticket}&app_id=A0DEMO001"}

        return answer

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One handshake, and then one socket until it ends."""
        ticket = request.query["ticket"]
        self.tries.append(ticket)
        await self.tell()
        if ticket not in self.tickets:
            return web.Response(status=408, text="ticket was used")
        self.tickets.discard(ticket)
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        socket = web.WebSocketResponse(autoping=False, max_msg_size=0)
        await socket.prepare(request)
        mine = ServerSocket(next(self._numbers), socket)
        self.opened.append(mine)
        first = self.first_frames.pop(0) if self.first_frames else self._hello()
        await mine.send(first)
        await self.tell()
        await self._listen(mine)
        return socket

    def _hello(self) -> dict[str, Any]:
        count = self.num_connections or len(self.standing)
        return {"type": "hello", "num_connections": count, "connection_info": {"app_id": "A0DEMO001"}}

    async def _listen(self, mine: ServerSocket) -> None:
        try:
            async for message in mine.socket:
                if message.type is WSMsgType.TEXT:
                    frame = message.json()
                    mine.frames.append(frame)
                    mine.acks.append(frame["envelope_id"])
                elif message.type is WSMsgType.PING:
                    mine.pings += 1
                    if not self.mute:
                        await mine.socket.pong(message.data)
                await self.tell()
        finally:
            mine.closed.set()
            await self.tell()


@asynccontextmanager
async def socket_server(wire: WireSlack) -> AsyncIterator[Sockets]:
    """Slack's sockets, whose tickets ``wire`` hands out."""
    sockets = Sockets(wire)
    runner = await serve(sockets.handle)
    base = address(runner).replace("http://", "ws://")
    wire.answers["apps.connections.open"] = sockets.open_ticket(base)
    try:
        yield sockets
    finally:
        for each in sockets.standing:
            if each.socket._req is not None and each.socket._req.transport is not None:
                each.socket._req.transport.abort()
        await runner.cleanup()


def an_envelope(number: int, kind: str = "interactive", **overrides: Any) -> dict[str, Any]:
    """An envelope that is told apart by its number."""
    return {
        "envelope_id": f"envelope-{number}",
        "type": kind,
        "payload": {"number": number},
        "accepts_response_payload": False,
        **overrides,
    }


async def greet_by_hand(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Upgrade a connection and say hello, byte by byte, by a peer that knows no WebSocket further."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1)[:1] + line.split(": ", 1)[1:] for line in head if ": " in line)
    spliced = headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(spliced.encode()).digest())  # noqa: S324 -- RFC 6455 says SHA-1
    hello = b'{"type":"hello","num_connections":1}'
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + bytes([0x81, len(hello)]) + hello
    )
