"""Who may do what, asked when a click is carried out; where Slack can't say, nobody may.

An entry of ``access:`` is ``members``, ``@group``, ``@person`` or ``studio:ROLE`` (people of that role by
``people.roles``). Guests, bots, deactivated people and strangers from Slack Connect never may.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from compliance_bot.config.schema import Action, Rules
from compliance_bot.errors import SlackError
from compliance_bot.messages.wording import Refusal
from compliance_bot.model.slack import Directory, Person, UserGroup

FRESH_PERSON = 300.0
FRESH_GROUP = 60.0
"""Seconds for which Slack's word on a person, and on a group's members, is trusted."""

MEMBERS = "members"
_STUDIO = "studio:"


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


AskPerson = Callable[[str, float], Awaitable[Person]]
"""A person by Slack id, told by Slack no longer ago than so many seconds; raises ``SlackError``."""
AskGroup = Callable[[str, float], Awaitable[frozenset[str]]]
"""The ids of a group's members, likewise."""


class Access:
    """Asks Slack for what ``access:`` needs to know, then judges."""

    def __init__(
        self,
        *,
        rules: Callable[[], Rules],
        directory: Callable[[], Directory],
        person: AskPerson,
        group_members: AskGroup,
    ) -> None:
        self._rules = rules
        self._directory = directory
        self._person = person
        self._group_members = group_members

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
        if right is None:
            return Refused(refusal=Refusal.NOT_LISTED, allowed=entries, person=person)
        return Allowed(person=person, right=right)

    async def _right(self, person: Person, entries: Sequence[str], rules: Rules) -> str | None:
        for entry in entries:
            if entry == MEMBERS or _names(entry, person, rules):
                return entry
        for entry in entries:
            group = self._group(entry)
            if group is not None and person.id in await self._group_members(group.id, FRESH_GROUP):
                return entry
        return None

    def _group(self, entry: str) -> UserGroup | None:
        return self._directory().groups_by_handle.get(entry.removeprefix("@").lower())


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


def _names(entry: str, person: Person, rules: Rules) -> bool:
    email = (person.email or "").lower()
    if entry.startswith(_STUDIO):
        return bool(email) and studio_email(email, rules) in _of_role(entry.removeprefix(_STUDIO), rules)
    plain = entry.removeprefix("@").lower()
    return plain in (person.handle.lower(), person.id.lower()) or (bool(email) and plain == email)


def studio_email(email: str, rules: Rules) -> str:
    """The e-mail by which Studio knows the person that Slack knows by ``email``."""
    aliases = {slack.lower(): studio.lower() for slack, studio in rules.people.aliases.items()}
    return aliases.get(email.lower(), email.lower())


def _of_role(role: str, rules: Rules) -> frozenset[str]:
    listed: Sequence[str] = getattr(rules.people.roles, role, ())
    return frozenset(email.lower() for email in listed)
