"""The state of the workspace: people, channels, groups, messages, views, triggers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from compliance_bot.clock import Clock
from compliance_bot.sandbox.slack.changes import Changes
from compliance_bot.sandbox.slack.channels import Channel
from compliance_bot.sandbox.slack.ids import Ids, Stamps
from compliance_bot.sandbox.slack.messages import Message
from compliance_bot.sandbox.slack.people import Person, our_bot, slackbot
from compliance_bot.sandbox.slack.refused import Refused
from compliance_bot.sandbox.slack.settings import Json, SlackSettings
from compliance_bot.sandbox.slack.views import View


class News(Protocol):
    """Who is told of what happens: the events."""

    def said(self, channel: Channel, message: Message) -> Any:
        """A message was posted."""

    def changed(self, channel: Channel, message: Message, before: Json) -> Any:
        """A message was edited."""

    def deleted(self, channel: Channel, message: Message) -> Any:
        """A message was deleted."""

    def joined(self, channel: Channel, user: str, inviter: str | None, *, left: bool = False) -> Any:
        """Somebody came or went."""

    def plain(self, event: Json, channel: Channel | None = None) -> Any:
        """Anything else."""


@dataclass(kw_only=True)
class Group:
    """A user group; ``handle`` without the @."""

    id: str
    handle: str
    name: str
    members: list[str] = field(default_factory=list)
    disabled: bool = False


@dataclass(kw_only=True)
class Ephemeral:
    """What one person alone sees in a channel. ``via``: the method or URL it came by."""

    channel: str
    user: str
    ts: str
    text: str
    blocks: list[Json]
    thread_ts: str | None = None
    via: str = "chat.postEphemeral"
    deleted: bool = False


@dataclass(kw_only=True)
class Trigger:
    """A trigger id: whose, since when, and whether it was used."""

    user: str
    at: float
    used: bool = False


class Workspace:
    """Everything the embedded Slack knows. Methods read and change it; sockets tell of it."""

    def __init__(self, *, clock: Clock, settings: SlackSettings) -> None:
        self.clock = clock
        self.settings = settings
        self.stamps = Stamps(clock)
        self.ids = Ids()
        self.changes = Changes()
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, Group] = {}
        self.ephemerals: list[Ephemeral] = []
        self.triggers: dict[str, Trigger] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, Json] = {}
        self.picked: dict[tuple[str, str, str], Json] = {}
        """state.values by (channel, ts, person)."""
        self.news: News | None = None
        for person in (our_bot(settings), slackbot(settings)):
            self.people[person.id] = person

    def channel(self, id_or_name: str) -> Channel:
        """The channel; LookupError when there is none (for the world's own use)."""
        found = self.find_channel(id_or_name)
        if found is None:
            raise LookupError(f"no channel {id_or_name!r}")
        return found

    def find_channel(self, id_or_name: str) -> Channel | None:
        """The channel of that id, ``#name`` or ``name``."""
        found = self.channels.get(id_or_name)
        if found is None:
            plain = id_or_name.removeprefix("#")
            found = next((one for one in self.channels.values() if one.name == plain and plain), None)
        return found

    def seen_channel(self, channel_id: str) -> Channel:
        """The channel as the bot may see it: private ones it is not in do not exist."""
        channel = self.channels.get(channel_id)
        hidden = channel is not None and (channel.private or channel.kind != "channel")
        if channel is None or (hidden and self.settings.bot_user not in channel.members):
            raise Refused("channel_not_found")
        return channel

    def person(self, id_or_handle: str) -> Person:
        """The person; LookupError when there is none (for the world's own use)."""
        plain = id_or_handle.removeprefix("@")
        found = self.people.get(plain)
        if found is None:
            found = next((one for one in self.people.values() if one.handle == plain), None)
        if found is None:
            raise LookupError(f"no person {id_or_handle!r}")
        return found

    def direct_message(self, user: str) -> Channel:
        """The conversation of the bot with one person, opened when there was none."""
        for channel in self.channels.values():
            if channel.kind == "im" and channel.user == user:
                return channel
        known = f"D{user[1:]}"
        channel = Channel(
            id=known,
            kind="im",
            user=user,
            members={user, self.settings.bot_user},
            created=int(self.clock.now()),
        )
        self.channels[channel.id] = channel
        return channel

    def add_message(self, channel: Channel, message: Message) -> Message:
        """Put a new message into its channel and, for a reply, into its thread."""
        message.posted_at = self.clock.now()
        message.say(at=message.posted_at, text=message.text, blocks=message.blocks, metadata=message.metadata)
        channel.messages[message.ts] = message
        parent = channel.live(message.thread_ts) if message.thread_ts else None
        if parent is not None and parent is not message:
            message.parent_user = parent.user
            channel.replies.setdefault(parent.ts, []).append(message)
            parent.count_reply(message)
        self.changes.note()
        return message

    def said(self, channel: Channel, message: Message) -> None:
        """Tell the app that something was said."""
        if self.news is not None:
            self.news.said(channel, message)

    def changed(self, channel: Channel, message: Message, before: Json) -> None:
        """Tell the app that a message was edited."""
        if self.news is not None:
            self.news.changed(channel, message, before)

    def delete_message(self, channel: Channel, message: Message) -> None:
        """A message is gone, for everybody."""
        message.deleted = True
        self.changes.note()
        if self.news is not None:
            self.news.deleted(channel, message)

    def join(self, channel: Channel, user: str, inviter: str | None = None) -> None:
        """Somebody comes into a channel."""
        channel.members.add(user)
        self.changes.note()
        if self.news is not None:
            self.news.joined(channel, user, inviter)

    def leave(self, channel: Channel, user: str) -> None:
        """Somebody goes out of a channel, or is sent out."""
        channel.members.discard(user)
        self.changes.note()
        if self.news is not None:
            self.news.joined(channel, user, None, left=True)

    def react(self, channel: Channel, message: Message, name: str, user: str) -> None:
        """Somebody puts an emoji under a message."""
        message.reactions.setdefault(name, []).append(user)
        self._tell_of_reaction("reaction_added", channel, message, name, user)

    def take_back(self, channel: Channel, message: Message, name: str, user: str) -> None:
        """Somebody takes their emoji away again."""
        message.reactions[name].remove(user)
        if not message.reactions[name]:
            del message.reactions[name]
        self._tell_of_reaction("reaction_removed", channel, message, name, user)

    def _tell_of_reaction(self, kind: str, channel: Channel, message: Message, name: str, user: str) -> None:
        self.changes.note()
        if self.news is not None and self.settings.bot_user in channel.members:
            item = {"type": "message", "channel": channel.id, "ts": message.ts}
            event = {"type": kind, "user": user, "reaction": name, "item": item}
            self.news.plain(event | ({"item_user": message.user} if message.user else {}), channel)

    def stack(self, user: str) -> list[View]:
        """The modals one person has open, the lowest first."""
        return [view for view in self.views.values() if view.user == user and not view.closed]

    def add_ephemeral(self, ephemeral: Ephemeral) -> None:
        """One person sees something."""
        self.ephemerals.append(ephemeral)
        self.changes.note()

    def new_trigger(self, user: str) -> str:
        """A trigger id for something that person just did."""
        name = self.ids.trigger()
        self.triggers[name] = Trigger(user=user, at=self.clock.now())
        return name

    def stretch(self, seconds: float) -> float:
        """World seconds in which a person lives through ``seconds``: longer when the clock runs fast."""
        return seconds * max(1.0, getattr(self.clock, "rate", 1.0))
