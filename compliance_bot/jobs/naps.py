"""How jobs sleep between two turns: until their time by the rules of the moment, also when those change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from compliance_bot.clock import Clock, wait_until


class Naps:
    """Sleep that a reload of the rules ends, or makes longer or shorter."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self.next_change = asyncio.Event()
        """Set once the rules are others than they are now."""

    def rules_changed(self) -> None:
        """Have every sleeper look again at how long it has to sleep."""
        changed, self.next_change = self.next_change, asyncio.Event()
        changed.set()

    async def until(self, due: Callable[[], float]) -> None:
        """Return at ``due`` (Unix seconds), asked anew whenever the rules change."""
        while (left := due() - self._clock.now()) > 0:
            await wait_until(self._clock, self.next_change, left)

    async def unless(self, changed: asyncio.Event, seconds: float) -> None:
        """Return after so many seconds, or once the rules changed since ``changed`` was ``next_change``.

        What the old ones forbade the new ones may allow.
        """
        await wait_until(self._clock, changed, seconds)
