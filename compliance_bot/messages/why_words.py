"""Why something goes where it goes: the named reasons of routing and sensitivity in plain words.

The same words serve a terminal and a message; what they speak of is data and stands as ``say`` spells it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from compliance_bot.messages.mrkdwn import clean

Say: TypeAlias = Callable[[str], str]
"""How data is spelled: ``plainly`` for a terminal, ``wording.datum`` for a message."""

_LONGEST = 300

WORDS: Mapping[str, str] = {
    "type.matched": "notification type {}, whose match holds",
    "type.by_table": "notification type {}, by the kind of event",
    "type.disabled": "{} is switched off (enabled: false): recorded, not told",
    "channel.of_type": "the channel of {}",
    "channel.of_alert_configuration": "a channel of {} in alert_configuration",
    "rule.matched": "rule {} matched",
    "rule.not_matched": "rule {} did not match",
    "rule.stopped": "rule {} says stop: no rule below it was looked at",
    "rule.replaced": "rule {} says replace: what was chosen before it is dropped",
    "channel.of_rule": "named by rule {}",
    "channel.of_rung": "named by step {} of the escalation",
    "channel.default": "nothing names another, so the default channel",
    "channel.unknown": "in place of {}, which can't be found",
    "channel.archived": "in place of {}, which is archived",
    "channel.template_empty": "in place of {}, since the event lacks what that name reads",
    "channel.default_unknown": "the default channel {} can't be found: it waits until it is there",
    "mention.unknown": "Slack knows nobody called {}",
    "mention.pinged_elsewhere": "{} is pinged in another channel already",
    "channel.shadow": "shadow mode: everything goes to {}",
    "ceiling.of_channel": "as rules.yaml says of this channel",
    "ceiling.of_person": "one person reads it",
    "ceiling.shared_outside": "another organisation reads it",
    "ceiling.guests": "guests read it",
    "ceiling.undescribed": "Slack doesn't say who reads it",
    "ceiling.unread": "Slack was not asked yet who reads it",
    "ceiling.public_channel": "a public channel",
    "ceiling.private_channel": "a private channel",
}
"""Every reason that routing and sensitivity can give; ``{}`` is what it speaks of."""


def plainly(value: str) -> str:
    """Data on a terminal: one line, without control characters, at most 300 characters."""
    text = " ".join(clean(value[:2_000]).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def reason_words(reason: str, detail: str, say: Say = plainly) -> str:
    """One reason as a part of a sentence; a name of a later version stands as it is."""
    words = WORDS.get(reason)
    return f"{say(reason)} {say(detail)}".rstrip() if words is None else words.replace("{}", say(detail))


def people_words(count: int | None) -> str:
    """How many a mention pings."""
    if count is None:
        return "unknown number"
    return "1 person" if count == 1 else f"{count} people"
