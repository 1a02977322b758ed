"""The message that asks for an approval: the template says what is asked, the approval how it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance_bot.messages import approval_words, case_words, framing
from compliance_bot.messages.limits import TEXT, balance
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import clean, escape, truncate, unlinked
from compliance_bot.messages.templates import TemplateFailed, Templates
from compliance_bot.messages.values import Moment, day_or_moment, link
from compliance_bot.model.approvals import Approval, ApprovalKind, ApprovalState, Verdict, Vote, VoteOutcome

APPROVE, REJECT, DELEGATE = "open_approve_form", "open_reject_form", "open_delegate_form"
"""The action ids of the buttons that open a modal; their value is the approval's reference."""
APPROVE_REPORT, RETURN_REPORT, COMPLETE = "approve_report", "return_report", "complete_request"
"""The action ids of the buttons that decide at once; their value is ``ref facts_hash``."""

_LONGEST_FACT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalView:
    """All that an approval's message is made of.

    ``votes``: everything that people said of it, in order. ``chosen``: auditor and reviewer, by name, and the
    due date of the decision that was taken. ``mentions`` are Slack markup; ``note`` something the reader must
    know (mrkdwn). ``shadow``: Studio is not written.
    """

    approval: Approval
    votes: Sequence[Vote]
    template: str
    emoji: str
    mentions: tuple[str, ...]
    note: str | None
    url: str | None
    now: float
    shadow: bool = False


def show_approval(templates: Templates, view: ApprovalView) -> Message:
    """The message as it is to stand now, within Slack's limits."""
    notes = [("approval_note", view.note)]
    try:
        filled = templates.fill(view.template, approval_values(view))
    except TemplateFailed:
        filled = _stand_in(view)
        notes.append(("approval_template", case_words.template_failed_note(view.template)))
    blocks = framing.without_acknowledge(filled.blocks[: framing.MOST_TEMPLATE_BLOCKS])
    notes += [(f"approval_state_{place}", line) for place, line in enumerate(state_lines(view))]
    own = [framing.context(name, line) for name, line in notes if line]
    reference = framing.context("approval_reference", escape(view.approval.ref))
    whole = (*_with_mentions(blocks, view), *_buttons(view), *own, reference)
    return balance(Message(text=_text(filled.text, view), blocks=whole))


def show_approval_plainly(view: ApprovalView) -> Message:
    """The same in words only, for when Slack will not take the blocks. It has no buttons."""
    lines = [
        f"{view.emoji} {_headline(view)}".strip(),
        " ".join(view.mentions),
        unlinked(_requester(view)),
        " · ".join(_days(view)),
        escape(link(view.url) or ""),
        *state_lines(view),
        approval_words.buttons_missing() if view.approval.state is ApprovalState.WAITING else "",
        view.note or "",
        escape(view.approval.ref),
    ]
    return Message(text="\n".join(truncate(line, _LONGEST_FACT, markup=True) for line in lines if line))


def show_approval_withheld(view: ApprovalView) -> Message:
    """For readers who may not know what it is about: that something waits. Nothing can be decided there."""
    said = approval_words.withheld(view.approval.ref)
    return balance(Message(text=said, blocks=_with_mentions((framing.section(said),), view)))


def approval_values(view: ApprovalView) -> Mapping[str, Any]:
    """What the templates may show of it; a value that Studio did not give is absent."""
    approval, facts = view.approval, view.approval.facts
    values: dict[str, Any] = {
        "emoji": view.emoji,
        "type": "approval",
        "source": "studio",
        "title": _short(facts.name),
        "project": _short(facts.name),
        "issue_id": approval.ref,
        "url": link(view.url),
        "issue_url": link(view.url),
        "framework": facts.framework,
        "frameworks": () if facts.framework is None else (facts.framework,),
        "requester": _requester(view),
        "requested_at": None if approval.requested_at is None else Moment(approval.requested_at),
        "age": None if approval.requested_at is None else approval_words.age(approval.requested_at, view.now),
        "scope": _short(facts.scope) if facts.scope else approval_words.SCOPE_UNKNOWN,
        "starts": _day(facts.starts),
        "ends": _day(facts.ends),
        "due": _day(facts.due),
        "deciders": tuple(one.name for one in approval.deciders),
        "needed": approval.needed,
        "asked": _asked(approval),
    }
    return {name: value for name, value in values.items() if value is not None and value not in ("", ())}


