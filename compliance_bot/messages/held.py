"""The list of what waits through quiet hours, for one pair of eyes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from compliance_bot.messages import held_words
from compliance_bot.messages.limits import fit
from compliance_bot.messages.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine:
    """One message that waits. ``title`` is None where the reader may not see it; ``until`` Unix seconds."""

    ref: str
    title: str | None
    channel: str | None
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldView:
    """What waits: ``places`` (channel, how many), and of the messages the first in turn.

    A channel is None where the reader may not know that it is there.
    """

    places: tuple[tuple[str | None, int], ...]
    lines: tuple[HeldLine, ...]

    @property
    def total(self) -> int:
        """How many wait in all."""
        return sum(count for _, count in self.places)


def show_held(view: HeldView) -> Message:
    """The list within Slack's limits; what it has no room for is counted."""
    if not view.total:
        return Message(text=held_words.nothing_held())
    heading = held_words.held_heading(view.places)
    lines = [
        held_words.held_line(ref=one.ref, title=one.title, channel=one.channel, until=one.until)
        for one in view.lines
    ]
    left = view.total - len(view.lines)
    lines += [held_words.held_left(left)] if left > 0 else []
    blocks = (_section(heading), *(_section(part) for part in _parts(lines)))
    return fit(Message(text=heading, blocks=blocks))


def _parts(lines: list[str], size: int = 5) -> list[str]:
    return ["\n".join(lines[start : start + size]) for start in range(0, len(lines), size)]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
