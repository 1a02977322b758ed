"""The modals in which people decide about an approval: approve, reject, delegate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compliance_bot.messages import approval_words, framing
from compliance_bot.messages.form_words import label
from compliance_bot.messages.modal import Block, Modal, choice, field_of, words_field
from compliance_bot.messages.mrkdwn import escape
from compliance_bot.messages.wording import datum
from compliance_bot.model.approvals import Approval, Vote

APPROVE, REJECT, DELEGATE = "approve_form", "reject_form", "delegate_form"
"""The callback ids."""
AUDITOR, REVIEWER, DUE = "approve_auditor", "approve_reviewer", "approve_due"
REASON, TO = "reject_reason", "delegate_to"
"""The fields, by which what was filled in comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Somebody of Studio's auditors, with the projects they have."""

    id: str
    name: str
    load: int


def approve_modal(
    approval: Approval,
    approved: Sequence[Vote],
    staff: Sequence[Staff],
    pair: tuple[str, str],
    due: str | None,
) -> Modal:
    """Who audits, who reviews, until when; above it what is approved. ``pair``: the two preselected."""
    options = [(one.id, f"{label(one.name)} ({approval_words.load_words(one.load)})") for one in staff]
    calendar: dict[str, Any] = {"type": "datepicker", **({"initial_date": due} if due else {})}
    blocks = (
        *_facts(approval),
        *_so_far(approval, approved),
        field_of(AUDITOR, "Auditor", choice("static_select", options, pair[0])),
        field_of(REVIEWER, "Reviewer", choice("static_select", options, pair[1])),
        field_of(DUE, "Due", calendar, hint="The day (UTC) by which the audit is to be done."),
        framing.context("approve_note", approval_words.no_way_back(approval.needed, len(approved))),
    )
    return _modal("Approve", blocks, approval)


def reject_modal(approval: Approval) -> Modal:
    """Why not; the reason goes to whoever asked."""
    asked_by = approval.facts.requester_name or approval.facts.requester_email
    blocks = (
        *_facts(approval),
        words_field(REASON, "Reason", hint=approval_words.reason_goes_to(asked_by)),
        framing.context("reject_note", approval_words.no_way_back(1, 0)),
    )
    return _modal("Reject", blocks, approval)


def delegate_modal(approval: Approval, people: Sequence[tuple[str, str]] | None) -> Modal:
    """To whom. ``people``: who may approve, as (Slack id, name); None: every member, so anybody."""
    element = {"type": "users_select"} if people is None else choice("static_select", people)
    blocks = (
        *_facts(approval),
        field_of(
            TO, "Hand it to", element, hint="They are told by direct message, and decide in your place."
        ),
    )
    return _modal("Delegate", blocks, approval)


def _modal(title: str, blocks: tuple[Block, ...], approval: Approval) -> Modal:
    facts = approval.facts
    remembers = {"facts": facts.hash, **({"starts": facts.starts} if facts.starts is not None else {})}
    return Modal(title=title, submit=title, blocks=blocks, version=approval.version, remembers=remembers)


def _facts(approval: Approval) -> tuple[Block, ...]:
    """What is decided, as the vote is bound to it."""
    facts = approval.facts
    days = [
        f"{name} {approval_words.day_said(at)}"
        for name, at in (("Starts", facts.starts), ("Ends", facts.ends), ("Due", facts.due))
        if at is not None
    ]
    asked_by = datum(approval_words.requester(facts.requester_name, facts.requester_email))
    lines = [
        f"*{datum(facts.name)}* · {escape(approval.ref)}",
        f"Framework: {datum(facts.framework)}" if facts.framework else "",
        f"Requested by {asked_by}",
        " · ".join(days),
        f"Scope: {datum(facts.scope or approval_words.SCOPE_UNKNOWN)}",
    ]
    return (framing.section("\n".join(line for line in lines if line)),)


def _so_far(approval: Approval, approved: Sequence[Vote]) -> tuple[Block, ...]:
    if not approved:
        return ()
    pairs = [(vote.person, vote.person_name) for vote in approved]
    return (framing.context("approve_so_far", approval_words.approved_so_far(pairs, approval.needed)),)
