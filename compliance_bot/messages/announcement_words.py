"""What happened to a project, in words; plain text unless said otherwise."""

from __future__ import annotations

from compliance_bot.messages.mrkdwn import clean
from compliance_bot.messages.wording import change_words, datum, status_words
from compliance_bot.model.events import Change

_LONGEST = 60
"""Characters of one status inside a sentence."""


def what_happened(change: Change, before: str | None, after: str | None) -> str:
    """``Status changed from in progress to returned``, ``Score rose from 60 to 72``."""
    if before is None or after is None:
        return change_words(change)
    if change is Change.STATUS:
        return f"Status changed from {_said(before)} to {_said(after)}"
    if change is Change.SCORE and before.isdecimal() and after.isdecimal():
        return f"Score {'rose' if int(after) > int(before) else 'fell'} from {before} to {after}"
    return change_words(change)


def _said(status: str) -> str:
    return " ".join(status_words(clean(status)).split())[:_LONGEST] or "?"


def update_withheld(reference: str) -> str:
    """News in a channel whose readers may not see what it is about (mrkdwn)."""
    return f"Something changed in Studio ({datum(reference)}) that may not be shown in this channel."


def facts(project: str | None, framework: str | None, score: int | None) -> str:
    """The figures in one line, of the plain form; "" where there are none (mrkdwn)."""
    parts = (
        None if project is None else f"Project: {datum(project)}",
        None if framework is None else f"Framework: {datum(framework)}",
        None if score is None else f"Score: {score}/100",
    )
    return " · ".join(part for part in parts if part)
