"""What may be shown where. The only place that builds a ``Cleared`` request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from compliance_bot.model.delivery import Cleared, Later
from compliance_bot.model.events import Attribute
from compliance_bot.model.slack import Channel
from compliance_bot.rules.conditions import Condition
from compliance_bot.rules.trace import Reason

INTERNAL = "internal"
"""The class of what no rule names."""

UNREAD = "audience.unread"
"""Why a message waits whose readers are not known yet."""

_ASK_AGAIN = 1.0
"""Seconds until a message asks again who reads its channel."""


@dataclass(frozen=True, slots=True)
class SensitivityClass:
    """One of the classes; a higher ``rank`` is for fewer eyes."""

    name: str
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who reads a place: the highest class that may be shown there, and why.

    ``ceiling`` is None while Slack has not been asked who reads it.
    """

    channel_id: str
    ceiling: SensitivityClass | None
    because: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """The section as compiled. ``classes`` from the most public to the least."""

    classes: tuple[str, ...] = ("public", INTERNAL, "confidential")
    rules: tuple[tuple[Condition, str], ...] = ()
    shared: str = "public"
    public: str = INTERNAL
    private: str = "confidential"
    channels: Mapping[str, str] = field(default_factory=dict)
    """Channel name, in small letters and without #, → the highest class that it may show."""

    def named(self, name: str) -> SensitivityClass:
        """The class of that name; it must be one of ``classes``."""
        return SensitivityClass(name, self.classes.index(name))

    def class_of(self, attributes: Mapping[str, Attribute]) -> SensitivityClass:
        """The class of an event with these attributes: the first rule that holds counts."""
        for condition, name in self.rules:
            if condition.holds(attributes):
                return self.named(name)
        return self.named(INTERNAL)

    @property
    def internal(self) -> SensitivityClass:
        """The class of what no rule names."""
        return self.named(INTERNAL)

    @property
    def lowest(self) -> SensitivityClass:
        """The class of what tells nothing that Studio knows, such as a refusal."""
        return self.named(self.classes[0])

    def audience(self, channel_id: str, channel: Channel | None) -> Audience:
        """Who reads ``channel_id``, by what Slack's directory says of it (None: it says nothing).

        A conversation with one person alone is theirs: what they may see is judged by their rights.
        """
        ceiling, because = self._ceiling(channel_id, channel)
        known = None if ceiling is None else self.named(ceiling)
        return Audience(channel_id=channel_id, ceiling=known, because=because)

    def _ceiling(self, channel_id: str, channel: Channel | None) -> tuple[str | None, Reason]:
        if channel_id.startswith(("D", "U", "W")):
            return self.classes[-1], Reason.CEILING_OF_PERSON
        if channel is not None and (own := self.channels.get(channel.name.lower())) is not None:
            return own, Reason.CEILING_NAMED
        because = _readers(channel)
        if because is Reason.CEILING_UNREAD:
            return None, because
        inner = {Reason.CEILING_PRIVATE: self.private, Reason.CEILING_PUBLIC: self.public}
        return inner.get(because, self.shared), because


def _readers(channel: Channel | None) -> Reason:
    """What counts of all that Slack says of a channel."""
    if channel is None or channel.undescribed:
        return Reason.CEILING_UNDESCRIBED
    if channel.shared_outside:
        return Reason.CEILING_SHARED
    if channel.guests is None:
        return Reason.CEILING_UNREAD
    if channel.guests:
        return Reason.CEILING_GUESTS
    return Reason.CEILING_PRIVATE if channel.private else Reason.CEILING_PUBLIC


def may_show(audience: Audience, content: SensitivityClass) -> bool:
    """Whether content of that class may be shown to that audience; never to one that is not known."""
    return audience.ceiling is not None and content.rank <= audience.ceiling.rank


def clear(
    method: str,
    audience: Audience,
    arguments: Mapping[str, Any],
    *,
    content: SensitivityClass,
    instead: Mapping[str, Any],
    version: int | None = None,
) -> Cleared | Later:
    """A Slack request that may be sent to ``audience``; ``Later`` while it is not known who that is.

    The channel in the request is always the one that was judged, whatever stood there before.

    Args:
        method: ``chat.postMessage``, ``chat.update`` or ``webhook``.
        audience: Who reads the channel.
        arguments: The request's JSON body, where the audience may see ``content``.
        content: The class of what ``arguments`` say.
        instead: The body where it is above the audience's ceiling: a reference that says nothing.
        version: The case's version that the words show; None where no case is shown.

    """
    if audience.ceiling is None:
        return Later(reason=UNREAD, after=_ASK_AGAIN, unread=audience.channel_id)
    chosen = arguments if may_show(audience, content) else instead
    judged = {**chosen, "channel": audience.channel_id}
    return Cleared(method=method, channel_id=audience.channel_id, arguments=judged, version=version)
