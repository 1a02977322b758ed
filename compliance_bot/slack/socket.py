"""Socket Mode, supervised: two staggered sockets, a fresh ticket for every try, and no hurry.

``slack_sdk``'s own client retries a spent ticket for ever when one handshake fails, reconnects without
a pause on ``too_many_websockets``, and closes the old socket before the new one stands; so the
supervision is ours and only the dispatch is Bolt's.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, TypeAlias

from compliance_bot import logs, metrics
from compliance_bot.clock import Clock
from compliance_bot.slack.backoff import (
    CROWDED_PAUSE,
    SHUT_PAUSE,
    STABLE_AFTER,
    long_pause,
    pause,
)
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.connection import (
    CannotConnect,
    Connection,
    Ending,
    Send,
    WireTimes,
    connect,
)
from compliance_bot.slack.failures import FailureClass, SlackCallFailed

_log = logs.logger("slack")

OnEnvelope: TypeAlias = Callable[[dict[str, Any], Send], Awaitable[None]]

MOST_IN_FLIGHT = 2000
"""Envelopes being handled at once; beyond it the sockets are not read on."""

STAGGER = 10.0
"""Seconds between the starts of two sockets, so that Slack refreshes them apart."""

_JUST_CLOSED = 30.0
"""Real seconds for which Slack may still count a socket that we closed."""


class Alarm(StrEnum):
    """What the operator must hear of."""

    FOREIGN_CONNECTION = "foreign_connection"
    """Another process holds connections with our app token, and takes part of what is sent."""
    TOO_MANY_CONNECTIONS = "too_many_connections"
    """The app has its ten connections already."""
    SOCKET_MODE_OFF = "socket_mode_off"
    """Socket Mode was switched off in the app's settings."""
    APP_TOKEN_REFUSED = "app_token_refused"  # noqa: S105 -- the name of an alarm
    """Slack refuses the app token."""


