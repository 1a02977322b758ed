"""Sending a message to Studio: the form that asks for the finding, and what is answered on the spot."""

from __future__ import annotations

from collections.abc import Sequence

from compliance_bot.messages import framing
from compliance_bot.messages.modal import Modal, choice, field_of
from compliance_bot.messages.mrkdwn import truncate
from compliance_bot.messages.wording import datum

SEND_FORM = "send_form"
"""The form's callback id."""
PICK, REF, WORDS = "send_case", "send_ref", "send_words"
"""Its fields."""

_LONGEST_PREFILL = 3_000
"""UTF-16 units that Slack takes as a field's first words."""


def send_form(author: str, words: str, cases: Sequence[tuple[str, str | None]], chosen: str | None) -> Modal:
    """Which finding the message belongs to. ``cases``: reference and title, the newest first."""
    options = [(ref, ref if title is None else f"{ref} · {title}") for ref, title in cases]
    pick = [field_of(PICK, "Finding", choice("static_select", options, chosen), optional=True)]
    typed = None if any(ref == chosen for ref, _ in cases) else chosen
    element = {"type": "plain_text_input", **({"initial_value": typed} if typed else {})}
    first = truncate(words, _LONGEST_PREFILL, markup=False)
    return Modal(
        title="Send to Studio",
        blocks=(
            framing.section(f"A message by {datum(author)} becomes a comment on a finding in Studio."),
            *(pick if options else ()),
            field_of(
                REF,
                "Or its reference" if options else "The finding's reference",
                element,
                hint="It stands at the foot of the finding's message: CB-0001.",
                optional=True,
            ),
            field_of(
                WORDS, "Comment", {"type": "plain_text_input", "multiline": True, "initial_value": first}
            ),
        ),
        submit="Send",
    )


def which_finding() -> str:
    """Neither chosen nor named (plain text)."""
    return "Please choose the finding above, or write its reference, such as CB-0001."


def two_findings() -> str:
    """One was chosen and another named (plain text)."""
    return "You chose another finding above: please clear one of the two."


def no_reference(written: str) -> str:
    """What was written is none (plain text)."""
    return f"{written[:40]} is no reference of a finding: they look like CB-0001."


def nothing_written() -> str:
    """A message of files alone."""
    return (
        "That message has no words, so there is nothing to write into Studio. Files are not sent this way: "
        "please write a line about them and send that."
    )


def forgotten() -> str:
    """The bot was started again while the form opened."""
    return "I lost sight of that message. Please close this and use “Send to Studio” on it again."


def emoji_under_a_digest(emoji: str) -> str:
    """An emoji acknowledges one alert; a list of many has a button for that."""
    return (
        f"Your :{datum(emoji)}: stands under a list, so nothing was acknowledged. Please press “Acknowledge "
        "all” there, or put it under the message of one finding."
    )
