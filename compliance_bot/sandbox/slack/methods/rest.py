"""reactions.add and .remove, files.info, blocks.validate."""

from __future__ import annotations

import re

from compliance_bot.sandbox.slack.blocks.check import BUDGET, characters, message_faults, view_faults
from compliance_bot.sandbox.slack.call import Call, invalid_arguments
from compliance_bot.sandbox.slack.channels import Channel
from compliance_bot.sandbox.slack.messages import Message
from compliance_bot.sandbox.slack.refused import Refused
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.workspace import Workspace

_NAME = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")
_REACTIONS_MOST = 23


def reactions_add(workspace: Workspace, call: Call) -> Json:
    """reactions.add: ``name`` without colons, ``timestamp`` for the message."""
    name = call.text("name")
    if not name:
        raise Refused("no_reaction")
    channel, message = _reacted_to(workspace, call, name)
    who = workspace.settings.bot_user
    if who in message.reactions.get(name, []):
        raise Refused("already_reacted")
    if name not in message.reactions and len(message.reactions) >= _REACTIONS_MOST:
        raise Refused("too_many_reactions")
    workspace.react(channel, message, name, who)
    return {"ok": True}


def reactions_remove(workspace: Workspace, call: Call) -> Json:
    """reactions.remove: only what the bot itself put there."""
    name = call.text("name")
    channel, message = _reacted_to(workspace, call, name)
    if workspace.settings.bot_user not in message.reactions.get(name, []):
        raise Refused("no_reaction")
    workspace.take_back(channel, message, name, workspace.settings.bot_user)
    return {"ok": True}


def _reacted_to(workspace: Workspace, call: Call, name: str) -> tuple[Channel, Message]:
    if not _NAME.fullmatch(name):
        raise Refused("invalid_name")
    if not call.text("channel") or not call.text("timestamp"):
        raise Refused("no_item_specified")
    channel = workspace.seen_channel(call.text("channel"))
    message = channel.live(call.text("timestamp"))
    if channel.archived:
        raise Refused("is_archived")
    if message is None:
        raise Refused("message_not_found")
    return channel, message


def files_info(workspace: Workspace, call: Call) -> Json:
    """files.info: a file the bot cannot see answers as none."""
    file = workspace.files.get(call.text("file"))
    if file is None:
        raise Refused("file_not_found")
    if file.get("mode") == "tombstone":
        raise Refused("file_deleted")
    return {"ok": True, "file": file, "comments": [], "response_metadata": {"next_cursor": ""}}


def blocks_validate(_workspace: Workspace, call: Call) -> Json:
    """blocks.validate: no token; one of ``blocks``, ``view``, ``message``."""
    kinds = [kind for kind in ("blocks", "view", "message") if kind in call.arguments]
    if len(kinds) != 1:
        raise invalid_arguments("provide exactly one of: blocks, view, message")
    given = call.structure(kinds[0], "invalid_arguments")
    blocks = given.get("blocks") if kinds[0] == "message" and isinstance(given, dict) else given
    found = view_faults(given) if kinds[0] == "view" else message_faults(blocks)
    if not found and kinds[0] != "view" and characters(blocks) > BUDGET:
        found = ["msg_blocks_too_long [json-pointer:/blocks]"]
    if not found:
        return {"ok": True}
    return {"ok": True, "errors": [_error(line) for line in found]}


def _error(line: str) -> Json:
    message, _, pointer = line.partition(" [json-pointer:")
    return {"pointer": pointer.removesuffix("]"), "code": "invalid", "message": message, "constraint": None}
