"""What a destination means for the message that goes there: whom it pings, what its reader must know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compliance_bot.cases.moment import Moment
from compliance_bot.messages import wording
from compliance_bot.model.delivery import Lane
from compliance_bot.rules.routing import Destination, Routing
from compliance_bot.rules.trace import Reason

UNRESOLVED = "?"
"""Begins the place of a message whose channel Slack doesn't know (yet)."""

_LOST = (Reason.CHANNEL_UNKNOWN.value, Reason.CHANNEL_ARCHIVED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A message about to be wanted: where, how urgent, and how it would look alone."""

    channel_id: str
    channel_name: str
    lane: Lane
    emoji: str
    mentions: tuple[str, ...] = ()
    note: str | None = None

    @property
    def urgent(self) -> bool:
        """Whether it passes every queue."""
        return self.lane is Lane.URGENT


def coming(routing: Routing, destination: Destination, *, quiet: bool = False) -> Coming:
    """The message that a destination makes; ``quiet``: it pings nobody."""
    return Coming(
        channel_id=place_of(destination),
        channel_name=destination.channel_name,
        lane=routing.lane,
        emoji=routing.emoji,
        mentions=() if quiet else words_of(destination),
        note=note_of(destination),
    )


def place_of(destination: Destination) -> str:
    """The channel's id, or a stand-in for it that holds its name."""
    return destination.channel_id or f"{UNRESOLVED}{destination.channel_name}"


def note_of(destination: Destination) -> str | None:
    """What a reader must know of how the message came here (mentions are looked up when it leaves)."""
    lost = [reason.split(" ", 1)[1] for reason in destination.reasons if reason.startswith(_LOST)]
    notes = [wording.channel_unresolved_note(lost)] if lost else []
    if destination.meant_for:
        notes.append(wording.shadow_note(destination.meant_for, destination.named))
    elif destination.named:
        notes.append(wording.named_elsewhere_note(destination.named))
    return "\n".join(notes) or None


def words_of(destination: Destination) -> tuple[str, ...]:
    """Whom to ping: markup of those that Slack knows, and the others as written."""
    return (*destination.mentions, *destination.unresolved)


def mentions_of(words: Sequence[str], moment: Moment) -> tuple[tuple[str, ...], str | None]:
    """Who is pinged, and a note of handles that Slack knows nobody by; an unread directory is no fault."""
    if moment.rulebook.rules.delivery.shadow is not None:
        return (), None
    found = {said: said if said.startswith("<") else moment.directory.mention(said) for said in words}
    unknown = [said for said, markup in found.items() if markup is None]
    note = None
    if unknown and moment.directory.complete:
        no_groups = moment.directory.groups_lacking is not None
        note = wording.mentions_unresolved_note(unknown, no_groups=no_groups)
    return tuple(markup for markup in found.values() if markup is not None), note
