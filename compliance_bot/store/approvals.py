"""Approvals, the copies that show them, and the votes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from compliance_bot.model.approvals import (
    Approval,
    ApprovalKind,
    ApprovalPost,
    ApprovalPostState,
    ApprovalRole,
    ApprovalState,
    Decider,
    Facts,
    Verdict,
    Vote,
    VoteOutcome,
)
from compliance_bot.store.cases import reference
from compliance_bot.store.transaction import Transaction

TOPIC = "approval"
"""What a transaction touches when it moves an approval."""

_APPROVAL = (
    "id, ref, object_id, kind, episode, state, version, facts, needed, deciders, requester_id, requested_at, "
    "asked_at, read_at, event_id, outcome, outcome_by, vote_id, ended_at, sync, sync_since, sync_note"
)
_POST = (
    "id, approval_id, channel_id, channel_name, role, state, generation, ts, place, want_version, "
    "shown_version, edited_at, lane, template, emoji, mentions, note"
)
_VOTE = (
    'id, approval_id, verdict, person, person_name, person_email, "right", facts_hash, outcome, at, reason, '
    "details, delegated_from, rules_hash, version_shown"
)
_LIVING = "state IN ('waiting', 'deciding')"


# ---------------------------------------------------------------- approvals


def add(
    tx: Transaction,
    *,
    object_id: int,
    kind: ApprovalKind,
    facts: Facts,
    needed: int,
    deciders: Sequence[Decider],
    now: float,
    **values: Any,
) -> Approval:
    """Write an object's next approval of a kind, whose first it may be, and return it."""
    number = int((tx.one("SELECT coalesce(max(id), 0) + 1 FROM approval") or (1,))[0])
    before = tx.one(
        "SELECT coalesce(max(episode), 0) FROM approval WHERE object_id = ? AND kind = ?",
        (object_id, kind.value),
    )
    tx.insert(
        "approval",
        id=number,
        ref=f"AP-{reference(number).removeprefix('CB-')}",
        object_id=object_id,
        kind=kind.value,
        episode=1 + int(before[0] if before is not None else 0),
        state=ApprovalState.WAITING.value,
        facts=facts.to_json(),
        facts_hash=facts.hash,
        needed=needed,
        deciders=json.dumps([[one.id, one.name] for one in deciders], ensure_ascii=False),
        asked_at=now,
        **values,
    )
    tx.touch(TOPIC)
    return find(tx, number)


def find(tx: Transaction, approval_id: int) -> Approval:
    """The approval with that id; it must exist."""
    row = tx.one(f"SELECT {_APPROVAL} FROM approval WHERE id = ?", (approval_id,))
    if row is None:
        raise LookupError(f"no approval {approval_id}")
    return _approval(row)


def find_by_ref(tx: Transaction, ref: str) -> Approval | None:
    """The approval people know by that reference."""
    row = tx.one(f"SELECT {_APPROVAL} FROM approval WHERE ref = ?", (ref,))
    return None if row is None else _approval(row)


def newest_of(tx: Transaction, object_id: int, kind: ApprovalKind) -> Approval | None:
    """The newest approval of a kind that an object had."""
    row = tx.one(
        f"SELECT {_APPROVAL} FROM approval WHERE object_id = ? AND kind = ? ORDER BY episode DESC LIMIT 1",
        (object_id, kind.value),
    )
    return None if row is None else _approval(row)


def living(tx: Transaction, kind: ApprovalKind) -> dict[str, Approval]:
    """The approvals of a kind that wait or are on their way, by the Studio id of their object."""
    names = ", ".join(f"a.{name.strip()}" for name in _APPROVAL.split(","))
    rows = tx.all(
        f"SELECT {names}, o.studio_id AS object FROM approval a JOIN object o ON o.id = a.object_id"
        f" WHERE a.{_LIVING} AND a.kind = ? ORDER BY a.id",
        (kind.value,),
    )
    found = [dict(row) for row in rows]
    return {row.pop("object"): _approval(row) for row in found}


def change(tx: Transaction, approval: Approval, *, expected: Sequence[ApprovalState], **values: Any) -> bool:
    """Change an approval if it is still as we saw it; the one winner is who gets True.

    Its version rises with it, so that its copies know that they are behind.
    """
    marks = ", ".join("?" * len(expected))
    plain = _plain(values)
    names = "".join(f"{name} = ?, " for name in plain)
    cursor = tx.execute(
        f"UPDATE approval SET {names}version = version + 1"
        f" WHERE id = ? AND version = ? AND state IN ({marks})",
        [*plain.values(), approval.id, approval.version, *(state.value for state in expected)],
    )
    tx.touch(TOPIC)
    return cursor.rowcount == 1


def note(tx: Transaction, approval_id: int, **values: Any) -> None:
    """Write down what no copy has to show."""
    tx.update("approval", approval_id, **_plain(values))


def studio_id_of(tx: Transaction, approval: Approval) -> str:
    """What Studio calls the object that an approval is about."""
    row = tx.one("SELECT studio_id FROM object WHERE id = ?", (approval.object_id,))
    if row is None:
        raise LookupError(f"no object {approval.object_id}")
    return str(row["studio_id"])


