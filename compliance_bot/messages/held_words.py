"""The sentences about quiet hours; like ``wording``, mrkdwn in which data is inert."""

from __future__ import annotations

from collections.abc import Sequence

from compliance_bot.messages.wording import datum, when_said

_MOST_PLACES = 10


def nothing_held() -> str:
    """No message waits."""
    return "No message waits for the end of quiet hours."


def held_heading(places: Sequence[tuple[str | None, int]]) -> str:
    """How many wait, and where."""
    total = sum(count for _, count in places)
    said = [f"{count} for {_place(channel)}" for channel, count in places[:_MOST_PLACES]]
    left = sum(count for _, count in places[_MOST_PLACES:])
    said += [f"{left} elsewhere"] if left else []
    wait = "1 message waits" if total == 1 else f"{total} messages wait"
    return f"{wait} for the end of quiet hours: {', '.join(said)}. What is urgent is never held."


def held_line(*, ref: str, title: str | None, channel: str | None, until: float) -> str:
    """One message that waits; without its title where the reader may not see it."""
    about = f"{datum(ref)}: {datum(title)}" if title else datum(ref)
    return f"• {about} · for {_place(channel)}, {when_said(until)}"


def held_left(left: int) -> str:
    """How many more wait than are listed."""
    return f"and {left} more"


def held_note(count: int, until: float) -> str:
    """The same in one line, for the status card."""
    wait = "1 message waits" if count == 1 else f"{count} messages wait"
    return f"{wait} until {when_said(until)} (quiet hours): ask for `held` to see them"


def digest_of(members: int) -> str:
    """A digest in a list. Plain text."""
    return f"{members} findings in one message"


def a_welcome() -> str:
    """A channel's welcome in a list. Plain text."""
    return "the channel's welcome"


def _place(channel: str | None) -> str:
    return f"#{datum(channel.lstrip('#'))}" if channel else "a private channel"


def direct_messages() -> str:
    """Where what goes to one person alone waits: whose it is, is nobody else's matter. Plain text."""
    return "direct messages"
