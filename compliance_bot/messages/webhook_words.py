"""The sentences of a message that goes by an incoming webhook; mrkdwn, like ``wording``."""

from __future__ import annotations

from collections.abc import Sequence

from compliance_bot.messages.wording import datum


def sent_by_webhook() -> str:
    """What a reader must know of such a message: Slack gives no way to change it or to look for it."""
    return "Sent by webhook: without buttons, never updated, and it may come twice"


def perhaps_said_before() -> str:
    """The first time no answer came, and nobody can look whether it stands there."""
    return "This may stand here already: Slack did not answer the first time"


def acknowledge_elsewhere(channels: Sequence[str]) -> str:
    """Where its case can be taken up: in the channels that have the bot inside, or else in Studio."""
    places = " or ".join(datum(channel) for channel in channels) or "Studio"
    return f"Acknowledge it in {places}"
