"""A supervisor of sockets under test, between a Slack at the wire and a driven clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.connection import Send, WireTimes
from compliance_bot.slack.socket import Alarm, SlackSocket
from tests.slack.sockets import Sockets
from tests.slack.wire import DrivenClock

QUICK = WireTimes(connect=2.0, close=0.2, ping=0.02, silence=0.1, linger=0.5)
CALM = WireTimes(connect=5.0, close=0.5, ping=5.0, silence=15.0, linger=0.5)


class Bench:
    """A supervisor under test, what it received, and what it raised the alarm for."""

    def __init__(self, client: SlackClient, clock: DrivenClock, sockets: Sockets) -> None:
        self.client, self.clock, self.sockets = client, clock, sockets
        self.received: list[dict[str, Any]] = []
        self.alarms: list[Alarm] = []
        self.handle: Callable[[dict[str, Any], Send], Any] = self.ack
        self.running: list[asyncio.Task[None]] = []
        self.socket: SlackSocket

    async def ack(self, envelope: dict[str, Any], send: Send) -> None:
        """Remember an envelope and ack it."""
        self.received.append(envelope)
        await send({"envelope_id": envelope["envelope_id"]})

    def start(self, *, connections: int = 1, times: WireTimes = CALM) -> SlackSocket:
        """Start the supervisor, stopped with the test."""

        async def on_envelope(envelope: dict[str, Any], send: Send) -> None:
            await self.handle(envelope, send)

        self.socket = SlackSocket(
            client=self.client,
            clock=self.clock,
            on_envelope=on_envelope,
            on_alarm=lambda alarm, _: self.alarms.append(alarm),
            connections=connections,
            stagger=10.0,
            jitter=lambda: 0.0,
            times=times,
        )
        self.running.append(asyncio.create_task(self.socket.run()))
        return self.socket

    async def start_two(self, *, times: WireTimes = CALM) -> SlackSocket:
        """Start the supervisor and wait until its two sockets stand."""
        socket = self.start(connections=2, times=times)
        await self.clock.until_asleep(lambda seconds: seconds == 10.0)
        self.clock.advance(10.0)
        await asyncio.wait_for(socket.wait_connected(2), 5)
        return socket
