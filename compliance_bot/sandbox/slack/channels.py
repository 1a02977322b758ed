"""Conversations of the workspace, and the channel object Slack shows of each.

Source: conversations.info, conversations.list. ``created`` is seconds, ``updated`` milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from compliance_bot.sandbox.slack.messages import Message
from compliance_bot.sandbox.slack.settings import Json, SlackSettings

Kind = Literal["channel", "im", "mpim"]


@dataclass(kw_only=True)
class Channel:
    """One conversation with everything said in it."""

    id: str
    name: str = ""
    kind: Kind = "channel"
    private: bool = False
    archived: bool = False
    general: bool = False
    members: set[str] = field(default_factory=set)
    shared_with: tuple[str, ...] = ()
    """Ids of other workspaces (Slack Connect)."""
    pending_shared: bool = False
    user: str = ""
    """The other person of a direct message."""
    purpose: str = "Alerts from Studio"
    created: int = 1763000000
    previous_names: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    """Everything ever said, by ts, oldest first; deleted ones are marked."""
    replies: dict[str, list[Message]] = field(default_factory=dict)
    """By the ts of the parent, oldest first."""

    @property
    def scope_word(self) -> str:
        """The first word of the scopes that read it: channels, groups, im, mpim."""
        if self.kind != "channel":
            return self.kind
        return "groups" if self.private else "channels"

    @property
    def channel_type(self) -> str:
        """``channel_type`` of message events."""
        if self.kind != "channel":
            return self.kind
        return "group" if self.private else "channel"

    @property
    def shown_name(self) -> str:
        """The name in clicks and commands, which lies for private places."""
        if self.kind == "im":
            return "directmessage"
        return "privategroup" if self.private and self.kind == "channel" else self.name

    def live(self, ts: str) -> Message | None:
        """The message of that ts, unless it is deleted."""
        message = self.messages.get(ts)
        return None if message is None or message.deleted else message


def channel_object(channel: Channel, settings: SlackSettings, *, counted: bool = False) -> Json:
    """``channel`` as conversations.list has it; ``counted`` adds ``num_members``."""
    if channel.kind == "im":
        return _direct_message(channel, settings)
    shown = _room(channel, settings)
    if channel.shared_with:
        shown |= {
            "internal_team_ids": [settings.team_id],
            "connected_team_ids": list(channel.shared_with),
            "conversation_host_id": settings.team_id,
        }
    if counted:
        shown["num_members"] = len(channel.members)
    return shown


def channel_in_full(channel: Channel, settings: SlackSettings) -> Json:
    """``channel`` as conversations.info has it: members also see what they have read."""
    shown = channel_object(channel, settings)
    if channel.kind == "im":
        shown |= {
            "last_read": "0000000000.000000",
            "latest": None,
            "unread_count": 0,
            "unread_count_display": 0,
            "is_open": True,
        }
    elif settings.bot_user in channel.members and channel.kind == "channel":
        shown["last_read"] = next(reversed(channel.messages), "0000000000.000000")
    return shown


def _room(channel: Channel, settings: SlackSettings) -> Json:
    group_message = channel.kind == "mpim"
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not group_message,
        "is_group": group_message,
        "is_im": False,
        "is_mpim": group_message,
        "is_private": channel.private or group_message,
        "created": channel.created,
        "is_archived": channel.archived,
        "is_general": channel.general,
        "unlinked": 0,
        "name_normalized": channel.name,
        "is_shared": bool(channel.shared_with),
        "is_org_shared": False,
        "is_pending_ext_shared": channel.pending_shared,
        "pending_shared": ["T0PARTNER1"] if channel.pending_shared else [],
        "context_team_id": settings.team_id,
        "updated": channel.created * 1000 + 458419,
        "parent_conversation": None,
        "creator": "U0ALICE01",
        "is_ext_shared": bool(channel.shared_with),
        "shared_team_ids": [settings.team_id, *channel.shared_with],
        "pending_connected_team_ids": ["T0PARTNER1"] if channel.pending_shared else [],
        "is_member": settings.bot_user in channel.members,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": "U0ALICE01", "last_set": channel.created},
        "previous_names": list(channel.previous_names),
    }


def _direct_message(channel: Channel, settings: SlackSettings) -> Json:
    return {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.archived,
        "is_im": True,
        "is_org_shared": False,
        "context_team_id": settings.team_id,
        "updated": channel.created * 1000 + 123,
        "user": channel.user,
        "is_user_deleted": False,
        "priority": 0,
    }
