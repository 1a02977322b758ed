"""Resolve, False positive, Accept risk: closed here at once, and in Studio as soon as it has it.

An accepted risk may need a second person: then the first only proposes, and nothing is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from compliance_bot.cases import episode, escalation, posts, proposals, studio_writes
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import (
    Press,
    Reply,
    closed_already,
    record,
    reference_of,
    refuse,
    unknown,
)
from compliance_bot.clock import iso
from compliance_bot.messages import decision_words
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.model.events import Change
from compliance_bot.model.findings import FindingStatus
from compliance_bot.people.identity import same_human
from compliance_bot.store import cases as store
from compliance_bot.store import objects
from compliance_bot.store import proposals as stored
from compliance_bot.store.proposals import Proposal
from compliance_bot.store.transaction import Transaction

STATUS_OF: Mapping[str, FindingStatus] = {
    "resolve": FindingStatus.RESOLVED,
    "false_positive": FindingStatus.FALSE_POSITIVE,
    "accept_risk": FindingStatus.ACCEPTED_RISK,
}
"""What each closing action makes of a finding in Studio."""

_NOT_CLOSED = (CaseState.OPEN, CaseState.ACKNOWLEDGED, CaseState.SNOOZED)


def close(tx: Transaction, moment: Moment, press: Press, action: str) -> Reply | None:
    """Decide a closing; one that needs a second person becomes a proposal."""
    case = store.find_by_ref(tx, press.ref)
    trouble = _refused(moment, case, press) if case is not None else unknown(press)
    if trouble is not None or case is None:
        return trouble
    if needs_second_person(tx, moment, case, action):
        return proposals.propose(tx, moment, case, press, action)
    return carry_out(tx, moment, case, press, action)


def _refused(moment: Moment, case: Case, press: Press) -> Reply | None:
    if case.state is CaseState.CLOSED:
        return closed_already(case)
    if not str(press.form.get("reason") or "").strip():
        return {"say": "reason_missing", "ref": case.ref}
    shown = press.form.get("severity")
    if shown is not None and shown != case.severity:
        return {"say": "changed_since", "ref": case.ref, "before": shown, "after": case.severity}
    until = press.form.get("until")
    if until is not None and until <= moment.now:
        return {"say": "date_is_past", "ref": case.ref, "at": until}
    return None


def needs_second_person(tx: Transaction, moment: Moment, case: Case, action: str) -> bool:
    """Whether the rules want somebody else to agree before this finding is closed so."""
    finding = objects.find_by_row(tx, case.object_id).finding
    event = episode.an_event(moment, finding, Change.STATUS)
    return moment.rulebook.needs_second_person(action, event)


def carry_out(
    tx: Transaction,
    moment: Moment,
    case: Case,
    press: Press,
    action: str,
    *,
    first: Mapping[str, Any] | None = None,
    proposal_id: int | None = None,
) -> Reply | None:
    """Close it; ``first``: who proposed it, where ``press`` is the second person's."""
    reason, until = str(press.form["reason"]).strip(), press.form.get("until")
    status = STATUS_OF[action]
    who, name = (press.person, press.person_name) if first is None else (first["person"], first["name"])
    changed = store.change(
        tx,
        case,
        expected=_NOT_CLOSED,
        state=CaseState.CLOSED,
        closed_at=moment.now,
        closed_reason=status.value,
        closed_by=who,
        closed_name=name,
        risk_until=until,
        sync_note=None,
        **episode.AWAKE,
        **escalation.paused(),
    )
    if not changed:
        return closed_already(store.find(tx, case.id))
    said_in_studio = objects.find_by_row(tx, case.object_id).finding.status
    wants = None if said_in_studio is status else status
    details = {"until": None if until is None else iso(until)}
    if first is not None:
        details |= {"proposed_by": first["person"], "proposed_name": first["name"]}
    decision_id = record(
        tx, moment, case, press, action, reason=reason, details=details, wants=wants, proposal_id=proposal_id
    )
    if wants is not None:
        studio_writes.plan_status(
            tx, moment, case, decision_id, wants, expected=studio_writes.NOT_CLOSED, said_at_once=True
        )
    reference = reference_of(case, decision_id)
    second = None if first is None else press.person_name
    words = decision_words.studio_closed(status, name, second, reason, until, reference)
    studio_writes.plan_comment(tx, moment, case, decision_id, reference, words=words)
    _show(tx, moment, case, press, decision_id, {"name": name, "second": second, "until": until})
    return None


def _show(
    tx: Transaction, moment: Moment, before: Case, press: Press, decision_id: int, words: Mapping[str, Any]
) -> None:
    proposals.overtake(tx, moment, before)
    case = store.find(tx, before.id)
    posts.refresh(tx, moment, case, clicked=press.ts)
    said = {**words, "reason": press.form["reason"], "status": case.closed_reason, "shadow": moment.shadow}
    posts.say_where_threads_are(tx, moment, case, "closed_here", said, key=f"decision:{decision_id}")


def confirm(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """The second person agrees: what was proposed takes effect, in both names."""
    asked = proposals.found(tx, moment, press)
    if not isinstance(asked, tuple):
        return asked
    case, proposal = asked
    if _is_the_first(moment, press, proposal):
        refuse(
            tx,
            moment,
            person=press.person,
            action="confirm_proposal",
            ref=case.ref,
            reason="second_is_first",
            reference="",
        )
        return {"say": "second_is_first", "ref": case.ref}
    if not proposals.confirmed(tx, moment, press, proposal):
        return proposals.ended(case, stored.find(tx, proposal.id))
    form = {"reason": proposal.reason, "until": proposal.details.get("until")}
    first = {"person": proposal.person, "name": proposal.person_name}
    second = replace(press, ref=case.ref, form=form, version=proposal.version_shown)
    return carry_out(tx, moment, case, second, proposal.action, first=first, proposal_id=proposal.id)


def _is_the_first(moment: Moment, press: Press, proposal: Proposal) -> bool:
    """Whether the second person is the first, maybe by another account."""
    first, second = (proposal.person, proposal.person_email), (press.person, press.person_email)
    return same_human(moment.rulebook.rules, first, second)


def resolve(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """It is mended."""
    return close(tx, moment, press, "resolve")


def false_positive(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """It never was a finding."""
    return close(tx, moment, press, "false_positive")


def accept_risk(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """It stays as it is, maybe until a day."""
    return close(tx, moment, press, "accept_risk")
