"""How fast a pace key may go, and how long to wait after a failure. Pure arithmetic.

Slack allows about one ``chat.postMessage`` a second in a channel and 50 ``chat.update`` a minute in
a workspace (source: Slack's rate limits, special tier and tier 3). Times are Unix seconds; a start is
the moment an attempt was claimed, and starts are measured against each other, not against answers.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from compliance_bot.model.delivery import Lane

EDITS = "edits"
"""The pace key of every ``chat.update``: one bucket for the whole workspace."""

REACTIONS = "reactions"
"""The pace key of every emoji: one bucket for the whole workspace (taking one away: 20 a minute)."""

STUDIO = "studio"
"""The pace key of every write to Studio; the quota account limits it, not this module."""

MARGIN = 0.015
"""Seconds added to a channel's interval, so that the peer never counts two in one second."""

AFTERMATH = 5.0
"""A stopped process may have sent this many seconds after the start it stored (a slow commit)."""

SHORTEST, LONGEST = 1.0, 300.0
"""Bounds of the back-off, seconds."""

MAX_ATTEMPTS = 650
"""Attempts before what is not urgent is given up: full jitter up to 5 minutes makes that over a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most ``starts`` in any ``window`` seconds; the last ``reserved`` are not for the low lane."""

    starts: int
    window: float
    reserved: int = 0


_EDITS = Limit(starts=50, window=61.0, reserved=10)
_REACTIONS = Limit(starts=20, window=61.0)
_OF_WORKSPACE = {EDITS: _EDITS, REACTIONS: _REACTIONS}


def limit_of(pace_key: str, per_channel: float) -> Limit | None:
    """The limit of a pace key; None when nothing but Slack's own answer limits it.

    ``per_channel``: messages a second in one channel, 0 for as fast as Slack takes them.
    """
    if pace_key in _OF_WORKSPACE:
        return _OF_WORKSPACE[pace_key]
    if pace_key == STUDIO or per_channel <= 0:
        return None
    return Limit(starts=1, window=1.0 / per_channel + MARGIN)


def as_remembered(starts: Sequence[float], *, booted: float, now: float) -> tuple[float, ...]:
    """Starts as they may really have been: those of a stopped process up to ``AFTERMATH`` later.

    A start in the future (the clock was set back) counts as now.
    """
    return tuple(
        sorted(min(now, start if start >= booted else min(booted, start + AFTERMATH)) for start in starts)
    )


def free(limit: Limit, starts: Sequence[float], *, now: float, lane: Lane = Lane.URGENT) -> int:
    """How many more may start now in that lane."""
    used = sum(1 for start in starts if start > now - limit.window)
    kept = limit.reserved if lane is Lane.LOW else 0
    return max(0, limit.starts - kept - used)


def next_free(limit: Limit, starts: Sequence[float], *, now: float, lane: Lane = Lane.URGENT) -> float:
    """When the next one may start in that lane, Unix seconds; ``now`` when it may at once."""
    allowed = limit.starts - (limit.reserved if lane is Lane.LOW else 0)
    counted = sorted(start for start in starts if start > now - limit.window)
    if len(counted) < allowed:
        return now
    return counted[len(counted) - allowed] + limit.window


def back_off(attempt: int, chance: random.Random, *, longest: float = LONGEST) -> float:
    """Seconds to wait after that many failed attempts: full jitter under a doubling ceiling."""
    ceiling = min(longest, SHORTEST * 2.0 ** min(max(attempt - 1, 0), 30))
    return chance.uniform(0.0, ceiling)
