"""Wakes when time moves a case: a snooze that ends, a promise, an accepted risk, a rung of a ladder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from compliance_bot.cases import due
from compliance_bot.cases.moment import Moment
from compliance_bot.clock import Clock, wait_until
from compliance_bot.store.database import Database

PART = 50
"""Cases that one transaction moves, so that a click waits behind no more than these."""
LONGEST_NAP = 60.0
"""Seconds: a machine that slept, or whose clock was set, is noticed within so many."""
CATCH_UP = 30.0
"""Seconds that Studio is waited for after a start: somebody may have acted there meanwhile."""
_LOOK = 0.25


class CaseClock:
    """One task; ``run`` runs until it is cancelled."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        moment: Callable[[], Moment],
        caught_up: Callable[[], bool],
    ) -> None:
        """``caught_up``: whether Studio was read since the start."""
        self._database = database
        self._clock = clock
        self._moment = moment
        self._caught_up = caught_up
        self._changed = asyncio.Event()
        database.on_commit("case", self._changed.set)

    async def run(self) -> None:
        """Do what is due, then sleep until the next is, or until a case changes."""
        await self._wait_for_studio()
        while True:
            self._changed.clear()
            at = await self._database.read(due.next_at)
            if at is not None and at <= self._clock.now():
                await self._database.write(lambda tx: due.run(tx, self._moment(), PART))
                continue
            left = LONGEST_NAP if at is None else min(LONGEST_NAP, at - self._clock.now())
            await wait_until(self._clock, self._changed, left)

    async def _wait_for_studio(self) -> None:
        until = self._clock.now() + CATCH_UP
        while not self._caught_up() and self._clock.now() < until:
            await self._clock.sleep(_LOOK)
