"""Keeps known who reads each channel that matters: read at once where it counts, then every hour.

What is not known is never guessed: a channel begins unread, and one that Slack will not describe is
``undescribed``. News of Slack's can only make a channel stricter at once; what loosens it is read first.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from compliance_bot import logs
from compliance_bot.clock import Clock, wait_until
from compliance_bot.errors import NotRecorded
from compliance_bot.model.slack import Channel, Person
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.directory import DirectoryReader
from compliance_bot.slack.failures import FailureClass, SlackCallFailed
from compliance_bot.slack.readers import ask_readers, counts_as_guest, is_definite

_log = logs.logger("slack")

READ_EVERY = 3600.0
"""Seconds between two readings of one channel."""

TRUST_FOR = 7200.0
"""Seconds for which what was read counts while it can't be read again."""

GUESS_AFTER = 60.0
"""Seconds after which a channel that could never be read is taken for one that Slack can't describe."""

RETRY_AFTER = (2.0, 5.0, 15.0, 30.0)
"""Seconds to the next try, by the tries that failed; the last for all further ones."""

PACE = 1.5
"""Seconds between two readings that nobody waits for; Slack allows 50 a minute."""

AT_ONCE = 8
"""Readings that somebody waits for, at one time."""

MEMBERSHIPS = 200
"""Channels that the bot is merely a member of and that are read without being asked for."""

KEEP_EVERY = 30.0
"""Seconds between two times that what was learned is kept: first readings of many channels go together."""

_PEOPLE = ("U", "W")
"""How the id of a person begins."""

_LATER = 2.0
_SETTLE = 0.25

Told: TypeAlias = Callable[[tuple[str, ...]], Awaitable[None]]
"""Handed the ids of channels."""


async def _nobody(_channel_ids: tuple[str, ...]) -> None:
    """Nobody wants to know."""


@dataclass(slots=True, kw_only=True)
class _Reading:
    """How the reading of one channel stands. ``turn`` rises when news makes a reading under way stale."""

    next_at: float = 0.0
    read_at: float | None = None
    failing_since: float | None = None
    failures: int = 0
    turn: int = 0


