"""Whether a side may be written to: open, pausing because it is away, or halted until resumed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from compliance_bot.outbox.contract import Side
from compliance_bot.outbox.pacing import back_off

LONGEST_PAUSE = 30.0
"""Seconds between two tries of a side that is away, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Halted:
    """Why a side is halted, and since when (Unix seconds)."""

    reason: str
    since: float


class Gate:
    """The state of one side.

    A halt lasts until ``resume``. A pause ends by itself, with back-off; until the side has answered
    again only one effect at a time tries it.
    """

    def __init__(self, *, side: Side, capacity: int, chance: random.Random) -> None:
        self.side = side
        self.capacity = capacity
        self.under_way = 0
        self.halted: Halted | None = None
        self.paused_until = 0.0
        self.refusals = 0
        self._chance = chance

    def is_open(self, now: float) -> bool:
        """True when something may be sent."""
        return self.halted is None and self.paused_until <= now

    def room(self) -> int:
        """How many more may be under way."""
        return (1 if self.refusals else self.capacity) - self.under_way

    def freed(self) -> bool:
        """True when enough has ended for another claim to be worth its commit."""
        return self.under_way == 0 or self.room() >= self.capacity // 2

    def refused(self, now: float, after: float | None) -> None:
        """The side as a whole was away: wait ``after`` seconds, or by back-off.

        Requests that left together count once.
        """
        if now < self.paused_until:
            return
        self.refusals += 1
        wait = back_off(self.refusals, self._chance, longest=LONGEST_PAUSE) if after is None else after
        self.paused_until = now + wait

    def answered(self) -> None:
        """The side answered something: it is there."""
        self.refusals = 0
        self.paused_until = 0.0
