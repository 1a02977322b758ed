"""The sentences inside a case's message; like ``wording``, mrkdwn in which data is inert."""

from __future__ import annotations

from compliance_bot.messages.values import link
from compliance_bot.messages.wording import datum, person, status_words, when_said
from compliance_bot.model.events import Change

IMPACT_UNKNOWN = "not stated by Studio"
ACTION_UNKNOWN = "Review in Studio"


def state_acknowledged(slack_id: str | None, name: str | None, at: float | None) -> str:
    """Who acknowledged and when, for the message itself."""
    if slack_id is None and name is None:
        return "Taken up by someone in Studio" + _at(at)
    return f"Acknowledged by {person(slack_id, name)}{_at(at)}"


def _at(at: float | None) -> str:
    return "" if at is None else f" · {when_said(at)}"


def state_closed(reason: str | None, at: float | None) -> str:
    """How it was closed, for the message itself."""
    if reason == Change.GONE:
        return "Gone from Studio" + _at(at)
    return f"Closed in Studio: {datum(status_words(reason or 'closed'))}{_at(at)}"


def state_snoozed(at: float | None) -> str:
    """That it sleeps, for the message itself."""
    return "Snoozed" + _at(at)


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
