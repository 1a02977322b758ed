"""Acknowledge: one winner by one guarded UPDATE; everybody else is told who it was.

Decision, effects and audit entry commit together. What a person is answered is returned as a plain
reply, so that it can be given after a restart too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance_bot.audit import chain
from compliance_bot.cases import posts, studio_writes
from compliance_bot.cases.moment import Moment
from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.findings import FindingStatus
from compliance_bot.store import cases as store
from compliance_bot.store import objects
from compliance_bot.store.transaction import Transaction

_MAY_BE_ACKNOWLEDGED = (CaseState.OPEN, CaseState.SNOOZED)
FRESH_ENOUGH = 30.0
"""A decision on an observation older than this says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """A press of Acknowledge by a person who may. ``right``: the rule that lets them."""

    inbox_id: int
    case_ref: str
    person: str
    person_name: str
    person_email: str | None
    right: str
    channel: str | None
    ts: str | None


Reply = Mapping[str, Any]
"""What the presser is told: a sentence's name (``say``) and its words."""


def acknowledge(tx: Transaction, moment: Moment, press: Acknowledgement) -> Reply | None:
    """Decide a press; None where the message itself will say it all.

    Who wins on old data is told so.
    """
    case = store.find_by_ref(tx, press.case_ref)
    if case is None:
        return {"say": "unknown_button", "ref": press.case_ref}
    if case.state is CaseState.CLOSED:
        return {"say": "already_closed", "ref": case.ref, "reason": case.closed_reason, "at": case.closed_at}
    if case.state is CaseState.ACKNOWLEDGED:
        return _already(case)
    won = store.change(
        tx,
        case,
        expected=_MAY_BE_ACKNOWLEDGED,
        state=CaseState.ACKNOWLEDGED,
        owner=case.owner or press.person,
        acknowledged_by=press.person,
        acknowledged_name=press.person_name,
        acknowledged_at=moment.now,
        sync=StudioSync.NONE,
        sync_note=None,
    )
    if not won:
        return _already(store.find(tx, case.id))
    observed_at = _carry_out(tx, moment, store.find(tx, case.id), case, press)
    return None if observed_at is None else {"say": "on_data_of", "ref": case.ref, "at": observed_at}


def _already(case: Case) -> Reply:
    return {
        "say": "already_acknowledged",
        "ref": case.ref,
        "who": case.acknowledged_by,
        "name": case.acknowledged_name,
        "at": case.acknowledged_at,
    }


def _carry_out(
    tx: Transaction, moment: Moment, case: Case, before: Case, press: Acknowledgement
) -> float | None:
    """Write down and plan all that the press leads to; when its data are from, where they are old."""
    known = objects.find_by_row(tx, case.object_id)
    clicked = None if not (press.channel and press.ts) else store.post_at(tx, press.channel, press.ts)
    decision_id = store.record_decision(
        tx,
        inbox_id=press.inbox_id,
        case_id=case.id,
        episode=case.episode,
        action="acknowledge",
        person=press.person,
        person_name=press.person_name,
        person_email=press.person_email,
        right=press.right,
        rules_hash=moment.rulebook.hash,
        version_shown=None if clicked is None else clicked.shown_version,
        observed_at=known.accepted_at,
        outcome="acknowledged",
        at=moment.now,
    )
    reference = f"{case.ref}-{decision_id}"
    if known.finding.status is FindingStatus.OPEN:
        studio_writes.plan_status(tx, moment, case, decision_id, before.state)
    studio_writes.plan_comment(tx, moment, case, decision_id, reference)
    posts.refresh(tx, moment, store.find(tx, case.id), clicked=press.ts)
    data_of = known.accepted_at if moment.now - known.accepted_at > FRESH_ENOUGH else None
    _say(tx, moment, case, press, decision_id, data_of)
    chain.append(
        tx,
        "decision.acknowledge",
        {
            "case": case.ref,
            "episode": case.episode,
            "finding": known.finding.id,
            "decision": decision_id,
            "reference": reference,
            "right": press.right,
            "from": before.state.value,
            "rules": moment.rulebook.hash,
        },
        now=moment.now,
        person=press.person,
    )
    return data_of


def _say(
    tx: Transaction,
    moment: Moment,
    case: Case,
    press: Acknowledgement,
    decision_id: int,
    data_of: float | None,
) -> None:
    owner = posts.thread_owner(store.posts_of(tx, case))
    if owner is None or not owner.threading:
        return
    shadow = moment.rulebook.rules.delivery.shadow is not None
    words = {"name": press.person_name, "at": moment.now, "data_of": data_of, "shadow": shadow}
    posts.say_in_thread(tx, moment, case, "acknowledged", words, key=f"decision:{decision_id}")


def refuse(
    tx: Transaction, moment: Moment, *, person: str, action: str, case_ref: str | None, reason: str
) -> None:
    """Audit that a person was refused, and why."""
    chain.append(
        tx,
        f"refusal.{action}",
        {"case": case_ref or "", "reason": reason, "rules": moment.rulebook.hash},
        now=moment.now,
        person=person,
    )
