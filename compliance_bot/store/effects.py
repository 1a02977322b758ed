"""The outbox's rows: written once, claimed in order, settled. Nothing here decides; it stores.

``ready`` keeps a claim's cost free of the backlog: 1, the first open row of its ``order_key`` and
due; 2, the first but asleep until ``not_before``; 0, behind an earlier open row. Every function that
closes or opens a row keeps that true (``release``). ``looked`` counts presentations that raised
(while pending) or look-ups that could not tell (while unknown) since the row last moved.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from compliance_bot.model.delivery import Effect, EffectKind, EffectState, Lane, PlannedEffect
from compliance_bot.rules.sensitivity import UNREAD
from compliance_bot.store.transaction import Transaction

BEHIND, READY, ASLEEP = 0, 1, 2

_UNREAD = f"{UNREAD} "
"""Begins the ``error`` of what waits for a channel's readers; the channel's id follows."""

_OPEN = "state IN ('pending', 'sending', 'unknown')"

_KEYS = """
WITH RECURSIVE keys (name) AS (
    SELECT min(pace_key) FROM effect WHERE state = 'pending' AND ready = 1
    UNION ALL
    SELECT (SELECT min(pace_key) FROM effect WHERE state = 'pending' AND ready = 1 AND pace_key > name)
    FROM keys WHERE name IS NOT NULL
)
SELECT name FROM keys WHERE name IS NOT NULL
"""


def insert(tx: Transaction, planned: PlannedEffect, now: float) -> int | None:
    """Write a pending row; its id, or None when its key stands already."""
    cursor = tx.execute(
        "INSERT INTO effect (kind, key, lane, order_key, pace_key, intent, state, created_at, not_before,"
        " expires_at, ready) VALUES (?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
        (
            planned.kind.value,
            planned.key,
            int(planned.lane),
            planned.order_key,
            planned.pace_key,
            json.dumps(dict(planned.intent), ensure_ascii=False, separators=(",", ":")),
            now,
            planned.not_before,
            planned.expires_at,
            _standing(tx, planned.order_key, planned.not_before, now),
        ),
    )
    return cursor.lastrowid if cursor.rowcount == 1 else None


def _standing(tx: Transaction, order_key: str, not_before: float, now: float) -> int:
    if tx.one(f"SELECT 1 FROM effect WHERE order_key = ? AND {_OPEN} LIMIT 1", (order_key,)):
        return BEHIND
    return ASLEEP if not_before > now else READY


def by_key(tx: Transaction, key: str) -> Effect | None:
    """The effect with that key."""
    row = tx.one("SELECT * FROM effect WHERE key = ?", (key,))
    return None if row is None else read(row)


def by_id(tx: Transaction, effect_id: int) -> Effect | None:
    """The effect with that id."""
    row = tx.one("SELECT * FROM effect WHERE id = ?", (effect_id,))
    return None if row is None else read(row)


def looked(tx: Transaction, effect_id: int) -> int:
    """How often it was presented or looked up in vain since it last moved."""
    row = tx.one("SELECT looked FROM effect WHERE id = ?", (effect_id,))
    return 0 if row is None else int(row["looked"])


def pending_of(tx: Transaction, order_key: str, kind: EffectKind) -> Effect | None:
    """The first effect of that kind in that order which has not been sent."""
    row = tx.one(
        f"SELECT * FROM effect WHERE order_key = ? AND {_OPEN} AND state = 'pending' AND kind = ?"
        " ORDER BY id LIMIT 1",
        (order_key, kind.value),
    )
    return None if row is None else read(row)


def under_way(tx: Transaction, order_key: str, kind: EffectKind) -> list[Effect]:
    """Effects of that kind and order which may have arrived: being sent, unknown, or to be tried again."""
    rows = tx.all(
        f"SELECT * FROM effect WHERE order_key = ? AND kind = ? AND {_OPEN} AND attempt > 0",
        (order_key, kind.value),
    )
    return [read(row) for row in rows]


def change_intent(tx: Transaction, effect_id: int, intent: Mapping[str, Any]) -> None:
    """Give an unsent effect other words of what is to be done."""
    words = json.dumps(dict(intent), ensure_ascii=False, separators=(",", ":"))
    tx.execute("UPDATE effect SET intent = ? WHERE id = ? AND state = 'pending'", (words, effect_id))


def hasten(tx: Transaction, effect: Effect, planned: PlannedEffect, now: float) -> None:
    """Let an unsent effect go in the better lane and at the earlier time of the two."""
    not_before = effect.not_before if effect.attempt else min(effect.not_before, planned.not_before)
    tx.execute(
        "UPDATE effect SET lane = min(lane, ?), not_before = ?,"
        " ready = CASE WHEN ready = 0 THEN 0 WHEN ? > ? THEN 2 ELSE 1 END WHERE id = ? AND state = 'pending'",
        (int(planned.lane), not_before, not_before, now, effect.id),
    )


# ---------------------------------------------------------------- what may go


def ready_keys(tx: Transaction) -> list[str]:
    """The pace keys with something ready: one step a key, however many rows wait behind it."""
    return [row["name"] for row in tx.execute(_KEYS)]


def ready_rows(tx: Transaction, pace_key: str) -> Iterator[tuple[int, int]]:
    """(lane, id) of what is ready under that key, best lane first, then oldest; read as consumed."""
    rows = tx.execute(
        "SELECT lane, id FROM effect WHERE state = 'pending' AND ready = 1 AND pace_key = ?"
        " ORDER BY lane, id",
        (pace_key,),
    )
    return ((row["lane"], row["id"]) for row in rows)


def load(tx: Transaction, ids: Sequence[int]) -> list[Effect]:
    """Those effects, in the order asked."""
    marks = ",".join("?" * len(ids))
    rows = tx.execute(f"SELECT * FROM effect WHERE id IN ({marks})", ids)
    found = {row["id"]: read(row) for row in rows}
    return [found[number] for number in ids]


def wake_sleepers(tx: Transaction, now: float, limit: int = 500) -> None:
    """Make ready what slept until now."""
    rows = tx.all(
        "SELECT id FROM effect WHERE state = 'pending' AND ready = 2 AND not_before <= ?"
        " ORDER BY not_before LIMIT ?",
        (now, limit),
    )
    tx.execute_many("UPDATE effect SET ready = 1 WHERE id = ?", ((row["id"],) for row in rows))


def wake_unread(tx: Transaction, now: float, channel_ids: Sequence[str], limit: int = 500) -> int:
    """Make ready what slept until somebody had asked who reads these channels; how many there were."""
    marks = ",".join("?" * len(channel_ids))
    rows = tx.all(
        "SELECT id FROM effect WHERE state = 'pending' AND ready = 2 AND not_before <= ?"
        f" AND error IN ({marks}) ORDER BY not_before LIMIT ?",
        (now + 5.0, *(_UNREAD + channel_id for channel_id in channel_ids), limit),
    )
    tx.execute_many(
        "UPDATE effect SET ready = 1, not_before = ? WHERE id = ?", ((now, row["id"]) for row in rows)
    )
    return len(rows)


def look_again(tx: Transaction, reasons: Sequence[str], now: float) -> int:
    """Have looked at again now what sleeps for one of these reasons; how many there are."""
    marks = ",".join("?" * len(reasons))
    asleep = f"state = 'pending' AND ready = {ASLEEP} AND error IN ({marks})"
    return tx.execute(f"UPDATE effect SET not_before = ? WHERE {asleep}", (now, *reasons)).rowcount


def expired(tx: Transaction, now: float, limit: int = 64) -> list[Effect]:
    """Unsent effects whose time has passed."""
    rows = tx.all(
        "SELECT * FROM effect WHERE state = 'pending' AND expires_at IS NOT NULL AND expires_at <= ?"
        " ORDER BY expires_at LIMIT ?",
        (now, limit),
    )
    return [read(row) for row in rows]


def next_due(tx: Transaction) -> float | None:
    """When the next sleeper wakes or expires."""
    asleep = tx.one("SELECT min(not_before) AS at FROM effect WHERE state = 'pending' AND ready = 2")
    expiring = tx.one(
        "SELECT min(expires_at) AS at FROM effect WHERE state = 'pending' AND expires_at IS NOT NULL"
    )
    times = [row["at"] for row in (asleep, expiring) if row is not None and row["at"] is not None]
    return min(times, default=None)


# ---------------------------------------------------------------- how a row moves


def mark_sending(
    tx: Transaction,
    effect: Effect,
    *,
    payload: bytes,
    payload_hash: str,
    rules_hash: str,
    version: int | None,
) -> None:
    """Record the exact bytes that leave. ``effect`` carries the new attempt and start."""
    tx.execute(
        "UPDATE effect SET state = 'sending', attempt = ?, started_at = ?, looked = 0, payload = ?,"
        " payload_hash = ?, rules_hash = ?, version = ? WHERE id = ?",
        (effect.attempt, effect.started_at, payload, payload_hash, rules_hash, version, effect.id),
    )


def postpone(
    tx: Transaction,
    effect: Effect,
    *,
    not_before: float,
    now: float,
    error: str | None,
    looked: int = 0,
    unread: str | None = None,
) -> None:
    """Make an open effect pending (again), to be presented anew at ``not_before``.

    ``attempt`` and ``degraded`` are taken from ``effect``. It stays the first of its order. ``unread``: the
    channel whose readers it waits for, if it does; for ``wake_unread``.
    """
    tx.execute(
        "UPDATE effect SET state = 'pending', attempt = ?, degraded = ?, not_before = ?, ready = ?,"
        f" error = ?, looked = ? WHERE id = ? AND {_OPEN}",
        (
            effect.attempt,
            int(effect.degraded),
            not_before,
            ASLEEP if not_before > now else READY,
            error if unread is None else _UNREAD + unread,
            looked,
            effect.id,
        ),
    )


def move(tx: Transaction, effect_id: int, pace_key: str) -> None:
    """Put an unsent effect under another pace key."""
    tx.execute("UPDATE effect SET pace_key = ? WHERE id = ? AND state = 'pending'", (pace_key, effect_id))


def mark_unknown(
    tx: Transaction, effect_id: int, *, not_before: float, error: str | None, looked: int = 0
) -> None:
    """Record that it may have happened; ``not_before``: when to look."""
    tx.execute(
        "UPDATE effect SET state = 'unknown', not_before = ?, error = ?, looked = ?"
        " WHERE id = ? AND state IN ('sending', 'unknown')",
        (not_before, error, looked, effect_id),
    )


def close(
    tx: Transaction,
    effect: Effect,
    state: EffectState,
    *,
    now: float,
    result: Mapping[str, Any] | None = None,
    error: str | None = None,
) -> bool:
    """End an open effect and let the next of its order go; False when it had ended already."""
    cursor = tx.execute(
        f"UPDATE effect SET state = ?, finished_at = ?, result = ?, error = ? WHERE id = ? AND {_OPEN}",
        (state.value, now, None if result is None else json.dumps(dict(result)), error, effect.id),
    )
    release(tx, effect.order_key, now)
    return cursor.rowcount == 1


def release(tx: Transaction, order_key: str, now: float) -> None:
    """Let the first open effect of that order go, if it waited behind another."""
    first = tx.one(
        f"SELECT id, state, ready, not_before FROM effect WHERE order_key = ? AND {_OPEN}"
        " ORDER BY id LIMIT 1",
        (order_key,),
    )
    if first is not None and first["state"] == "pending" and first["ready"] == BEHIND:
        standing = ASLEEP if first["not_before"] > now else READY
        tx.execute("UPDATE effect SET ready = ? WHERE id = ?", (standing, first["id"]))


# ---------------------------------------------------------------- unknown outcomes


def adopt(tx: Transaction, reconcile_after: float) -> int:
    """Take what a stopped process left in ``sending`` as unknown; how many there were."""
    cursor = tx.execute(
        "UPDATE effect SET state = 'unknown', not_before = started_at + ?, looked = 0, error = 'interrupted'"
        f" WHERE {_OPEN} AND state = 'sending'",
        (reconcile_after,),
    )
    return cursor.rowcount


def uncertain_keys(tx: Transaction, now: float) -> tuple[list[str], list[float]]:
    """The pace keys with an unknown outcome to be looked up now, and when the others are due."""
    rows = tx.all(
        "SELECT pace_key, min(not_before) AS at FROM effect WHERE state = 'unknown' GROUP BY pace_key"
    )
    due = [row["pace_key"] for row in rows if row["at"] <= now]
    return due, [row["at"] for row in rows if row["at"] > now]


def uncertain_rows(tx: Transaction, pace_key: str, limit: int = 500) -> list[Effect]:
    """Effects of unknown outcome under that key, those due first."""
    rows = tx.all(
        "SELECT * FROM effect WHERE state = 'unknown' AND pace_key = ? ORDER BY not_before LIMIT ?",
        (pace_key, limit),
    )
    return [read(row) for row in rows]


# ---------------------------------------------------------------- figures and dead letters


def counts(tx: Transaction) -> dict[str, int]:
    """How many effects stand in each open state and dead."""
    states = (
        *(state.value for state in EffectState if state not in (EffectState.DONE, EffectState.SKIPPED)),
    )
    rows = {
        row["state"]: row["n"]
        for row in tx.execute(f"SELECT state, count(*) AS n FROM effect WHERE {_OPEN} GROUP BY state")
    }
    dead = tx.one("SELECT count(*) AS n FROM effect WHERE state = 'dead'")
    return {state: rows.get(state, 0) for state in states} | {"dead": dead["n"] if dead is not None else 0}


def depth(tx: Transaction) -> dict[str, int]:
    """How many effects wait or are under way in each lane, by its name."""
    rows = tx.all(f"SELECT lane, count(*) AS n FROM effect WHERE {_OPEN} GROUP BY lane")
    waiting = {row["lane"]: row["n"] for row in rows}
    return {lane.name.lower(): waiting.get(int(lane), 0) for lane in Lane}


def dead(tx: Transaction, limit: int = 100) -> list[Effect]:
    """The newest dead letters."""
    return [
        read(row)
        for row in tx.all("SELECT * FROM effect WHERE state = 'dead' ORDER BY id DESC LIMIT ?", (limit,))
    ]


def revive(tx: Transaction, effect: Effect, now: float) -> None:
    """Make a dead letter pending again, behind whatever of its order is open."""
    standing = _standing(tx, effect.order_key, now, now)
    tx.execute(
        "UPDATE effect SET state = 'pending', attempt = 0, looked = 0, not_before = ?, ready = ?,"
        " finished_at = NULL, error = NULL WHERE id = ? AND state = 'dead'",
        (now, standing, effect.id),
    )


def drop(tx: Transaction, effect: Effect, now: float) -> None:
    """Count a dead letter as skipped."""
    tx.execute(
        "UPDATE effect SET state = 'skipped', finished_at = ? WHERE id = ? AND state = 'dead'",
        (now, effect.id),
    )


def read(row: sqlite3.Row) -> Effect:
    """A row as the frozen thing the rooms above know."""
    return Effect(
        id=row["id"],
        kind=EffectKind(row["kind"]),
        key=row["key"],
        lane=Lane(row["lane"]),
        order_key=row["order_key"],
        pace_key=row["pace_key"],
        intent=json.loads(row["intent"]),
        state=EffectState(row["state"]),
        attempt=row["attempt"],
        created_at=row["created_at"],
        not_before=row["not_before"],
        started_at=row["started_at"],
        expires_at=row["expires_at"],
        payload=row["payload"],
        version=row["version"],
        degraded=bool(row["degraded"]),
        error=_reason(row["error"]),
    )


def _reason(error: str | None) -> str | None:
    """Why a row waits or ended, as the rooms above name it: which channel it waits for is our matter."""
    return UNREAD if error is not None and error.startswith(_UNREAD) else error
