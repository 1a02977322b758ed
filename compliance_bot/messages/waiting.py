"""The lists of what waits on somebody, and of what sleeps, for one pair of eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compliance_bot.messages import waiting_words
from compliance_bot.messages.framing import section
from compliance_bot.messages.limits import fit
from compliance_bot.messages.message import Message

MOST_LISTED = 20
"""Lines of one list; the rest is counted."""
_LINES_A_BLOCK = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozedLine:
    """A case that sleeps. ``title`` and ``reason``: None where the reader may not see them."""

    ref: str
    title: str | None
    until: float | None
    who: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozedView:
    """What sleeps: the first to wake, and how many there are in all."""

    lines: tuple[SnoozedLine, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case that waits on somebody. ``whose``: for whom the reader stands in; None: their own."""

    ref: str
    title: str | None
    severity: str
    state: str
    fix_by: float | None
    whose: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentLine:
    """A decision that needs a second person, whom the reader could be."""

    ref: str
    title: str | None
    action: str
    who: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLine:
    """An approval that the reader may decide. ``name``: None where they may not see it. Unix seconds."""

    ref: str
    what: str
    name: str | None
    requester: str | None
    at: float
    due: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """What waits on one person. ``studio``: whether Studio named a user with their address."""

    approvals: tuple[ApprovalLine, ...]
    consents: tuple[ConsentLine, ...]
    cases: tuple[CaseLine, ...]
    stands_in_for: tuple[str, ...] = ()
    snoozed: int = 0
    known_in_studio: bool = True

    @property
    def total(self) -> int:
        """How many things wait."""
        return len(self.approvals) + len(self.consents) + len(self.cases)


def show_snoozed(view: SnoozedView) -> Message:
    """The list within Slack's limits; what it has no room for is counted."""
    if not view.total:
        return Message(text=waiting_words.nothing_snoozed())
    heading = waiting_words.snoozed_heading(view.total)
    lines = [
        waiting_words.snoozed_line(
            ref=one.ref, title=one.title, until=one.until, who=one.who, reason=one.reason
        )
        for one in view.lines
    ]
    return _list(heading, [("", lines, view.total - len(lines))], ())


def show_queue(view: QueueView) -> Message:
    """The list within Slack's limits; an empty one says so."""
    notes = _notes(view)
    if not view.total:
        text = waiting_words.nothing_waits()
        return _list(text, [], notes)
    parts = [
        (waiting_words.approvals_heading(len(view.approvals)), [_approval(one) for one in view.approvals]),
        (waiting_words.consents_heading(len(view.consents)), [_consent(one) for one in view.consents]),
        (waiting_words.cases_heading(len(view.cases)), [_case(one) for one in view.cases]),
    ]
    shown = [(head, lines[:MOST_LISTED], len(lines) - MOST_LISTED) for head, lines in parts if lines]
    return _list(waiting_words.queue_heading(view.total), shown, notes)


def _notes(view: QueueView) -> list[str]:
    """What stands below the list."""
    notes = [waiting_words.stands_in_for(view.stands_in_for)] if view.stands_in_for else []
    notes += [waiting_words.yours_snoozed(view.snoozed)] if view.snoozed else []
    return notes if view.known_in_studio else [*notes, waiting_words.unknown_to_studio()]


def _approval(one: ApprovalLine) -> str:
    return waiting_words.approval_line(
        ref=one.ref, what=one.what, name=one.name, requester=one.requester, at=one.at, due=one.due
    )


def _consent(one: ConsentLine) -> str:
    return waiting_words.consent_line(ref=one.ref, title=one.title, action=one.action, who=one.who, at=one.at)


def _case(one: CaseLine) -> str:
    return waiting_words.case_line(
        ref=one.ref,
        title=one.title,
        severity=one.severity,
        state=one.state,
        fix_by=one.fix_by,
        whose=one.whose,
    )


def _list(heading: str, parts: Sequence[tuple[str, list[str], int]], notes: Sequence[str]) -> Message:
    blocks = [section(heading)]
    for head, lines, left in parts:
        told = [*lines, *([waiting_words.left_over(left)] if left > 0 else [])]
        for start in range(0, len(told), _LINES_A_BLOCK):
            part = told[start : start + _LINES_A_BLOCK]
            blocks.append(section("\n".join([head, *part] if head and start == 0 else part)))
    if notes:
        blocks.append(section("\n".join(notes)))
    return fit(Message(text=heading, blocks=tuple(blocks)))
