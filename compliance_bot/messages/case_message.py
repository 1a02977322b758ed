"""The message that shows a case: the template says what it is, the case says how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from compliance_bot.messages import case_words, framing, wording
from compliance_bot.messages.case_buttons import acknowledge_button, buttons_alone, with_buttons
from compliance_bot.messages.limits import TEXT, balance
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import clean, escape, truncate, unlinked
from compliance_bot.messages.templates import TemplateFailed, Templates
from compliance_bot.messages.values import Moment, link
from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.findings import Finding

_VIEW = {"type": "plain_text", "text": "View Details"}
_LONGEST_FACT = 400
"""UTF-16 units of a title, an impact, an action, and of the words before the state."""
_LONGEST_DESCRIPTION = 1_000
"""UTF-16 units of Studio's description in an alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What somebody wants to do, and a second person is asked about. ``action``: ``accept_risk``."""

    action: str
    name: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """All that a case's message is made of. Times are Unix seconds.

    ``mentions`` are Slack markup; they stand in the message where ``ping`` says so. ``change`` is
    what happened, in words; ``note`` something the reader must know (mrkdwn of ``wording``). ``reason``: the
    words of the decision by which it is closed; ``proposed``: what waits for a second person.
    """

    case: Case
    finding: Finding
    template: str
    emoji: str
    mentions: tuple[str, ...]
    ping: bool
    note: str | None
    url: str | None
    change: str
    score: int | None
    now: float
    group: str | None = None
    project: str | None = None
    reason: str | None = None
    proposed: Proposed | None = None


def show_case(templates: Templates, view: CaseView) -> Message:
    """The message as it is to stand now, within Slack's limits.

    A template that cannot be filled gives way to a stand-in of ours, with a note that says so.
    """
    notes = [("case_note", view.note)]
    try:
        filled = templates.fill(view.template, case_values(view))
    except TemplateFailed:
        filled = _stand_in(view)
        notes.append(("case_template", case_words.template_failed_note(view.template)))
    blocks = with_buttons(filled.blocks[: framing.MOST_TEMPLATE_BLOCKS], view.case)
    notes += [("case_state", _state_line(view)), ("case_reference", _reference_line(view))]
    own = [framing.context(name, line) for name, line in notes if line]
    return balance(Message(text=_text(filled.text, view), blocks=(*_with_mentions(blocks, view), *own)))


def show_case_plainly(view: CaseView) -> Message:
    """The same in words only, for when Slack will not take the blocks. It has no buttons."""
    finding = view.finding
    lines = [
        f"{view.emoji} {_headline(finding)}".strip(),
        " ".join(view.mentions) if view.ping else "",
        f"Impact: {unlinked(_impact(finding))}",
        f"Required action: {unlinked(_action(finding))}",
        escape(link(view.url) or ""),
        _state_line(view) or case_words.buttons_missing_note(),
        view.note or "",
        _reference_line(view),
    ]
    return Message(text="\n".join(truncate(line, _LONGEST_FACT, markup=True) for line in lines if line))


def show_case_withheld(view: CaseView) -> Message:
    """The case for readers who may not know what it is about: its reference, and how it stands."""
    said, address = wording.withheld(view.case.ref), link(view.url)
    look = {"type": "button", "action_id": "view_details", "text": _VIEW, "url": address}
    actions = buttons_alone(view.case, [look] if address is not None else [])
    state = _state(without_reasons(view))
    own = [framing.context("case_state", state)] if state else []
    message = Message(text=said, blocks=(*_with_mentions((framing.section(said),), view), *actions, *own))
    return balance(message)


def without_reasons(view: CaseView) -> CaseView:
    """The same without the words that people gave: they may tell what it is about."""
    return replace(view, reason=None, case=replace(view.case, snooze_reason=None))


def case_values(view: CaseView) -> Mapping[str, Any]:
    """What the templates may show of it; a value that Studio did not give is absent."""
    finding, case = view.finding, view.case
    values: dict[str, Any] = {
        "emoji": view.emoji,
        "id": finding.id,
        "type": "finding",
        "source": "studio",
        "category": view.group,
        "finding_category": finding.category,
        "issue_type": wording.category_words(finding.category),
        "issue_id": case.ref,
        "issue_url": link(view.url),
        "url": link(view.url),
        "update_type": view.change,
        "change": view.change,
        "message": f"{_short(finding.title)}: {view.change}",
        "title": _short(finding.title),
        "description": _short(finding.description, _LONGEST_DESCRIPTION),
        "severity": wording.severity_words(finding.severity),
        "status": wording.status_words(finding.status).capitalize(),
        "impact": _impact(finding),
        "action": _action(finding),
        "recommendation": _short(finding.recommendation or finding.remediation),
        "frameworks": finding.frameworks,
        "framework": next(iter(finding.frameworks), None),
        "controls": finding.controls,
        "project": view.project,
        "project_id": finding.project_id,
        "score": view.score,
        "assignee": finding.assignee_name,
        "resource": finding.resource,
        "affected_user": finding.affected_user,
        "account": finding.account,
        "vendor": finding.vendor,
        "occurrences": finding.occurrences,
        "first_seen": _moment(finding.first_seen),
        "last_seen": _moment(finding.last_seen),
        "due": _moment(finding.due),
        "days_remaining": _days(finding.due, view.now),
        "opened_at": _moment(case.opened_at),
    }
    return {name: value for name, value in values.items() if value is not None and value not in ("", ())}


