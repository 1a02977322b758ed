"""Ids and timestamps as Slack makes them: unique, and timestamps only ever rise."""

from __future__ import annotations

import itertools
import random
import string

from compliance_bot.clock import Clock

_BLOCK_ID = string.ascii_letters + string.digits + "+/="
_HEX = "0123456789abcdef"
_SECRET = string.ascii_letters + string.digits
_CAPITALS = string.ascii_uppercase + string.digits


class Stamps:
    """Message timestamps: microseconds of the world's clock, unique and rising per workspace."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """A new ``1764000000.000100``."""
        self._last = max(int(self._clock.now() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"


class Ids:
    """Every other id of one workspace."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def event(self) -> str:
        """An event id."""
        return f"Ev0{next(self._numbers):08d}"

    def view(self) -> str:
        """A view id."""
        return f"V0{next(self._numbers):08d}"

    def of(self, letter: str) -> str:
        """An id of a channel (C, D), person (U), group (S) or file (F)."""
        return f"{letter}0{next(self._numbers):07d}{random.choice(_CAPITALS)}"

    def number(self) -> int:
        """A big number, as in trigger ids and response URLs."""
        return 7_500_000_000_000 + next(self._numbers)

    def trigger(self) -> str:
        """A trigger id: three parts with dots."""
        return f"{self.number()}.640000000001.{''.join(random.choices(_HEX, k=32))}"


def block_id() -> str:
    """A made-up block or action id: three to five characters."""
    return "".join(random.choices(_BLOCK_ID, k=random.randint(3, 5)))


def secret(length: int = 24) -> str:
    """The unguessable part of a URL."""
    return "".join(random.choices(_SECRET, k=length))


def view_hash(now: float) -> str:
    """A view's hash: its time and eight letters."""
    return f"{int(now)}.{secret(8)}"
