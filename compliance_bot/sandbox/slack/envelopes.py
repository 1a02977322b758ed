"""Envelopes on their way: which socket gets one, its ack, and when it comes again.

Source: docs.slack.dev/apis/events-api/using-socket-mode and recorded envelopes. Each payload goes to
one of the open sockets. Events without an ack come again at once, after a minute and after five;
what a person did does not.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from compliance_bot.sandbox.slack.changes import Changes
from compliance_bot.sandbox.slack.settings import Json, SlackSettings
from compliance_bot.sandbox.slack.timers import Timers


@dataclass(kw_only=True, slots=True)
class Ack:
    """One ack. ``latency`` is in real seconds; ``late`` when Slack had given up before."""

    envelope_id: str
    payload: Any
    latency: float
    late: bool = False
    socket: int | None = None
    """The number of the socket the ack came over."""


@dataclass(kw_only=True, slots=True, eq=False)
class Envelope:
    """One delivery. ``socket`` is None when none was open."""

    id: str
    type: str
    payload: Json
    accepts: bool
    attempt: int = 0
    socket: int | None = None
    sent: float = 0.0
    """time.perf_counter at sending."""
    ack: Ack | None = None
    given_up: bool = False
    settled: Callable[[Ack | None], None] | None = None
    """Called with the ack, or with None when Slack gave up waiting."""

    def frame(self) -> str:
        """The envelope as it stands on the wire."""
        shown: Json = {
            "envelope_id": self.id,
            "payload": self.payload,
            "type": self.type,
            "accepts_response_payload": self.accepts,
        }
        if self.type == "events_api":
            shown |= {"retry_attempt": self.attempt, "retry_reason": "timeout" if self.attempt else ""}
        return json.dumps(shown)


Send = Callable[[str], "int | None"]
"""Puts a frame on one open socket; its number, or None when there is none."""


class Envelopes:
    """Sends envelopes, matches acks, and sends events again."""

    def __init__(
        self,
        *,
        settings: SlackSettings,
        timers: Timers,
        changes: Changes,
        send: Send,
        stretch: Callable[[float], float],
    ) -> None:
        self._settings = settings
        self._timers = timers
        self._changes = changes
        self._send = send
        self._stretch = stretch
        self.open: dict[str, Envelope] = {}
        """Sent and still without an ack, by envelope id."""
        self.acks: dict[str, Ack] = {}
        self.sent_count = 0

    def deliver(
        self,
        kind: str,
        payload: Json,
        *,
        accepts: bool = False,
        settled: Callable[[Ack | None], None] | None = None,
    ) -> Envelope:
        """Send one envelope now."""
        return self._attempt(
            Envelope(id=str(uuid.uuid4()), type=kind, payload=payload, accepts=accepts, settled=settled)
        )

    def acked(self, envelope_id: str, payload: Any, socket: int) -> bool:
        """An ack came; False when no such envelope is known."""
        envelope = self.open.pop(envelope_id, None)
        if envelope is None:
            return False
        latency = time.perf_counter() - envelope.sent
        envelope.ack = Ack(
            envelope_id=envelope_id,
            payload=payload if envelope.accepts else None,
            latency=latency,
            late=envelope.given_up,
            socket=socket,
        )
        self._remember(envelope.ack)
        if envelope.settled is not None and not envelope.given_up:
            envelope.settled(envelope.ack)
        self._changes.note()
        return True

    def socket_gone(self, socket: int) -> None:
        """A socket closed: what went over it and has no ack will get none there."""
        for envelope in [one for one in self.open.values() if one.socket == socket]:
            self._give_up(envelope)

    def _remember(self, ack: Ack) -> None:
        self.acks[ack.envelope_id] = ack
        if len(self.acks) > self._settings.remembered_calls:
            del self.acks[next(iter(self.acks))]

    def _attempt(self, envelope: Envelope) -> Envelope:
        envelope.sent = time.perf_counter()
        envelope.socket = self._send(envelope.frame())
        self.sent_count += 1
        self.open[envelope.id] = envelope
        if envelope.socket is None:
            self._give_up(envelope)
        else:
            patience = self._stretch(self._settings.ack_seconds)
            self._timers.after(patience, lambda: self._give_up(envelope))
        self._changes.note()
        return envelope

    def _give_up(self, envelope: Envelope) -> None:
        if envelope.ack is not None or envelope.given_up:
            return
        envelope.given_up = True
        if envelope.socket is None:
            self.open.pop(envelope.id, None)
        if envelope.type == "events_api" and envelope.attempt < len(self._settings.retry_after):
            wait = self._settings.retry_after[envelope.attempt]
            self._timers.after(wait, lambda: self._send_again(envelope), since=self._timers.moment)
        elif envelope.settled is not None:
            envelope.settled(None)
        self._changes.note()

    def _send_again(self, before: Envelope) -> None:
        if before.ack is not None:
            return
        self._attempt(
            Envelope(
                id=str(uuid.uuid4()),
                type=before.type,
                payload=before.payload,
                accepts=before.accepts,
                attempt=before.attempt + 1,
                settled=before.settled,
            )
        )
