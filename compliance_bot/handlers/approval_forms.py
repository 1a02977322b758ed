"""The forms of an approval: what each shows of it as it is now, and what it makes of what was filled in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from compliance_bot.approvals import quorum, votes
from compliance_bot.approvals.listed import is_listed
from compliance_bot.cases.moment import Moment
from compliance_bot.errors import SlackError
from compliance_bot.handlers.form_spec import FormSpec, Mistakes, Opening, Submission, Taken
from compliance_bot.messages import (
    approval_answer_words,
    approval_forms,
    approval_words,
    decision_words,
    form_words,
)
from compliance_bot.messages.approval import APPROVE, DELEGATE, REJECT
from compliance_bot.messages.approval_forms import Staff
from compliance_bot.messages.modal import Modal
from compliance_bot.model.approvals import Approval, ApprovalKind, ApprovalState, Vote
from compliance_bot.model.slack import Person
from compliance_bot.people.identity import studio_email
from compliance_bot.store import approvals as store
from compliance_bot.store import studio_users
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

PATIENCE = 2.0
"""Seconds that the note of a refusal may take to be committed."""
_TWO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalForms:
    """Fills and reads the forms. ``who_may``: who may approve, None: every member; raises ``SlackError``."""

    database: Database
    moment: Callable[[], Moment]
    who_may: Callable[[], Awaitable[list[Person] | None]]

    def specs(self) -> tuple[FormSpec, ...]:
        """Every form, for ``Forms``."""
        return (
            FormSpec(
                callback_id=approval_forms.APPROVE,
                title="Approve",
                rights=("approve",),
                fill=self._approve,
                kind="approve",
                read=read_approval,
                opened_by=APPROVE,
            ),
            FormSpec(
                callback_id=approval_forms.REJECT,
                title="Reject",
                rights=("approve",),
                fill=self._reject,
                kind="reject",
                read=read_rejection,
                opened_by=REJECT,
            ),
            FormSpec(
                callback_id=approval_forms.DELEGATE,
                title="Delegate",
                rights=("approve",),
                fill=self._delegate,
                kind="delegate",
                read=read_delegation,
                opened_by=DELEGATE,
            ),
        )

    # ------------------------------------------------------------ what they show

    async def _approve(self, opening: Opening) -> Modal | str:
        approval = await self._opened(opening, "approve")
        if isinstance(approval, str):
            return approval
        return await self.database.read(lambda tx: self._approve_modal(tx, opening, approval))

    def _approve_modal(self, tx: Transaction, opening: Opening, approval: Approval) -> Modal | str:
        staff = sorted(
            (Staff(id=one.studio_id, name=one.name, load=one.load) for one in studio_users.auditors(tx)),
            key=lambda one: (one.load, one.name.casefold(), one.id),
        )
        if len(staff) < _TWO:
            return approval_words.too_few_auditors(len(staff))
        approved = quorum.approvals(store.votes_of(tx, approval.id))
        pair = _pair(staff, approved)
        return approval_forms.approve_modal(
            approval, approved, staff, pair, _due(approval, approved, opening)
        )

    async def _reject(self, opening: Opening) -> Modal | str:
        approval = await self._opened(opening, "reject")
        return approval if isinstance(approval, str) else approval_forms.reject_modal(approval)

    async def _delegate(self, opening: Opening) -> Modal | str:
        approval = await self._opened(opening, "delegate")
        if isinstance(approval, str):
            return approval
        try:
            may = await self.who_may()
        except SlackError:
            return approval_words.slack_cannot_say()
        if may is None:
            return approval_forms.delegate_modal(approval, None)
        others = [one for one in may if one.id != opening.person.id and not self._asked(approval, one)]
        if not others:
            return approval_words.nobody_to_hand_to()
        return approval_forms.delegate_modal(approval, [(one.id, one.name or one.handle) for one in others])

    async def _opened(self, opening: Opening, action: str) -> Approval | str:
        """The approval, if that person may decide it now; else why not. Who asked is refused, on record."""
        found = await self.database.read(lambda tx: self._open(tx, opening))
        if isinstance(found, str) or not self._asked(found, opening.person):
            return found
        person, right = opening.person.id, opening.rights.get("approve", "")
        await self.database.write(
            lambda tx: votes.audit_refusal(
                tx, self.moment(), found, action, "requester", person=person, right=right
            ),
            patience=PATIENCE,
        )
        return approval_answer_words.own_request(found.ref)

    def _open(self, tx: Transaction, opening: Opening) -> Approval | str:
        approval = store.find_by_ref(tx, opening.ref)
        if approval is None or approval.kind is not ApprovalKind.PROJECT:
            return approval_answer_words.unknown(opening.ref)
        if approval.state is not ApprovalState.WAITING:
            return approval_answer_words.ANSWERS["approval_over"](votes.over(tx, approval))
        if not is_listed(tx, self.moment(), approval):
            return decision_words.project_not_listed(approval.ref)
        return approval

    def _asked(self, approval: Approval, person: Person) -> bool:
        email = studio_email(person.email or "", self.moment().rulebook.rules)
        asked_by = (approval.facts.requester_email or "").strip().lower()
        return person.id == approval.requester_id or bool(email and email == asked_by)


def _pair(staff: list[Staff], approved: list[Vote]) -> tuple[str, str]:
    """Whom the one before chose, else the two with the least to do."""
    known = {one.id for one in staff}
    if approved:
        chosen = (str(approved[-1].details.get("auditor")), str(approved[-1].details.get("reviewer")))
        if known.issuperset(chosen):
            return chosen
    return staff[0].id, staff[1].id


def _due(approval: Approval, approved: list[Vote], opening: Opening) -> str | None:
    """The day in the field: what the one before chose, else the project's own; none that is over."""
    chosen = approved[-1].details.get("due") if approved else approval.facts.due
    if not isinstance(chosen, int | float):
        return None
    day = datetime.fromtimestamp(chosen, UTC).date()
    return day.isoformat() if day >= _today(opening.now, opening.zone) else None