class SlackSocket:
    """Keeps ``connections`` sockets open and hands each envelope on as it comes.

    ``on_envelope`` gets the envelope and ``send``, which writes on the socket it came by. It runs in a
    task of its own; what it raises is logged. Pauses between tries are ``clock``'s seconds.
    ``on_alarm`` is told at each occurrence.
    """

    def __init__(
        self,
        *,
        client: SlackClient,
        clock: Clock,
        on_envelope: OnEnvelope,
        on_alarm: Callable[[Alarm, str], None],
        connections: int = 2,
        stagger: float = STAGGER,
        jitter: Callable[[], float] = random.random,
        times: WireTimes | None = None,
    ) -> None:
        self._client = client
        self._clock = clock
        self._on_envelope = on_envelope
        self._on_alarm = on_alarm
        self._count = connections
        self._stagger = stagger
        self._jitter = jitter
        self._times = times or WireTimes()
        self._live: set[Connection] = set()
        self._handling: set[asyncio.Task[None]] = set()
        self._retiring: set[asyncio.Task[None]] = set()
        self._lately_closed: list[float] = []
        self._no_try_before = 0.0
        self._stopping = asyncio.Event()
        self._changed = asyncio.Event()
        self.last_frame_at: float | None = None
        self.last_envelope_at: float | None = None
        self.num_connections: int | None = None
        self.foreign = False
        self.app_id: str | None = None

    @property
    def connected(self) -> bool:
        """True while at least one socket stands."""
        return bool(self._live)

    @property
    def sockets(self) -> int:
        """How many sockets stand, those being replaced included."""
        return len(self._live)

    async def wait_connected(self, sockets: int = 1) -> None:
        """Return once so many sockets stand."""
        while len(self._live) < sockets:
            await self._changed.wait()

    async def run(self) -> None:
        """Keep the sockets up until ``close``; raises only what is a fault of our own."""
        lines = [asyncio.ensure_future(self._keep(number)) for number in range(self._count)]
        stopped = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({*lines, stopped}, return_when=asyncio.FIRST_COMPLETED)
            for line in lines:
                if line.done():
                    line.result()
        finally:
            for task in (*lines, stopped):
                task.cancel()
            await asyncio.gather(*lines, stopped, return_exceptions=True)
            await self._close_all()

    async def drain(self, seconds: float) -> bool:
        """Wait, sockets open, for the envelopes in flight; True when all were handled in time."""
        try:
            async with asyncio.timeout(seconds):
                while self._handling:
                    await asyncio.wait(set(self._handling))
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """End ``run`` and close every socket within the close deadline."""
        self._stopping.set()
        await self._close_all()

    # ------------------------------------------------------------ one line: socket after socket

    async def _keep(self, number: int) -> None:
        if number:
            await self.wait_connected()
            await self._clock.sleep(self._stagger * number)
        failures = 0
        while True:
            connection = await self._try()
            if connection is None:
                failures += 1
                await self._wait_turn(pause(failures, self._jitter()))
                continue
            began = self._clock.now()
            ending = await asyncio.shield(connection.ended)
            failures = 0 if self._clock.now() - began >= STABLE_AFTER else failures + 1
            metrics.socket_reconnected(ending)
            self._heed(ending)
            retired = asyncio.ensure_future(self._retire(connection, ending))
            self._retiring.add(retired)
            retired.add_done_callback(self._retiring.discard)
            await self._wait_turn(pause(failures, self._jitter()))

    async def _wait_turn(self, seconds: float) -> None:
        turn = max(self._clock.now() + seconds, self._no_try_before)
        if self._no_try_before > self._clock.now():
            self._no_try_before = turn + long_pause(CROWDED_PAUSE, self._jitter())
        await self._clock.sleep(turn - self._clock.now())

    def _heed(self, ending: Ending) -> None:
        if ending is Ending.CROWDED:
            self._be_rare(CROWDED_PAUSE)
            self._on_alarm(Alarm.TOO_MANY_CONNECTIONS, "the app has its ten connections already")
        elif ending is Ending.SHUT:
            self._be_rare(SHUT_PAUSE)
            self._on_alarm(Alarm.SOCKET_MODE_OFF, "Socket Mode was switched off in the app's settings")

    def _be_rare(self, least: float) -> None:
        """No line tries again before so many seconds, and then one after another."""
        until = self._clock.now() + long_pause(least, self._jitter())
        self._no_try_before = max(self._no_try_before, until)

    async def _try(self) -> Connection | None:
        """A socket with a ticket of its own, or None and the reason in the log."""
        try:
            answer = await self._client.call("apps.connections.open")
            connection = await connect(
                session=self._client.session,
                url=str(answer.get("url") or ""),
                proxy=self._client.proxy,
                on_frame=self._take,
                on_alive=self._note_frame,
                times=self._times,
            )
        except SlackCallFailed as failure:
            self._say_refused(failure)
            return None
        except CannotConnect as failure:
            _log.warning("socket.connect.failed", why=str(failure))
            return None
        self._live.add(connection)
        self._count_live()
        return connection

    def _say_refused(self, failure: SlackCallFailed) -> None:
        _log.warning("socket.ticket.refused", code=failure.code, why=failure.why)
        if failure.kind is FailureClass.FATAL:
            self._be_rare(SHUT_PAUSE)
            self._on_alarm(Alarm.APP_TOKEN_REFUSED, str(failure))
        elif failure.retry_after is not None:
            self._be_rare(failure.retry_after)

    async def _retire(self, connection: Connection, ending: Ending) -> None:
        """Read a replaced socket on until Slack closes it, or it has lingered long enough."""
        try:
            if ending is Ending.REFRESH:
                await asyncio.wait({connection.read}, timeout=self._times.linger)
        finally:
            await self._drop(connection)

    async def _drop(self, connection: Connection) -> None:
        self._live.discard(connection)
        self._lately_closed.append(asyncio.get_running_loop().time())
        self._count_live()
        await connection.close()

    async def _close_all(self) -> None:
        retiring = list(self._retiring)
        for task in retiring:
            task.cancel()
        closing = [self._drop(connection) for connection in list(self._live)]
        await asyncio.gather(*closing, *retiring, return_exceptions=True)

    def _count_live(self) -> None:
        metrics.sockets_open(len(self._live))
        self._changed.set()
        self._changed = asyncio.Event()

    # ------------------------------------------------------------ what comes in

    def _note_frame(self) -> None:
        self.last_frame_at = self._clock.now()

    async def _take(self, connection: Connection, frame: dict[str, Any]) -> None:
        kind = frame.get("type")
        if kind == "hello":
            self._greet(frame)
        elif isinstance(frame.get("envelope_id"), str):
            await self._take_envelope(connection, frame)
        elif kind != "disconnect":
            _log.warning("socket.frame.unknown", type=str(kind)[:80])

    def _greet(self, frame: dict[str, Any]) -> None:
        told = frame.get("num_connections")
        self.num_connections = told if isinstance(told, int) else None
        about = frame.get("connection_info")
        if isinstance(about, dict) and isinstance(about.get("app_id"), str):
            self.app_id = about["app_id"]
        now = asyncio.get_running_loop().time()
        self._lately_closed = [at for at in self._lately_closed if now - at < _JUST_CLOSED]
        ours = len(self._live) + 1 + len(self._lately_closed)
        _log.info("socket.greeted", num_connections=told, ours=ours)
        self.foreign = self.num_connections is not None and self.num_connections > ours
        if self.foreign:
            words = f"Slack counts {told} connections of this app, {ours} are ours"
            self._on_alarm(Alarm.FOREIGN_CONNECTION, words)

    async def _take_envelope(self, connection: Connection, envelope: dict[str, Any]) -> None:
        self.last_envelope_at = self._clock.now()
        metrics.envelope_received(_kind_label(envelope.get("type")))
        task = asyncio.ensure_future(self._hand_on(envelope, connection.send))
        self._handling.add(task)
        task.add_done_callback(self._handling.discard)
        while len(self._handling) >= MOST_IN_FLIGHT:
            await asyncio.wait(set(self._handling), return_when=asyncio.FIRST_COMPLETED)

    async def _hand_on(self, envelope: dict[str, Any], send: Send) -> None:
        try:
            await self._on_envelope(envelope, send)
        except Exception:  # noqa: BLE001 -- one envelope's fault must not end the socket
            _log.exception("socket.envelope.failed", type=str(envelope.get("type"))[:80])


def _kind_label(kind: Any) -> str:
    return kind if kind in ("events_api", "interactive", "slash_commands") else "other"
