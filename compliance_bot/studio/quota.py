"""One account of calls for all tokens: a sliding hour, bursts allowed, half kept for people.

Pure arithmetic. The ledger of what was spent is the store's, so a restart renews nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

HOUR = 3600.0


class Purpose(StrEnum):
    """What a call is for, most deserving first."""

    DECISION = "decision"
    REREAD = "reread"
    COMMAND = "command"
    POLL = "poll"
    WALK = "walk"


MACHINE = frozenset({Purpose.POLL, Purpose.WALK})
"""Calls that nobody waits for; together they never take more than half."""

ALL = frozenset(Purpose)

_SHARE_OF_ALL = {
    Purpose.DECISION: 1.0,
    Purpose.REREAD: 0.98,
    Purpose.COMMAND: 0.95,
    Purpose.POLL: 0.90,
    Purpose.WALK: 0.85,
}
"""How full the whole hour may be before a purpose must wait: the last calls are for decisions."""

_WALK_SHARE = 0.24
"""240 pages of 1,000 calls: what polls, lists and re-read details leave of the machine's half."""


def wait_for(spent: Sequence[tuple[float, Purpose]], purpose: Purpose, limit: int, now: float) -> float:
    """Seconds until one more call for ``purpose`` fits; 0.0: go now.

    Args:
        spent: when each call of the last hour was granted (Unix seconds), and what for; any order.
        purpose: what the next call is for.
        limit: calls an hour for all purposes together; 0: no limit.
        now: Unix seconds.

    """
    if limit <= 0:
        return 0.0
    recent = [(at, used_for) for at, used_for in spent if at > now - HOUR]
    waits = (
        _until_room((at for at, used_for in recent if used_for in purposes), cap, now)
        for purposes, cap in _caps(purpose, limit)
    )
    return min(HOUR, max(waits))


def all_granted_in(
    spent: Sequence[tuple[float, Purpose]], purpose: Purpose, limit: int, calls: int, now: float
) -> float:
    """Seconds until so many more calls have fitted into that purpose's own share, one after the other.

    Args:
        spent: as for ``wait_for``.
        purpose: what the calls are for.
        limit: calls an hour for all purposes together; 0: no limit.
        calls: how many.
        now: Unix seconds.

    """
    if limit <= 0:
        return 0.0
    among, cap = _caps(purpose, limit)[-1]
    times = sorted(at for at, used_for in spent if used_for in among and at > now - HOUR)
    at = now
    for _ in range(calls):
        if len(times) >= cap:
            at = max(at, times[-cap] + HOUR)
        times.append(at)
    return at - now


def _caps(purpose: Purpose, limit: int) -> list[tuple[frozenset[Purpose], int]]:
    caps = [(ALL, max(1, int(limit * _SHARE_OF_ALL[purpose])))]
    if purpose in MACHINE:
        caps.append((MACHINE, max(1, limit // 2)))
    if purpose is Purpose.WALK:
        caps.append((frozenset({Purpose.WALK}), max(1, int(limit * _WALK_SHARE))))
    return caps


def _until_room(times: Iterable[float], cap: int, now: float) -> float:
    standing = sorted(times)
    surplus = len(standing) - cap
    if surplus < 0:
        return 0.0
    return max(0.0, standing[surplus] + HOUR - now)
