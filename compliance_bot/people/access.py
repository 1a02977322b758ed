"""Who may do what, asked when a click is carried out; where Slack can't say, nobody may.

An entry of ``access:`` is ``members``, ``@group``, ``@person`` or ``studio:ROLE`` (people of that role by
``people.roles``; auditors also by Studio's own list). Guests, bots, deactivated people and strangers from
Slack Connect never may.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from compliance_bot.config.schema import Action, Rules
from compliance_bot.errors import SlackError
from compliance_bot.messages.wording import Refusal
from compliance_bot.model.slack import Directory, Person, UserGroup
from compliance_bot.people.identity import (
    AUDITOR,
    MANAGER,
    AuditorList,
    listed_in_role,
    no_manager_is_listed,
    of_role,
    slack_emails,
    studio_email,
)
from compliance_bot.slack.failures import FailureClass, SlackCallFailed

FRESH_PERSON = 300.0
FRESH_GROUP = 60.0
"""Seconds for which Slack's word on a person, and on a group's members, is trusted."""

MEMBERS = "members"
_STUDIO = "studio:"
_MANAGERS, _AUDITORS = f"{_STUDIO}{MANAGER}", f"{_STUDIO}{AUDITOR}"
_NOT_THERE = (FailureClass.PERMANENT_DESTINATION, FailureClass.PERMANENT_PAYLOAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A person may; ``right`` is the entry that lets them."""

    person: Person
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A person may not; ``allowed``: who may, in the words of rules.yaml."""

    refusal: Refusal
    allowed: tuple[str, ...] = ()
    person: Person | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """The entry of ``access:`` that lets somebody."""

    entry: str


AskPerson = Callable[[str, float], Awaitable[Person]]
"""A person by Slack id, told by Slack no longer ago than so many seconds; raises ``SlackError``."""
AskGroup = Callable[[str, float], Awaitable[frozenset[str]]]
"""The ids of a group's members, likewise."""
AskEmail = Callable[[str], Awaitable[Person | None]]
"""The person with an address, None when there is none; raises ``SlackError``."""
AskAuditors = Callable[[], Awaitable[AuditorList]]
"""Studio's list of auditors, as it was read last."""


