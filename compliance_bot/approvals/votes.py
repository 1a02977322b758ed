"""What a person says of an approval: approve, reject; of a report and a request also with one press.

Each is bound to what the person saw. Who asked can't grant. An approval counts once a person, and Studio is
written when enough have spoken; one rejection is enough.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from compliance_bot.approvals import execute, posts, quorum, requesters
from compliance_bot.audit import chain
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Press, Reply, words_hash
from compliance_bot.model.approvals import Approval, ApprovalKind, ApprovalState, Verdict, VoteOutcome
from compliance_bot.people.identity import studio_email
from compliance_bot.store import approvals as store
from compliance_bot.store import people, studio_users
from compliance_bot.store.transaction import Transaction


def approve(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """Approve a project with the two people and the due date of ``form``; bound to its ``facts``."""
    approval = store.find_by_ref(tx, press.ref)
    refusal = _refusal(tx, moment, approval, press, Verdict.APPROVE, ApprovalKind.PROJECT)
    if approval is None or refusal is not None:
        return refusal
    staff = _staff(tx, press.form)
    if staff is None:
        return {"say": "approval_not_staff", "ref": approval.ref}
    rules, said = moment.rulebook.rules, store.votes_of(tx, approval.id)
    votes = quorum.by_human(rules, said)
    person = quorum.account_of(rules, said, (press.person, press.person_email))
    if quorum.has_voted(votes, person):
        have = len(quorum.approvals(votes))
        words = {"ref": approval.ref, "have": have, "needed": approval.needed}
        return {"say": "approval_counted_already", **words}
    taken = quorum.takes_place_of(votes, person)
    if taken is not None:
        return {"say": "approval_place_taken", "ref": approval.ref, "name": taken.person_name}
    places = quorum.places_of(votes, person)
    details = {**staff, "places": places}
    vote_id = record(tx, moment, approval, press, Verdict.APPROVE, details=details)
    return _count(tx, moment, approval, press, vote_id)


def _staff(tx: Transaction, form: Mapping[str, Any]) -> dict[str, Any] | None:
    """The two people who were chosen, as Studio's list has them now; None where it has not."""
    listed = {one.studio_id: one for one in studio_users.auditors(tx)}
    auditor, reviewer = listed.get(str(form.get("auditor"))), listed.get(str(form.get("reviewer")))
    if auditor is None or reviewer is None or auditor == reviewer:
        return None
    return {
        "auditor": auditor.studio_id,
        "auditor_name": auditor.name,
        "reviewer": reviewer.studio_id,
        "reviewer_name": reviewer.name,
        "due": form.get("due"),
    }


def _count(tx: Transaction, moment: Moment, approval: Approval, press: Press, vote_id: int) -> Reply:
    """See whether that was the last that was needed."""
    have = len(quorum.approvals(quorum.by_human(moment.rulebook.rules, store.votes_of(tx, approval.id))))
    if have >= approval.needed:
        return _carry_out(tx, moment, approval, press, vote_id, Verdict.APPROVE)
    store.change(tx, approval, expected=(ApprovalState.WAITING,), sync_note=None)
    posts.refresh(tx, moment, approval, clicked=press.ts)
    words = {"name": press.person_name, "have": have, "needed": approval.needed}
    posts.say(tx, moment, approval, "voted", words, key=f"vote:{vote_id}")
    return {"say": "approval_counted", "ref": approval.ref, "have": have, "needed": approval.needed}


