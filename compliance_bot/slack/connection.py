"""One WebSocket of Socket Mode, from its ticket to its end.

Every frame in, a pong included, shows that it lives. Acks go out on the socket their envelope came
by. Source: Slack's Socket Mode (``hello``, ``disconnect``, envelopes, single-use tickets); time-outs
here are real seconds, for the wire knows no other.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import aiohttp

from compliance_bot import logs
from compliance_bot.errors import SlackError

_log = logs.logger("slack")

Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[bool]]
"""Writes one frame on the socket an envelope came by; False when that socket is gone."""


class Ending(StrEnum):
    """Why a connection is to be replaced."""

    LOST = "lost"
    SILENT = "silent"
    REFRESH = "refresh"
    CROWDED = "too_many_websockets"
    SHUT = "link_disabled"
    CLOSED = "closed"


_ENDINGS = {"too_many_websockets": Ending.CROWDED, "link_disabled": Ending.SHUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class WireTimes:
    """Real seconds on the wire. ``linger``: how long a replaced socket is still read."""

    connect: float = 10.0
    close: float = 3.0
    ping: float = 5.0
    silence: float = 15.0
    linger: float = 12.0


LARGEST_FRAME = 16 * 1024 * 1024
"""Bytes; a larger frame ends its connection, and is said."""


class CannotConnect(SlackError):
    """A WebSocket did not come to stand; its text never holds the ticket."""


class Connection:
    """One socket. ``on_frame`` gets each text frame that is a JSON object, in order.

    ``on_frame`` is awaited by the reader, so it must be quick; it may wait to slow the reading.
    ``ended`` is settled once: with the first reason to replace this socket, which may still be read.
    """

    def __init__(
        self,
        *,
        socket: aiohttp.ClientWebSocketResponse[bool],
        on_frame: Callable[[Connection, dict[str, Any]], Awaitable[None]],
        on_alive: Callable[[], None],
        times: WireTimes,
    ) -> None:
        self._socket = socket
        self._on_frame = on_frame
        self._on_alive = on_alive
        self._times = times
        self._loop = asyncio.get_running_loop()
        self._last_frame = self._loop.time()
        self._handling = False
        self._said: set[str] = set()
        self.ended: asyncio.Future[Ending] = self._loop.create_future()
        self.greeted = asyncio.Event()
        self.read = self._loop.create_task(self._read())
        self._watch = self._loop.create_task(self._watch_over())

    @property
    def open(self) -> bool:
        """True while frames can still be written."""
        return not self._socket.closed and not self.read.done()

    async def send(self, frame: dict[str, Any]) -> bool:
        """Write one frame now; False when the socket is gone."""
        try:
            await self._socket.send_str(json.dumps(frame))
        except (ConnectionError, aiohttp.ClientError, RuntimeError) as error:
            _log.warning("socket.ack.lost", error=type(error).__name__)
            return False
        return True

    async def close(self) -> None:
        """Close within the deadline, whatever the other side does; never raises."""
        self._watch.cancel()
        try:
            async with asyncio.timeout(self._times.close):
                await self._socket.close()
        except (TimeoutError, aiohttp.ClientError, OSError, RuntimeError):
            _log.info("socket.close.unanswered")
        self.read.cancel()
        await asyncio.gather(self.read, self._watch, return_exceptions=True)
        self._end(Ending.CLOSED)

    def _end(self, ending: Ending) -> None:
        if not self.ended.done():
            self.ended.set_result(ending)

    async def _read(self) -> None:
        try:
            while await self._read_one():
                pass
        finally:
            self._watch.cancel()
            self._end(Ending.LOST)

    async def _read_one(self) -> bool:
        message = await self._socket.receive()
        self._last_frame = self._loop.time()
        self._on_alive()
        if message.type is aiohttp.WSMsgType.TEXT:
            self._handling = True
            await self._take(message.data)
            self._handling = False
        elif message.type is aiohttp.WSMsgType.PING:
            await self._answer_ping(message.data)
        elif message.type is aiohttp.WSMsgType.BINARY:
            self._say_malformed("binary", len(message.data))
        elif message.type is not aiohttp.WSMsgType.PONG:
            self._say_end(message.type)
            return False
        return True

    async def _take(self, data: str | bytes) -> None:
        try:
            frame = json.loads(data)
        except (ValueError, RecursionError):
            frame = None
        if not isinstance(frame, dict):
            self._say_malformed("no JSON object", len(data))
            return
        if frame.get("type") == "disconnect":
            reason = str(frame.get("reason"))
            _log.info("socket.disconnect.told", reason=reason)
            self._end(_ENDINGS.get(reason, Ending.REFRESH))
        try:
            await self._on_frame(self, frame)
        except Exception:  # noqa: BLE001 -- one frame's fault must not end the socket
            _log.exception("socket.frame.failed")
        self.greeted.set()

    def _say_malformed(self, why: str, size: int) -> None:
        if why not in self._said:
            self._said.add(why)
            _log.warning("socket.frame.malformed", why=why, bytes=size)

    async def _answer_ping(self, data: bytes) -> None:
        try:
            await self._socket.pong(data)
        except (ConnectionError, aiohttp.ClientError):
            _log.info("socket.pong.lost")

    def _say_end(self, kind: aiohttp.WSMsgType) -> None:
        code = self._socket.close_code
        if code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
            _log.error("socket.frame.oversize", largest=LARGEST_FRAME)
        else:
            _log.info("socket.ended", code=code, type=kind.name)

    async def _watch_over(self) -> None:
        """Ping, and give the socket up when nothing at all has come for too long."""
        while True:
            await asyncio.sleep(self._times.ping)
            silent = self._loop.time() - self._last_frame
            if silent >= self._times.silence and not self._handling:
                _log.warning("socket.silent", seconds=round(silent, 1))
                self._end(Ending.SILENT)
                return
            try:
                await self._socket.ping()
            except (ConnectionError, aiohttp.ClientError):
                self._end(Ending.LOST)
                return


async def connect(
    *,
    session: aiohttp.ClientSession,
    url: str,
    proxy: str | None,
    on_frame: Callable[[Connection, dict[str, Any]], Awaitable[None]],
    on_alive: Callable[[], None],
    times: WireTimes,
) -> Connection:
    """A socket that has said its first word within the deadline, else ``CannotConnect``."""
    try:
        async with asyncio.timeout(times.connect):
            socket = await session.ws_connect(
                url,
                proxy=proxy,
                autoping=False,
                max_msg_size=LARGEST_FRAME,
                decode_text=False,
                timeout=aiohttp.ClientWSTimeout(ws_close=times.close),
            )
            connection = Connection(socket=socket, on_frame=on_frame, on_alive=on_alive, times=times)
            try:
                await _first_word(connection)
            except BaseException:
                await connection.close()
                raise
    except aiohttp.WSServerHandshakeError as error:
        raise CannotConnect(f"the WebSocket handshake was answered with {error.status}") from None
    except TimeoutError:
        raise CannotConnect(f"no connection within {times.connect:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise CannotConnect(f"no connection: {type(error).__name__}") from None
    return connection


async def _first_word(connection: Connection) -> None:
    greeted = asyncio.ensure_future(connection.greeted.wait())
    either: set[asyncio.Future[Any]] = {greeted, connection.ended}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    finally:
        greeted.cancel()
    if connection.greeted.is_set():
        return
    raise CannotConnect(f"the socket ended before its first word: {connection.ended.result()}")
