"""The sentences of ``queue`` and ``snoozed``; like ``wording``, mrkdwn in which data is inert."""

from __future__ import annotations

from collections.abc import Sequence

from compliance_bot.messages.direct_words import action_name
from compliance_bot.messages.wording import datum, status_words, when_said

_MOST_NAMES = 5


def _about(ref: str, title: str | None) -> str:
    return f"{datum(ref)}: {datum(title)}" if title else datum(ref)


def left_over(left: int) -> str:
    """How many more there are than are listed."""
    return f"and {left} more"


# ---------------------------------------------------------------- snoozed


def nothing_snoozed() -> str:
    """No case sleeps."""
    return "Nothing is snoozed."


def snoozed_heading(total: int) -> str:
    """How many sleep."""
    return (
        "1 finding is snoozed." if total == 1 else f"{total} findings are snoozed; the next to wake is first."
    )


def snoozed_line(
    *, ref: str, title: str | None, until: float | None, who: str | None, reason: str | None
) -> str:
    """One case that sleeps; without its title and reason where the reader may not see them."""
    when = f" · until {when_said(until)}" if until is not None else ""
    by = f" · by {datum(who)}" if who else ""
    because = f" · {datum(reason)}" if reason else ""
    return f"• {_about(ref, title)}{when}{by}{because}"


def snoozed_note(count: int, first: float) -> str:
    """The same in one line, for the status card."""
    sleep = "1 finding is snoozed" if count == 1 else f"{count} findings are snoozed"
    return f"{sleep}, the next wakes {when_said(first)}: ask for `snoozed` to see them"


# ---------------------------------------------------------------- queue


def nothing_waits() -> str:
    """Nothing waits on somebody."""
    return "Nothing waits for you."


def queue_heading(total: int) -> str:
    """How much waits."""
    return "1 thing waits for you." if total == 1 else f"{total} things wait for you."


def approvals_heading(count: int) -> str:
    """Over the approvals."""
    return f"*To approve or reject* ({count})"


def approval_line(
    *, ref: str, what: str, name: str | None, requester: str | None, at: float, due: float | None
) -> str:
    """One approval; without its name where the reader may not see it."""
    by = f" · asked by {datum(requester)}" if requester else ""
    end = f" · due {when_said(due)}" if due is not None else ""
    return f"• {_about(ref, name)} · {datum(what)}{by} · since {when_said(at)}{end}"


def consents_heading(count: int) -> str:
    """Over what needs a second person."""
    return f"*Needs a second person, you could be it* ({count})"


def consent_line(*, ref: str, title: str | None, action: str, who: str, at: float) -> str:
    """One decision that waits for a second person."""
    return f"• {_about(ref, title)} · {datum(who)} asked for “{datum(action_name(action))}”, {when_said(at)}"


def cases_heading(count: int) -> str:
    """Over the findings."""
    return f"*Findings in your hands* ({count})"


def case_line(
    *, ref: str, title: str | None, severity: str, state: str, fix_by: float | None, whose: str | None
) -> str:
    """One case, how urgent it is and by when it is to be fixed."""
    due = f" · fix by {when_said(fix_by)}" if fix_by is not None else ""
    of = f" · for {datum(whose)}, who is away" if whose else ""
    return f"• {_about(ref, title)} · {datum(severity)}, {datum(status_words(state))}{due}{of}"


def stands_in_for(names: Sequence[str]) -> str:
    """For whom the reader stands in."""
    named = ", ".join(datum(name) for name in names[:_MOST_NAMES])
    left = len(names) - _MOST_NAMES
    return f"You stand in for {named}{f' and {left} more' if left > 0 else ''}."


def yours_snoozed(count: int) -> str:
    """How many of the reader's findings sleep."""
    sleep = "1 of your findings is" if count == 1 else f"{count} of your findings are"
    return f"{sleep} snoozed: ask for `snoozed` to see them."


def unknown_to_studio() -> str:
    """The reader is nobody whom Studio knows."""
    return (
        "Studio has named no user with your e-mail address: what you decide is recorded here under your "
        "name, and in Studio as this bot's doing."
    )


def approval_kind(kind: str) -> str:
    """What an approval is about. Plain text."""
    return {"project": "new project", "review": "report to review", "request": "evidence request"}.get(
        kind, "approval"
    )