class Access:
    """Asks Slack for what ``access:`` needs to know, then judges. ``now``: Unix seconds."""

    def __init__(
        self,
        *,
        rules: Callable[[], Rules],
        directory: Callable[[], Directory],
        person: AskPerson,
        group_members: AskGroup,
        person_by_email: AskEmail,
        auditors: AskAuditors,
        now: Callable[[], float],
    ) -> None:
        self._rules = rules
        self._directory = directory
        self._person = person
        self._group_members = group_members
        self._person_by_email = person_by_email
        self._auditors = auditors
        self._now = now

    # ------------------------------------------------------------ may this person?

    async def ask(self, person_id: str, action: Action) -> Allowed | Refused:
        """Whether that person may do ``action`` now."""
        rules = self._rules()
        entries = rules.access.get(action, ())
        try:
            person = await self._person(person_id, FRESH_PERSON)
            refusal = never(person)
            if refusal is not None:
                return Refused(refusal=refusal, allowed=entries, person=person)
            right = await self._right(person, entries, rules)
        except SlackError:
            return Refused(refusal=Refusal.UNKNOWN, allowed=entries)
        if isinstance(right, Right):
            return Allowed(person=person, right=right.entry)
        return Refused(refusal=right or not_listed(entries, rules), allowed=entries, person=person)

    async def _right(self, person: Person, entries: Sequence[str], rules: Rules) -> Right | Refusal | None:
        """The entry that lets this person; a refusal where one only would if more were known."""
        for entry in entries:
            if entry == MEMBERS or (self._group(entry) is None and _names(entry, person, rules)):
                return Right(entry=entry)
        by_list = await self._by_studios_list(person, rules) if _AUDITORS in entries else None
        if isinstance(by_list, Right):
            return by_list
        for entry in entries:
            group = self._group(entry)
            if group is not None and person.id in await self._group_members(group.id, FRESH_GROUP):
                return Right(entry=entry)
        return by_list

    async def _by_studios_list(self, person: Person, rules: Rules) -> Right | Refusal | None:
        """An auditor by Studio's own list; one that is too old lets nobody, and whom it named is told so."""
        listed = await self._auditors()
        if not person.email or studio_email(person.email, rules) not in listed.emails:
            return None
        return Refusal.STUDIO_SILENT if listed.is_old(self._now()) else Right(entry=_AUDITORS)

    def _group(self, entry: str) -> UserGroup | None:
        return self._directory().groups_by_handle.get(entry.removeprefix("@").lower())

    # ------------------------------------------------------------ who may?

    async def who_may(self, action: Action) -> list[Person] | None:
        """Everyone who may do ``action`` now, each once, in the order of the rules; None: every member.

        Whom Slack does not know is left out. Raises ``SlackError`` where Slack can't say now: ask later.
        """
        rules = self._rules()
        entries = rules.access.get(action, ())
        if MEMBERS in entries:
            return None
        found: dict[str, Person] = {}
        for entry in entries:
            for person_id in await self._ids(entry, rules):
                person = await self._fresh(person_id)
                if person is not None and never(person) is None:
                    found[person.id] = person
        return list(found.values())

    async def _ids(self, entry: str, rules: Rules) -> Iterable[str]:
        if entry.startswith(_STUDIO):
            return await self._ids_of_role(entry.removeprefix(_STUDIO), rules)
        group = self._group(entry)
        if group is not None:
            return sorted(await self._group_members(group.id, FRESH_GROUP))
        known = self._directory()
        plain = entry.removeprefix("@").lower()
        person = known.people_by_handle.get(plain) or known.people_by_email.get(plain)
        if person is None and "@" in plain:
            person = await self._person_by_email(plain)
        return () if person is None else (person.id,)

    async def _ids_of_role(self, role: str, rules: Rules) -> list[str]:
        listed = await self._auditors() if role == AUDITOR else AuditorList()
        trusted = AuditorList() if listed.is_old(self._now()) else listed
        return [
            person.id
            for email in of_role(role, rules, trusted)
            if (person := await self._known_as(email, rules))
        ]

    async def _known_as(self, email: str, rules: Rules) -> Person | None:
        """The Slack person whom Studio knows by that address."""
        for address in slack_emails(email, rules):
            person = self._directory().people_by_email.get(address) or await self._person_by_email(address)
            if person is not None:
                return person
        return None

    async def _fresh(self, person_id: str) -> Person | None:
        try:
            return await self._person(person_id, FRESH_PERSON)
        except SlackCallFailed as failure:
            if failure.kind in _NOT_THERE:
                return None
            raise


def never(person: Person) -> Refusal | None:
    """Why this person may never do anything here; None where ``access:`` decides."""
    if person.bot:
        return Refusal.BOT
    if person.stranger:
        return Refusal.STRANGER
    if person.deactivated:
        return Refusal.DEACTIVATED
    if person.guest:
        return Refusal.GUEST
    return None


def waits_for_managers(action: Action, rules: Rules) -> bool:
    """True where ``action`` is for managers alone and ``people.roles`` lists none: nobody may."""
    return not_listed(rules.access.get(action, ()), rules) is Refusal.NO_MANAGER


def not_listed(entries: Sequence[str], rules: Rules) -> Refusal:
    """Why whom no entry names may not: nobody may yet, or others may."""
    only_managers = bool(entries) and all(entry == _MANAGERS for entry in entries)
    return Refusal.NO_MANAGER if only_managers and no_manager_is_listed(rules) else Refusal.NOT_LISTED


def _names(entry: str, person: Person, rules: Rules) -> bool:
    email = (person.email or "").lower()
    if entry.startswith(_STUDIO):
        role = entry.removeprefix(_STUDIO)
        return bool(email) and studio_email(email, rules) in listed_in_role(role, rules)
    plain = entry.removeprefix("@").lower()
    return plain in (person.handle.lower(), person.id.lower()) or (bool(email) and plain == email)