def _asked(approval: Approval) -> str:
    """What is asked, as a heading."""
    return {
        ApprovalKind.PROJECT: "Approval needed",
        ApprovalKind.REVIEW: "Report to review",
        ApprovalKind.REQUEST: "Evidence request open",
    }[approval.kind]


def _day(at: float | None) -> Moment | str | None:
    return None if at is None else day_or_moment(at)


def _requester(view: ApprovalView) -> str:
    facts = view.approval.facts
    return _short(approval_words.requester(facts.requester_name, facts.requester_email))


def _short(text: str) -> str:
    return truncate(clean(text[: 2 * _LONGEST_FACT]), _LONGEST_FACT, markup=False)


def _headline(view: ApprovalView) -> str:
    say = {
        ApprovalKind.PROJECT: approval_words.headline,
        ApprovalKind.REVIEW: approval_words.review_headline,
        ApprovalKind.REQUEST: approval_words.request_headline,
    }[view.approval.kind]
    return say(view.approval.facts.name)


# ---------------------------------------------------------------- how it stands


def state_lines(view: ApprovalView) -> list[str]:
    """How it stands, a line each (mrkdwn)."""
    approval = view.approval
    if approval.state is ApprovalState.WAITING:
        return _waiting(view)
    ended = approval.ended_at or view.now
    if approval.state is ApprovalState.ELSEWHERE:
        return [approval_words.decided_in_studio(approval.outcome or "?", ended, approval.outcome_by)]
    if approval.state is ApprovalState.GONE:
        return [approval_words.deleted_in_studio(ended)]
    return _decided(view)


def counted(votes: Sequence[Vote], verdict: Verdict = Verdict.APPROVE) -> list[Vote]:
    """The votes of one kind that count."""
    return [vote for vote in votes if vote.verdict is verdict and vote.outcome is VoteOutcome.COUNTED]


def _waiting(view: ApprovalView) -> list[str]:
    approval, lines = view.approval, []
    names = [one.name for one in approval.deciders]
    lines.append(approval_words.may_decide(names, approval.needed))
    if approval.requester_id is None and not approval.facts.requester_email:
        lines.append(approval_words.requester_has_no_address())
    approved = counted(view.votes)
    if approved:
        pairs = [(vote.person, vote.person_name) for vote in approved]
        lines.append(approval_words.approved_so_far(pairs, approval.needed))
    handed = [
        approval_words.handed_over(vote.person_name, str(vote.details.get("name")))
        for vote in counted(view.votes, Verdict.DELEGATE)
    ]
    lines.append(" ".join(handed[-3:]))
    lines.append(approval_words.waits_again(approval.sync_note) if approval.sync_note else "")
    return [line for line in lines if line]


def _decided(view: ApprovalView) -> list[str]:
    approval = view.approval
    vote = next((one for one in view.votes if one.id == approval.vote_id), None)
    if vote is None:
        return []
    others = [one.person_name for one in counted(view.votes, vote.verdict) if one.id != vote.id]
    said = [approval_words.decided_by(vote.verdict.value, vote.person, vote.person_name, vote.at, others)]
    if vote.verdict is Verdict.APPROVE and "auditor" in vote.details:
        chosen = vote.details
        said.append(
            approval_words.staffed(chosen["auditor_name"], chosen["reviewer_name"], chosen.get("due"))
        )
    said += [approval_words.because(vote.reason) if vote.reason else "", _sync(view)]
    return [" · ".join(part for part in said if part)]


