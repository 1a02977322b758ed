"""How long to wait before the next connection: pure arithmetic, jitter handed in."""

from __future__ import annotations

STABLE_AFTER = 30.0
"""Seconds a connection must have stood before its end counts as the first one again."""

CROWDED_PAUSE = 60.0
"""Seconds between two tries, at least, after Slack said there are too many connections."""

SHUT_PAUSE = 60.0
"""Seconds between two tries, at least, when Socket Mode is off or the app token refused."""

_FIRST = 0.5
_LONGEST = 30.0


def pause(failures: int, jitter: float) -> float:
    """Seconds before the next try after so many failures in a row; ``jitter`` is in [0, 1).

    None at all before the first; then 0.5 s doubling to 30 s, each cut by up to a half.
    """
    if failures <= 0:
        return 0.0
    whole = min(_LONGEST, _FIRST * 2.0 ** min(failures - 1, 16))
    return whole * (1.0 - jitter / 2.0)


def long_pause(least: float, jitter: float) -> float:
    """Seconds before a try that is to be rare: ``least``, and up to a quarter more."""
    return least * (1.0 + jitter / 4.0)
