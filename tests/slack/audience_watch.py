"""A Slack with channels, members and people, and a reader of audiences that a test runs and watches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from compliance_bot.model.slack import Channel, Directory
from compliance_bot.slack.audience import READ_EVERY, AudienceReader
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.directory import DirectoryReader
from tests.slack.wire import Call, DrivenClock, WireSlack

BOT = "U0BOT0001"


class Workspace:
    """Channels with their members, and people, as the wire tells them."""

    def __init__(self, slack: WireSlack) -> None:
        self.slack = slack
        self.channels: dict[str, dict[str, Any]] = {}
        self.members: dict[str, list[str]] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.unlisted: dict[str, dict[str, Any]] = {}
        slack.answers["usergroups.list"] = {"ok": True, "usergroups": []}
        slack.answers["conversations.list"] = lambda _: ok(channels=list(self.channels.values()))
        slack.answers["users.list"] = lambda _: ok(members=list(self.people.values()))
        slack.answers["conversations.info"] = lambda call: ok(channel=self.channels[asked(call)])
        slack.answers["conversations.members"] = lambda call: ok(members=self.members[asked(call)])
        slack.answers["users.info"] = lambda call: ok(user=self._person(call.arguments["user"]))
        for name in ("ann", "ben"):
            self.person(f"U0{name.upper()}", name)
        self.person(BOT, "compliance_bot", is_bot=True)
        self.person("U0GINA", "gina", is_restricted=True)

    def _person(self, user_id: str) -> dict[str, Any]:
        return {**self.people, **self.unlisted}[user_id]

    def person(self, user_id: str, handle: str, *, listed: bool = True, **more: Any) -> dict[str, Any]:
        """Put a person in; one who is not ``listed`` is known to users.info alone."""
        made = {"id": user_id, "name": handle, "team_id": "T0DEMO1", "profile": {}, **more}
        (self.people if listed else self.unlisted)[user_id] = made
        return made

    def channel(self, channel_id: str, name: str, *members: str, **more: Any) -> None:
        """Put a channel in, with these people and the bot inside."""
        base = {"id": channel_id, "name": name, "is_private": False, "is_member": True}
        self.channels[channel_id] = {**base, **more}
        self.members[channel_id] = [BOT, *members]

    def asked(self, method: str) -> list[str]:
        """The channels that a method was called for, in order."""
        return [call.arguments["channel"] for call in self.slack.of(method)]


def ok(**answer: Any) -> dict[str, Any]:
    return {"ok": True, **answer}


def asked(call: Call) -> str:
    return str(call.arguments["channel"])


def recalled(*channels: Channel) -> Directory:
    by_id = {channel.id: channel for channel in channels}
    by_name = {channel.name: channel for channel in channels}
    return Directory(channels_by_id=by_id, channels_by_name=by_name, complete=True)


async def _recorded(_channel_id: str) -> None:
    """The database takes everything."""


class Watch:
    """A reader of audiences, and what it told."""

    def __init__(self, client: SlackClient, clock: DrivenClock, directory: DirectoryReader) -> None:
        self.named: list[str] = ["#alerts"]
        self.read: list[str] = []
        self.changed: list[str] = []
        self.record: Callable[[str], Awaitable[None]] = _recorded
        """Takes note of a change, as the database does: it may refuse."""
        self.clock = clock
        self.directory = directory
        self._told = asyncio.Condition()
        self.audience = AudienceReader(
            client=client,
            clock=clock,
            directory=directory,
            named=lambda: self.named,
            on_read=self._on_read,
            on_changed=self._on_changed,
        )
        self.tasks: list[asyncio.Task[None]] = []

    async def _on_read(self, channel_ids: tuple[str, ...]) -> None:
        self.read += channel_ids
        async with self._told:
            self._told.notify_all()

    async def _on_changed(self, channel_ids: tuple[str, ...]) -> None:
        for channel_id in channel_ids:
            await self.record(channel_id)
        self.changed += channel_ids
        async with self._told:
            self._told.notify_all()

    def start(self) -> None:
        """Let it run until the test ends."""
        self.tasks.append(asyncio.create_task(self.audience.run()))

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what was told."""
        async with asyncio.timeout(5), self._told:
            await self._told.wait_for(holds)

    def channel(self, channel_id: str = "C1") -> Channel:
        """What the directory says of a channel."""
        return self.directory.snapshot.channels_by_id[channel_id]

    async def asleep(self, seconds: float) -> None:
        """Wait until it sleeps so long: all that was due is done."""
        await self.clock.until_asleep(lambda one: one == pytest.approx(seconds))

    async def pass_by(self, seconds: float, then: float) -> None:
        """Let so many seconds pass; it works, and then sleeps for so long."""
        self.clock.advance(seconds)
        await self.asleep(then)


async def read_once(watch: Watch, workspace: Workspace, *members: str) -> None:
    """``#alerts`` with these members beside the bot is known, and all is at rest."""
    workspace.channel("C1", "alerts", *members)
    await watch.directory.refresh()
    watch.start()
    await watch.until(lambda: "C1" in watch.read)
    await watch.asleep(READ_EVERY)
