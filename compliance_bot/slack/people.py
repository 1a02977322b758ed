"""The people of the workspace and the members of groups, asked one by one and remembered for a while.

What a right depends on is asked afresh when older than its reader allows, and an answer that does
not come is an error, never a guess.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from compliance_bot.clock import Clock
from compliance_bot.model.slack import Person
from compliance_bot.slack.answers import person_of
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.failures import FailureClass, SlackCallFailed

T = TypeVar("T")

Heed = Callable[[Person, Person], None]
"""Told of a person as they were known before and as they are known now."""


class People:
    """Answers ``person``, ``group_members`` and ``person_by_email``."""

    def __init__(self, *, client: SlackClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._people: dict[str, Person] = {}
        self._members: dict[str, tuple[float, frozenset[str]]] = {}
        self._flights: dict[str, asyncio.Task[Any]] = {}
        self._heeders: list[Heed] = []
        self._elsewhere: dict[str, str] = {}

    def watch(self, heed: Heed) -> None:
        """Have ``heed`` called whenever Slack says something of a person who was known before."""
        self._heeders.append(heed)

    def known(self, user_id: str) -> Person | None:
        """A person as Slack told them last; None while it has not."""
        return self._people.get(user_id)

    def note(self, person: Person) -> None:
        """Take in what Slack says of a person, unless something newer is known."""
        known = self._people.get(person.id)
        if known is not None and known.read_at > person.read_at:
            return
        self._people[person.id] = person
        if known is not None:
            for heed in self._heeders:
                heed(known, person)

    def heard(self, user_id: str, team_id: str) -> None:
        """Take in which workspace a payload says a person is of: another than ours makes a stranger.

        In an organisation that may be a sister of our own, so there only Slack's word on the person counts.
        """
        ours = self._client.identity
        if ours is None or ours.enterprise_id or team_id == ours.team_id:
            self._elsewhere.pop(user_id, None)
        else:
            self._elsewhere[user_id] = team_id

    def forget_groups(self) -> None:
        """Ask anew who is in a group."""
        self._members.clear()

    async def person(self, user_id: str, *, max_age: float = 300.0) -> Person:
        """A person as Slack told them at most ``max_age`` seconds ago, else ``SlackCallFailed``."""
        if (team := self._elsewhere.get(user_id)) is not None:
            now = self._clock.now()
            return Person(id=user_id, handle="", name=user_id, team_id=team, stranger=True, read_at=now)
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
        """The person with that address, asked for; None when there is none."""
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
        self.note(person)
        return self._people[person.id]

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
