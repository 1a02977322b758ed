"""A decision that counts is written to Studio once, and what Studio makes of it is the truth on every copy.

Approving is not atomic there: after a time-out or an error the project is read again, and what stands then
counts. What never reached Studio in time, or met a changed project, is void and waits again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from compliance_bot.approvals import elsewhere, posts
from compliance_bot.audit import chain
from compliance_bot.cases import direct
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.studio_answers import SAID_AFTER
from compliance_bot.cases.studio_writes import OVERTAKEN, SHADOW
from compliance_bot.messages import approval_words
from compliance_bot.model.approvals import Approval, ApprovalKind, ApprovalState, Verdict, Vote
from compliance_bot.model.delivery import (
    DELETED,
    Done,
    Effect,
    EffectKind,
    Lane,
    Never,
    Outcome,
    PlannedEffect,
    Presentation,
    Skip,
    StudioWrite,
)
from compliance_bot.outbox import effects
from compliance_bot.outbox.pacing import STUDIO
from compliance_bot.people.identity import slack_person_of
from compliance_bot.store import approvals as store
from compliance_bot.store import projects as project_store
from compliance_bot.store.transaction import Transaction

_EXPECTED = {ApprovalKind.PROJECT: ("pending",), ApprovalKind.REVIEW: ("review_pending",)}
_WANTED = {
    Verdict.APPROVE: "in_progress",
    Verdict.REJECT: "rejected",
    Verdict.RETURN: "returned",
    Verdict.COMPLETE: "Completed",
}


def plan(tx: Transaction, moment: Moment, approval: Approval, vote_id: int, *, expires_at: float) -> bool:
    """Decide an approval by that vote and plan its write; False where another was first.

    Not written any more after ``expires_at``: what was approved may not be what is meant by then.
    """
    won = store.change(
        tx,
        approval,
        expected=(ApprovalState.WAITING,),
        state=ApprovalState.DECIDING,
        vote_id=vote_id,
        sync="pending",
        sync_since=moment.now,
        sync_note=None,
    )
    if won:
        effects.plan(
            tx,
            PlannedEffect(
                kind=EffectKind.STUDIO_VERDICT,
                key=f"verdict:{vote_id}",
                lane=Lane.URGENT,
                order_key=f"studio:{approval.object_id}",
                pace_key=STUDIO,
                intent={"approval": approval.id, "vote": vote_id},
                expires_at=expires_at,
            ),
            moment.now,
        )
    return won


# ---------------------------------------------------------------- how it leaves


def present(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """The write of the decision, as long as the approval stands by it."""
    approval, vote = _both(tx, effect)
    if approval.state is not ApprovalState.DECIDING or approval.vote_id != vote.id:
        return Skip(reason=OVERTAKEN)
    if moment.shadow:
        return Skip(reason=SHADOW)
    operation, body = _write_of(approval, vote)
    return StudioWrite(
        operation=operation,
        studio_id=store.studio_id_of(tx, approval),
        body=body,
        expected=_EXPECTED.get(approval.kind, ()),
    )


def _both(tx: Transaction, effect: Effect) -> tuple[Approval, Vote]:
    return store.find(tx, effect.intent["approval"]), store.find_vote(tx, effect.intent["vote"])


def _write_of(approval: Approval, vote: Vote) -> tuple[str, Mapping[str, Any]]:
    facts = approval.facts
    if approval.kind is ApprovalKind.REQUEST:
        return "request_status", {"status": _WANTED[Verdict.COMPLETE]}
    if approval.kind is ApprovalKind.REVIEW:
        status = "approved" if vote.verdict is Verdict.APPROVE else _WANTED[vote.verdict]
        return "project_status", {"status": status}
    if vote.verdict is Verdict.REJECT:
        words = approval_words.rejection(vote.reason or "", vote.person_name, approval.ref)
        return "reject", {"reason": words, "facts": facts.hash}
    chosen = vote.details
    return "approve", {
        "auditor": chosen["auditor"],
        "reviewer": chosen["reviewer"],
        "due": chosen.get("due"),
        "facts": facts.hash,
    }


# ---------------------------------------------------------------- how it ended


def settle(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """What Studio made of it: confirmed, decided by somebody else there, or not taken."""
    approval, vote = _both(tx, effect)
    if approval.state is not ApprovalState.DECIDING or approval.vote_id != vote.id:
        return
    match outcome:
        case Done():
            _answered(tx, moment, approval, vote, outcome.result)
        case Skip() if outcome.reason == SHADOW:
            _decided(tx, moment, approval, vote, sync="none", status=None)
        case Never() if outcome.reason == DELETED:
            elsewhere.gone(tx, moment, approval)
        case Never() | Skip():
            _not_held(tx, moment, approval, vote, outcome.reason)


def _answered(
    tx: Transaction, moment: Moment, approval: Approval, vote: Vote, result: Mapping[str, Any]
) -> None:
    """Ours is what we wrote, and an approval with the very people chosen here; else it is another's."""
    status = str(result.get("status") or "")
    chosen_here = vote.verdict is Verdict.APPROVE and approval.kind is ApprovalKind.PROJECT
    if not (result.get("as_decided") and (result.get("written") or chosen_here)):
        elsewhere.decided(tx, moment, approval, status, who=result.get("who"))
        return
    _remember(tx, moment, approval, result)
    _decided(tx, moment, approval, vote, sync="confirmed", status=status)


