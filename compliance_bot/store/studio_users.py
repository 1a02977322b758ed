"""Who is who in Studio, as far as its answers named people with their id: auditors, customers, assignees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from compliance_bot.store import cursors
from compliance_bot.store.transaction import Transaction

_LIST_READ = "studio_auditors"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioUser:
    """A user of Studio. ``email`` in small letters. ``read_at``: when Studio named them last, Unix seconds.

    ``auditor``: stood in Studio's list of auditors when that was read last, with this ``load`` (projects).
    """

    studio_id: str
    name: str
    email: str | None = None
    auditor: bool = False
    load: int = 0
    read_at: float = 0.0


def take_auditors(tx: Transaction, auditors: Iterable[StudioUser], *, at: float) -> None:
    """Take the list of auditors, asked for at ``at``, as the whole of it; who left it is a plain user."""
    tx.execute("UPDATE studio_user SET auditor = 0, load = 0 WHERE auditor = 1")
    for one in auditors:
        note(tx, one, at=at)
        tx.execute(
            "UPDATE studio_user SET auditor = 1, load = ? WHERE studio_id = ?", (one.load, one.studio_id)
        )
    cursors.move(tx, _LIST_READ, {"at": at}, at)


def note(tx: Transaction, user: StudioUser, *, at: float) -> None:
    """Take in that Studio named a person; what an older answer says changes nothing."""
    tx.execute(
        "INSERT INTO studio_user (studio_id, email, name, read_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (studio_id) DO UPDATE SET email = coalesce(excluded.email, email),"
        " name = excluded.name, read_at = excluded.read_at WHERE excluded.read_at >= read_at",
        (user.studio_id, plain(user.email), user.name, at),
    )


def plain(email: str | None) -> str | None:
    """An address as it is compared: small letters, no blanks; None for an empty one."""
    return (email or "").strip().lower() or None


def find(tx: Transaction, studio_id: str) -> StudioUser | None:
    """The user with that id."""
    return _user(tx.one("SELECT * FROM studio_user WHERE studio_id = ?", (studio_id,)))


def by_email(tx: Transaction, email: str) -> StudioUser | None:
    """The user with that address; of several the one that Studio named last."""
    return _user(
        tx.one(
            "SELECT * FROM studio_user WHERE email = ? ORDER BY read_at DESC, auditor DESC, studio_id",
            (plain(email),),
        )
    )


def auditors(tx: Transaction) -> tuple[StudioUser, ...]:
    """Studio's list of auditors as it was read last, by name."""
    rows = tx.all("SELECT * FROM studio_user WHERE auditor = 1 ORDER BY name COLLATE NOCASE, studio_id")
    return tuple(user for row in rows if (user := _user(row)) is not None)


def everybody(tx: Transaction, limit: int) -> tuple[StudioUser, ...]:
    """Whom Studio has named, auditors first, then by name; so many at most."""
    rows = tx.all(
        "SELECT * FROM studio_user ORDER BY auditor DESC, name COLLATE NOCASE, studio_id LIMIT ?", (limit,)
    )
    return tuple(user for row in rows if (user := _user(row)) is not None)


def auditors_read_at(tx: Transaction) -> float | None:
    """When the list of auditors was asked for last (Unix seconds); None where it never was read."""
    found = cursors.read(tx, _LIST_READ)
    return None if found is None else float(found["at"])


def _user(row: Any) -> StudioUser | None:
    return None if row is None else StudioUser(**{**dict(row), "auditor": bool(row["auditor"])})