def _sync(view: ApprovalView) -> str:
    approval = view.approval
    if view.shadow and approval.sync != "confirmed":
        return approval_words.only_here()
    return {
        "pending": approval_words.being_written(),
        "late": approval_words.not_yet_in_studio(approval.sync_since or view.now),
        "confirmed": approval_words.in_studio(),
    }.get(approval.sync, "")


def how_it_ended(view: ApprovalView) -> str:
    """The same in one sentence, for who comes late."""
    return " ".join(state_lines(view))


# ---------------------------------------------------------------- blocks


def _text(text: str, view: ApprovalView) -> str:
    """The words for notifications: the fact first, then how it stands once it is over."""
    fact = truncate(text, _LONGEST_FACT, markup=True)
    ended = view.approval.state is not ApprovalState.WAITING
    state = _without_calls(view) if ended else ""
    return truncate(f"{fact} · {state}" if state else fact, TEXT, markup=True)


def _without_calls(view: ApprovalView) -> str:
    """How it ended, with nobody's handle: the text of an edit calls nobody, and of a new one need not."""
    vote = next((one for one in view.votes if one.id == view.approval.vote_id), None)
    if vote is None or view.approval.state in (ApprovalState.ELSEWHERE, ApprovalState.GONE):
        return how_it_ended(view)
    return approval_words.line_decided(vote.verdict.value, vote.person_name, vote.at)


def _with_mentions(blocks: tuple[dict[str, Any], ...], view: ApprovalView) -> tuple[dict[str, Any], ...]:
    return framing.with_mentions(blocks, "approval_mentions", view.mentions)


def _buttons(view: ApprovalView) -> tuple[dict[str, Any], ...]:
    """What can be decided now; nothing once it is over."""
    approval = view.approval
    if approval.state is not ApprovalState.WAITING:
        return ()
    if approval.kind is ApprovalKind.PROJECT:
        elements = [
            _button(APPROVE, "Approve…", approval.ref, style="primary"),
            _button(REJECT, "Reject…", approval.ref, style="danger"),
            _button(DELEGATE, "Delegate…", approval.ref),
        ]
    elif approval.kind is ApprovalKind.REVIEW:
        elements = [
            _at_once(APPROVE_REPORT, "Approve report", approval, style="primary"),
            _at_once(RETURN_REPORT, "Return report", approval, style="danger"),
        ]
    else:
        elements = [_at_once(COMPLETE, "Mark complete", approval)]
    return ({"type": "actions", "block_id": "approval_buttons", "elements": elements},)


def _button(action_id: str, words: str, value: str, *, style: str | None = None) -> dict[str, Any]:
    button = {"type": "button", "action_id": action_id, "text": framing.plain(words), "value": value}
    return button if style is None else {**button, "style": style}


def _at_once(action_id: str, words: str, approval: Approval, *, style: str | None = None) -> dict[str, Any]:
    """A button without a modal: Slack itself asks whether that is meant, since it can't be taken back."""
    confirm = {
        "title": framing.plain(words),
        "text": framing.plain("This is written to Studio and can't be taken back from here."),
        "confirm": framing.plain(words),
        "deny": framing.plain("Cancel"),
    }
    value = f"{approval.ref} {approval.facts.hash}"
    return {**_button(action_id, words, value, style=style), "confirm": confirm}


def _stand_in(view: ApprovalView) -> Message:
    """What is shown where the template fails: the facts in plain text."""
    said = [_headline(view), f"Requested by {unlinked(_requester(view))}", *_days(view)]
    return Message(
        text=f"{view.emoji} {_headline(view)}".strip(),
        blocks=(framing.section(truncate("\n".join(said), TEXT, markup=True)),),
    )


def _days(view: ApprovalView) -> list[str]:
    """The dates, each with its name (mrkdwn)."""
    facts = view.approval.facts
    named = (("Starts", facts.starts), ("Ends", facts.ends), ("Due", facts.due))
    return [f"{name}: {approval_words.day_said(at)}" for name, at in named if at is not None]
