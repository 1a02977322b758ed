"""conversations.*: what there is, who is in it, what was said."""

from __future__ import annotations

import re
from collections.abc import Callable

from compliance_bot.sandbox.slack.call import Call
from compliance_bot.sandbox.slack.channels import Channel, channel_in_full, channel_object
from compliance_bot.sandbox.slack.messages import Message, as_history
from compliance_bot.sandbox.slack.methods.paging import page_of
from compliance_bot.sandbox.slack.refused import Refused
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.workspace import Workspace

_TS = re.compile(r"\d{1,12}(\.\d{1,6})?")
_WORDS = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def list_channels(workspace: Workspace, call: Call) -> Json:
    """conversations.list: public ones unless ``types`` says more; private ones the bot is in."""
    kinds = asked_types(call)
    found = [one for one in workspace.channels.values() if _listed(workspace, one, kinds)]
    if call.flag("exclude_archived"):
        found = [one for one in found if not one.archived]
    page, cursor = page_of(found, call, "team", default=100, most=1000)
    shown = [channel_object(one, workspace.settings, counted=one.kind == "channel") for one in page]
    return {"ok": True, "channels": shown, "response_metadata": {"next_cursor": cursor}}


def asked_types(call: Call) -> set[str]:
    """The scope words of the types asked for."""
    names = [name.strip() for name in (call.text("types") or "public_channel").split(",")]
    if any(name not in _WORDS for name in names):
        raise Refused("invalid_types")
    return {_WORDS[name] for name in names}


def _listed(workspace: Workspace, channel: Channel, kinds: set[str]) -> bool:
    if channel.scope_word not in kinds:
        return False
    return channel.scope_word == "channels" or workspace.settings.bot_user in channel.members


def info(workspace: Workspace, call: Call) -> Json:
    """conversations.info."""
    channel = workspace.seen_channel(call.needs("channel"))
    shown = channel_in_full(channel, workspace.settings)
    if call.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"ok": True, "channel": shown}


def members(workspace: Workspace, call: Call) -> Json:
    """conversations.members: ids only."""
    channel = workspace.seen_channel(call.needs("channel"))
    page, cursor = page_of(sorted(channel.members), call, "user", default=100, most=1000)
    return {"ok": True, "members": page, "response_metadata": {"next_cursor": cursor}}


def history(workspace: Workspace, call: Call) -> Json:
    """conversations.history: newest first, without replies; the bot must be in the channel."""
    channel, holds = _read(workspace, call), _window(call)
    top = [one for one in channel.messages.values() if one.thread_ts in (None, one.ts) or one.broadcast]
    chosen = [one for one in reversed(top) if not one.deleted and holds(one)]
    page, cursor = page_of(chosen, call, "next_ts", default=100, most=999)
    whole = call.flag("include_all_metadata")
    answer: Json = {
        "ok": True,
        "messages": [as_history(one, workspace.settings, all_metadata=whole) for one in page],
        "has_more": cursor != "",
        "is_limited": False,
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    return answer | _next(cursor)


def replies(workspace: Workspace, call: Call) -> Json:
    """conversations.replies: the parent, then the replies, oldest first."""
    channel, holds = _read(workspace, call), _window(call)
    root = channel.live(call.needs("ts"))
    if root is None:
        raise Refused("thread_not_found")
    alone = root.thread_ts not in (None, root.ts)
    thread = [root] if alone else [root, *channel.replies.get(root.ts, [])]
    chosen = [one for one in thread if not one.deleted and (one is root or holds(one))]
    page, cursor = page_of(chosen, call, "next_ts", default=1000, most=1000)
    whole = call.flag("include_all_metadata")
    shown = [as_history(one, workspace.settings, all_metadata=whole) for one in page]
    return {"ok": True, "messages": shown, "has_more": cursor != ""} | _next(cursor)


def _next(cursor: str) -> Json:
    return {"response_metadata": {"next_cursor": cursor}} if cursor else {}


def _read(workspace: Workspace, call: Call) -> Channel:
    channel = workspace.seen_channel(call.needs("channel"))
    if workspace.settings.bot_user not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _window(call: Call) -> Callable[[Message], bool]:
    inclusive, oldest, latest = call.flag("inclusive"), _stamp(call, "oldest"), _stamp(call, "latest")

    def holds(message: Message) -> bool:
        at = _number(message.ts)
        if oldest is not None and (at < oldest or (at == oldest and not inclusive)):
            return False
        return latest is None or at < latest or (at == latest and inclusive)

    return holds


def _stamp(call: Call, key: str) -> int | None:
    value = call.text(key)
    if value in ("", "now"):
        return None
    if not _TS.fullmatch(value):
        raise Refused(f"invalid_ts_{key}")
    return _number(value)


def _number(ts: str) -> int:
    seconds, _, micros = ts.partition(".")
    return int(seconds) * 1_000_000 + int((micros + "000000")[:6])


def open_conversation(workspace: Workspace, call: Call) -> Json:
    """conversations.open: the direct message with one person."""
    users = [one.strip() for one in call.text("users").split(",") if one.strip()]
    if call.text("channel"):
        channel = workspace.seen_channel(call.text("channel"))
        return {"ok": True, "no_op": True, "already_open": True, "channel": {"id": channel.id}}
    if not users:
        raise Refused("users_list_not_supplied")
    person = workspace.people.get(users[0])
    if person is None or person.id == workspace.settings.bot_user:
        raise Refused("user_not_found")
    if person.bot or person.id == "USLACKBOT":
        raise Refused("cannot_dm_bot")
    if person.deactivated:
        raise Refused("user_disabled")
    known = any(one.kind == "im" and one.user == person.id for one in workspace.channels.values())
    channel = workspace.direct_message(person.id)
    whole = call.flag("return_im")
    shown = channel_in_full(channel, workspace.settings) if whole else {"id": channel.id}
    if whole:
        del shown["is_user_deleted"]
    return {"ok": True, "no_op": known, "already_open": known, "channel": shown}


def join(workspace: Workspace, call: Call) -> Json:
    """conversations.join: public channels only."""
    channel = workspace.seen_channel(call.needs("channel"))
    if channel.kind != "channel" or channel.private:
        raise Refused("method_not_supported_for_channel_type")
    if channel.archived:
        raise Refused("is_archived")
    warning: Json = {}
    if workspace.settings.bot_user in channel.members:
        words = "already_in_channel"
        warning = {"warning": words, "response_metadata": {"warnings": [words]}}
    else:
        workspace.join(channel, workspace.settings.bot_user)
    return {"ok": True, "channel": channel_object(channel, workspace.settings)} | warning