def _today(now: float, zone: str) -> date:
    try:
        return datetime.fromtimestamp(now, ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return datetime.fromtimestamp(now, UTC).date()


# ---------------------------------------------------------------- what was filled in


def read_approval(sent: Submission) -> Taken | Mistakes:
    """Two different people, and a day to come that is not before the project begins."""
    auditor, reviewer = sent.values.get(approval_forms.AUDITOR), sent.values.get(approval_forms.REVIEWER)
    mistakes: dict[str, str] = {}
    if not auditor:
        mistakes[approval_forms.AUDITOR] = form_words.choose_one()
    if not reviewer:
        mistakes[approval_forms.REVIEWER] = form_words.choose_one()
    elif reviewer == auditor:
        mistakes[approval_forms.REVIEWER] = approval_words.same_person()
    due = _day(sent.values.get(approval_forms.DUE))
    wrong = _wrong_day(sent, due)
    if wrong is not None:
        mistakes[approval_forms.DUE] = wrong
    if mistakes or due is None:
        return Mistakes(by_field=mistakes)
    at = datetime.combine(due, time(), UTC).timestamp()
    return Taken(form={**_bound(sent), "auditor": auditor, "reviewer": reviewer, "due": at})


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _wrong_day(sent: Submission, due: date | None) -> str | None:
    if due is None:
        return form_words.choose_a_day()
    starts = sent.remembered.get("starts")
    if due < _today(sent.now, sent.zone):
        return approval_words.due_over()
    if isinstance(starts, int | float) and due < datetime.fromtimestamp(starts, UTC).date():
        return approval_words.due_before_start(starts)
    return None


def read_rejection(sent: Submission) -> Taken | Mistakes:
    """A reason that is not blank."""
    given = sent.values.get(approval_forms.REASON)
    reason = given.strip() if isinstance(given, str) else ""
    if not reason:
        return Mistakes(by_field={approval_forms.REASON: form_words.reason_missing()})
    if len(reason) > form_words.LONGEST_REASON:
        return Mistakes(by_field={approval_forms.REASON: form_words.too_long(len(reason))})
    return Taken(form={**_bound(sent), "reason": reason})


def read_delegation(sent: Submission) -> Taken | Mistakes:
    """Somebody; whether they can take it is asked when it is decided."""
    to = sent.values.get(approval_forms.TO)
    if not to:
        return Mistakes(by_field={approval_forms.TO: form_words.choose_one()})
    return Taken(form={**_bound(sent), "to": to})


def _bound(sent: Submission) -> dict[str, object]:
    """What was seen, by its hash."""
    return {"facts": sent.remembered.get("facts")}
