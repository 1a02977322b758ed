"""Slack's people, channels and groups, parsed; and snapshots made of them.

Source: Slack's ``users.info``, ``conversations.list``, ``usergroups.list``. Deactivated people lose
their guest flags; Slackbot says it is no bot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from compliance_bot.model.slack import Channel, Directory, Person, UserGroup
from compliance_bot.slack.client import Identity

_SLACKBOT = "USLACKBOT"


def person_of(user: Mapping[str, Any], *, ours: Identity, now: float) -> Person | None:
    """A user object as a person, or None when it has no id. ``now`` becomes ``read_at``."""
    if not isinstance(user.get("id"), str):
        return None
    told = user.get("profile")
    profile: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    names = (profile.get("display_name"), user.get("real_name"), profile.get("real_name"), user.get("name"))
    return Person(
        id=user["id"],
        handle=str(user.get("name") or ""),
        name=next((str(name) for name in names if name), user["id"]),
        email=profile.get("email") or None,
        team_id=user.get("team_id") or None,
        time_zone=user.get("tz") or None,
        bot=bool(user.get("is_bot")) or user["id"] == _SLACKBOT,
        deactivated=bool(user.get("deleted")),
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        stranger=_is_stranger(user, ours),
        read_at=now,
    )


def _is_stranger(user: Mapping[str, Any], ours: Identity) -> bool:
    if user.get("is_stranger"):
        return True
    home = user.get("team_id")
    if not home or home in (ours.team_id, ours.enterprise_id):
        return False
    enterprise = user.get("enterprise_user")
    teams = enterprise.get("teams") if isinstance(enterprise, Mapping) else None
    return not (isinstance(teams, list) and ours.team_id in teams)


def channel_of(channel: Mapping[str, Any]) -> Channel | None:
    """A conversation object as a channel, or None when it has no id or no name.

    Slack does not say in it whether a guest is inside: ``guests`` is None.
    """
    if not isinstance(channel.get("id"), str) or not isinstance(channel.get("name"), str):
        return None
    return Channel(
        id=channel["id"],
        name=channel["name"],
        private=bool(channel.get("is_private")),
        member=bool(channel.get("is_member")),
        archived=bool(channel.get("is_archived")),
        shared_outside=bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")),
        guests=None,
    )


def group_of(group: Mapping[str, Any]) -> UserGroup | None:
    """A user group that is in use, else None."""
    if not isinstance(group.get("id"), str) or not group.get("handle") or group.get("date_delete"):
        return None
    return UserGroup(
        id=group["id"],
        handle=str(group["handle"]),
        name=str(group.get("name") or ""),
        size=_count(group.get("user_count")),
    )


def _count(told: Any) -> int | None:
    """A number that Slack writes as a number or as text; None where it says none."""
    try:
        return max(0, int(told))
    except (TypeError, ValueError):
        return None


def with_channels(directory: Directory, channels: Iterable[Channel]) -> Directory:
    """The directory with these channels instead; of two with one name the living one keeps it.

    A name that a channel had when it was last known goes on meaning it, until another takes the name.
    """
    known = sorted(channels, key=lambda channel: not channel.archived)
    by_id = {channel.id: channel for channel in known}
    former = {
        name: by_id[channel.id] for name, channel in directory.channels_by_name.items() if channel.id in by_id
    }
    named = {channel.name.lower(): channel for channel in known}
    return replace(directory, channels_by_id=by_id, channels_by_name={**former, **named})


def with_channel(directory: Directory, channel: Channel) -> Directory:
    """The directory with that channel in place of what was known of it; its name must be the same."""
    names = directory.channels_by_name.items()
    return replace(
        directory,
        channels_by_id={**directory.channels_by_id, channel.id: channel},
        channels_by_name={name: channel if one.id == channel.id else one for name, one in names},
    )


def with_groups(directory: Directory, groups: Iterable[UserGroup]) -> Directory:
    """The directory with these groups instead."""
    by_handle = {group.handle.lower(): group for group in groups}
    return replace(directory, groups_by_handle=by_handle, groups_lacking=None)


def without_groups(directory: Directory, code: str) -> Directory:
    """The directory of a workspace whose plan has no user groups; ``code`` is Slack's word for that."""
    return replace(directory, groups_by_handle={}, groups_lacking=code)


def with_people(directory: Directory, people: Iterable[Person]) -> Directory:
    """The directory with these people instead; of two with one handle the active one keeps it."""
    known = sorted(people, key=lambda person: not person.deactivated)
    return replace(
        directory,
        people_by_handle={person.handle.lower(): person for person in known if person.handle},
        people_by_email={person.email.lower(): person for person in known if person.email},
        people_by_id={person.id: person for person in known},
    )
