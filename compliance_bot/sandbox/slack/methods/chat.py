"""chat.*: post, edit, delete, tell one person, link."""

from __future__ import annotations

from compliance_bot.sandbox.slack.call import Call
from compliance_bot.sandbox.slack.messages import Message, as_answered, as_event, as_updated
from compliance_bot.sandbox.slack.methods.posting import (
    attachments_of,
    blocks_of,
    content,
    destination,
    metadata_of,
    own_message_ts,
    text_of,
)
from compliance_bot.sandbox.slack.refused import Refused
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.workspace import Ephemeral, Workspace


def post_message(workspace: Workspace, call: Call) -> Json:
    """chat.postMessage."""
    channel = destination(workspace, call)
    text, blocks = text_of(workspace, call, cut=True), blocks_of(workspace, call)
    attachments = attachments_of(call)
    message = Message(
        channel=channel.id,
        ts=workspace.stamps.next(),
        user=workspace.settings.bot_user,
        text=text,
        blocks=content(text, blocks, attachments),
        bot=True,
        metadata=metadata_of(workspace, call) or None,
        attachments=attachments,
        thread_ts=call.text("thread_ts") or None,
        broadcast=call.flag("reply_broadcast"),
        team_id=workspace.settings.team_id,
    )
    workspace.add_message(channel, message)
    workspace.said(channel, message)
    return {
        "ok": True,
        "channel": channel.id,
        "ts": message.ts,
        "message": as_answered(message, workspace.settings),
    }


def update(workspace: Workspace, call: Call) -> Json:
    """chat.update: own messages only. A text without blocks takes the blocks away."""
    channel = workspace.seen_channel(call.needs("channel"))
    message = channel.live(own_message_ts(call))
    _check_editable(workspace, message, archived=channel.archived)
    assert message is not None  # noqa: S101 - checked in the line above, mypy cannot see it
    before = as_event(message, workspace.settings)
    _rewrite(workspace, call, message)
    workspace.changed(channel, message, before)
    return {
        "ok": True,
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": as_updated(message, workspace.settings),
    }


def _check_editable(workspace: Workspace, message: Message | None, *, archived: bool) -> None:
    if message is None:
        raise Refused("message_not_found")
    if not message.bot:
        raise Refused("cant_update_message")
    if archived:
        raise Refused("is_inactive")
    window = workspace.settings.edit_window
    if window is not None and workspace.clock.now() - message.posted_at > window:
        raise Refused("edit_window_closed")


def _rewrite(workspace: Workspace, call: Call, message: Message) -> None:
    blocks, metadata = blocks_of(workspace, call), metadata_of(workspace, call)
    attachments = attachments_of(call)
    told = "text" in call.arguments
    text = text_of(workspace, call, cut=False) if told else message.text
    if told or blocks is not None or attachments:
        shown = content(text, blocks, attachments)
    elif metadata is not None:
        shown = message.blocks
    else:
        raise Refused("no_text")
    kept = message.metadata if metadata is None else metadata or None
    now = workspace.clock.now()
    message.attachments = attachments
    message.edited = {"user": workspace.settings.bot_id, "ts": f"{int(now)}.000000"}
    message.say(at=now, text=text, blocks=shown, metadata=kept)
    workspace.changes.note()


def delete(workspace: Workspace, call: Call) -> Json:
    """chat.delete: own messages only."""
    channel = workspace.seen_channel(call.needs("channel"))
    message = channel.live(own_message_ts(call))
    if message is None:
        raise Refused("message_not_found")
    if not message.bot:
        raise Refused("cant_delete_message")
    workspace.delete_message(channel, message)
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def post_ephemeral(workspace: Workspace, call: Call) -> Json:
    """chat.postEphemeral: the answer has a ts that is good for nothing."""
    channel, user = destination(workspace, call), call.needs("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    text, blocks = text_of(workspace, call, cut=False), blocks_of(workspace, call)
    ephemeral = Ephemeral(
        channel=channel.id,
        user=user,
        ts=workspace.stamps.next(),
        text=text,
        blocks=content(text, blocks, attachments_of(call)),
        thread_ts=call.text("thread_ts") or None,
    )
    workspace.add_ephemeral(ephemeral)
    return {"ok": True, "message_ts": ephemeral.ts}


def get_permalink(workspace: Workspace, call: Call) -> Json:
    """chat.getPermalink."""
    channel = workspace.seen_channel(call.needs("channel"))
    message = channel.live(own_message_ts(call, "message_ts"))
    if message is None:
        raise Refused("message_not_found")
    place = f"{channel.id}/p{message.ts.replace('.', '')}"
    link = f"https://{workspace.settings.domain}.slack.com/archives/{place}"
    if message.thread_ts and message.thread_ts != message.ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"ok": True, "permalink": link, "channel": channel.id}
