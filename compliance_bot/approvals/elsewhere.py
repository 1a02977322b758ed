"""What Studio says of what is being asked: changed, decided there by somebody, deleted.

An alert that vanished is never a verdict by itself: what the project says, read again, is.
"""

from __future__ import annotations

from compliance_bot.approvals import posts, requesters
from compliance_bot.audit import chain
from compliance_bot.cases import direct
from compliance_bot.cases.moment import Moment
from compliance_bot.model.approvals import (
    Approval,
    ApprovalKind,
    ApprovalState,
    Facts,
    facts_of,
)
from compliance_bot.model.platform import AuditRequest, Project
from compliance_bot.store import approvals as store
from compliance_bot.store.transaction import Transaction

LIVING = (ApprovalState.WAITING, ApprovalState.DECIDING)
STATUS_THAT_WAITS = {
    ApprovalKind.PROJECT: "pending",
    ApprovalKind.REVIEW: "review_pending",
    ApprovalKind.REQUEST: "Pending",
}
"""The status in Studio for as long as there is something to decide."""

_FIELDS = {
    "name": "name",
    "framework": "framework",
    "requester_name": "requester",
    "requester_email": "requester",
    "starts": "start",
    "ends": "end",
    "due": "due date",
    "scope": "scope",
}


def observe(tx: Transaction, moment: Moment, approval: Approval, project: Project, *, sent_at: float) -> None:
    """Take in what Studio says of a project, asked for at ``sent_at``; an older word changes nothing."""
    if sent_at < approval.read_at or not approval.state.is_living:
        return
    if project.status == STATUS_THAT_WAITS[approval.kind]:
        review = approval.kind is ApprovalKind.REVIEW
        facts = requesters.review_facts(tx, project, approval) if review else facts_of(project)
        _still_waits(tx, moment, approval, facts, sent_at)
    elif approval.state is ApprovalState.WAITING:
        auditor = project.auditor_name if project.status == "in_progress" else None
        decided(tx, moment, approval, project.status, who=auditor)


def observe_request(
    tx: Transaction, moment: Moment, approval: Approval, request: AuditRequest, *, sent_at: float
) -> None:
    """The same of a request for evidence."""
    if sent_at < approval.read_at or not approval.state.is_living:
        return
    if request.status == STATUS_THAT_WAITS[approval.kind]:
        _still_waits(tx, moment, approval, requesters.request_facts(tx, request, approval), sent_at)
    elif approval.state is ApprovalState.WAITING:
        decided(tx, moment, approval, request.status)


def _still_waits(tx: Transaction, moment: Moment, approval: Approval, facts: Facts, sent_at: float) -> None:
    """It is still to be decided; changed facts make void what was said of the old ones."""
    if facts == approval.facts or approval.state is ApprovalState.DECIDING:
        store.note(tx, approval.id, read_at=sent_at)
        return
    before = approval.facts
    if not store.change(
        tx, approval, expected=(ApprovalState.WAITING,), facts=facts, read_at=sent_at, sync_note=None
    ):
        return
    voters = [vote for vote in store.votes_of(tx, approval.id) if vote.counts_as_approval]
    void = store.void_votes(tx, approval.id)
    fields = list(dict.fromkeys(words for name, words in _FIELDS.items() if _differs(before, facts, name)))
    posts.refresh(tx, moment, approval)
    key = f"changed:{facts.hash}:{approval.version}"
    posts.say(tx, moment, approval, "changed", {"fields": fields, "void": void}, key=key)
    for vote in voters:
        words = {"what": facts.name, "ref": approval.ref}
        direct.tell(
            tx,
            moment,
            person=vote.person,
            sentence="approval_void",
            words=words,
            key=key,
            event=approval.event_id,
        )
    chain.append(
        tx,
        "approval.changed",
        {
            "approval": approval.ref,
            "fields": fields,
            "before": before.hash,
            "facts": facts.hash,
            "void": void,
            "rules": moment.rulebook.hash,
        },
        now=moment.now,
    )


def _differs(before: Facts, after: Facts, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))


def decided(
    tx: Transaction, moment: Moment, approval: Approval, status: str, *, who: str | None = None
) -> None:
    """Somebody decided it in Studio: every copy says so, and nothing can be pressed any more."""
    if not _end(tx, moment, approval, ApprovalState.ELSEWHERE, outcome=status, outcome_by=who):
        return
    words = {"status": status, "who": who}
    posts.say(tx, moment, approval, "elsewhere", words, key=f"ended:{approval.version}")
    facts = {"approval": approval.ref, "status": status, "rules": moment.rulebook.hash}
    chain.append(tx, "approval.decided_in_studio", facts, now=moment.now)
    for vote in store.votes_of(tx, approval.id):
        if vote.counts_as_approval or vote.id == approval.vote_id:
            said = {"what": approval.facts.name, "ref": approval.ref, "status": status}
            key = f"ended:{approval.id}:{approval.version}"
            direct.tell(
                tx,
                moment,
                person=vote.person,
                sentence="approval_elsewhere",
                words=said,
                key=key,
                event=approval.event_id,
            )


def gone(tx: Transaction, moment: Moment, approval: Approval) -> None:
    """Studio does not know it any more."""
    if _end(tx, moment, approval, ApprovalState.GONE, outcome="deleted"):
        posts.say(tx, moment, approval, "gone", {}, key=f"ended:{approval.version}")
        facts = {"approval": approval.ref, "rules": moment.rulebook.hash}
        chain.append(tx, "approval.gone", facts, now=moment.now)


def _end(
    tx: Transaction,
    moment: Moment,
    approval: Approval,
    state: ApprovalState,
    *,
    outcome: str,
    outcome_by: str | None = None,
) -> bool:
    ended = store.change(
        tx,
        approval,
        expected=LIVING,
        state=state,
        outcome=outcome,
        outcome_by=outcome_by,
        ended_at=moment.now,
        read_at=moment.now,
        sync="none",
    )
    if ended:
        posts.refresh(tx, moment, approval)
    return ended
