"""Slack's people, channels and groups as an immutable snapshot, and what names resolve to.

Source: Slack's ``users.info``, ``conversations.info``, ``usergroups.list``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A conversation the bot can name. ``member``: the bot is inside."""

    id: str
    name: str
    private: bool = False
    member: bool = False
    archived: bool = False
    shared_outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGroup:
    """A user group; ``handle`` without the @."""

    id: str
    handle: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What Slack's names meant at one moment. Handed to pure rooms; replaced, never changed."""

    channels_by_name: Mapping[str, Channel] = field(default_factory=dict)
    channels_by_id: Mapping[str, Channel] = field(default_factory=dict)
    groups_by_handle: Mapping[str, UserGroup] = field(default_factory=dict)
    people_by_handle: Mapping[str, Person] = field(default_factory=dict)
    people_by_email: Mapping[str, Person] = field(default_factory=dict)
    complete: bool = False
    """False until the first full reading: an unknown name may then only be unread."""

    def channel(self, name_or_id: str) -> Channel | None:
        """The channel behind ``#name``, ``name`` or an id; None when there is none."""
        plain = name_or_id.removeprefix("#")
        return self.channels_by_id.get(plain) or self.channels_by_name.get(plain.lower())

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
