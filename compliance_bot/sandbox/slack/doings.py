"""What people do in the workspace: click, type, mention, fill in a modal."""

from __future__ import annotations

import uuid
from typing import Any

from compliance_bot.sandbox.slack import interactions
from compliance_bot.sandbox.slack.channels import Channel
from compliance_bot.sandbox.slack.envelopes import Ack, Envelope
from compliance_bot.sandbox.slack.interactions import Interaction
from compliance_bot.sandbox.slack.messages import Message, as_event
from compliance_bot.sandbox.slack.modals import Modals, find_element
from compliance_bot.sandbox.slack.people import Person
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.text import rich_text
from compliance_bot.sandbox.slack.views import filled
from compliance_bot.sandbox.slack.workspace import Ephemeral


class Doings(Modals):
    """What people do. Each doing is delivered to one of the open sockets at once."""

    async def say(
        self, user: str, channel: str, text: str, *, thread_ts: str | None = None
    ) -> tuple[Message, list[Envelope]]:
        """A person posts; the envelopes are what the app gets of it."""
        person, place = self.workspace.person(user), self.workspace.channel(channel)
        message = Message(
            channel=place.id,
            ts=self.workspace.stamps.next(),
            user=person.id,
            text=text.rstrip(),
            blocks=rich_text(text.rstrip()),
            client_msg_id=str(uuid.uuid4()),
            thread_ts=thread_ts,
            team_id=person.team_id,
        )
        self.workspace.add_message(place, message)
        return message, self.events.said(place, message)

    async def mention(
        self, user: str, channel: str, text: str, *, thread_ts: str | None = None
    ) -> tuple[Message, list[Envelope]]:
        """A person mentions the bot; nothing is sent where the bot is not a member."""
        name = f"<@{self.settings.bot_user}>"
        return await self.say(user, channel, text if name in text else f"{name} {text}", thread_ts=thread_ts)

    async def dm(self, user: str, text: str) -> tuple[Message, list[Envelope]]:
        """A person writes to the bot alone."""
        person = self.workspace.person(user)
        return await self.say(user, self.workspace.direct_message(person.id).id, text)

    async def edit(self, channel: str, ts: str, text: str) -> None:
        """A person edits what they said."""
        place, message = self.workspace.channel(channel), self.message(channel, ts)
        before, now = as_event(message, self.settings), self.clock.now()
        message.edited = {"user": message.user, "ts": f"{int(now)}.000000"}
        message.say(at=now, text=text, blocks=rich_text(text), metadata=None)
        self.workspace.changed(place, message, before)
        self.changes.note()

    async def remove(self, channel: str, ts: str) -> None:
        """A message is deleted by its author or an admin."""
        self.workspace.delete_message(self.workspace.channel(channel), self.message(channel, ts))

    async def react(self, user: str, channel: str, ts: str, name: str) -> None:
        """A person puts an emoji under a message."""
        place = self.workspace.channel(channel)
        self.workspace.react(place, self.message(channel, ts), name, self.workspace.person(user).id)

    async def unreact(self, user: str, channel: str, ts: str, name: str) -> None:
        """A person takes their emoji away again."""
        person, message = self.workspace.person(user), self.message(channel, ts)
        if person.id not in message.reactions.get(name, []):
            raise LookupError(f"{person.handle} put no :{name}: there")
        self.workspace.take_back(self.workspace.channel(channel), message, name, person.id)

    async def click(self, user: str, channel: str, ts: str, action_id: str, value: Any = None) -> Interaction:
        """A person presses a button or chooses in a message or an ephemeral.

        ``value``: which option, person, date …; for buttons of one action_id, which of them. A button
        that stood there before an edit can still be pressed, as in a client that lags behind.
        """
        person, place = self.workspace.person(user), self.workspace.channel(channel)
        seen = self._seen(place, person, ts)
        block, element = find_element(_ever_shown(seen), action_id, value)
        action = interactions.action_of(self.workspace, block, element, value)
        if element["type"] not in ("button", "overflow"):
            picked = self.workspace.picked.setdefault((place.id, ts, person.id), {})
            picked.setdefault(block, {})[action_id] = filled(element, value)
        hook = self.hooks.make("actions", person.id, place.id, seen)
        payload = interactions.clicked_in_channel(
            self.workspace, person, place, seen, action, self.hooks.url(hook)
        )
        interaction = Interaction(payload)
        interactions.listen(interaction, hook)
        return self.deliver(interaction)

    async def slash(self, user: str, channel: str, command: str, text: str = "") -> Interaction:
        """A person types a command. What the ack or the response URL brings, they see."""
        person, place = self.workspace.person(user), self.workspace.channel(channel)
        hook = self.hooks.make("commands", person.id, place.id)
        payload = interactions.slash_command(
            self.workspace, person, place, command, text, self.hooks.url(hook)
        )
        interaction = Interaction(payload)
        interactions.listen(interaction, hook)

        def settled(ack: Ack | None) -> None:
            if ack is not None and isinstance(ack.payload, dict):
                self.hooks.take(hook, ack.payload)
            interaction.settle(ack)

        interaction.envelope = self.envelopes.deliver(
            "slash_commands", payload, accepts=True, settled=settled
        )
        return interaction

    async def shortcut(self, user: str, callback_id: str) -> Interaction:
        """A person starts a global shortcut."""
        person = self.workspace.person(user)
        return self.deliver(Interaction(interactions.global_shortcut(self.workspace, person, callback_id)))

    async def message_action(self, user: str, channel: str, ts: str, callback_id: str) -> Interaction:
        """A person starts a shortcut on a message."""
        person, place = self.workspace.person(user), self.workspace.channel(channel)
        message = self.message(channel, ts)
        hook = self.hooks.make("app", person.id, place.id)
        payload = interactions.message_shortcut(
            self.workspace, person, place, message, callback_id, self.hooks.url(hook)
        )
        interaction = Interaction(payload)
        interactions.listen(interaction, hook)
        return self.deliver(interaction)

    def _seen(self, channel: Channel, person: Person, ts: str) -> Message | Ephemeral:
        message = channel.live(ts)
        if message is not None:
            return message
        for one in self.ephemerals(channel.id, person.id):
            if one.ts == ts:
                return one
        raise LookupError(f"{person.handle} sees no message {ts} in {channel.id}")


def _ever_shown(seen: Message | Ephemeral) -> list[list[Json]]:
    if isinstance(seen, Ephemeral):
        return [seen.blocks]
    return [version.blocks for version in reversed(seen.versions)]
