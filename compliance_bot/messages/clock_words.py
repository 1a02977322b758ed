"""The sentences by which time speaks in a case's thread: reminders, and what opens again by itself.

mrkdwn in which data is inert, as in ``wording``. ``pings`` are Slack's markup: they stand first and ring.
"""

from __future__ import annotations

from collections.abc import Sequence

from compliance_bot.messages.wording import datum, when_said

LATE = 60.0
"""Seconds past its time from which a reminder says that it is late."""


def escalated(number: int, total: int, *, missed: int, due: float, at: float) -> str:
    """A rung of the ladder. ``missed``: how many fell due at once, the first at ``due``."""
    said = f"Nobody has acknowledged this yet: reminder {number} of {total}."
    if missed > 1:
        return f"{said} {missed} of them fell due since {when_said(due)} and are said as one."
    return f"{said} It was due {when_said(due)}." if at - due > LATE else said


def escalated_digest(reference: str, still_open: int, total: int) -> str:
    """A rung of the ladder that the members of a digest climb together."""
    are = "is" if still_open == 1 else "are"
    return (
        f"Nobody has acknowledged these yet: {still_open} of the {total} listed in {datum(reference)} {are} "
        "still open."
    )


def escalated_change() -> str:
    """What brought a message into the channel of a rung."""
    return "Nobody has acknowledged it"


def escalated_note(number: int, total: int) -> str:
    """The same, for the message itself."""
    return f"Nobody has acknowledged this yet: reminder {number} of {total}"


def snooze_ended(name: str | None, at: float) -> str:
    """A snooze is over."""
    who = f"{datum(name)}'s snooze" if name else "The snooze"
    return f"{who} ended {when_said(at)}: this is open again, and needs somebody to acknowledge it."


def fix_by_near(name: str | None, at: float) -> str:
    """Before a fix-by date."""
    return f"To be fixed by {when_said(at)}" + (f": {datum(name)} was reminded." if name else ".")


def fix_by_passed(at: float) -> str:
    """After it."""
    return f"This was to be fixed by {when_said(at)}: it is open again, and needs somebody to acknowledge it."


def risk_ended(name: str | None, at: float) -> str:
    """An accepted risk is accepted no more."""
    who = f" by {datum(name)}" if name else ""
    return (
        f"The risk was accepted{who} until {when_said(at)}: this is open again, and needs somebody to "
        "acknowledge it."
    )


def studio_stays_closed(reason: str) -> str:
    """Studio will not show as open what is open here again."""
    return f"Studio refused to open this again: {datum(reason)}. There the risk is still accepted."


def called(pings: Sequence[str], text: str, notes: Sequence[str]) -> str:
    """A line that calls people: who first, then what, then what is wrong with the call."""
    return "\n".join([" ".join([*pings, text]), *(f"_{note}_" for note in notes)])


def would_call(names: Sequence[str]) -> str:
    """In shadow mode: who would be called."""
    return f"Shadow mode: this would ping {', '.join(datum(name) for name in names)}"


def stands_in(deputy: str, absent: str) -> str:
    """Somebody is called in the place of who is away; both as Slack's markup."""
    return f"{absent} is away: {deputy} stands in"
