"""What time will move, and when: snoozes, promises, accepted risks, ladders."""

from __future__ import annotations

from collections.abc import Mapping

from compliance_bot.model.cases import Case
from compliance_bot.store.cases import find
from compliance_bot.store.transaction import Transaction

_DUE: Mapping[str, str] = {
    "wake_at": "state = 'snoozed'",
    "fix_by": "state = 'acknowledged'",
    "remind_at": "state = 'acknowledged'",
    "risk_until": "state = 'closed'",
    "next_step_at": "state = 'open'",
}
"""The columns that hold a time to come, each with the state in which it counts."""


def next_at(tx: Transaction) -> float | None:
    """When the next is due, Unix seconds; None while nothing is."""
    times = [
        row[0]
        for column, counts in _DUE.items()
        if (row := tx.one(f'SELECT min({column}) FROM "case" WHERE {column} IS NOT NULL AND {counts}'))
    ]
    return min((at for at in times if at is not None), default=None)


def _by(tx: Transaction, column: str, now: float, limit: int) -> list[Case]:
    rows = tx.all(
        f'SELECT id FROM "case" WHERE {column} <= ? AND {_DUE[column]} ORDER BY {column}, id LIMIT ?',
        (now, limit),
    )
    return [find(tx, row["id"]) for row in rows]


def snoozes(tx: Transaction, now: float, limit: int) -> list[Case]:
    """The cases whose snooze is over."""
    return _by(tx, "wake_at", now, limit)


def promises(tx: Transaction, now: float, limit: int) -> list[Case]:
    """The cases that were to be fixed by now."""
    return _by(tx, "fix_by", now, limit)


def reminders(tx: Transaction, now: float, limit: int) -> list[Case]:
    """The cases of whose promise somebody is to be reminded."""
    return _by(tx, "remind_at", now, limit)


def risks(tx: Transaction, now: float, limit: int) -> list[Case]:
    """The cases whose risk is accepted no more."""
    return _by(tx, "risk_until", now, limit)


def rungs(tx: Transaction, now: float, limit: int) -> list[Case]:
    """The open cases of whose ladder a rung is due."""
    return _by(tx, "next_step_at", now, limit)


def members(tx: Transaction, digest_id: int, until: float) -> list[int]:
    """The open cases with a line in a digest of whose ladder a rung is due by then."""
    rows = tx.all(
        'SELECT c.id FROM post p JOIN "case" c ON c.id = p.case_id AND c.episode = p.episode '
        "WHERE p.digest_id = ? AND p.state = 'listed' AND c.state = 'open' AND c.next_step_at <= ? "
        "ORDER BY c.id",
        (digest_id, until),
    )
    return [row["id"] for row in rows]


def postpone(tx: Transaction, case_id: int, column: str, until: float) -> None:
    """Let time move a case later than was said, by one of its columns."""
    if column not in _DUE:
        raise LookupError(f"time moves no case by {column}")
    tx.update("case", case_id, **{column: until})
    tx.touch("case")


def reminded(tx: Transaction, case_id: int) -> None:
    """Note that somebody was reminded, so that nobody is again."""
    tx.update("case", case_id, remind_at=None)
    tx.touch("case")


def risk_is_past(tx: Transaction, case_id: int) -> None:
    """Note that nothing opens any more when the risk of a case is accepted no longer."""
    tx.update("case", case_id, risk_until=None)
    tx.touch("case")
