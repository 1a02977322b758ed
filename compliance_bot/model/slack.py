"""Slack's people, channels and groups as an immutable snapshot, and what names resolve to.

Source: Slack's ``users.info``, ``conversations.info``, ``usergroups.list``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A Slack user. ``stranger``: of another workspace (Slack Connect)."""

    id: str
    handle: str
    name: str
    email: str | None = None
    team_id: str | None = None
    time_zone: str | None = None
    bot: bool = False
    deactivated: bool = False
    guest: bool = False
    stranger: bool = False
    read_at: float = 0.0
    """When Slack told us, our clock, Unix seconds."""


WEBHOOK = "hook:"
"""Begins the id of a place that only an incoming webhook reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A conversation the bot can name. ``member``: the bot is inside.

    ``guests``: whether a guest reads it, None while nobody asked Slack. ``undescribed``: Slack would not
    say who reads it. ``webhook``: known by its incoming webhook alone, its id is ``hook:name``.
    """

    id: str
    name: str
    private: bool = False
    member: bool = False
    archived: bool = False
    shared_outside: bool = False
    guests: bool | None = False
    undescribed: bool = False

    @property
    def webhook(self) -> bool:
        """True for a place that only an incoming webhook reaches: no id, no edits, no threads."""
        return self.id.startswith(WEBHOOK)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGroup:
    """A user group; ``handle`` without the @; ``size`` where Slack told how many are in it."""

    id: str
    handle: str
    name: str
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What Slack's names meant at one moment. Handed to pure rooms; replaced, never changed."""

    channels_by_name: Mapping[str, Channel] = field(default_factory=dict)
    channels_by_id: Mapping[str, Channel] = field(default_factory=dict)
    groups_by_handle: Mapping[str, UserGroup] = field(default_factory=dict)
    people_by_handle: Mapping[str, Person] = field(default_factory=dict)
    people_by_email: Mapping[str, Person] = field(default_factory=dict)
    people_by_id: Mapping[str, Person] = field(default_factory=dict)
    people_unknown: frozenset[str] = frozenset()
    """Ids by which Slack says that it knows nobody."""
    webhooks: frozenset[str] = frozenset()
    """Channels with an incoming webhook, as the settings spell them: ``COMPLIANCE_ALERTS``."""
    groups_lacking: str | None = None
    """Slack's word where the workspace's plan has no user groups: ``plan_upgrade_required``."""
    complete: bool = False
    """False until the first full reading: an unknown name may then only be unread."""

    def channel(self, name_or_id: str) -> Channel | None:
        """The channel behind ``#name``, ``name`` or an id; None when there is none.

        A name that Slack doesn't show us means its incoming webhook, where the settings have one; but not
        while Slack has shown us nothing yet.
        """
        plain = name_or_id.removeprefix("#")
        known = self.channels_by_id.get(plain) or self.channels_by_name.get(plain.lower())
        if known is None and self.channels_by_id and self.has_webhook(plain):
            name = plain.removeprefix(WEBHOOK).lower()
            return Channel(id=f"{WEBHOOK}{name}", name=name, private=True, undescribed=True)
        return known

    def has_webhook(self, name: str) -> bool:
        """Whether the settings name an incoming webhook for ``#name``."""
        return bool(self.webhooks) and webhook_name(name) in self.webhooks

    def webhook_of(self, channel_id: str) -> str | None:
        """The incoming webhook that reaches a channel, as the settings spell it; None without one.

        A channel is looked for by its id and by every name that it goes by here.
        """
        if not self.webhooks:
            return None
        names = (name for name, channel in self.channels_by_name.items() if channel.id == channel_id)
        spelled = map(webhook_name, chain((channel_id,), names))
        return next((name for name in spelled if name in self.webhooks), None)

    def mention(self, words: str) -> str | None:
        """Slack's markup for ``@group``, ``@person``, an e-mail, ``@here``; None if unknown."""
        plain = words.removeprefix("@")
        if plain in ("here", "channel", "everyone"):
            return f"<!{plain}>"
        group = self.groups_by_handle.get(plain.lower())
        if group is not None:
            return f"<!subteam^{group.id}>"
        person = self.people_by_email.get(plain.lower()) or self.people_by_handle.get(plain.lower())
        if person is not None and not person.deactivated:
            return f"<@{person.id}>"
        return None


def webhook_name(channel: str) -> str:
    """How the settings spell a channel: ``#compliance-alerts`` → ``COMPLIANCE_ALERTS``."""
    plain = channel.removeprefix("#").removeprefix(WEBHOOK)
    return "".join(one if one.isalnum() else "_" for one in plain.upper())
