"""Who and what is in the workspace: a snapshot refreshed in the background, and single questions.

The snapshot turns names into ids; ids survive renames. What a right depends on (a person's state, a
group's members) is asked afresh when older than its reader allows, and an answer that does not come
is an error, never a guess.
"""

from __future__ import annotations

import asyncio
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
    with_channels,
    with_groups,
    with_people,
)
from compliance_bot.slack.client import Identity, SlackClient
from compliance_bot.slack.failures import (
    RETRY_AFTER_UNTOLD,
    FailureClass,
    SlackCallFailed,
)

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

_PAGE = 999
_PAGES = 200
_PATIENCE = 5


class DirectoryReader:
    """Keeps ``snapshot`` and answers ``person`` and ``group_members``.

    ``snapshot`` is replaced, never changed; a reading that fails keeps what was known. ``lacking`` names
    the parts that could not be read, with Slack's word (``groups: plan_upgrade_required``).
    ``remember`` is handed each complete snapshot, for ``recall`` at the next start.
    """

    def __init__(
        self,
        *,
        client: SlackClient,
        clock: Clock,
        refresh_every: float = REFRESH_EVERY,
        remember: Callable[[Directory], Awaitable[None]] | None = None,
    ) -> None:
        self._client = client
        self._clock = clock
        self._refresh_every = refresh_every
        self._remember = remember
        self._readings = 0
        self._people: dict[str, Person] = {}
        self._members: dict[str, tuple[float, frozenset[str]]] = {}
        self._flights: dict[str, asyncio.Task[Any]] = {}
        self._wanted = asyncio.Event()
        self._loaded = asyncio.Event()
        self.snapshot = Directory()
        self.lacking: Mapping[str, str] = {}

    async def run(self) -> None:
        """Refresh now, every ten minutes, and soon after Slack tells of a change."""
        while True:
            self._wanted.clear()
            whole = await self.refresh()
            if whole and self._remember is not None:
                await self._remember(self.snapshot)
            pause = self._refresh_every if whole else min(RETRY_EVERY, self._refresh_every)
            if await wait_until(self._clock, self._wanted, pause):
                await self._clock.sleep(SETTLE)

    def want_refresh(self) -> None:
        """Have everything read again soon."""
        self._wanted.set()

    def recall(self, directory: Directory) -> None:
        """Begin with what was known at the last start; Slack's own word replaces it."""
        self.snapshot = directory
        self._loaded.set()

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
        fine = await self._part("channels", self._read_channels(), with_channels, lacking)
        fine &= await self._part("groups", self._read_groups(), with_groups, lacking)
        fine &= await self._part("people", self._read_people(ours), with_people, lacking)
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
            self.snapshot = merged(self.snapshot, await reading)
        except SlackCallFailed as failure:
            lacking[part] = failure.code
            _log.warning("directory.unreadable", part=part, why=str(failure))
            return failure.needed is not None or failure.kind is FailureClass.FEATURE_MISSING
        return True

    # ------------------------------------------------------------ reading it all

    async def _read_channels(self) -> list[Channel]:
        granted = self._client.granted_scopes
        private = granted is None or "groups:read" in granted
        kinds = "public_channel,private_channel" if private else "public_channel"
        found = await self._pages("conversations.list", "channels", {"types": kinds})
        return [channel for each in found if (channel := channel_of(each)) is not None]

    async def _read_groups(self) -> list[UserGroup]:
        found = await self._pages("usergroups.list", "usergroups", {})
        return [group for each in found if (group := group_of(each)) is not None]

    async def _read_people(self, ours: Identity) -> list[Person]:
        began = self._clock.now()
        found = await self._pages("users.list", "members", {})
        people = [person for each in found if (person := person_of(each, ours=ours, now=began)) is not None]
        for person in people:
            self._note(person)
        return people

    async def _pages(self, method: str, key: str, arguments: dict[str, Any]) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        cursor: str | None = None
        for _ in range(_PAGES):
            asked = {**arguments, "limit": _PAGE, **({"cursor": cursor} if cursor else {})}
            page = await self._politely(method, asked)
            found.extend(each for each in page.get(key) or () if isinstance(each, Mapping))
            following = (page.get("response_metadata") or {}).get("next_cursor") or None
            if following is None or following == cursor:
                return found
            cursor = following
        return found

    async def _politely(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """One call that waits as long as Slack's rate limit asks, some times over."""
        for _ in range(_PATIENCE):
            try:
                return await self._client.call(method, arguments)
            except SlackCallFailed as failure:
                if failure.retry_after is None:
                    raise
                await self._clock.sleep(failure.retry_after or RETRY_AFTER_UNTOLD)
        return await self._client.call(method, arguments)

    # ------------------------------------------------------------ asking for one

    async def person(self, user_id: str, *, max_age: float = 300.0) -> Person:
        """A person as Slack told them at most ``max_age`` seconds ago, else ``SlackCallFailed``."""
        known = self._people.get(user_id)
        if known is not None and self._clock.now() - known.read_at <= max_age:
            return known
        return await self._once(f"person {user_id}", lambda: self._ask_person(user_id))

    async def group_members(self, group_id: str, *, max_age: float = 60.0) -> frozenset[str]:
        """The ids in a group as told at most ``max_age`` seconds ago, else ``SlackCallFailed``."""
        known = self._members.get(group_id)
        if known is not None and self._clock.now() - known[0] <= max_age:
            return known[1]
        return await self._once(f"group {group_id}", lambda: self._ask_members(group_id))

    async def person_by_email(self, email: str) -> Person | None:
        """The person with that address: of the snapshot, else asked for; None when there is none."""
        known = self.snapshot.people_by_email.get(email.lower())
        if known is not None:
            return known
        return await self._once(f"email {email.lower()}", lambda: self._ask_email(email))

    async def _ask_person(self, user_id: str) -> Person:
        return await self._person_from("users.info", {"user": user_id})

    async def _ask_email(self, email: str) -> Person | None:
        try:
            return await self._person_from("users.lookupByEmail", {"email": email})
        except SlackCallFailed as failure:
            if failure.kind is FailureClass.PERMANENT_DESTINATION:
                return None
            raise

    async def _person_from(self, method: str, arguments: Mapping[str, Any]) -> Person:
        began = self._clock.now()
        ours = await self._client.identify()
        answer = await self._client.call(method, arguments)
        user = answer.get("user")
        person = person_of(user, ours=ours, now=began) if isinstance(user, Mapping) else None
        if person is None:
            why = "Slack's answer names no person"
            raise SlackCallFailed(method=method, code="no_user", kind=FailureClass.UNKNOWN, why=why)
        self._note(person)
        return person

    async def _ask_members(self, group_id: str) -> frozenset[str]:
        began = self._clock.now()
        answer = await self._client.call("usergroups.users.list", {"usergroup": group_id})
        users = answer.get("users")
        members = frozenset(str(user) for user in users) if isinstance(users, list) else frozenset()
        self._members[group_id] = (began, members)
        return members

    async def _once(self, name: str, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """One question at a time: who asks the same meanwhile gets the same answer."""
        flight = self._flights.get(name)
        if flight is None:
            flight = asyncio.ensure_future(ask())
            self._flights[name] = flight
            flight.add_done_callback(lambda _: self._flights.pop(name, None))
        answer: T = await asyncio.shield(flight)
        return answer

    def _note(self, person: Person) -> None:
        known = self._people.get(person.id)
        if known is None or known.read_at <= person.read_at:
            self._people[person.id] = person

    # ------------------------------------------------------------ what Slack tells by itself

    async def on_event(self, kind: str, event: Mapping[str, Any]) -> None:
        """Take in an event of Slack's about channels, people or groups; others are let be.

        Raises ``SlackCallFailed`` when it must be known who we are and Slack won't say.
        """
        if kind == "user_change":
            await self._heed_person(event)
        elif kind.startswith("subteam_"):
            self._members.clear()
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
        self._note(person)
        others = {**self.snapshot.people_by_handle, **self.snapshot.people_by_email}.values()
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

    async def _is_about_us(self, kind: str, event: Mapping[str, Any]) -> bool:
        if kind not in ("member_joined_channel", "member_left_channel"):
            return False
        return event.get("user") == (await self._client.identify()).bot_user_id


async def read_directory(client: SlackClient, clock: Clock | None = None) -> Directory:
    """Channels, groups and people read once; ``complete`` is False where Slack would not say."""
    reader = DirectoryReader(client=client, clock=clock or SystemClock())
    await reader.refresh()
    return reader.snapshot