def _remember(tx: Transaction, moment: Moment, approval: Approval, result: Mapping[str, Any]) -> None:
    """Take what Studio answered as what we know, so that the next list makes no news of our own doing."""
    known = project_store.find(tx, store.studio_id_of(tx, approval))
    if known is None or approval.kind is ApprovalKind.REQUEST:
        return
    at = max(float(result.get("answered_at") or moment.now), known.accepted_at)
    after = replace(known.project, status=str(result["status"]))
    project_store.accept(tx, known, after, score_said=known.score_said, at=at, now=moment.now)


def _decided(
    tx: Transaction, moment: Moment, approval: Approval, vote: Vote, *, sync: str, status: str | None
) -> None:
    changed = store.change(
        tx,
        approval,
        expected=(ApprovalState.DECIDING,),
        state=ApprovalState.DECIDED,
        outcome=status or _WANTED[vote.verdict],
        ended_at=moment.now,
        read_at=moment.now,
        sync=sync,
        sync_since=moment.now,
    )
    if not changed:
        return
    posts.refresh(tx, moment, approval)
    facts = {
        "approval": approval.ref,
        "verdict": vote.verdict.value,
        "vote": vote.id,
        "status": status or "",
        "studio": sync,
        "rules": moment.rulebook.hash,
    }
    chain.append(tx, "approval.decided", facts, now=moment.now)
    _tell_requester(tx, moment, approval, vote)


def _tell_requester(tx: Transaction, moment: Moment, approval: Approval, vote: Vote) -> None:
    """Hand the reason to whoever asked, in Slack too, where they are there."""
    if approval.kind is not ApprovalKind.PROJECT:
        return
    facts = approval.facts
    person = slack_person_of(moment.directory, moment.rulebook.rules, facts.requester_email)
    requester = approval.requester_id if person is None else person.id
    rejected = vote.verdict is Verdict.REJECT
    words = {"what": facts.name, "ref": approval.ref, "name": vote.person_name, "reason": vote.reason or ""}
    direct.tell(
        tx,
        moment,
        person=requester or "",
        sentence="approval_rejected" if rejected else "approval_granted",
        words=words,
        key=f"approval:{approval.id}:{vote.id}",
        event=approval.event_id,
    )


def _not_held(tx: Transaction, moment: Moment, approval: Approval, vote: Vote, reason: str) -> None:
    """Every word that led to it is void, and the approval waits again; whoever spoke is told why."""
    spoke = [one for one in store.votes_of(tx, approval.id) if one.counts_as_approval or one.id == vote.id]
    store.void_votes(tx, approval.id)
    changed = store.change(
        tx,
        approval,
        expected=(ApprovalState.DECIDING,),
        state=ApprovalState.WAITING,
        vote_id=None,
        sync="none",
        sync_note=reason,
    )
    if not changed:
        return
    posts.refresh(tx, moment, approval)
    posts.say(
        tx, moment, approval, "not_held", {"name": vote.person_name, "reason": reason}, key=f"void:{vote.id}"
    )
    words = {"what": approval.facts.name, "ref": approval.ref, "reason": reason}
    for one in spoke:
        direct.tell(
            tx,
            moment,
            person=one.person,
            sentence="approval_not_held",
            words=words,
            key=f"void:{vote.id}",
            event=approval.event_id,
            lane=Lane.URGENT,
        )
    facts = {"approval": approval.ref, "vote": vote.id, "reason": reason, "rules": moment.rulebook.hash}
    chain.append(tx, "approval.not_held", facts, now=moment.now)


def say_late(tx: Transaction, moment: Moment) -> int:
    """Have the copies say so of decisions that Studio has not got yet; how many there are."""
    late = store.awaiting_studio(tx, moment.now - SAID_AFTER)
    for approval in late:
        store.change(tx, approval, expected=(ApprovalState.DECIDING,), sync="late")
        posts.refresh(tx, moment, approval)
    return len(late)
