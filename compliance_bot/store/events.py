"""Events: each difference once, with what rules were in force and why it went where."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compliance_bot.model.events import Attribute, Cause, Change, Event
from compliance_bot.store.transaction import Transaction

LOOKED_BACK = 5000
"""Rows that a look at the newest events goes through at most, so that it stays short in a large file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event as its row tells it. ``observed_at``: Unix seconds, by our clock."""

    id: int
    object_id: int
    event: Event
    before: str | None
    after: str | None
    observed_at: float


def add(
    tx: Transaction,
    event: Event,
    *,
    object_id: int,
    before: str | None,
    after: str | None,
    now: float,
    rules_hash: str,
    trace: Sequence[str] = (),
) -> int:
    """Write an event and return its id."""
    return tx.insert(
        "event",
        object_id=object_id,
        type=event.type,
        change=event.change.value,
        before=before,
        after=after,
        cause=event.cause.value,
        observed_at=now,
        attributes=json.dumps(dict(event.attributes), ensure_ascii=False),
        trace=json.dumps(list(trace), ensure_ascii=False),
        rules_hash=rules_hash,
    )


def find(tx: Transaction, event_id: int) -> StoredEvent:
    """The event with that id, which must exist."""
    row = tx.one(
        "SELECT event.*, object.studio_id FROM event JOIN object ON object.id = object_id WHERE event.id = ?",
        (event_id,),
    )
    if row is None:
        raise LookupError(f"no event {event_id}")
    return StoredEvent(
        id=row["id"],
        object_id=row["object_id"],
        event=_event(row),
        before=row["before"],
        after=row["after"],
        observed_at=row["observed_at"],
    )


def _event(row: sqlite3.Row) -> Event:
    return Event(
        type=row["type"],
        studio_id=row["studio_id"],
        change=Change(row["change"]),
        cause=Cause(row["cause"]),
        attributes={name: _attribute(value) for name, value in json.loads(row["attributes"]).items()},
    )


def _attribute(value: Any) -> Attribute:
    """An attribute as it was before JSON made a list of it."""
    return tuple(value) if isinstance(value, list) else value


def last_routed(tx: Transaction, object_id: int) -> tuple[StoredEvent, tuple[str, ...]] | None:
    """The newest event of an object that the rules were asked about, with its trace."""
    row = tx.one(
        "SELECT event.id, trace FROM event WHERE object_id = ? AND trace <> '[]' ORDER BY id DESC LIMIT 1",
        (object_id,),
    )
    return None if row is None else (find(tx, row["id"]), tuple(json.loads(row["trace"])))


def keep_trace(tx: Transaction, event_id: int, trace: Sequence[str]) -> None:
    """Keep why an event went where it goes, where that was decided after it was written."""
    tx.update("event", event_id, trace=json.dumps(list(trace), ensure_ascii=False))


def moves_since(tx: Transaction, object_id: int, since: float) -> int:
    """How often Studio moved an object's status or severity since then."""
    row = tx.one(
        "SELECT count(*) FROM event WHERE object_id = ? AND observed_at > ?"
        " AND change IN ('status', 'reopened', 'severity_raised') AND cause = 'studio'",
        (object_id, since),
    )
    return 0 if row is None else int(row[0])


def happened_since(tx: Transaction, object_id: int, changes: Sequence[Change], since: float) -> bool:
    """Whether one of these happened to an object after then."""
    marks = ", ".join("?" * len(changes))
    found = tx.one(
        f"SELECT 1 FROM event WHERE object_id = ? AND observed_at > ? AND change IN ({marks}) LIMIT 1",
        (object_id, since, *(change.value for change in changes)),
    )
    return found is not None


def count(tx: Transaction) -> int:
    """How many events there ever were."""
    return int((tx.one("SELECT coalesce(max(id), 0) FROM event") or (0,))[0])


def newest_routed(tx: Transaction, limit: int) -> list[Event]:
    """The newest events that rules were asked about, oldest first; what was only recorded is left out."""
    rows = tx.all(
        "SELECT event.*, studio_id FROM event JOIN object ON object.id = object_id"
        " WHERE event.id > (SELECT coalesce(max(id), 0) FROM event) - ?"
        " AND trace <> '[]' ORDER BY event.id DESC LIMIT ?",
        (LOOKED_BACK, limit),
    )
    return [_event(row) for row in reversed(rows)]
