"""The Slack app manifest, from the tables that also say what is registered and what is needed.

Source: Slack's manifest schema, version 1. Socket Mode needs no ``url`` of any kind, so there is
none. ``interactive:write``, which Studio's guide asks for, is no scope of Slack's: interactivity
is a switch in ``settings``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance_bot.config.guide_sections import SlashCommand

COMMAND_HANDLERS: tuple[str, ...] = ("compliance_status_command",)
"""The guide's command handlers that this version answers; the manifest names no other command."""

DIRECTORY_EVENTS: Mapping[str, str] = {
    "channel_archive": "channels:read",
    "channel_created": "channels:read",
    "channel_deleted": "channels:read",
    "channel_rename": "channels:read",
    "channel_shared": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_unshared": "channels:read",
    "group_archive": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "subteam_created": "usergroups:read",
    "subteam_members_changed": "usergroups:read",
    "subteam_updated": "usergroups:read",
    "user_change": "users:read",
}
"""Events that change what a name of rules.yaml means, or who reads a channel → the scope each needs.

Source: Slack's list of events. That a channel was made private or public is no event but a subtype of
``message.channels``, to which only who reads every message may subscribe; the list of channels tells it.
"""

OPTIONAL_EVENTS: Mapping[str, str] = {"reaction_added": "reactions:read"}
"""Events whose scope an app may be installed without: what they bring is then not there."""

TOKEN_EVENTS: Mapping[str, None] = {"app_uninstalled": None, "tokens_revoked": None}
"""Events that end what a token may do; they need no scope."""

EVENTS: Mapping[str, str | None] = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    **DIRECTORY_EVENTS,
    **OPTIONAL_EVENTS,
    **TOKEN_EVENTS,
}
"""Every event that is subscribed to → the bot scope without which Slack does not send it."""

SCOPES: Mapping[str, str] = {
    "chat:write": "post and edit messages",
    "commands": "slash commands",
    "users:read": "who pressed a button: name, guest, deactivated",
    "users:read.email": "match a person with Studio's user",
    "usergroups:read": "mention user groups, and rights given to a group",
    "channels:read": "find public channels by name",
    "groups:read": "find private channels the bot is in",
    "channels:history": "settle whether a message was posted after a crash",
    "groups:history": "the same in private channels",
    "im:write": "open a direct message",
    "im:history": "read what people write to the bot",
    "app_mentions:read": "answer when mentioned",
}
"""Bot scopes that ``run`` refuses to start without → what each is for."""

OPTIONAL_SCOPES: Mapping[str, str] = {
    "chat:write.public": "posts only in channels it was invited to",
    "channels:join": "cannot join public channels by check --fix",
    "files:read": "could take no evidence from Slack, which comes with a later version",
    "reactions:write": "puts no :white_check_mark: on what is acknowledged",
    "reactions:read": "acknowledges nothing by an emoji (slack_config.acknowledge_reaction)",
    "files:write": "uploads no files",
    "links:read": "shows no card for a Studio link",
    "links:write": "shows no card for a Studio link",
}
"""Bot scopes that are asked for → what the bot does not do without each."""

SEND_TO_STUDIO = "send_to_studio"
"""The callback id of the shortcut on messages."""

SHORTCUTS: tuple[Mapping[str, str], ...] = (
    {
        "name": "Send to Studio",
        "type": "message",
        "callback_id": SEND_TO_STUDIO,
        "description": "Add this message to the finding in Studio, as a comment",
    },
)
"""The shortcuts that this version answers. Slack shows at most 24 characters of a name."""

APP_TOKEN_SCOPE = "connections:write"  # noqa: S105 - the name of a scope
NAME = "compliance-bot"
DESCRIPTION = "Compliance findings of Studio in Slack: told, acknowledged, recorded."
LONG_DESCRIPTION = (
    "compliance-bot joins this workspace with Studio. Each finding that matters is told once in the right "
    "channel with the right people; who takes it presses a button, and Studio and every copy of the message "
    "know it. It connects out to Slack by Socket Mode and needs no public address."
)


def manifest(commands: Mapping[str, SlashCommand]) -> dict[str, Any]:
    """The manifest for ``commands`` (``slash_commands`` of rules.yaml: a renamed command follows)."""
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": NAME,
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": "#1f3a5f",
        },
        "features": {
            "bot_user": {"display_name": NAME, "always_online": True},
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "shortcuts": [dict(shortcut) for shortcut in SHORTCUTS],
            "slash_commands": [
                _slash_command(name, command)
                for name, command in commands.items()
                if command.handler in COMMAND_HANDLERS
            ],
        },
        "oauth_config": {"scopes": {"bot": [*SCOPES], "bot_optional": [*OPTIONAL_SCOPES]}},
        "settings": {
            "socket_mode_enabled": True,
            "interactivity": {"is_enabled": True},
            "event_subscriptions": {"bot_events": sorted(EVENTS)},
            "org_deploy_enabled": False,
            "token_rotation_enabled": False,
        },
    }


def left_out(commands: Mapping[str, SlashCommand]) -> tuple[str, ...]:
    """The commands of rules.yaml that this version does not answer yet."""
    return tuple(name for name, command in commands.items() if command.handler not in COMMAND_HANDLERS)


def missing_scopes(granted: frozenset[str]) -> tuple[str, ...]:
    """The scopes that ``run`` needs and that were not granted, in the manifest's order."""
    return tuple(scope for scope in SCOPES if scope not in granted)


def _slash_command(name: str, command: SlashCommand) -> dict[str, Any]:
    told: dict[str, Any] = {
        "command": name,
        "description": command.description or "Ask compliance-bot",
        "should_escape": True,
    }
    hint = " ".join(f"[{parameter.name}]" for parameter in command.parameters)
    return {**told, "usage_hint": hint} if hint else told
