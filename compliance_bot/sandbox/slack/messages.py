"""Messages, and the four shapes Slack shows one in: the answer, history, a click, an event.

Source: recorded answers of chat.postMessage, chat.update and conversations.history, and recorded
clicks. The answer's ``bot_profile`` has ``user_id``; history, clicks and events lack it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from compliance_bot.sandbox.slack.settings import Json, SlackSettings

_ICONS = {
    "image_36": "https://a.slack-edge.com/80588/img/plugins/app/bot_36.png",
    "image_48": "https://a.slack-edge.com/80588/img/plugins/app/bot_48.png",
    "image_72": "https://a.slack-edge.com/80588/img/plugins/app/service_72.png",
}


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a message said from ``at`` (Unix seconds) on."""

    at: float
    text: str
    blocks: list[Json]
    metadata: Json | None = None


@dataclass(kw_only=True, slots=True, eq=False)
class Message:
    """One message. ``versions[0]`` is how it was posted, the last how it stands."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json]
    bot: bool = False
    metadata: Json | None = None
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    parent_user: str | None = None
    broadcast: bool = False
    subtype: str | None = None
    client_msg_id: str | None = None
    team_id: str = ""
    edited: Json | None = None
    deleted: bool = False
    posted_at: float = 0.0
    reactions: dict[str, list[str]] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    reply_count: int = 0
    reply_users: list[str] = field(default_factory=list)
    latest_reply: str | None = None

    def say(self, *, at: float, text: str, blocks: list[Json], metadata: Json | None) -> None:
        """From ``at`` on the message says this."""
        self.text, self.blocks, self.metadata = text, blocks, metadata
        self.versions.append(Version(at=at, text=text, blocks=blocks, metadata=metadata))

    def count_reply(self, reply: Message) -> None:
        """A reply came into this message's thread."""
        self.thread_ts = self.ts
        self.reply_count += 1
        self.latest_reply = reply.ts
        if reply.user not in self.reply_users:
            self.reply_users.append(reply.user)


def bot_profile(settings: SlackSettings, *, with_user: bool) -> Json:
    """Who the app is, as messages carry it."""
    profile: Json = {"id": settings.bot_id, "app_id": settings.app_id}
    if with_user:
        profile["user_id"] = settings.bot_user
    return profile | {
        "name": settings.bot_name,
        "icons": _ICONS,
        "deleted": False,
        "updated": 1763900000,
        "team_id": settings.team_id,
    }


def as_answered(message: Message, settings: SlackSettings) -> Json:
    """``message`` of chat.postMessage's answer."""
    shown = _head(message, settings)
    shown["bot_profile"] = bot_profile(settings, with_user=True)
    shown |= _body(message)
    if message.metadata is not None:
        shown["metadata"] = message.metadata
    return shown | _thread_of_reply(message)


def as_updated(message: Message, settings: SlackSettings) -> Json:
    """``message`` of chat.update's answer: it has no ``ts``."""
    shown = as_answered(message, settings)
    del shown["ts"]
    if message.edited is not None:
        shown["edited"] = message.edited
    return shown


def as_history(message: Message, settings: SlackSettings, *, all_metadata: bool) -> Json:
    """The message as conversations.history and .replies list it."""
    shown = _head(message, settings)
    if message.bot:
        shown["bot_profile"] = bot_profile(settings, with_user=False)
    if message.edited is not None:
        shown["edited"] = message.edited
    shown |= _body(message) | _metadata(message, whole=all_metadata)
    shown |= _thread_of_reply(message) | _thread_of_parent(message)
    if message.reactions:
        shown["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)}
            for name, users in message.reactions.items()
        ]
    return shown


def as_clicked(message: Message, settings: SlackSettings, *, with_metadata: bool) -> Json:
    """``message`` of a click: no ``bot_profile``."""
    shown = _head(message, settings) | _thread_of_reply(message)
    shown |= _body(message) | _thread_of_parent(message)
    if with_metadata and message.metadata is not None:
        shown["metadata"] = message.metadata
    if message.edited is not None:
        shown["edited"] = message.edited
    return shown


def as_event(message: Message, settings: SlackSettings) -> Json:
    """The inner event of a message, without the channel."""
    shown = _head(message, settings)
    if message.bot:
        shown["bot_profile"] = bot_profile(settings, with_user=False)
    if message.edited is not None:
        shown["edited"] = message.edited
    return shown | _thread_of_reply(message) | _body(message) | _metadata(message, whole=False)


def _head(message: Message, settings: SlackSettings) -> Json:
    shown: Json = {"user": message.user} if message.user else {"username": settings.bot_name}
    shown |= {"type": "message", "ts": message.ts}
    if message.bot:
        shown |= {"bot_id": settings.bot_id, "app_id": settings.app_id}
    elif message.client_msg_id is not None:
        shown["client_msg_id"] = message.client_msg_id
    shown["text"] = message.text
    if message.subtype is not None:
        return {"subtype": message.subtype} | shown
    shown["team"] = message.team_id
    return shown


def _body(message: Message) -> Json:
    shown: Json = {"blocks": message.blocks} if message.blocks else {}
    return shown | ({"attachments": message.attachments} if message.attachments else {})


def _metadata(message: Message, *, whole: bool) -> Json:
    if message.metadata is None:
        return {}
    return {"metadata": message.metadata if whole else {"event_type": message.metadata["event_type"]}}


def _thread_of_reply(message: Message) -> Json:
    if message.thread_ts is None or message.thread_ts == message.ts:
        return {}
    return {"thread_ts": message.thread_ts, "parent_user_id": message.parent_user}


def _thread_of_parent(message: Message) -> Json:
    if message.reply_count == 0:
        return {}
    return {
        "thread_ts": message.ts,
        "reply_count": message.reply_count,
        "reply_users_count": len(message.reply_users),
        "latest_reply": message.latest_reply,
        "reply_users": list(message.reply_users),
        "is_locked": False,
        "subscribed": False,
    }
