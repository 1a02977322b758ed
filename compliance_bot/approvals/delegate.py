"""Handing a decision on: to somebody who has the right, who is asked and told; never round in a circle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance_bot.approvals import posts, quorum, votes
from compliance_bot.cases import direct
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Press, Reply
from compliance_bot.model.approvals import Approval, ApprovalKind, ApprovalState, Decider, Verdict, Vote
from compliance_bot.model.delivery import Lane
from compliance_bot.people.identity import same_human, studio_email
from compliance_bot.store import approvals as store
from compliance_bot.store import events
from compliance_bot.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """To whom it is to be handed. ``right``: the entry of ``access:`` that lets them approve, if any.

    ``known``: False where Slack can't say who that is now.
    """

    id: str
    name: str
    email: str | None = None
    right: str | None = None
    known: bool = True

    def to_form(self) -> dict[str, Any]:
        """The taker as it travels in a press."""
        return {name: getattr(self, name) for name in self.__slots__}


def delegate(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """Hand the decision to ``form["taker"]``; refused at once where they can't take it."""
    approval = store.find_by_ref(tx, press.ref)
    if approval is None or approval.kind is not ApprovalKind.PROJECT:
        return {"say": "approval_unknown", "ref": press.ref}
    if approval.state is not ApprovalState.WAITING:
        return votes.over(tx, approval)
    own = votes.refuse_requester(tx, moment, approval, press, "delegate")
    if own is not None:
        return own
    taker = Taker(**press.form["taker"])
    said = store.votes_of(tx, approval.id)
    why = _why_not(moment, approval, said, press, taker)
    if why is not None:
        votes.audit_refusal(tx, moment, approval, "delegate", why, person=press.person, right=press.right)
        return {"say": "approval_hand_refused", "ref": approval.ref, "name": taker.name, "why": why}
    _hand(tx, moment, approval, press, taker)
    return {"say": "approval_handed", "ref": approval.ref, "name": taker.name}


def _why_not(moment: Moment, approval: Approval, said: list[Vote], press: Press, taker: Taker) -> str | None:
    """Why it can't be handed to them, by a name of ``approval_words``; None where it can."""
    asked_by = (approval.facts.requester_email or "").strip().lower()
    rules = moment.rulebook.rules
    email = studio_email(taker.email or "", rules)
    spoken = quorum.by_human(rules, said)
    giver = quorum.account_of(rules, said, (press.person, press.person_email))
    to = quorum.account_of(rules, said, (taker.id, taker.email))
    refusals: Mapping[str, bool] = {
        "self": same_human(rules, (taker.id, taker.email), (press.person, press.person_email)),
        "unknown": not taker.known,
        "requester": taker.id == approval.requester_id or bool(email and email == asked_by),
        "no_right": taker.right is None,
        "no_email": bool(asked_by) and not email,
        "voted_yourself": quorum.has_voted(spoken, giver),
        "voted": quorum.has_voted(spoken, to),
        "circle": quorum.goes_in_a_circle(spoken, giver, to),
    }
    return next((why for why, holds in refusals.items() if holds), None)


def _hand(tx: Transaction, moment: Moment, approval: Approval, press: Press, taker: Taker) -> None:
    details = {"to": taker.id, "to_email": taker.email, "name": taker.name, "right": taker.right}
    vote_id = votes.record(tx, moment, approval, press, Verdict.DELEGATE, details=details)
    store.change(tx, approval, expected=(ApprovalState.WAITING,))
    posts.refresh(tx, moment, approval, clicked=press.ts)
    key = f"vote:{vote_id}"
    posts.say(tx, moment, approval, "handed", {"giver": press.person_name, "taker": taker.name}, key=key)
    if approval.event_id is not None:
        routing = moment.rulebook.route(events.find(tx, approval.event_id).event, moment.directory)
        posts.show_to(
            tx, moment, store.find(tx, approval.id), [Decider(id=taker.id, name=taker.name)], routing
        )
    words = {
        "who": press.person,
        "name": press.person_name,
        "ref": approval.ref,
        "what": approval.facts.name,
    }
    direct.tell(
        tx,
        moment,
        person=taker.id,
        sentence="approval_handed",
        words=words,
        key=key,
        lane=Lane.URGENT,
        event=approval.event_id,
    )
