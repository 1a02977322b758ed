"""Claiming: what goes next, presented as things are now, marked as being sent. One transaction.

Among the pace keys that are free now, best lane, then oldest. What a parked or halted key holds is
never read, so a claim costs as much with ten rows behind it as with ten thousand.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from compliance_bot.model.delivery import Effect, Lane, Skip
from compliance_bot.outbox import pacing
from compliance_bot.outbox.contract import Side, Turn, side_of
from compliance_bot.outbox.finishing import skip
from compliance_bot.outbox.presenting import prepare
from compliance_bot.store import effects as store
from compliance_bot.store import pace as pace_store
from compliance_bot.store.transaction import Transaction

ROUNDS = 8
"""How often one claim goes on to the next rows when some need not be sent after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """How many more may be under way on each side; ``urgent``: of Slack's, beyond these, for that lane."""

    free: Mapping[Side, int]
    urgent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a claim brought: effects to perform, and when to claim again (None: when woken)."""

    effects: tuple[Effect, ...]
    due: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What limits the keys: the rules' rate, and when this process began (Unix seconds)."""

    per_channel: float
    booted: float

    def starts(self, tx: Transaction, key: str, limit: pacing.Limit, now: float) -> tuple[float, ...]:
        """The starts that count against the limit now."""
        since = now - limit.window - pacing.AFTERMATH
        stored = pace_store.recent_starts(tx, key, since=since, limit=limit.starts)
        return pacing.as_remembered(stored, booted=self.booted, now=now)


def claim(turn: Turn, slots: Slots, pace: Pace, chance: random.Random) -> Claim:
    """Mark as many effects as there are slots, and return them with their bytes."""
    for effect in store.expired(turn.tx, turn.now):
        skip(turn, effect, Skip(reason="expired"))
    store.wake_sleepers(turn.tx, turn.now)
    parked = pace_store.parked(turn.tx, turn.now)
    sent: list[Effect] = []
    for _ in range(ROUNDS):
        keys = [key for key in store.ready_keys(turn.tx) if side_of(key) in slots.free]
        picked = _pick(turn, _left(slots, sent), pace, [key for key in keys if key not in parked])
        ready = [prepare(turn, effect, chance) for effect in store.load(turn.tx, picked)]
        sent.extend(effect for effect in ready if effect is not None)
        if None not in ready:
            return Claim(effects=tuple(sent), due=_due(turn, keys, pace, parked))
    return Claim(effects=tuple(sent), due=turn.now)


def _left(slots: Slots, sent: list[Effect]) -> Slots:
    taken = [side_of(effect.pace_key) for effect in sent]
    return replace(slots, free={side: free - taken.count(side) for side, free in slots.free.items()})


def _pick(turn: Turn, slots: Slots, pace: Pace, keys: list[str]) -> list[int]:
    picked: list[int] = []
    for side, free in slots.free.items():
        rows = heapq.merge(*(_offers(turn, key, pace) for key in keys if side_of(key) is side))
        picked += _best(rows, free, slots.urgent if side is Side.SLACK else 0)
    return picked


def _offers(turn: Turn, key: str, pace: Pace) -> Iterator[tuple[int, int]]:
    """The rows of one key that its limit lets go now."""
    rows = store.ready_rows(turn.tx, key)
    limit = pacing.limit_of(key, pace.per_channel)
    if limit is None:
        yield from rows
        return
    starts = pace.starts(turn.tx, key, limit, turn.now)
    for taken, (lane, number) in enumerate(rows):
        if taken >= pacing.free(limit, starts, now=turn.now, lane=Lane(lane)):
            return
        yield lane, number


def _best(rows: Iterator[tuple[int, int]], free: int, urgent: int) -> list[int]:
    picked: list[int] = []
    for lane, number in rows:
        if len(picked) >= free + (urgent if lane == Lane.URGENT else 0):
            break
        picked.append(number)
    return picked


def _due(turn: Turn, keys: list[str], pace: Pace, parked: Mapping[str, float]) -> float | None:
    """When the next one may go, of what waits for nothing but time.

    A key that is free already waits for a slot, and a slot that comes free wakes the outbox.
    """
    times = [parked[key] for key in keys if key in parked]
    for key in keys:
        limit = pacing.limit_of(key, pace.per_channel)
        first = None if limit is None or key in parked else next(store.ready_rows(turn.tx, key), None)
        if limit is not None and first is not None:
            starts = pace.starts(turn.tx, key, limit, turn.now)
            times.append(pacing.next_free(limit, starts, now=turn.now, lane=Lane(first[0])))
    times = [at for at in times if at > turn.now]
    if (waking := store.next_due(turn.tx)) is not None:
        times.append(max(turn.now, waking))
    return min(times, default=None)
