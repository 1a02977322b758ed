"""What needs two people: one proposes, another confirms; until then nothing has changed.

The second person is asked by a button in the case's thread and by direct message. A proposal is void once
the case is closed, begins anew, or has become more severe than what was shown.
"""

from __future__ import annotations

import json

from compliance_bot.audit import chain
from compliance_bot.cases import direct, posts
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Press, Reply, unknown, words_hash
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.store import cases as store
from compliance_bot.store import proposals
from compliance_bot.store.proposals import Proposal
from compliance_bot.store.transaction import Transaction

_UNDECIDED = (CaseState.OPEN, CaseState.ACKNOWLEDGED, CaseState.SNOOZED)


def propose(tx: Transaction, moment: Moment, case: Case, press: Press, action: str) -> Reply:
    """Write the proposal down and ask for a second person. ``form["may"]``: the Slack ids of who may."""
    standing = proposals.waiting(tx, case.id)
    if standing is not None and not _holds(case, standing):
        overtake(tx, moment, case)
    elif standing is not None:
        return {
            "say": "proposed_already",
            "ref": case.ref,
            "who": standing.person,
            "name": standing.person_name,
        }
    shown = None if not (press.channel and press.ts) else store.post_at(tx, press.channel, press.ts)
    details = {"until": press.form.get("until")}
    reason = str(press.form["reason"]).strip()
    proposal_id = proposals.add(
        tx,
        case_id=case.id,
        episode=case.episode,
        severity=case.severity,
        inbox_id=press.inbox_id,
        action=action,
        person=press.person,
        person_name=press.person_name,
        person_email=press.person_email,
        right=press.right,
        rules_hash=moment.rulebook.hash,
        version_shown=press.version if shown is None else shown.shown_version,
        reason=reason,
        details=json.dumps(details),
        proposed_at=moment.now,
    )
    _audit(
        tx, moment, f"proposal.{action}", case, proposal_id, press, words_hash(reason, json.dumps(details))
    )
    _ask(tx, moment, case, press, proposal_id, action)
    return {"say": "proposed", "ref": case.ref, "proposal": proposal_id}


def _ask(tx: Transaction, moment: Moment, case: Case, press: Press, proposal_id: int, action: str) -> None:
    """In the thread for all, and to each who may, by direct message."""
    said = {
        "name": press.person_name,
        "reason": str(press.form["reason"]).strip(),
        "until": press.form.get("until"),
        "action": action,
    }
    store.change(tx, case, expected=_UNDECIDED, state=case.state)
    fresh = store.find(tx, case.id)
    posts.refresh(tx, moment, fresh, clicked=press.ts)
    key = f"proposal:{proposal_id}"
    posts.say_in_thread(
        tx, moment, fresh, "proposed", {**said, "at": moment.now}, key=key, proposal=proposal_id
    )
    for person in press.form.get("may") or ():
        if person != press.person:
            direct.tell(
                tx,
                moment,
                person=person,
                sentence="consent_asked",
                words={**said, "who": press.person},
                key=key,
                case=fresh,
                proposal=proposal_id,
                only_in=_UNDECIDED,
            )


def confirmed(tx: Transaction, moment: Moment, press: Press, proposal: Proposal) -> bool:
    """Note that a second person agreed; False where somebody was before them."""
    return _end(tx, moment, proposal, "confirmed", press)


def decline(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """The second person does not agree, or the first takes it back: nothing has changed."""
    asked = found(tx, moment, press)
    if not isinstance(asked, tuple):
        return asked
    case, proposal = asked
    how = "withdrawn" if press.person == proposal.person else "declined"
    if not _end(tx, moment, proposal, how, press):
        return ended(case, proposals.find(tx, proposal.id))
    _audit(tx, moment, f"proposal.{how}", case, proposal.id, press, "")
    store.change(tx, case, expected=_UNDECIDED, state=case.state)
    fresh = store.find(tx, case.id)
    posts.refresh(tx, moment, fresh)
    words = {"name": press.person_name, "who": proposal.person, "first": proposal.person_name, "how": how}
    posts.say_in_thread(
        tx, moment, fresh, "proposal_ended", {**words, "at": moment.now}, key=f"proposal:{proposal.id}:{how}"
    )
    return None


def found(tx: Transaction, moment: Moment, press: Press) -> tuple[Case, Proposal] | Reply:
    """The case and the proposal that a button names, as long as the proposal still holds."""
    ref, _, number = press.ref.partition(" ")
    case = store.find_by_ref(tx, ref)
    proposal = proposals.find(tx, int(number)) if number.isdecimal() else None
    if case is None or proposal is None or proposal.case_id != case.id:
        return unknown(press)
    if proposal.state == "waiting" and not _holds(case, proposal):
        _end(tx, moment, proposal, "overtaken")
        return {"say": "proposal_overtaken", "ref": case.ref}
    return (case, proposal) if proposal.state == "waiting" else ended(case, proposal)


def _holds(case: Case, proposal: Proposal) -> bool:
    """Whether the case still is what was shown to who proposed it."""
    same = (case.episode, case.severity) == (proposal.episode, proposal.severity)
    return same and case.state is not CaseState.CLOSED


def ended(case: Case, proposal: Proposal | None) -> Reply:
    """The answer to who comes after a proposal's end."""
    if proposal is None or proposal.state == "overtaken":
        return {"say": "proposal_overtaken", "ref": case.ref}
    return {
        "say": "proposal_ended",
        "ref": case.ref,
        "how": proposal.state,
        "who": proposal.ended_by,
        "name": proposal.ended_name,
        "at": proposal.ended_at,
    }


def overtake(tx: Transaction, moment: Moment, case: Case) -> None:
    """End the proposal that waits on a case which has been decided otherwise."""
    standing = proposals.waiting(tx, case.id)
    if standing is not None:
        _end(tx, moment, standing, "overtaken")


def _end(tx: Transaction, moment: Moment, proposal: Proposal, how: str, press: Press | None = None) -> bool:
    """End it, and have whoever was asked see that; False where it had ended before."""
    by, name = (None, None) if press is None else (press.person, press.person_name)
    ended_now = proposals.end(tx, proposal.id, how, by=by, name=name, now=moment.now)
    if ended_now:
        direct.proposal_over(tx, moment, proposal.id, proposal.case_id)
    return ended_now


def _audit(
    tx: Transaction, moment: Moment, kind: str, case: Case, proposal_id: int, press: Press, words: str
) -> None:
    facts = {
        "case": case.ref,
        "episode": case.episode,
        "proposal": proposal_id,
        "right": press.right,
        "words": words,
        "rules": moment.rulebook.hash,
    }
    chain.append(tx, kind, facts, now=moment.now, person=press.person)
