"""What people did in Slack: a row before it is acked, worked off once, whatever is redelivered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance_bot.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One doing of one person. ``reply``: what is to be answered once it is decided.

    ``not_before``: until when it waited last, Unix seconds; 0 where it never did.
    """

    id: int
    key: str
    kind: str
    person: str | None
    channel: str | None
    body: Mapping[str, Any]
    received_at: float
    state: str
    attempt: int
    reply: Mapping[str, Any] | None
    not_before: float = 0.0


def receive(
    tx: Transaction,
    *,
    key: str,
    kind: str,
    person: str | None,
    channel: str | None,
    body: Mapping[str, Any],
    now: float,
) -> bool:
    """Write the row; False where that very doing stands already (a redelivery)."""
    cursor = tx.execute(
        "INSERT INTO inbox (key, kind, person, channel, body, received_at, state) "
        "VALUES (?, ?, ?, ?, ?, ?, 'received') ON CONFLICT (key) DO NOTHING",
        (key, kind, person, channel, json.dumps(body, ensure_ascii=False), now),
    )
    tx.touch("inbox")
    return cursor.rowcount == 1


def unfinished(tx: Transaction, *, now: float, limit: int, after: int = 0) -> list[InboxRow]:
    """Rows to be worked on now, oldest first."""
    rows = tx.all(
        "SELECT id, key, kind, person, channel, body, received_at, not_before, state, attempt, reply "
        "FROM inbox WHERE state IN ('received', 'decided') AND not_before <= ? AND id > ?"
        " ORDER BY id LIMIT ?",
        (now, after, limit),
    )
    return [_row(row) for row in rows]


def find(tx: Transaction, row_id: int) -> InboxRow:
    """The row with that id; it must exist."""
    row = tx.one(
        "SELECT id, key, kind, person, channel, body, received_at, not_before, state, attempt, reply "
        "FROM inbox WHERE id = ?",
        (row_id,),
    )
    if row is None:
        raise LookupError(f"no inbox row {row_id}")
    return _row(row)


def next_due(tx: Transaction) -> float | None:
    """When the earliest row that waits wants another try; None where none waits."""
    row = tx.one("SELECT min(not_before) FROM inbox WHERE state IN ('received', 'decided')")
    return None if row is None else row[0]


def decided(tx: Transaction, row_id: int, *, reply: Mapping[str, Any] | None, now: float) -> None:
    """Note the outcome in the transaction that decided it; with no reply the row is done."""
    tx.update(
        "inbox",
        row_id,
        state="done" if reply is None else "decided",
        reply=None if reply is None else json.dumps(reply, ensure_ascii=False),
        decided_at=now,
    )


def answered(tx: Transaction, row_id: int) -> None:
    """Note that the reply went out (or was too old to matter)."""
    tx.update("inbox", row_id, state="done")


def put_off(tx: Transaction, row_id: int, *, until: float) -> None:
    """Try this row again later."""
    tx.execute("UPDATE inbox SET attempt = attempt + 1, not_before = ? WHERE id = ?", (until, row_id))


def wait(tx: Transaction, row_id: int, *, until: float, told: Mapping[str, Any]) -> None:
    """Have a row wait for what it can't be decided without, no try spent. ``told``: what its person knows."""
    tx.update("inbox", row_id, not_before=until, reply=json.dumps(told, ensure_ascii=False))


def give_up(tx: Transaction, row_id: int, *, now: float) -> None:
    """No more tries: the row stays, as failed, for the operator."""
    tx.update("inbox", row_id, state="failed", decided_at=now)


def count_by_state(tx: Transaction) -> dict[str, int]:
    """How many rows wait (``received``, ``decided``) and how many were given up (``failed``)."""
    rows = tx.all("SELECT state, count(*) FROM inbox WHERE state <> 'done' GROUP BY state")
    return {row[0]: row[1] for row in rows}


def _row(row: Any) -> InboxRow:
    values = dict(row)
    values["body"] = json.loads(values["body"])
    values["reply"] = None if values["reply"] is None else json.loads(values["reply"])
    return InboxRow(**values)