class AudienceReader:
    """Fills ``guests``, ``shared_outside`` and ``undescribed`` of the directory's channels.

    ``named``: the channels that rules.yaml names. ``on_read`` is told of channels that became known,
    ``on_changed`` of those whose readers are others than before, also than before the last start.
    """

    def __init__(
        self,
        *,
        client: SlackClient,
        clock: Clock,
        directory: DirectoryReader,
        named: Callable[[], Iterable[str]],
        on_read: Told = _nobody,
        on_changed: Told = _nobody,
    ) -> None:
        self._client = client
        self._clock = clock
        self._directory = directory
        self._named = named
        self._on_read = on_read
        self._on_changed = on_changed
        self._readings: dict[str, _Reading] = {}
        self._asked: dict[str, None] = {}
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._queued: set[str] = set()
        self._under_way: set[str] = set()
        self._said: dict[str, Channel] = {}
        self._changes = itertools.count(1)
        self._untold: dict[str, int] = {}
        self._woken = asyncio.Event()
        self._news = asyncio.Event()
        self._unkept = asyncio.Event()
        directory.watch(self._channels_listed)
        directory.people.watch(self._person_changed)

    # ------------------------------------------------------------ life

    async def run(self) -> None:
        """Read what is asked for, re-read the rest, and tell of changes, for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._serve())
            group.create_task(self._keep_fresh())
            group.create_task(self._tell_changes())
            group.create_task(self._keep())

    def want(self, channel_id: str) -> None:
        """Have a channel read before others, or a person met: something is waiting to be said there."""
        if channel_id.startswith(_PEOPLE):
            self._enqueue(channel_id)
            return
        self._asked[channel_id] = None
        reading = self._readings.get(channel_id)
        channel = self._directory.snapshot.channels_by_id.get(channel_id)
        waits = reading is not None and reading.failures and not self._is_due(channel_id)
        if channel is None or waits or channel_id in self._under_way:
            return
        if _readers(channel) is None or self._is_due(channel_id):
            self._enqueue(channel_id)

    async def read(self, channel_ids: Iterable[str]) -> None:
        """Read those channels once, now; what can't be read stays unread."""
        for channel_id in channel_ids:
            await self._look(channel_id)

    async def _serve(self) -> None:
        while True:
            channel_id = await self._queue.get()
            self._queued.discard(channel_id)
            if not channel_id.startswith(_PEOPLE):
                await self._look(channel_id)
            elif await self._directory.meet(channel_id):
                await self._tell_read(channel_id)

    async def _keep_fresh(self) -> None:
        while True:
            self._woken.clear()
            self._forget_old()
            first, others = self._first(), self._others()
            for channel_id in first:
                if self._is_due(channel_id):
                    self._enqueue(channel_id)
            due = next((one for one in others if self._is_due(one)), None)
            if due is not None:
                await self._look(due)
                await self._clock.sleep(PACE)
                continue
            times = [self._reading(one).next_at for one in (*first, *others) if one not in self._queued]
            pause = min([*times, self._clock.now() + READ_EVERY]) - self._clock.now()
            await wait_until(self._clock, self._woken, max(0.0, pause))

    def _forget_old(self) -> None:
        """Count as unread what was read too long ago: nobody reads it any more, or the machine slept."""
        now = self._clock.now()
        for channel_id, reading in self._readings.items():
            channel = self._directory.snapshot.channels_by_id.get(channel_id)
            fresh = reading.read_at is None or now - reading.read_at < TRUST_FOR
            if channel is not None and channel.guests is not None and not fresh and not reading.failures:
                self._describe(replace(channel, guests=None))

    async def _tell_changes(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                for channel_id, change in sorted(self._untold.items()):
                    await self._on_changed((channel_id,))
                    self._was_told(channel_id, change)
            except NotRecorded as refusal:
                _log.warning("audience.change_not_recorded", reason=str(refusal))
                await self._clock.sleep(_LATER)
                self._news.set()

    def _was_told(self, channel_id: str, change: int) -> None:
        """Let the former readers go, unless others came while that was told."""
        if self._untold[channel_id] == change:
            del self._untold[channel_id]
            self._directory.told(channel_id)
            self._unkept.set()

    async def _keep(self) -> None:
        """Have what was learned remembered, soon, so that the next start can tell what changed."""
        while True:
            await self._unkept.wait()
            await self._clock.sleep(_SETTLE)
            self._unkept.clear()
            try:
                if self._directory.snapshot.complete:
                    await self._directory.keep()
            except NotRecorded as refusal:
                _log.warning("audience.not_remembered", reason=str(refusal))
                self._unkept.set()
            await self._clock.sleep(KEEP_EVERY - _SETTLE)

    # ------------------------------------------------------------ what is read, and when

    def _first(self) -> list[str]:
        """Channels that are read at once: those of the rules, and where something waited."""
        snapshot = self._directory.snapshot
        named = [channel.id for name in self._named() if (channel := snapshot.channel(name)) is not None]
        return [one for one in dict.fromkeys([*named, *self._asked]) if one in snapshot.channels_by_id]

    def _others(self) -> list[str]:
        first = set(self._first())
        known = self._directory.snapshot.channels_by_id.values()
        inside = [one.id for one in known if one.member and not one.archived and one.id not in first]
        return sorted(inside)[:MEMBERSHIPS]

    def _reading(self, channel_id: str) -> _Reading:
        return self._readings.setdefault(channel_id, _Reading())

    def _is_due(self, channel_id: str) -> bool:
        return channel_id not in self._queued and self._reading(channel_id).next_at <= self._clock.now()

    def _enqueue(self, channel_id: str) -> None:
        if channel_id not in self._queued:
            self._queued.add(channel_id)
            self._queue.put_nowait(channel_id)

    async def _look(self, channel_id: str) -> None:
        reading, unread = self._reading(channel_id), self._is_unread(channel_id)
        reading.next_at = self._clock.now() + GUESS_AFTER
        self._under_way.add(channel_id)
        try:
            await self._ask(channel_id, reading)
        finally:
            self._under_way.discard(channel_id)
            self._woken.set()
        if unread and not self._is_unread(channel_id):
            await self._tell_read(channel_id)

    async def _ask(self, channel_id: str, reading: _Reading) -> None:
        turn, began = reading.turn, self._clock.now()
        listed, people = self._directory.people_listed, self._directory.people
        try:
            channel = await ask_readers(self._client, self._clock, people, listed, channel_id)
        except SlackCallFailed as failure:
            self._failed(channel_id, reading, failure)
            return
        if reading.turn != turn:
            self._enqueue(channel_id)
            return
        reading.read_at, reading.failing_since, reading.failures = began, None, 0
        reading.next_at = began + READ_EVERY
        self._describe(channel)

    def _failed(self, channel_id: str, reading: _Reading, failure: SlackCallFailed) -> None:
        now = self._clock.now()
        reading.failures += 1
        reading.failing_since = now if reading.failing_since is None else reading.failing_since
        pause = RETRY_AFTER[min(reading.failures, len(RETRY_AFTER)) - 1]
        definite = is_definite(failure)
        reading.next_at = now + (READ_EVERY if definite else max(pause, failure.retry_after or 0.0))
        if definite or reading.failures == 1:
            _log.warning("audience.unreadable", channel=channel_id, definite=definite, why=str(failure))
        channel = self._directory.snapshot.channels_by_id.get(channel_id)
        if channel is None or not (definite or self._is_outdated(channel, reading, now)):
            return
        if definite or self._slack_answers(failure, reading.failing_since):
            self._describe(replace(channel, undescribed=True))
        else:
            self._describe(replace(channel, guests=None, undescribed=False))

    def _is_outdated(self, channel: Channel, reading: _Reading, now: float) -> bool:
        """Whether what is known, or that nothing is, may stand no longer."""
        if channel.guests is None or reading.read_at is None:
            return now - (reading.failing_since or now) >= GUESS_AFTER
        return now - reading.read_at >= TRUST_FOR

    def _slack_answers(self, failure: SlackCallFailed, since: float) -> bool:
        """Whether messages would go, so that one must not wait for ever for what can't be read."""
        last = self._client.last_answer_at
        return failure.kind is not FailureClass.FATAL and last is not None and last > since

    def _is_unread(self, channel_id: str) -> bool:
        channel = self._directory.snapshot.channels_by_id.get(channel_id)
        return channel is None or _readers(channel) is None

    def _describe(self, channel: Channel) -> None:
        self._directory.describe(channel)
        self._compare(channel)

    async def _tell_read(self, channel_id: str) -> None:
        try:
            await self._on_read((channel_id,))
        except NotRecorded as refusal:
            _log.warning("audience.reading_not_told", channel=channel_id, reason=str(refusal))

    # ------------------------------------------------------------ what changes

    def _compare(self, channel: Channel) -> None:
        """Take note when others read a channel than were known to."""
        readers, said = _readers(channel), self._said.get(channel.id)
        if readers is None or (said is not None and readers == _readers(said)):
            return
        former = said or self._directory.former.get(channel.id)
        known = None if former is None else _readers(former)
        self._said[channel.id] = channel
        if readers == known:
            return
        if former is not None and known is not None:
            _log.info("audience.changed", channel=channel.id)
            self._untold[channel.id] = next(self._changes)
            self._directory.remember_as(former)
            self._news.set()
        self._unkept.set()

    def _channels_listed(self) -> None:
        known = self._directory.snapshot.channels_by_id
        for channel_id in self._readings.keys() - known.keys():
            del self._readings[channel_id]
        for channel_id in self._said.keys() & known.keys():
            self._compare(known[channel_id])
        self._woken.set()

    def on_event(self, kind: str, event: Mapping[str, Any]) -> None:
        """Take in Slack's word of who came, who went, and what was shared; others are let be."""
        channel = self._directory.snapshot.channels_by_id.get(str(event.get("channel")))
        if channel is None:
            return
        if kind == "member_joined_channel":
            self._joined(channel, str(event.get("user")))
        elif kind == "member_left_channel" and channel.guests:
            self._read_again(channel)
        elif kind == "channel_shared":
            self._read_again(replace(channel, shared_outside=True))
        elif kind == "channel_unshared":
            self._read_again(channel)

    def _joined(self, channel: Channel, user_id: str) -> None:
        person = self._directory.people.known(user_id)
        if person is None:
            self._read_again(replace(channel, guests=None))
        elif counts_as_guest(person):
            self._read_again(replace(channel, guests=True))
        elif channel.undescribed:
            self._read_again(channel)

    def _person_changed(self, before: Person, person: Person) -> None:
        """Somebody became a guest, or ceased to be one: it isn't known where they read."""
        if counts_as_guest(before) == counts_as_guest(person):
            return
        became = counts_as_guest(person)
        for channel in self._directory.snapshot.channels_by_id.values():
            if channel.guests is (not became):
                self._read_again(replace(channel, guests=None) if became else channel)

    def _read_again(self, channel: Channel) -> None:
        """Let a channel count as this until it is read anew; a reading under way came too early."""
        self._describe(channel)
        reading = self._reading(channel.id)
        reading.turn += 1
        reading.next_at = 0.0
        self._woken.set()


def _readers(channel: Channel) -> tuple[bool, ...] | None:
    """What a ceiling depends on; None while it is not known."""
    if channel.guests is None and not (channel.shared_outside or channel.undescribed):
        return None
    return channel.private, channel.shared_outside, channel.undescribed or bool(channel.guests)
