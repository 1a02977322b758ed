"""Messages that sleep through quiet hours: put to sleep by the hundred, counted, listed, woken.

They are pending effects that sleep (``store.effects``) with ``HELD`` as their reason, so that a claim
never reads them, however many they are.
"""

from __future__ import annotations

from dataclasses import dataclass

from compliance_bot.model.delivery import Effect, EffectKind, Lane
from compliance_bot.store.effects import ASLEEP, READY, read
from compliance_bot.store.transaction import Transaction

HELD = "quiet_hours"
"""An effect's ``error`` while it sleeps for that reason."""

_KINDS = tuple(kind.value for kind in EffectKind if kind.is_notification)
_IS_HELD = f"state = 'pending' AND ready = {ASLEEP} AND error = '{HELD}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """How many messages wait for one pace key (a channel's id), and until when (Unix seconds)."""

    pace_key: str
    count: int
    until: float


def hold_ready(tx: Transaction, pace_key: str, *, until: float, limit: int = 500) -> int:
    """Put to sleep what is ready there, is a notification and is not urgent; how many that were."""
    marks = ",".join("?" * len(_KINDS))
    cursor = tx.execute(
        f"UPDATE effect SET ready = {ASLEEP}, not_before = ?, error = '{HELD}' WHERE id IN ("
        f"SELECT id FROM effect WHERE state = 'pending' AND ready = {READY} AND pace_key = ?"
        f" AND lane > {int(Lane.URGENT)} AND kind IN ({marks}) ORDER BY lane, id LIMIT ?)",
        (until, pace_key, *_KINDS, limit),
    )
    return cursor.rowcount


def counted(tx: Transaction) -> list[HeldKey]:
    """How many wait where, most first."""
    rows = tx.all(
        f"SELECT pace_key, count(*) AS n, min(not_before) AS at FROM effect WHERE {_IS_HELD}"
        " GROUP BY pace_key ORDER BY n DESC, pace_key"
    )
    return [HeldKey(pace_key=row["pace_key"], count=row["n"], until=row["at"]) for row in rows]


def listed(tx: Transaction, *, limit: int) -> list[Effect]:
    """Those that wait, in the order in which they will go."""
    rows = tx.all(f"SELECT * FROM effect WHERE {_IS_HELD} ORDER BY not_before, lane, id LIMIT ?", (limit,))
    return [read(row) for row in rows]


def hurry(tx: Transaction, key: str, lane: Lane, now: float) -> bool:
    """Let an unsent effect go in a better lane, and now unless a failed attempt makes it wait."""
    free = f"ready = {ASLEEP} AND (attempt = 0 OR error = '{HELD}')"
    cursor = tx.execute(
        f"UPDATE effect SET lane = ?, not_before = CASE WHEN {free} THEN ? ELSE not_before END,"
        f" ready = CASE WHEN {free} THEN {READY} ELSE ready END"
        " WHERE key = ? AND state = 'pending' AND lane > ?",
        (int(lane), now, key, int(lane)),
    )
    return cursor.rowcount == 1


def wake(tx: Transaction, now: float) -> int:
    """Have every held message looked at again now; how many there are."""
    return tx.execute(f"UPDATE effect SET not_before = ? WHERE {_IS_HELD}", (now,)).rowcount