def awaiting_studio(tx: Transaction, before: float) -> list[Approval]:
    """Approvals whose write to Studio has been open since before then and that don't say so yet."""
    rows = tx.all(
        f"SELECT {_APPROVAL} FROM approval WHERE sync = 'pending' AND sync_since <= ? LIMIT 500", (before,)
    )
    return [_approval(row) for row in rows]


def _approval(row: Any) -> Approval:
    values = dict(row)
    values["kind"] = ApprovalKind(values["kind"])
    values["state"] = ApprovalState(values["state"])
    values["facts"] = Facts.from_json(values["facts"])
    values["deciders"] = tuple(Decider(id=one, name=name) for one, name in json.loads(values["deciders"]))
    return Approval(**values)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as the table holds them; facts bring their hash along."""
    plain = {name: value.value if isinstance(value, StrEnum) else value for name, value in values.items()}
    facts = plain.get("facts")
    if isinstance(facts, Facts):
        plain |= {"facts": facts.to_json(), "facts_hash": facts.hash}
    return plain


# ---------------------------------------------------------------- copies


def want_post(tx: Transaction, approval: Approval, **values: Any) -> int | None:
    """Write down that an approval is to be shown somewhere; None where it is already."""
    plain = _plain(values)
    names, marks = ", ".join(plain), ", ".join("?" * len(plain))
    cursor = tx.execute(
        f"INSERT INTO approval_post (approval_id, want_version, state, {names})"
        f" VALUES (?, ?, 'wanted', {marks}) ON CONFLICT DO NOTHING",
        [approval.id, approval.version, *plain.values()],
    )
    return cursor.lastrowid if cursor.rowcount == 1 else None


def find_post(tx: Transaction, post_id: int) -> ApprovalPost:
    """The copy with that id; it must exist."""
    row = tx.one(f"SELECT {_POST} FROM approval_post WHERE id = ?", (post_id,))
    if row is None:
        raise LookupError(f"no copy {post_id} of an approval")
    return _post(row)


def posts_of(tx: Transaction, approval: Approval) -> list[ApprovalPost]:
    """An approval's copies, the primary first, then as they were wanted."""
    rows = tx.all(
        f"SELECT {_POST} FROM approval_post WHERE approval_id = ? ORDER BY role = 'primary' DESC, id",
        (approval.id,),
    )
    return [_post(row) for row in rows]


def post_at(tx: Transaction, place: str, ts: str) -> ApprovalPost | None:
    """The copy that stands at that place in Slack."""
    row = tx.one(f"SELECT {_POST} FROM approval_post WHERE place = ? AND ts = ?", (place, ts))
    return None if row is None else _post(row)


def standing_in(tx: Transaction, channel_id: str, limit: int) -> list[ApprovalPost]:
    """The newest copies that stand in a channel, and those that may be on their way."""
    rows = tx.all(
        f"SELECT {_POST} FROM approval_post WHERE channel_id = ? AND (state = 'wanted' OR"
        " state = 'shown' AND ts IS NOT NULL) ORDER BY id DESC LIMIT ?",
        (channel_id, limit),
    )
    return [_post(row) for row in rows]


def change_post(tx: Transaction, post_id: int, **values: Any) -> None:
    """Change columns of a copy."""
    tx.update("approval_post", post_id, **_plain(values))


def _post(row: Any) -> ApprovalPost:
    values = dict(row)
    values["role"] = ApprovalRole(values["role"])
    values["state"] = ApprovalPostState(values["state"])
    values["mentions"] = tuple(json.loads(values["mentions"]))
    return ApprovalPost(**values)


# ---------------------------------------------------------------- votes


def record_vote(tx: Transaction, approval: Approval, **values: Any) -> int:
    """Write down what a person said; one row for each inbox row."""
    plain = {f'"{name}"' if name == "right" else name: value for name, value in _plain(values).items()}
    tx.touch(TOPIC)
    return tx.insert("vote", approval_id=approval.id, **plain)


def votes_of(tx: Transaction, approval_id: int) -> list[Vote]:
    """Everything that people said of an approval, in order."""
    rows = tx.all(f"SELECT {_VOTE} FROM vote WHERE approval_id = ? ORDER BY id", (approval_id,))
    return [_vote(row) for row in rows]


def find_vote(tx: Transaction, vote_id: int) -> Vote:
    """The vote with that id; it must exist."""
    row = tx.one(f"SELECT {_VOTE} FROM vote WHERE id = ?", (vote_id,))
    if row is None:
        raise LookupError(f"no vote {vote_id}")
    return _vote(row)


def void_vote(tx: Transaction, vote_id: int) -> None:
    """Count that vote no more."""
    tx.update("vote", vote_id, outcome=VoteOutcome.VOID.value)


def void_votes(tx: Transaction, approval_id: int) -> int:
    """Count nothing any more of what was said so far, but to whom it was handed; how many votes that were."""
    cursor = tx.execute(
        "UPDATE vote SET outcome = 'void'"
        " WHERE approval_id = ? AND outcome = 'counted' AND verdict <> 'delegate'",
        (approval_id,),
    )
    return cursor.rowcount


def _vote(row: Any) -> Vote:
    values = dict(row)
    values["verdict"] = Verdict(values["verdict"])
    values["outcome"] = VoteOutcome(values["outcome"])
    values["details"] = json.loads(values["details"])
    return Vote(**values)
