"""Cases and their posts, and the decisions taken on them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from compliance_bot.model.cases import Case, CaseState, Post, PostRole, PostState, StudioSync
from compliance_bot.store.transaction import Transaction

_CASE = (
    "id, ref, object_id, episode, state, severity, version, opened_at, owner, acknowledged_by, "
    "acknowledged_name, acknowledged_at, closed_at, closed_reason, sync, sync_since, sync_note, decision_id, "
    "closed_by, closed_name, risk_until, wake_at, snoozed_by, snoozed_name, snooze_reason, fix_by, "
    "remind_at, ladder, ladder_step, next_step_at"
)
_POST = (
    "id, case_id, episode, channel_id, channel_name, role, state, generation, ts, want_version, "
    "shown_version, edited_at, lane, template, emoji, mentions, note, change, threading, quiet, digest_id"
)
_REF_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def reference(number: int) -> str:
    """``CB-0001`` … : a case's number as people quote it (Crockford's base 32, no I L O U)."""
    digits = ""
    while number:
        number, digit = divmod(number, 32)
        digits = _REF_ALPHABET[digit] + digits
    return f"CB-{digits.rjust(4, '0')}"


def open_case(
    tx: Transaction, *, object_id: int, state: CaseState, severity: str, owner: str | None, now: float
) -> Case:
    """Write the first episode of an object's case and return it."""
    number = int((tx.one('SELECT coalesce(max(id), 0) + 1 FROM "case"') or (1,))[0])
    tx.insert(
        "case",
        id=number,
        ref=reference(number),
        object_id=object_id,
        state=state.value,
        severity=severity,
        owner=owner,
        opened_at=now,
    )
    return find(tx, number)


def find(tx: Transaction, case_id: int) -> Case:
    """The case with that id; it must exist."""
    row = tx.one(f'SELECT {_CASE} FROM "case" WHERE id = ?', (case_id,))
    if row is None:
        raise LookupError(f"no case {case_id}")
    return _case(row)


def find_by_ref(tx: Transaction, ref: str) -> Case | None:
    """The case people know by that reference."""
    row = tx.one(f'SELECT {_CASE} FROM "case" WHERE ref = ?', (ref,))
    return None if row is None else _case(row)


def newest_ref(tx: Transaction) -> str | None:
    """The reference of the case opened last; None before the first."""
    row = tx.one('SELECT ref FROM "case" ORDER BY id DESC LIMIT 1')
    return None if row is None else str(row["ref"])


def find_by_object(tx: Transaction, object_id: int) -> Case | None:
    """The case of that object, if it ever had one."""
    row = tx.one(f'SELECT {_CASE} FROM "case" WHERE object_id = ?', (object_id,))
    return None if row is None else _case(row)


def change(tx: Transaction, case: Case, *, expected: Sequence[CaseState], **values: Any) -> bool:
    """Change a case if it is still as we saw it; the one winner is who gets True.

    Its version rises with it, so that posts know that they are behind.
    """
    names = ", ".join(f"{name} = ?" for name in values)
    marks = ", ".join("?" * len(expected))
    cursor = tx.execute(
        f'UPDATE "case" SET {names}, version = version + 1 WHERE id = ? AND version = ? '
        f"AND state IN ({marks})",
        [*_plain(values), case.id, case.version, *(state.value for state in expected)],
    )
    tx.touch("case")
    return cursor.rowcount == 1


def set_sync(tx: Transaction, case_id: int, sync: StudioSync, *, since: float) -> None:
    """Note how far a decision got towards Studio, where no message has to change for it."""
    tx.update("case", case_id, sync=sync.value, sync_since=since)


def set_decision(tx: Transaction, case_id: int, decision_id: int) -> None:
    """Note by which decision a case stands as it does."""
    tx.update("case", case_id, decision_id=decision_id)


def set_ladder(tx: Transaction, case_id: int, **columns: Any) -> None:
    """Give a case its ladder, or move it on: no message has to change for it."""
    tx.update("case", case_id, **columns)
    tx.touch("case")


def awaiting_studio(tx: Transaction, before: float) -> list[Case]:
    """Cases whose write to Studio has been open since before then and that don't say so yet."""
    rows = tx.all(
        f"SELECT {_CASE} FROM \"case\" WHERE sync = 'pending' AND sync_since <= ? LIMIT 500",
        (before,),
    )
    return [_case(row) for row in rows]


def living(tx: Transaction, limit: int) -> list[Case]:
    """Cases that are not closed, the newest first."""
    rows = tx.all(f"SELECT {_CASE} FROM \"case\" WHERE state <> 'closed' ORDER BY id DESC LIMIT ?", (limit,))
    return [_case(row) for row in rows]


def count_by_state(tx: Transaction) -> dict[str, int]:
    """How many cases stand in each state."""
    return {row[0]: row[1] for row in tx.all('SELECT state, count(*) FROM "case" GROUP BY state')}


def living_objects(tx: Transaction, *, since: float, limit: int) -> list[str]:
    """Studio ids of told findings not closed and changed since then: critical first, then newest."""
    rows = tx.all(
        'SELECT o.studio_id FROM "case" c JOIN object o ON o.id = c.object_id '
        "WHERE c.state <> 'closed' AND o.standing = 'told' AND "
        "(SELECT e.observed_at FROM event e WHERE e.object_id = o.id ORDER BY e.id DESC LIMIT 1) >= ? "
        "ORDER BY o.severity = 'critical' DESC, o.state ->> 'first_seen' DESC, c.id DESC LIMIT ?",
        (since, limit),
    )
    return [row[0] for row in rows]


def _case(row: Any) -> Case:
    values = dict(row)
    values["state"] = CaseState(values["state"])
    values["sync"] = StudioSync(values["sync"])
    return Case(**values)