def reject(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """Reject a project for the ``reason`` of ``form``, which its requester is told."""
    return _at_once(tx, moment, press, Verdict.REJECT, ApprovalKind.PROJECT)


def approve_report(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """Approve a report that waits for its review."""
    return _at_once(tx, moment, press, Verdict.APPROVE, ApprovalKind.REVIEW)


def return_report(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """Send a report back to its auditor."""
    return _at_once(tx, moment, press, Verdict.RETURN, ApprovalKind.REVIEW)


def complete_request(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """Call a request for evidence complete."""
    return _at_once(tx, moment, press, Verdict.COMPLETE, ApprovalKind.REQUEST)


def _at_once(
    tx: Transaction, moment: Moment, pressed: Press, verdict: Verdict, kind: ApprovalKind
) -> Reply | None:
    """What one person's word decides. A button's value may hold what was seen, behind the reference."""
    ref, _, facts = pressed.ref.partition(" ")
    press = replace(pressed, ref=ref, form={**({"facts": facts} if facts else {}), **pressed.form})
    approval = store.find_by_ref(tx, press.ref)
    refusal = _refusal(tx, moment, approval, press, verdict, kind)
    if approval is None or refusal is not None:
        return refusal
    reason = str(press.form.get("reason") or "").strip() or None
    if verdict is Verdict.REJECT and reason is None:
        return {"say": "reason_missing", "ref": approval.ref}
    vote_id = record(tx, moment, approval, press, verdict, reason=reason)
    return _carry_out(tx, moment, approval, press, vote_id, verdict)


def _carry_out(
    tx: Transaction, moment: Moment, approval: Approval, press: Press, vote_id: int, verdict: Verdict
) -> Reply:
    """Have Studio written, and everyone told."""
    expires_at = (press.received_at or moment.now) + moment.rulebook.rules.approvals.expires
    execute.plan(tx, moment, approval, vote_id, expires_at=expires_at)
    posts.refresh(tx, moment, approval, clicked=press.ts)
    words = {"verdict": verdict.value, "name": press.person_name}
    posts.say(tx, moment, approval, "decided", words, key=f"vote:{vote_id}")
    return {"say": "approval_taken", "ref": approval.ref, "verdict": verdict.value}


# ---------------------------------------------------------------- why it can't be


def _refusal(
    tx: Transaction,
    moment: Moment,
    approval: Approval | None,
    press: Press,
    verdict: Verdict,
    kind: ApprovalKind,
) -> Reply | None:
    """The answer to what can't be decided, not so, or not by this person; None where it can."""
    if approval is None or approval.kind is not kind:
        return {"say": "approval_unknown", "ref": press.ref}
    if approval.state is not ApprovalState.WAITING:
        return over(tx, approval)
    own = refuse_requester(tx, moment, approval, press, verdict.value)
    if own is not None:
        return own
    if press.form.get("facts") != approval.facts.hash:
        record(tx, moment, approval, press, verdict, outcome=VoteOutcome.VOID)
        posts.refresh(tx, moment, approval, clicked=press.ts)
        return {"say": "approval_changed", "ref": approval.ref}
    return None


def refuse_requester(
    tx: Transaction, moment: Moment, approval: Approval, press: Press, action: str
) -> Reply | None:
    """Refuse whoever asked for it, and whom nobody can tell from them; audited."""
    asked_by = (approval.facts.requester_email or "").strip().lower()
    email = studio_email(press.person_email or "", moment.rulebook.rules)
    if press.person == approval.requester_id or (email and email == asked_by):
        say, reason = "approval_own_request", "requester"
    elif asked_by and not email:
        say, reason = "approval_nobody_known", "no_email"
    else:
        return None
    audit_refusal(tx, moment, approval, action, reason, person=press.person, right=press.right)
    return {"say": say, "ref": approval.ref, "action": action}


def audit_refusal(
    tx: Transaction, moment: Moment, approval: Approval, action: str, reason: str, *, person: str, right: str
) -> None:
    """Note in the chain that a person who has the right was refused, and why."""
    facts = {
        "approval": approval.ref,
        "reason": reason,
        "right": right,
        "rules": moment.rulebook.hash,
    }
    chain.append(tx, f"refusal.{action}", facts, now=moment.now, person=person)


def over(tx: Transaction, approval: Approval) -> Reply:
    """The answer to who comes after somebody else."""
    vote = None if approval.vote_id is None else store.find_vote(tx, approval.vote_id)
    ours = approval.state in (ApprovalState.DECIDING, ApprovalState.DECIDED) and vote is not None
    return {
        "say": "approval_over",
        "ref": approval.ref,
        "state": approval.state.value,
        "outcome": approval.outcome,
        "at": vote.at if ours and vote is not None else approval.ended_at,
        "verdict": vote.verdict.value if ours and vote is not None else None,
        "who": vote.person if ours and vote is not None else None,
        "name": vote.person_name if ours and vote is not None else None,
    }


# ---------------------------------------------------------------- the row that proves it


def record(
    tx: Transaction,
    moment: Moment,
    approval: Approval,
    press: Press,
    verdict: Verdict,
    *,
    reason: str | None = None,
    details: Mapping[str, Any] | None = None,
    outcome: VoteOutcome = VoteOutcome.COUNTED,
) -> int:
    """Write what a person said, and its audit entry; the vote's id."""
    people.pseudonym(tx, press.person, moment.now, press.person_name)
    unknown = {"requester": requesters.UNKNOWN} if requesters.is_unknown(approval) else {}
    said = json.dumps({**(details or {}), **unknown}, ensure_ascii=False, sort_keys=True)
    places = (details or {}).get("places") or []
    seen = str(press.form.get("facts") or approval.facts.hash)
    shown = _version_shown(tx, press)
    vote_id = store.record_vote(
        tx,
        approval,
        inbox_id=press.inbox_id,
        verdict=verdict,
        person=press.person,
        person_name=press.person_name,
        person_email=press.person_email,
        studio_user=press.studio_user,
        right=press.right,
        rules_hash=moment.rulebook.hash,
        version_shown=shown,
        facts_hash=seen,
        reason=reason,
        details=said,
        delegated_from=places[0] if places else None,
        outcome=outcome,
        at=moment.now,
    )
    chain.append(
        tx,
        f"decision.{verdict.value}",
        {
            "approval": approval.ref,
            "object": store.studio_id_of(tx, approval),
            "vote": vote_id,
            "reference": f"{approval.ref}-{vote_id}",
            "right": press.right,
            "facts": seen,
            "outcome": outcome.value,
            "words": words_hash(reason, said),
            "for": [people.pseudonym(tx, one, moment.now) for one in places],
            "rules": moment.rulebook.hash,
            "version_shown": shown,
        },
        now=moment.now,
        person=press.person,
    )
    return vote_id


def _version_shown(tx: Transaction, press: Press) -> int | None:
    if press.version is not None or not (press.channel and press.ts):
        return press.version
    post = store.post_at(tx, press.channel, press.ts)
    return None if post is None else post.shown_version
