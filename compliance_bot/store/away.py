"""Who is away, until when, and who stands in for them; it ends by itself at its date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from compliance_bot.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """One absence of one person (Slack ids). Times are Unix seconds; ``until`` is when they are back."""

    id: int
    person: str
    person_name: str
    since: float
    until: float
    deputy: str | None = None
    deputy_name: str | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deputy:
    """Who stands in for somebody now: a Slack id and a name."""

    person: str
    name: str


def begin(
    tx: Transaction,
    *,
    person: str,
    person_name: str,
    until: float,
    deputy: Deputy | None,
    now: float,
) -> int:
    """Write that somebody is away from now on, in place of what was said before; the row's id."""
    end(tx, person, now)
    return tx.insert(
        "away",
        person=person,
        person_name=person_name,
        since=now,
        until=until,
        deputy=None if deputy is None else deputy.person,
        deputy_name=None if deputy is None else deputy.name,
    )


def end(tx: Transaction, person: str, now: float) -> bool:
    """Somebody is back before their time; False where they were not away."""
    cursor = tx.execute(
        "UPDATE away SET ended_at = ? WHERE person = ? AND ended_at IS NULL AND until > ?", (now, person, now)
    )
    return cursor.rowcount > 0


def standing(tx: Transaction, person: str, now: float) -> Away | None:
    """That somebody is away now; None where they are not."""
    return _away(
        tx.one(
            "SELECT * FROM away WHERE person = ? AND ended_at IS NULL AND until > ? ORDER BY id DESC",
            (person, now),
        )
    )


def stood_in_for(tx: Transaction, person: str, now: float) -> tuple[Away, ...]:
    """The absences in which somebody is named as the deputy now, as they began."""
    rows = tx.all(
        "SELECT * FROM away WHERE deputy = ? AND ended_at IS NULL AND until > ? ORDER BY id", (person, now)
    )
    return tuple(found for row in rows if (found := _away(row)) is not None)


def deputy_of(tx: Transaction, person: str, now: float) -> Deputy | None:
    """Who stands in for somebody who is away: a deputy who is away too hands on to their own.

    None for who is not away, and where nobody stands in.
    """
    passed = {person}
    found = standing(tx, person, now)
    while found is not None and found.deputy is not None and found.deputy not in passed:
        deputy = Deputy(person=found.deputy, name=found.deputy_name or found.deputy)
        passed.add(deputy.person)
        found = standing(tx, deputy.person, now)
        if found is None:
            return deputy
    return None


def would_circle(tx: Transaction, person: str, deputy: str, now: float) -> bool:
    """Whether ``person`` would stand in for themselves in the end if ``deputy`` stood in for them."""
    passed: set[str] = set()
    at: str | None = deputy
    while at is not None and at not in passed:
        if at == person:
            return True
        passed.add(at)
        found = standing(tx, at, now)
        at = None if found is None else found.deputy
    return False


def count(tx: Transaction, now: float) -> int:
    """How many people are away now."""
    row = tx.one("SELECT count(DISTINCT person) FROM away WHERE ended_at IS NULL AND until > ?", (now,))
    return 0 if row is None else int(row[0])


def _away(row: Any) -> Away | None:
    return None if row is None else Away(**dict(row))
