"""Who and what is in the workspace: a snapshot refreshed in the background.

The snapshot turns names into ids; ids survive renames. Who reads a channel is not in Slack's lists:
that is asked elsewhere (``audience``), put in by ``describe``, and survives each refresh.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from compliance_bot import logs
from compliance_bot.clock import Clock, SystemClock, wait_until
from compliance_bot.model.slack import Channel, Directory, Person, UserGroup
from compliance_bot.slack.answers import (
    channel_of,
    group_of,
    person_of,
    with_channel,
    with_channels,
    with_groups,
    with_people,
    without_groups,
)
from compliance_bot.slack.client import Identity, SlackClient
from compliance_bot.slack.failures import FailureClass, SlackCallFailed
from compliance_bot.slack.pages import read_pages
from compliance_bot.slack.people import People

_log = logs.logger("slack")
T = TypeVar("T")

REFRESH_EVERY = 600.0
"""Seconds between two readings of everything."""

RETRY_EVERY = 30.0
"""Seconds after a reading that failed in part."""

SETTLE = 2.0
"""Seconds to let changes gather before they are read."""

BEAR_AFTER = 4
"""Readings after which a list that Slack will not give is done without; channels never are."""


class DirectoryReader:
    """Keeps ``snapshot``, and ``people`` with it.

    ``snapshot`` is replaced, never changed; a reading that fails keeps what was known. ``lacking`` names
    the parts that could not be read, with Slack's word (``groups: plan_upgrade_required``).
    ``remember`` is handed each complete snapshot, for ``recall`` at the next start. ``webhooks`` are the
    channels to which the settings have an incoming webhook.
    """

    def __init__(
        self,
        *,
        client: SlackClient,
        clock: Clock,
        refresh_every: float = REFRESH_EVERY,
        remember: Callable[[Directory], Awaitable[None]] | None = None,
        webhooks: frozenset[str] = frozenset(),
    ) -> None:
        self._client = client
        self._clock = clock
        self._refresh_every = refresh_every
        self._remember = remember
        self._readings = 0
        self._turns = itertools.count(1)
        self._listed_in = 0
        self._described: dict[str, int] = {}
        self._last_known: dict[str, Channel] = {}
        self._untold: dict[str, Channel] = {}
        self._heeders: list[Callable[[], None]] = []
        self._wanted = asyncio.Event()
        self._loaded = asyncio.Event()
        self.snapshot = Directory(webhooks=webhooks)
        self.lacking: Mapping[str, str] = {}
        self.people = People(client=client, clock=clock)
        self.people_listed = asyncio.Event()
        """Set once everybody was read, or in vain asked for."""
        self.former: Mapping[str, Channel] = {}
        """Channels by id as they were when the last process ended."""

    async def run(self) -> None:
        """Refresh now, every ten minutes, and soon after Slack tells of a change."""
        while True:
            self._wanted.clear()
            whole = await self.refresh()
            if whole:
                await self.keep()
            pause = self._refresh_every if whole else min(RETRY_EVERY, self._refresh_every)
            if await wait_until(self._clock, self._wanted, pause):
                await self._clock.sleep(SETTLE)

    def want_refresh(self) -> None:
        """Have everything read again soon."""
        self._wanted.set()

    async def keep(self) -> None:
        """Have the snapshot remembered for the next start."""
        if self._remember is not None:
            await self._remember(self.to_be_kept())

    def to_be_kept(self) -> Directory:
        """The snapshot as the next start is to find it.

        A channel whose readers are not known just now is remembered with those that were known last: the
        next start tells who came or went since then.
        """
        channels = self.snapshot.channels_by_id.values()
        by_id = {channel.id: self._as_last_known(channel) for channel in channels}
        return replace(self.snapshot, channels_by_id=by_id)

    def remember_as(self, former: Channel) -> None:
        """Remember a channel's readers as these until it is ``told`` that others came.

        A process that ends before that leaves it to the next, which tells what differs from the former.
        """
        self._untold.setdefault(former.id, former)

    def told(self, channel_id: str) -> None:
        """Remember that channel's readers as they are: everyone knows of them."""
        self._untold.pop(channel_id, None)

    def _as_last_known(self, channel: Channel) -> Channel:
        if (former := self._untold.get(channel.id)) is not None:
            return replace(former, name=channel.name, member=channel.member, archived=channel.archived)
        known = self._last_known.get(channel.id, self.former.get(channel.id))
        if known is None or channel.guests is not None or channel.undescribed:
            return channel
        return replace(channel, guests=known.guests, undescribed=known.undescribed)

    def recall(self, directory: Directory) -> None:
        """Begin with what was known at the last start; Slack's own word replaces it.

        Who reads a channel may have changed meanwhile, so that counts as unread.
        """
        self.former = directory.channels_by_id
        unread = [replace(one, guests=None, undescribed=False) for one in self.former.values()]
        known = replace(directory, webhooks=self.snapshot.webhooks)
        self.snapshot = with_channels(known, unread)
        self._loaded.set()

    def watch(self, heed: Callable[[], None]) -> None:
        """Have ``heed`` called after each change of the channels that was not made by ``describe``."""
        self._heeders.append(heed)

    def describe(self, channel: Channel) -> None:
        """Put in what was learned of one channel; a list that was begun before this does not undo it."""
        self._described[channel.id] = next(self._turns)
        if channel.guests is not None or channel.undescribed:
            self._last_known[channel.id] = channel
        known = self.snapshot.channels_by_id.get(channel.id)
        if known is not None and known.name == channel.name:
            self.snapshot = with_channel(self.snapshot, channel)
            return
        others = {**self.snapshot.channels_by_id, channel.id: channel}
        self.snapshot = with_channels(self.snapshot, others.values())

    @property
    def loaded(self) -> bool:
        """True once names can be resolved, be it from what was recalled."""
        return self._loaded.is_set()

    async def refresh(self) -> bool:
        """Read everything once; True when nothing failed. Never raises for the wire's faults."""
        try:
            ours = await self._client.identify()
        except SlackCallFailed as failure:
            _log.warning("directory.unreadable", part="identity", why=str(failure))
            return False
        lacking: dict[str, str] = {}
        fine = await self._part("channels", self._read_channels(), self._with_listed, lacking)
        fine &= await self._part("groups", self._read_groups(), with_groups, lacking)
        fine &= await self._part("people", self._read_people(ours), with_people, lacking)
        self.people_listed.set()
        self.lacking = lacking
        self._readings += 1
        if fine:
            self.snapshot = replace(self.snapshot, complete=True)
        if fine or ("channels" not in lacking and self._readings >= BEAR_AFTER):
            self._loaded.set()
        return fine

    async def wait_loaded(self) -> None:
        """Return once names can be resolved: all was read, recalled, or in vain asked for often enough."""
        await self._loaded.wait()

    async def _part(
        self,
        part: str,
        reading: Coroutine[Any, Any, list[T]],
        merged: Callable[[Directory, list[T]], Directory],
        lacking: dict[str, str],
    ) -> bool:
        """Read one part into the snapshot; False when it may succeed later."""
        try:
            found = await reading
            self.snapshot = merged(self.snapshot, found)
        except SlackCallFailed as failure:
            lacking[part] = failure.code
            if part == "groups" and failure.kind is FailureClass.FEATURE_MISSING:
                self.snapshot = without_groups(self.snapshot, failure.code)
            _log.warning("directory.unreadable", part=part, why=str(failure))
            return failure.needed is not None or failure.kind is FailureClass.FEATURE_MISSING
        if part == "channels":
            self._heed()
        return True

    # ------------------------------------------------------------ reading it all

    async def _read_channels(self) -> list[Channel]:
        self._listed_in = next(self._turns)
        granted = self._client.granted_scopes
        private = granted is None or "groups:read" in granted
        kinds = "public_channel,private_channel" if private else "public_channel"
        found = await self._pages("conversations.list", "channels", {"types": kinds})
        return [channel for each in found if (channel := channel_of(each)) is not None]

    async def _read_groups(self) -> list[UserGroup]:
        found = await self._pages("usergroups.list", "usergroups", {"include_count": True})
        return [group for each in found if (group := group_of(each)) is not None]

    async def _read_people(self, ours: Identity) -> list[Person]:
        began = self._clock.now()
        found = await self._pages("users.list", "members", {})
        people = [person for each in found if (person := person_of(each, ours=ours, now=began)) is not None]
        for person in people:
            self.people.note(person)
        return people

    async def _pages(self, method: str, key: str, arguments: dict[str, Any]) -> list[Mapping[str, Any]]:
        found = await read_pages(self._client, self._clock, method, key, arguments)
        return [each for each in found if isinstance(each, Mapping)]

    def _with_listed(self, directory: Directory, channels: list[Channel]) -> Directory:
        """The directory with the channels of a list; what lists don't tell of them is kept."""
        kept = [self._with_readers(channel, directory.channels_by_id.get(channel.id)) for channel in channels]
        return with_channels(directory, kept)

    def _with_readers(self, listed: Channel, known: Channel | None) -> Channel:
        if known is None:
            return listed
        if self._described.get(listed.id, 0) > self._listed_in:
            return known
        return replace(listed, guests=known.guests, undescribed=known.undescribed)

    def _heed(self) -> None:
        for heed in self._heeders:
            heed()

    async def meet(self, person_id: str) -> bool:
        """Ask Slack for a person whom no list told of; True once it is known who, or that there is nobody."""
        try:
            self._take_in(await self.people.person(person_id))
        except SlackCallFailed as failure:
            _log.warning("directory.person_unreadable", person=person_id, why=str(failure))
            if failure.kind not in (FailureClass.PERMANENT_DESTINATION, FailureClass.PERMANENT_PAYLOAD):
                return False
            unknown = self.snapshot.people_unknown | {person_id}
            self.snapshot = replace(self.snapshot, people_unknown=unknown)
        return True

    async def person_by_email(self, email: str) -> Person | None:
        """The person with that address: of the snapshot, else asked for; None when there is none."""
        known = self.snapshot.people_by_email.get(email.lower())
        return known if known is not None else await self.people.person_by_email(email)

    # ------------------------------------------------------------ what Slack tells by itself

    async def on_event(self, kind: str, event: Mapping[str, Any]) -> None:
        """Take in an event of Slack's about channels, people or groups; others are let be.

        Raises ``SlackCallFailed`` when it must be known who we are and Slack won't say.
        """
        if kind == "user_change":
            await self._heed_person(event)
        elif kind.startswith("subteam_"):
            self.people.forget_groups()
            self.want_refresh()
        elif kind in ("channel_rename", "group_rename"):
            self._heed_rename(event)
        elif kind.startswith(("channel_", "group_")) or await self._is_about_us(kind, event):
            self.want_refresh()

    async def _heed_person(self, event: Mapping[str, Any]) -> None:
        user = event.get("user")
        if not isinstance(user, Mapping):
            return
        ours = await self._client.identify()
        person = person_of(user, ours=ours, now=self._clock.now())
        if person is None:
            return
        self.people.note(person)
        self._take_in(person)

    def _take_in(self, person: Person) -> None:
        known = self.snapshot
        others = {**known.people_by_handle, **known.people_by_email, **known.people_by_id}.values()
        unique = {each.id: each for each in others} | {person.id: person}
        self.snapshot = with_people(self.snapshot, unique.values())

    def _heed_rename(self, event: Mapping[str, Any]) -> None:
        told = event.get("channel")
        known = self.snapshot.channels_by_id.get(told.get("id", "")) if isinstance(told, Mapping) else None
        if known is None or not isinstance(told, Mapping) or not isinstance(told.get("name"), str):
            self.want_refresh()
            return
        renamed = {**self.snapshot.channels_by_id, known.id: replace(known, name=told["name"])}
        self.snapshot = with_channels(self.snapshot, renamed.values())
        self._heed()

    async def _is_about_us(self, kind: str, event: Mapping[str, Any]) -> bool:
        if kind not in ("member_joined_channel", "member_left_channel"):
            return False
        return event.get("user") == (await self._client.identify()).bot_user_id


async def read_directory(client: SlackClient, clock: Clock | None = None) -> Directory:
    """Channels, groups and people read once; ``complete`` is False where Slack would not say."""
    reader = DirectoryReader(client=client, clock=clock or SystemClock())
    await reader.refresh()
    return reader.snapshot
