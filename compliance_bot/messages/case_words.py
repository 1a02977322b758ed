"""The sentences inside a case's message; like ``wording``, mrkdwn in which data is inert."""

from __future__ import annotations

from collections.abc import Mapping

from compliance_bot.messages.values import link
from compliance_bot.messages.wording import datum, person, status_words, when_said
from compliance_bot.model.events import Change

MENU_WORDS: Mapping[str, str] = {
    "snooze": "Snooze…",
    "assign": "Assign…",
    "comment": "Comment…",
    "details": "Show details",
    "why": "Why am I seeing this?",
}
"""The menu's entries, by the word that stands for each in an option's value. Plain text."""

IMPACT_UNKNOWN = "not stated by Studio"
ACTION_UNKNOWN = "Review in Studio"


def state_acknowledged(
    slack_id: str | None, name: str | None, at: float | None, fix_by: float | None = None
) -> str:
    """Who acknowledged and when, and by when it is to be mended, for the message itself."""
    due = "" if fix_by is None else f" · to be fixed by {when_said(fix_by)}"
    if slack_id is None and name is None:
        return "Taken up by someone in Studio" + _at(at) + due
    return f"Acknowledged by {person(slack_id, name)}{_at(at)}{due}"


def _at(at: float | None) -> str:
    return "" if at is None else f" · {when_said(at)}"


def state_closed(reason: str | None, at: float | None) -> str:
    """How it was closed in Studio, for the message itself."""
    if reason == Change.GONE:
        return "Gone from Studio" + _at(at)
    return f"Closed in Studio: {datum(status_words(reason or 'closed'))}{_at(at)}"


def state_closed_here(
    reason: str | None,
    slack_id: str | None,
    name: str | None,
    at: float | None,
    *,
    words: str | None = None,
    until: float | None = None,
) -> str:
    """Who closed it from Slack, as what and why; an accepted risk also until when."""
    how = datum(status_words(reason or "closed")).capitalize()
    expires = "" if until is None else f" until {when_said(until)}"
    return f"{how}{expires}, by {person(slack_id, name)}{_at(at)}{_because(words)}"


def state_snoozed(
    slack_id: str | None, name: str | None, until: float | None, words: str | None = None
) -> str:
    """Until when it sleeps, by whom and why, for the message itself."""
    ends = "" if until is None else f" until {when_said(until)}"
    who = "" if slack_id is None and name is None else f" by {person(slack_id, name)}"
    return f"Snoozed{ends}{who}{_because(words)}"


def _because(words: str | None) -> str:
    return "" if not words else f" · “{datum(words)}”"


def second_person_asked(action: str, name: str, at: float) -> str:
    """Somebody wants to close it, and a second person has to agree. A name: nobody is called by an edit."""
    what = datum(status_words(action))
    return f"{datum(name)} proposed “{what}”{_at(at)} · a second person is asked"


def not_yet_in_studio() -> str:
    """The write to Studio is late."""
    return "not yet in Studio"


def studio_refused_note(reason: str) -> str:
    """Studio will never take the write, for the message itself."""
    return f"Studio refused: {datum(reason)}"


def recorded_here_only() -> str:
    """In shadow mode Studio is not written."""
    return "Recorded here only: in shadow mode nothing is written into Studio"


def assigned_note(name: str) -> str:
    """Who has it in Studio, for the message itself."""
    return f"Assigned to {datum(name)}"


def template_failed_note(template: str) -> str:
    """The operator's template could not be filled, so this is the plain form."""
    return f"Shown plainly: template {datum(template)} could not be filled"


def earlier_message_note(address: str | None) -> str:
    """That it was closed before, and where that message stands."""
    checked = link(address)
    return "It was closed before" + (f": <{checked}|the earlier message>" if checked else "")


def buttons_missing_note() -> str:
    """The plain form has no buttons."""
    return "Slack would not take this message's buttons: please handle it in Studio"
