"""The people of the demo's story: who joins for it, whom the page offers to act as, what each may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from compliance_bot.config.schema import Action
from compliance_bot.model.slack import Directory, Person, UserGroup
from compliance_bot.people.access import Access, Allowed, never
from compliance_bot.people.identity import AuditorList
from compliance_bot.rulebook import Rulebook

Json = Mapping[str, Any]

DEPUTY: Json = {
    "handle": "omar",
    "real_name": "Omar Director",
    "id": "U0OMAR0001",
    "display_name": "Omar Director",
    "email": "omar@example.com",
}
"""A second manager, so that there is somebody to delegate to."""
HIS_CHANNELS = ("general", "compliance", "compliance-alerts", "security-alerts")

CALLED: Mapping[str, str] = {
    "U0ALICE01": "Alice Auditor",
    "U0CARL0001": "Carol Compliance",
    "U0MANAGR01": "Mona Manager",
    "U0GUEST001": "Gina Guest",
}
"""Slack id → the display name in the story, where the workspace's own is a mere handle."""

PARTS: Mapping[str, str] = {"carol": "lead", "bob": "engineer", "manager": "manager", "gina": "guest"}
"""Handle → the part that the page names first."""

_DEEDS: Mapping[Action, str] = {
    "acknowledge": "acknowledge",
    "snooze": "snooze",
    "comment": "comment",
    "assign": "assign",
    "resolve": "resolve",
    "accept_risk": "accept a risk",
    "approve": "approve an audit",
}


async def bring_in(tell: Callable[[str, Json], Awaitable[None]]) -> None:
    """Let whom the story needs besides the workspace's own people join; all have names. ``tell``: posts."""
    await tell("/world/slack/add_person", DEPUTY)
    for channel in HIS_CHANNELS:
        await tell("/world/slack/invite", {"channel": channel, "user": DEPUTY["id"]})
    for user, name in CALLED.items():
        await tell("/world/slack/change_person", {"user": user, "display_name": name})


async def cast_of(rulebook: Rulebook, slack: Json, studio: Json) -> list[Json]:
    """Everybody whom one may act as, with their part and what the rules let them do.

    Args:
        rulebook: The rules in force.
        slack: The workspace, as ``/world/slack/state`` tells it.
        studio: Studio, as ``/world/studio/state`` tells it.

    """
    people = {one["id"]: _person(one) for one in slack["people"] if not one["bot"]}
    access = _access(rulebook, people, slack, studio)
    return [await _part(access, person) for person in people.values() if not person.deactivated]


async def _part(access: Access, person: Person) -> Json:
    answers = {words: await access.ask(person.id, action) for action, words in _DEEDS.items()}
    may = [words for words, answer in answers.items() if isinstance(answer, Allowed)]
    shown: dict[str, Any] = {
        "user": person.id,
        "part": "" if person.stranger else PARTS.get(person.handle, ""),
        "may": may,
        "may_not": [words for words in answers if words not in may],
    }
    return shown if never(person) is None else {**shown, "never": _never(person)}


def _never(person: Person) -> str:
    who = "Somebody of another workspace" if person.stranger else "A guest"
    return f"{who} may do nothing here, whatever the rules say."


def _access(rulebook: Rulebook, people: Mapping[str, Person], slack: Json, studio: Json) -> Access:
    members = {one["id"]: frozenset(one["members"]) for one in slack["groups"]}
    auditors = AuditorList(
        emails=frozenset(one["email"] for one in studio["people"] if one["role"] == "auditor"),
        read_at=studio["now"],
    )
    directory = Directory(groups_by_handle={one["handle"]: _group(one) for one in slack["groups"]})

    async def person(person_id: str, _within: float) -> Person:
        return people[person_id]

    async def of_group(group_id: str, _within: float) -> frozenset[str]:
        return members[group_id]

    async def by_email(email: str) -> Person | None:
        return next((one for one in people.values() if one.email == email), None)

    async def listed() -> AuditorList:
        return auditors

    return Access(
        rules=lambda: rulebook.rules,
        directory=lambda: directory,
        person=person,
        group_members=of_group,
        person_by_email=by_email,
        auditors=listed,
        now=lambda: float(studio["now"]),
    )


def _group(told: Json) -> UserGroup:
    return UserGroup(id=told["id"], handle=told["handle"], name=told["name"], size=len(told["members"]))


def _person(told: Json) -> Person:
    return Person(
        id=told["id"],
        handle=told["handle"],
        name=told["real_name"],
        email=told["email"],
        deactivated=told["deactivated"],
        guest=told["guest"] != "",
        stranger=told["stranger"],
    )