def _moment(seconds: float | None) -> Moment | None:
    return None if seconds is None else Moment(seconds)


def _days(due: float | None, now: float) -> int | None:
    day = 86_400
    return None if due is None else int(due // day) - int(now // day)


def _impact(finding: Finding) -> str:
    parts = (
        finding.resource or finding.affected_user or "",
        ", ".join(finding.frameworks),
        ", ".join(finding.controls),
    )
    return _short(" · ".join(part for part in parts if part)) or case_words.IMPACT_UNKNOWN


def _action(finding: Finding) -> str:
    return _short(finding.recommendation or finding.remediation) or case_words.ACTION_UNKNOWN


def _short(text: str | None, limit: int = _LONGEST_FACT) -> str:
    """Enough to judge by; the rest is in Studio."""
    return truncate(clean(text[: 2 * limit]), limit, markup=False) if text else ""


def _headline(finding: Finding) -> str:
    return f"{finding.severity.value.upper()}: {unlinked(finding.title)}"


def _text(text: str, view: CaseView) -> str:
    """The words for notifications: the fact first, then how it stands."""
    state = _state_line(replace(view, case=_calling_nobody(view.case)))
    fact = truncate(text, _LONGEST_FACT, markup=True)
    return truncate(f"{fact} · {state}" if state else fact, TEXT, markup=True)


def _calling_nobody(case: Case) -> Case:
    """The same with names for mentions, where a name is known."""
    return replace(
        case,
        acknowledged_by=None if case.acknowledged_name else case.acknowledged_by,
        snoozed_by=None if case.snoozed_name else case.snoozed_by,
        closed_by=None if case.closed_name else case.closed_by,
    )


# ---------------------------------------------------------------- the case's own lines


def _state_line(view: CaseView) -> str | None:
    """How the case stands, None while there is nothing to add to an open one."""
    case, proposed = view.case, view.proposed
    parts = [_state(view)]
    if case.sync is StudioSync.LATE:
        parts.append(case_words.not_yet_in_studio())
    if case.sync is StudioSync.REFUSED:
        parts.append(case_words.studio_refused_note(case.sync_note or "no reason given"))
    if proposed is not None:
        parts.append(case_words.second_person_asked(proposed.action, proposed.name, proposed.at))
    return " · ".join(part for part in parts if part) or None


def _state(view: CaseView) -> str | None:
    case = view.case
    match case.state:
        case CaseState.OPEN:
            return None
        case CaseState.ACKNOWLEDGED:
            return case_words.state_acknowledged(
                case.acknowledged_by, case.acknowledged_name, case.acknowledged_at, case.fix_by
            )
        case CaseState.SNOOZED:
            return case_words.state_snoozed(
                case.snoozed_by, case.snoozed_name, case.wake_at, case.snooze_reason
            )
        case CaseState.CLOSED:
            return _closed(view)


def _closed(view: CaseView) -> str:
    case = view.case
    if case.closed_by is None and case.closed_name is None:
        return case_words.state_closed(case.closed_reason, case.closed_at)
    return case_words.state_closed_here(
        case.closed_reason,
        case.closed_by,
        case.closed_name,
        case.closed_at,
        words=view.reason,
        until=case.risk_until,
    )


def _reference_line(view: CaseView) -> str:
    name = view.finding.assignee_name
    parts = (view.case.ref, case_words.assigned_note(name) if name else "")
    return " · ".join(part for part in parts if part)


def _with_mentions(blocks: tuple[dict[str, Any], ...], view: CaseView) -> tuple[dict[str, Any], ...]:
    return framing.with_mentions(blocks, "case_mentions", view.mentions if view.ping else ())


def _stand_in(view: CaseView) -> Message:
    """What is shown where the template fails: the facts and the button."""
    finding = view.finding
    facts = f"{finding.title}\nImpact: {_impact(finding)}\nRequired action: {_action(finding)}"
    blocks: tuple[dict[str, Any], ...] = (
        {
            "type": "section",
            "text": {
                "type": "plain_text",
                "text": truncate(clean(facts), TEXT, markup=False),
                "emoji": False,
            },
        },
        {"type": "actions", "elements": [acknowledge_button(view.case)]},
    )
    return Message(text=f"{view.emoji} {_headline(finding)}".strip(), blocks=blocks)