def _plain(values: dict[str, Any]) -> list[Any]:
    return [value.value if isinstance(value, CaseState | StudioSync) else value for value in values.values()]


# ---------------------------------------------------------------- posts


def want_post(tx: Transaction, case: Case, **values: Any) -> int | None:
    """Write down that a case is to be shown in a channel; None where it is already.

    With a ``digest_id`` it is a line there from the first.
    """
    state = PostState.WANTED if values.get("digest_id") is None else PostState.LISTED
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    cursor = tx.execute(
        f"INSERT INTO post (case_id, episode, want_version, state, {names}) "
        f"VALUES (?, ?, ?, ?, {marks}) ON CONFLICT DO NOTHING",
        [case.id, case.episode, case.version, state.value, *values.values()],
    )
    return cursor.lastrowid if cursor.rowcount == 1 else None


def find_post(tx: Transaction, post_id: int) -> Post:
    """The post with that id; it must exist."""
    row = tx.one(f"SELECT {_POST} FROM post WHERE id = ?", (post_id,))
    if row is None:
        raise LookupError(f"no post {post_id}")
    return _post(row)


def posts_of(tx: Transaction, case: Case) -> list[Post]:
    """The posts of a case's episode, the primary first, then in routing order."""
    rows = tx.all(
        f"SELECT {_POST} FROM post WHERE case_id = ? AND episode = ? ORDER BY role = 'primary' DESC, id",
        (case.id, case.episode),
    )
    return [_post(row) for row in rows]


def post_at(tx: Transaction, channel_id: str, ts: str) -> Post | None:
    """The post that stands at that place in Slack."""
    row = tx.one(f"SELECT {_POST} FROM post WHERE channel_id = ? AND ts = ?", (channel_id, ts))
    return None if row is None else _post(row)


def standing_in(tx: Transaction, channel_id: str, limit: int) -> list[Post]:
    """The newest posts that stand in a channel by themselves, and those that may be on their way."""
    rows = tx.all(
        f"SELECT {_POST} FROM post WHERE channel_id = ? AND (state = 'wanted' OR "
        "state = 'shown' AND ts IS NOT NULL) ORDER BY ts IS NULL DESC, ts DESC LIMIT ?",
        (channel_id, limit),
    )
    return [_post(row) for row in rows]


def change_post(tx: Transaction, post_id: int, **values: Any) -> None:
    """Change columns of a post."""
    plain = {
        name: value.value if isinstance(value, PostRole | PostState) else value
        for name, value in values.items()
    }
    tx.update("post", post_id, **plain)


def _post(row: Any) -> Post:
    values = dict(row)
    values["role"] = PostRole(values["role"])
    values["state"] = PostState(values["state"])
    values["mentions"] = tuple(json.loads(values["mentions"]))
    values["threading"] = bool(values["threading"])
    values["quiet"] = bool(values["quiet"])
    return Post(**values)


# ---------------------------------------------------------------- decisions


def record_decision(tx: Transaction, **values: Any) -> int:
    """Write down what a person chose; one row for each inbox row."""
    return tx.insert(
        "decision", **{f'"{name}"' if name == "right" else name: v for name, v in values.items()}
    )


def find_decision(tx: Transaction, decision_id: int) -> sqlite3.Row:
    """The decision's row; it must exist."""
    row = tx.one("SELECT * FROM decision WHERE id = ?", (decision_id,))
    if row is None:
        raise LookupError(f"no decision {decision_id}")
    return row


def decision_of(tx: Transaction, decision_id: int) -> sqlite3.Row | None:
    """The decision with that number, if there is one."""
    return tx.one("SELECT * FROM decision WHERE id = ?", (decision_id,))


def sent_before(tx: Transaction, case_id: int, permalink: str | None) -> sqlite3.Row | None:
    """The decision by which that very message was sent to Studio."""
    return tx.one(
        "SELECT * FROM decision WHERE case_id = ? AND action = 'send_to_studio' "
        "AND details ->> 'permalink' = ? LIMIT 1",
        (case_id, permalink),
    )


def decided_by(tx: Transaction, inbox_id: int) -> bool:
    """Whether that doing of a person has decided anything."""
    return tx.one("SELECT 1 FROM decision WHERE inbox_id = ? LIMIT 1", (inbox_id,)) is not None


def newest_decision(tx: Transaction, case_id: int, actions: Sequence[str]) -> sqlite3.Row | None:
    """The decision of these actions that was taken last on a case."""
    marks = ", ".join("?" * len(actions))
    return tx.one(
        f"SELECT * FROM decision WHERE case_id = ? AND action IN ({marks}) ORDER BY id DESC LIMIT 1",
        [case_id, *actions],
    )


def wanted_status(tx: Transaction, case_id: int) -> str | None:
    """The status that Studio is to have by the newest decision that wants one."""
    row = tx.one(
        "SELECT wants FROM decision WHERE case_id = ? AND wants IS NOT NULL ORDER BY id DESC LIMIT 1",
        (case_id,),
    )
    return None if row is None else str(row["wants"])


def wanted_by(tx: Transaction, case_id: int) -> int | None:
    """The newest decision that wants a status of Studio."""
    row = tx.one("SELECT max(id) AS id FROM decision WHERE case_id = ? AND wants IS NOT NULL", (case_id,))
    return None if row is None else row["id"]


def details_of(decision: sqlite3.Row) -> dict[str, Any]:
    """What else was chosen with a decision."""
    details: dict[str, Any] = json.loads(decision["details"])
    return details


def undone(tx: Transaction, decision_id: int, *, by: int) -> None:
    """Note by which decision one was taken back."""
    tx.update("decision", decision_id, undone_by=by)
