"""What lands in a channel, a sentence for each reason. Plain text."""

from __future__ import annotations

from collections.abc import Sequence

from compliance_bot.messages.mrkdwn import clean

_OF_TYPES = {
    "critical_alerts": "Critical findings",
    "compliance_updates": "Findings below critical, and what changes in projects",
    "report_notifications": "Reports that are ready",
    "approval_requests": "What waits for somebody's approval",
}


def landing_type(name: str, condition: str | None) -> str:
    """A notification type of the rules sends here."""
    said = _OF_TYPES.get(name) if condition is None else f"What fulfils {_one_line(condition)}"
    return f"{said} ({_one_line(name)})" if said else f"What is {_one_line(name)}"


def landing_rule(name: str, condition: str | None) -> str:
    """A routing rule sends here."""
    return f"What fulfils {_one_line(condition or 'anything')} (rule {_one_line(name)})"


def landing_default() -> str:
    """All that has no other channel comes here."""
    return "What finds no other channel"


def landing_operations() -> str:
    """The bot speaks of itself here."""
    return "What I have to say about myself, for those who run me"


def landing_meant_for(landing: str, channels: Sequence[str]) -> str:
    """In the shadow channel: where that would land."""
    return f"{landing}, meant for {', '.join(_one_line(channel) for channel in channels)}"


def landing_quiet(begin: str, end: str, zone: str) -> str:
    """When only what is urgent comes."""
    return f"From {begin} to {end} ({_one_line(zone)}) only what is urgent: the rest waits"


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())
