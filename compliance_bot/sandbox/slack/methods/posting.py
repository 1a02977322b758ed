"""What the posting methods share: where to, what, and why not."""

from __future__ import annotations

from typing import Any

from compliance_bot.sandbox.slack.blocks.check import BUDGET, characters, message_faults
from compliance_bot.sandbox.slack.blocks.rewrite import rewritten
from compliance_bot.sandbox.slack.call import Call, invalid_arguments
from compliance_bot.sandbox.slack.channels import Channel
from compliance_bot.sandbox.slack.refused import Refused, schema_refused
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.text import TEXT_MOST, rich_text, trimmed
from compliance_bot.sandbox.slack.workspace import Workspace

_ATTACHMENTS_MOST = 100


def destination(workspace: Workspace, call: Call) -> Channel:
    """The channel a post goes to: an id, a name, or a person's id for a direct message."""
    name = call.needs("channel")
    if name[0] in "UW" and name in workspace.people:
        return _direct(workspace, name)
    named = workspace.find_channel(name) if workspace.settings.allowed_channel_names else None
    channel = workspace.seen_channel(named.id if named else name)
    if channel.archived:
        raise Refused("is_archived")
    public = channel.kind == "channel" and not channel.private
    outside = workspace.settings.bot_user not in channel.members
    if public and outside and "chat:write.public" not in workspace.settings.scopes:
        raise Refused("not_in_channel")
    if channel.kind == "im" and not workspace.settings.messages_tab_enabled:
        raise Refused("messages_tab_disabled")
    return channel


def _direct(workspace: Workspace, user: str) -> Channel:
    person = workspace.people[user]
    if person.bot or user == "USLACKBOT":
        raise Refused("cannot_dm_bot")
    if person.deactivated:
        raise Refused("user_not_found")
    if not workspace.settings.messages_tab_enabled:
        raise Refused("messages_tab_disabled")
    return workspace.direct_message(user)


def text_of(workspace: Workspace, call: Call, *, cut: bool) -> str:
    """The text, trimmed; cut at 40,000 characters, or refused where Slack does not cut."""
    text = trimmed(call.arguments.get("text"))
    if len(text) <= TEXT_MOST:
        return text
    if cut and workspace.settings.truncates_long_text:
        return text[:TEXT_MOST]
    raise Refused("msg_too_long")


def blocks_of(workspace: Workspace, call: Call) -> list[Json] | None:
    """The blocks as Slack stores them; None when none were given."""
    given = call.structure("blocks", "invalid_blocks_format")
    if given is None:
        return None
    if not workspace.settings.light:
        check_blocks(given, call.size)
    return rewritten(given)


def check_blocks(given: Any, size: int) -> None:
    """Refuse what Slack would."""
    faults = message_faults(given)
    if faults:
        raise schema_refused("invalid_blocks", faults, bare=True)
    if size > BUDGET and characters(given) > BUDGET:
        raise Refused("msg_blocks_too_long")


def attachments_of(call: Call) -> list[Json]:
    """Secondary attachments, passed through."""
    given = call.structure("attachments", "invalid_attachments") or []
    if len(given) > _ATTACHMENTS_MOST:
        raise Refused("too_many_attachments")
    return list(given)


def metadata_of(workspace: Workspace, call: Call) -> Json | None:
    """The metadata; None when none was given, {} to take it away."""
    given = call.structure("metadata", "invalid_metadata_format")
    if given is None:
        return None
    if given == {}:
        return {}
    if not isinstance(given, dict):
        raise Refused("invalid_metadata_format")
    payload = given.get("event_payload")
    if not isinstance(given.get("event_type"), str) or not isinstance(payload, dict):
        raise Refused("invalid_metadata_schema")
    if len(str(payload)) > workspace.settings.metadata_most:
        raise Refused("metadata_too_large")
    return {"event_type": given["event_type"], "event_payload": payload}


def content(text: str, blocks: list[Json] | None, attachments: list[Json]) -> list[Json]:
    """The blocks a message shows; ``no_text`` when there is nothing to show."""
    if blocks:
        return blocks
    if not text and not attachments:
        raise Refused("no_text")
    return rich_text(text) if text else []


def own_message_ts(call: Call, key: str = "ts") -> str:
    """The ts argument that must be there."""
    ts = call.text(key)
    if not ts:
        raise invalid_arguments(f"missing required field: {key}")
    return ts
