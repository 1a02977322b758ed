"""The modals in which people decide about a case: close, snooze, assign, comment, fix by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance_bot.messages import case_form_words as words
from compliance_bot.messages import framing
from compliance_bot.messages.modal import Block, Modal, choice, field_of, said, words_field

CLOSE, SNOOZE, ASSIGN = "close_form", "snooze_form", "assign_form"
COMMENT, FIX = "comment_form", "fix_form"
"""The callback ids."""

OUTCOME, EXPIRES = "close_outcome", "expires"
SNOOZE_END, SNOOZE_DAY, SNOOZE_TIME = "snooze_end", "snooze_day", "snooze_time"
FIX_END, FIX_DAY = "fix_end", "fix_day"
SLACK_USER, STUDIO_USER = "assign_slack_user", "assign_studio_user"
REASON, WORDS = "reason", "words"
"""The fields, by which what was filled in comes back."""

OTHER = "other"
"""The choice of a time of one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a form is about. ``title`` is None where the reader may not see it."""

    ref: str
    title: str | None
    severity: str
    state: str
    version: int
    shadow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The ends that are offered, as (name, words), which is chosen, and what that means.

    ``day`` and ``time``: what stands in the fields of one's own, where those are shown.
    """

    offered: Sequence[tuple[str, str]]
    chosen: str
    preview: str
    zone: str
    day: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The ways to close that are open to the person, which is chosen, and what has to be known of it."""

    outcomes: Sequence[str]
    chosen: str
    expires: str
    notes: Sequence[str] = field(default_factory=tuple)


def close_form(head: Head, closing: Closing) -> Modal:
    """Resolve, False positive or Accept risk, with a reason."""
    options = [(name, words.OUTCOMES[name]) for name in closing.outcomes]
    risk = [_expiry(closing.expires)] if closing.chosen == "accept_risk" else []
    return _modal(
        head,
        "Close",
        "Close the case",
        [
            field_of(OUTCOME, "How", choice("radio_buttons", options, closing.chosen), tells=True),
            *risk,
            *_notes(closing.notes),
            words_field(REASON, "Why"),
        ],
        remembers={"expires": closing.expires, "severity": head.severity},
    )


def _expiry(day: str) -> Block:
    picker = {"type": "datepicker", "initial_date": day}
    return field_of(EXPIRES, "Accepted until", picker, hint=words.risk_hint(), optional=True, tells=True)


def snooze_form(head: Head, ends: Ends, *, since: float) -> Modal:
    """Until when it sleeps, and why. ``since``: from when its choices are counted, Unix seconds."""
    own = ends.chosen == OTHER
    fields = [
        _end_field(SNOOZE_END, "Until", ends, words.OTHER_TIME),
        *([_day_field(SNOOZE_DAY, ends.day), _time_field(ends)] if own else []),
        said(ends.preview, "preview"),
        words_field(REASON, "Why"),
    ]
    return _modal(head, "Snooze", "Snooze", fields, remembers={"since": since})


def fix_form(head: Head, ends: Ends, *, since: float) -> Modal:
    """By when it is to be mended. ``since``: from when its choices are counted, Unix seconds."""
    own = ends.chosen == OTHER
    fields = [
        _end_field(FIX_END, "Fix by", ends, words.OTHER_DAY),
        *([_day_field(FIX_DAY, ends.day)] if own else []),
        said(ends.preview, "preview"),
    ]
    return _modal(head, "Fix by", "Promise", fields, remembers={"since": since})


def assign_form(
    head: Head,
    now_with: str,
    studio_users: Sequence[tuple[str, str]],
    note: str | None,
    *,
    remembers: Mapping[str, Any],
) -> Modal:
    """Somebody of Slack, or of Studio as (id, name)."""
    known = choice("static_select", studio_users) if studio_users else None
    slack = field_of(
        SLACK_USER, "Somebody of Slack", {"type": "users_select"}, optional=known is not None, tells=True
    )
    studio = (
        []
        if known is None
        else [field_of(STUDIO_USER, "Or somebody known in Studio", known, optional=True, tells=True)]
    )
    fields = [framing.context("now_with", now_with), slack, *studio, *_notes([note] if note else [])]
    return _modal(head, "Assign", "Assign", fields, remembers=remembers)


def comment_form(head: Head) -> Modal:
    """Words for Studio and for the thread."""
    note = framing.context("goes_to", words.comment_goes_to())
    return _modal(head, "Comment", "Comment", [words_field(WORDS, "Comment"), note])


# ---------------------------------------------------------------- parts


def _modal(
    head: Head,
    title: str,
    submit: str,
    fields: Sequence[Block],
    *,
    remembers: Mapping[str, Any] | None = None,
) -> Modal:
    about = said(words.head(head.ref, head.title, head.severity, head.state))
    shadow = [framing.context("shadow", words.here_only_in_shadow())] if head.shadow else []
    return Modal(
        title=f"{title} {head.ref}",
        blocks=(about, *fields, *shadow),
        submit=submit,
        version=head.version,
        remembers=remembers or {},
    )


def _end_field(name: str, label: str, ends: Ends, other: str) -> Block:
    options = [*ends.offered, (OTHER, other)]
    element = choice("radio_buttons", options, ends.chosen)
    return field_of(name, label, element, hint=words.zone_hint(ends.zone), tells=True)


def _day_field(name: str, day: str | None) -> Block:
    initial = {"initial_date": day} if day else {}
    return field_of(name, "Day", {"type": "datepicker", **initial}, tells=True)


def _time_field(ends: Ends) -> Block:
    initial = {"initial_time": ends.time} if ends.time else {}
    return field_of(SNOOZE_TIME, "Time", {"type": "timepicker", **initial}, tells=True)


def _notes(notes: Sequence[str]) -> list[Block]:
    return [framing.context(f"note_{place}", note) for place, note in enumerate(notes) if note]
