"""Whether the bot makes progress: the loop turns, the database takes a row, its loops come round.

``WATCHDOG=1`` is said only of that, never by a bare timer, and never of whether Slack or Studio is there:
a restart mends what hangs here, and nothing elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from compliance_bot import metrics, systemd_notify
from compliance_bot.clock import Clock
from compliance_bot.errors import NotRecorded
from compliance_bot.logs import logger
from compliance_bot.store import away, cursors, effects, held, waiting
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)

LAG_EVERY = 0.25
PROBE_EVERY = 10.0
"""Seconds between two looks; also how fresh the figures of ``/metrics`` are."""
PROBE_AGAIN = 1.0
"""Seconds after a probe that the database refused."""
PROBE_WITHIN = 5.0
"""Seconds in which the database must take one row."""
HANGS_AFTER = 300.0
"""Seconds of one piece of work after which a loop counts as hanging; a poll with all its tries is shorter."""

Busy = Callable[[], float | None]
"""Since when (event loop's seconds) a loop has been at one piece of work; None while it rests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Silences:
    """What is silent by intent: messages held, findings snoozed, people away."""

    held: int
    snoozed: int
    away: int


class Heartbeat:
    """One task of the app. ``complaints`` are sentences for ``/readyz``."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        loops: Mapping[str, Busy],
        look: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._loops = loops
        self._look = look
        self._refusal: str | None = None

    async def run(self) -> None:
        """Measure the lag often, probe every ten seconds, and tell systemd when both went well."""
        loop = asyncio.get_running_loop()
        next_probe, lag = loop.time(), 0.0
        while True:
            if loop.time() >= next_probe:
                well = await self._probe(lag)
                next_probe = loop.time() + (PROBE_EVERY if well else PROBE_AGAIN)
            before = loop.time()
            await asyncio.sleep(LAG_EVERY)
            lag = max(0.0, loop.time() - before - LAG_EVERY)
            metrics.loop_lagged(lag)

    async def _probe(self, lag: float) -> bool:
        self._look()
        try:
            depth, silences = await self._database.write(self._pulse, patience=PROBE_WITHIN)
        except NotRecorded as refusal:
            if self._refusal is None:
                _log.error("heartbeat.database_refused", reason=str(refusal))
            self._refusal = str(refusal)
            return False
        self._refusal = None
        for lane, count in depth.items():
            metrics.outbox_depth(lane, count)
        metrics.outbox_held(silences.held)
        metrics.cases_snoozed(silences.snoozed)
        metrics.people_away(silences.away)
        hanging = self.hanging()
        if hanging:
            _log.error("heartbeat.hanging", loops=hanging)
        elif lag < PROBE_WITHIN:
            systemd_notify.notify("WATCHDOG=1")
        return True

    def _pulse(self, tx: Transaction) -> tuple[dict[str, int], _Silences]:
        now = self._clock.now()
        cursors.move(tx, "alive", {}, now)
        silences = _Silences(
            held=sum(there.count for there in held.counted(tx)),
            snoozed=waiting.count_snoozed(tx)[0],
            away=away.count(tx, now),
        )
        return effects.depth(tx), silences

    def hanging(self) -> list[str]:
        """The loops that have been at one piece of work for too long."""
        now = asyncio.get_running_loop().time()
        since = {name: busy() for name, busy in self._loops.items()}
        return [name for name, at in since.items() if at is not None and now - at > HANGS_AFTER]

    def complaints(self) -> list[str]:
        """What is wrong in here, one sentence each."""
        found = [f"The loop '{name}' hangs: start the service again." for name in self.hanging()]
        if self._refusal is not None:
            found.append(f"Nothing can be recorded: {self._refusal}. Is the disk full, or the database held?")
        return found
