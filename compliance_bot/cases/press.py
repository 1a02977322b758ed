"""What a person did to a case, and the row that proves it: by which right, on what, with which words.

Every decider is a plain function ``(tx, moment, press) -> Reply | None``: decision, effects and audit entry
commit together. None: the message itself will say it all.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from compliance_bot.audit import chain
from compliance_bot.cases.moment import Moment
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.model.events import Change
from compliance_bot.model.findings import FindingStatus
from compliance_bot.store import cases as store
from compliance_bot.store import events, objects
from compliance_bot.store.transaction import Transaction

FRESH_ENOUGH = 30.0
"""Seconds; a decision on an observation older than this says so."""

STUDIO_SAID = "studio_said"

_KEPT = (
    "state",
    "owner",
    "acknowledged_by",
    "acknowledged_name",
    "acknowledged_at",
    "closed_at",
    "closed_reason",
    "closed_by",
    "closed_name",
    "risk_until",
    "wake_at",
    "snoozed_by",
    "snoozed_name",
    "snooze_reason",
    "fix_by",
    "remind_at",
    "ladder",
    "ladder_step",
    "next_step_at",
    "decision_id",
)
"""The columns of a case that a decision may change, and that Undo puts back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One doing of a person who may. ``right``: the entry of ``access:`` that lets them.

    ``ref``: what it is about. ``channel`` and ``ts``: the message it was done at, where there is one.
    ``form``: what was chosen in a modal, by our names. ``version``: the version the person saw, where a modal
    knows better than the message. ``studio_user``: who the person is in Studio, where that is known.
    """

    inbox_id: int
    ref: str
    person: str
    person_name: str
    person_email: str | None
    right: str
    channel: str | None = None
    ts: str | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    studio_user: str | None = None
    received_at: float = 0.0


Reply: TypeAlias = Mapping[str, Any]
"""What the presser is told: a sentence's name (``say``) and its words."""

Decider: TypeAlias = Callable[[Transaction, Moment, Press], Reply | None]


def unknown(press: Press) -> Reply:
    """The answer to a button whose case nobody knows."""
    return {"say": "unknown_button", "ref": press.ref}


def closed_already(case: Case) -> Reply:
    """The answer to who comes after the closing."""
    return {"say": "already_closed", "ref": case.ref, "reason": case.closed_reason, "at": case.closed_at}


def data_of(tx: Transaction, moment: Moment, case: Case) -> float | None:
    """When our last word from Studio on a case was asked for, where that is too old to pass over."""
    accepted_at = objects.find_by_row(tx, case.object_id).accepted_at
    return accepted_at if moment.now - accepted_at > FRESH_ENOUGH else None


def record(
    tx: Transaction,
    moment: Moment,
    before: Case,
    press: Press,
    action: str,
    *,
    reason: str | None = None,
    details: Mapping[str, Any] | None = None,
    wants: FindingStatus | None = None,
    undoes: int | None = None,
    proposal_id: int | None = None,
    moves: bool | None = None,
) -> int:
    """Write a decision and its audit entry, after the case was changed; the decision's id.

    ``before``: the case as it was found. ``wants``: the status that Studio is to have by it. ``moves``:
    whether the case stands by this decision from now on; by default where its state has changed.
    """
    case = store.find(tx, before.id)
    known = objects.find_by_row(tx, case.object_id)
    clicked = None if not (press.channel and press.ts) else store.post_at(tx, press.channel, press.ts)
    decided = json.dumps(details or {}, ensure_ascii=False, sort_keys=True)
    shown = press.version if press.version is not None or clicked is None else clicked.shown_version
    decision_id = store.record_decision(
        tx,
        inbox_id=press.inbox_id,
        case_id=case.id,
        episode=before.episode,
        action=action,
        person=press.person,
        person_name=press.person_name,
        person_email=press.person_email,
        studio_user=press.studio_user,
        right=press.right,
        rules_hash=moment.rulebook.hash,
        version_shown=shown,
        observed_at=known.accepted_at,
        outcome=case.state.value,
        at=moment.now,
        reason=reason,
        details=decided,
        before=kept(before, known.finding.status),
        left_version=case.version,
        wants=None if wants is None else wants.value,
        undoes=undoes,
        proposal_id=proposal_id,
    )
    if case.state is not before.state if moves is None else moves:
        store.set_decision(tx, case.id, decision_id)
    chain.append(
        tx,
        f"decision.{action}",
        {
            "case": case.ref,
            "episode": before.episode,
            "finding": known.finding.id,
            "decision": decision_id,
            "reference": reference_of(case, decision_id),
            "right": press.right,
            "from": before.state.value,
            "to": case.state.value,
            "words": words_hash(reason, decided),
            "rules": moment.rulebook.hash,
            "version_shown": shown,
        },
        now=moment.now,
        person=press.person,
    )
    return decision_id


def words_hash(reason: str | None, details: str) -> str:
    """What the chain keeps of a decision's words: enough to prove them, nothing to erase."""
    return hashlib.sha256(f"{reason or ''}\0{details}".encode("utf-8", "surrogatepass")).hexdigest()


def reference_of(case: Case, decision_id: int) -> str:
    """How a decision is quoted, in Studio too: ``CB-0001-12``."""
    return f"{case.ref}-{decision_id}"


def kept(case: Case, status: FindingStatus) -> str:
    """A case's columns as they can be put back, and what Studio said then, as JSON."""
    return json.dumps({**{name: getattr(case, name) for name in _KEPT}, STUDIO_SAID: status.value})


def put_back(before: str) -> dict[str, Any]:
    """The columns that ``kept`` wrote down, as values for a change."""
    values: dict[str, Any] = json.loads(before)
    del values[STUDIO_SAID]
    return {**values, "state": CaseState(values["state"])}


def status_before(before: str) -> FindingStatus:
    """What Studio said of the finding when ``kept`` wrote the case down."""
    return FindingStatus(json.loads(before)[STUDIO_SAID])


def given_since(tx: Transaction, case: Case, decision: sqlite3.Row) -> bool:
    """Whether somebody was given the case since a decision, here or in Studio."""
    given = store.newest_decision(tx, case.id, ("assign",))
    if given is not None and given["id"] > decision["id"] and given["undone_by"] is None:
        return True
    return events.happened_since(tx, case.object_id, (Change.ASSIGNED,), decision["at"])


def refuse(
    tx: Transaction, moment: Moment, *, person: str, action: str, ref: str | None, reason: str, reference: str
) -> None:
    """Audit that a person was refused, and why; ``reference``: what the person can quote."""
    facts = {"case": ref or "", "reason": reason, "reference": reference, "rules": moment.rulebook.hash}
    chain.append(tx, f"refusal.{action}", facts, now=moment.now, person=person)
