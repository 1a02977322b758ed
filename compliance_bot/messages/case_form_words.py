"""The sentences in the modals of a case. Sentences in its blocks are mrkdwn in which data is inert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compliance_bot.messages.wording import datum, person, status_words, when_said

OUTCOMES: Mapping[str, str] = {
    "resolve": "Resolve: it is mended",
    "false_positive": "False positive: it never was a finding",
    "accept_risk": "Accept risk: it stays as it is, for a time",
}
"""The ways to close a case, by the kind of the decision. Plain text."""

OTHER_TIME = "Another time…"
OTHER_DAY = "Another day…"


def head(reference: str, title: str | None, severity: str, state: str) -> str:
    """What the form is about; without its title where the reader may not see it."""
    named = f"*{datum(reference)}*" + (f" {datum(title)}" if title else "")
    return f"{named}\n{datum(severity)}, {datum(status_words(state))}"


def closed_already(reference: str, how: str, slack_id: str | None, name: str | None, at: float | None) -> str:
    """There is nothing left to decide: it is closed."""
    where = " in Studio" if slack_id is None and name is None else f" by {person(slack_id, name)}"
    when = "" if at is None else f", {when_said(at)}"
    return f"{datum(reference)} is closed already ({datum(status_words(how))}){where}{when}."


def take_it_first(reference: str) -> str:
    """A date to mend something by is for what somebody has taken up."""
    return f"Nobody has taken {datum(reference)} up yet. Please acknowledge it first, then say by when."


def risk_not_for_you(allowed: Sequence[str]) -> str:
    """The person may close, but not accept a risk."""
    who = ", ".join(datum(one) for one in allowed[:20])
    return f"To accept the risk is for {who or 'nobody until access names them'}."


def closing_not_for_you(allowed: Sequence[str]) -> str:
    """The person may accept a risk, but not say that it is mended."""
    who = ", ".join(datum(one) for one in allowed[:20])
    return f"Resolve and False positive are for {who or 'nobody until access names them'}."


def second_person_needed(severity: str) -> str:
    """By the rules a second person has to agree; nothing changes until then."""
    return (
        f"For a finding that is {datum(severity)} a second person has to confirm this: I ask in the thread "
        "and by direct message. Nothing changes until then."
    )


def proposed_already(name: str, action: str, at: float) -> str:
    """Somebody else's wish waits for a second person already."""
    return (
        f"{datum(name)} asked for “{datum(status_words(action))}” {when_said(at)}, and a second person is "
        "asked. Closing it otherwise ends that."
    )


def risk_ends(at: float) -> str:
    """What happens when an accepted risk expires."""
    return f"It is open again {when_said(at)}, here and in Studio, and said in the thread."


def risk_never_ends() -> str:
    """An accepted risk without an end."""
    return "Without a day it is never opened again by itself."


def risk_hint() -> str:
    """Below the field for the expiry. Plain text."""
    return "Open again that morning. Leave it empty for a risk without an end."


def snooze_preview(reference: str, until: float) -> str:
    """What a snooze will mean."""
    return (
        f"{datum(reference)} sleeps until {when_said(until)}: nobody is reminded before, then it is open "
        "again. A raised severity wakes it."
    )


def choose_first() -> str:
    """Nothing can be previewed yet."""
    return "Choose a day and a time to see what that means."


def preview_past(until: float) -> str:
    """What was chosen is over."""
    return f"{when_said(until)} is over already: please choose a time to come."


def snooze_too_long() -> str:
    """A snooze has its limit. Plain text."""
    return "A snooze ends within 90 days. For longer, close it with “Accept risk”."


def fix_preview(until: float) -> str:
    """What a date to mend something by will mean."""
    return (
        f"To be fixed by {when_said(until)}. You are reminded the day before; past it, it is open again and "
        "the same people are called."
    )


def fix_too_far() -> str:
    """A promise has its limit. Plain text."""
    return "Please choose a day within a year."


def zone_hint(zone: str) -> str:
    """Whose time it is. Plain text."""
    return f"Your time, {zone}"


def now_with(owner: str | None, name: str | None) -> str:
    """Who has it so far."""
    return (
        "Nobody has it yet." if owner is None and name is None else f"It is with {person(owner, name)} now."
    )


def known_in_studio(name: str, studio_name: str) -> str:
    """The person chosen in Slack is somebody whom Studio knows."""
    return f"{datum(name)} is {datum(studio_name)} in Studio: it is assigned there too, and they are told."


def here_only(name: str) -> str:
    """Studio does not know whom Slack knows."""
    return f"Studio named nobody with {datum(name)}'s address yet: this is recorded here only. They are told."


def not_in_slack(name: str) -> str:
    """Slack does not know whom Studio knows."""
    return f"{datum(name)} is not known in this workspace: it is assigned in Studio, nobody is told here."


def choose_a_person() -> str:
    """Nobody was chosen. Plain text."""
    return "Please choose somebody, here or below."


def choose_one_person() -> str:
    """Two people were chosen. Plain text."""
    return "That is somebody else than chosen above. Please leave one of the two empty."


def not_a_member() -> str:
    """A bot, a guest, somebody deactivated or of another workspace. Plain text."""
    return "Please choose a member of this workspace: guests, bots and other workspaces can't be given cases."


def not_looked_up() -> str:
    """Slack has not said yet who that is. Plain text."""
    return "Slack has not told me yet who that is. Please press Assign again in a moment."


def comment_goes_to() -> str:
    """Where a comment will stand."""
    return "It stands in Studio under your name, and in the thread here."


def here_only_in_shadow() -> str:
    """In shadow mode Studio is not written."""
    return "Shadow mode: nothing is written into Studio, so this is recorded here only."
