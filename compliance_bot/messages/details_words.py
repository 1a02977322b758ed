"""The sentences of "Show details"; mrkdwn in which data is inert."""

from __future__ import annotations

from collections.abc import Mapping

from compliance_bot.messages.decision_page import DONE
from compliance_bot.messages.wording import datum, when_said

FACTS: Mapping[str, str] = {
    "severity": "Severity",
    "status": "In Studio",
    "category": "Category",
    "resource": "Resource",
    "affected_user": "User",
    "account": "Account",
    "vendor": "Vendor",
    "project": "Project",
    "frameworks": "Frameworks",
    "controls": "Controls",
    "assignee": "Assigned to",
    "occurrences": "Occurrences",
    "first_seen": "First seen",
    "last_seen": "Last seen",
    "due": "Due",
    "resolved_at": "Resolved",
    "fix_by": "To be fixed by",
    "wake_at": "Sleeps until",
    "risk_until": "Risk accepted until",
}
"""What is told of a finding and its case, by the name of each. Plain text."""


def as_of(at: float) -> str:
    """How old Studio's word is."""
    return f"As Studio said {when_said(at)}. What looked like a credential was taken out."


def comments_heading(count: int) -> str:
    """Above Studio's comments; so many there are in all."""
    return f"*Comments in Studio* ({count})" if count else "*Comments in Studio*: none"


def comments_unknown() -> str:
    """Studio did not answer in time."""
    return "*Comments in Studio*: Studio did not answer just now. Please look there, or open this again."


def commented(author: str | None, at: float | None, words: str) -> str:
    """One comment."""
    when = "" if at is None else f", {when_said(at)}"
    return f"{datum(author or 'somebody')}{when}: {datum(words)}"


def history_heading() -> str:
    """Above what people decided here."""
    return "*What happened here*"


def nothing_happened() -> str:
    """Nobody has decided anything yet."""
    return "*What happened here*: nobody has decided anything yet."


def opened(at: float) -> str:
    """When the case of this episode began."""
    return f"{when_said(at)}: opened"


def decided(at: float, name: str, action: str, reason: str | None, *, undone: bool) -> str:
    """One decision: when, who, what and why."""
    done = DONE.get(action) or action.replace("_", " ")
    why = f" “{datum(reason)}”" if reason else ""
    return f"{when_said(at)}: {datum(name)} {datum(done)}{why}{' (undone)' if undone else ''}"


def earlier(count: int) -> str:
    """What is left out at the top of a list."""
    return f"… and {count} earlier, in Studio and in `compliance-bot audit show`"


def not_to_be_told() -> str:
    """The reader may not see what it is about."""
    return "What this is about may not be told here. Please look in Studio."
