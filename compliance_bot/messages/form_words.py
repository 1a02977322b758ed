"""The sentences of any modal: while it loads, when it can't be shown, when it can't be taken."""

from __future__ import annotations

from compliance_bot.messages.mrkdwn import clean
from compliance_bot.messages.wording import datum

LONGEST_REASON = 3_000
"""Characters of a reason or a comment, as Slack's own field takes them."""


def one_moment() -> str:
    """Shown until the modal's contents are there."""
    return "One moment, please. If this stays, close it and press the button again."


def press_again() -> str:
    """Slack takes a click for three seconds, and they were over."""
    return (
        "That took too long for Slack to open the form. Nothing was changed: please press the button again."
    )


def slack_opens_nothing(reference: str) -> str:
    """Slack refused the form itself."""
    return (
        "Slack would not open the form, and why is in the log. Nothing was changed: please press again in a "
        f"minute, or decide in Studio (reference {datum(reference)})."
    )


def nobody_knows(reference: str) -> str:
    """The case behind a button is unknown: deleted, or of another installation."""
    return (
        f"I don't know {datum(reference)} any more: this button belongs to a message of another time. Please "
        "open the finding in Studio, or use its newest message here."
    )


def form_outdated() -> str:
    """The modal was made by another version of this bot, or can't be read any more."""
    return "This form was opened too long ago for me to read it. Please close it and press the button again."


def not_recorded() -> str:
    """The database could not commit in time; plain text, in the modal."""
    return "I couldn't record that. Nothing was changed: please press the button below once more."


# ---------------------------------------------------------------- mistakes, said at the field (plain text)


def reason_missing() -> str:
    """A blank reason is refused."""
    return "Please give a reason: a year from now somebody will ask for it."


def words_missing() -> str:
    """A blank comment is refused."""
    return "Please write something."


def too_long(given: int) -> str:
    """More than Slack and Studio take."""
    return f"Please say it in {LONGEST_REASON:,} characters; these are {given:,}."


def in_the_past() -> str:
    """A time that is over."""
    return "That is over already: please choose a time to come."


def too_far() -> str:
    """A time so far off that nobody will remember."""
    return "That is more than five years from now: please choose an earlier day."


def choose_a_day() -> str:
    """No day was chosen where one is needed."""
    return "Please choose a day."


def choose_a_time() -> str:
    """No time of day was chosen where one is needed."""
    return "Please choose a time of day."


def no_such_hour() -> str:
    """The clocks are set forward over that time."""
    return "The clocks change over that time that day: please choose another."


def choose_one() -> str:
    """Nothing was chosen from a list."""
    return "Please choose one."


def label(words: str) -> str:
    """Data as plain text of an option, a title or a label: one line."""
    return " ".join(clean(words[:2_000]).split()) or "?"
