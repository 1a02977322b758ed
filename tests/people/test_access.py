from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from compliance_bot.config.schema import Rules
from compliance_bot.errors import SlackError
from compliance_bot.messages.wording import Refusal
from compliance_bot.model.slack import Directory, Person, UserGroup
from compliance_bot.people.access import FRESH_GROUP, FRESH_PERSON, Access, Allowed, Refused, studio_email
from tests.cases.stage import rules_saying

BOB = Person(id="UBOBSMITH", handle="bob", name="Bob", email="Bob@Example.com")
TEAM = UserGroup(id="STEAM", handle="compliance-team", name="Compliance")


@dataclass
class Slack:
    """What Slack would say of people and groups, and what it was asked."""

    people: dict[str, Person] = field(default_factory=lambda: {BOB.id: BOB})
    members: frozenset[str] = frozenset()
    away: bool = False
    mute_on_groups: bool = False
    asked: list[tuple[str, float]] = field(default_factory=list)

    async def person(self, person_id: str, no_older_than: float) -> Person:
        """A person, or that Slack does not say."""
        self.asked.append((person_id, no_older_than))
        if self.away or person_id not in self.people:
            raise SlackError("Slack does not say.")
        return self.people[person_id]

    async def group_members(self, group_id: str, no_older_than: float) -> frozenset[str]:
        """Who is in a group, or that Slack does not say."""
        self.asked.append((group_id, no_older_than))
        if self.away or self.mute_on_groups:
            raise SlackError("Slack does not say.")
        return self.members


def an_access(slack: Slack, rules: str = "grouping: {}") -> Access:
    read: Rules = rules_saying(rules).rules
    directory = Directory(groups_by_handle={TEAM.handle: TEAM}, complete=True)
    return Access(
        rules=lambda: read,
        directory=lambda: directory,
        person=slack.person,
        group_members=slack.group_members,
    )


async def ask(slack: Slack, rules: str = "grouping: {}", action: Any = "acknowledge") -> Allowed | Refused:
    return await an_access(slack, rules).ask(BOB.id, action)


async def test_a_member_may_acknowledge_by_the_shipped_rules() -> None:
    slack = Slack()
    assert await ask(slack) == Allowed(person=BOB, right="members")
    assert slack.asked == [(BOB.id, FRESH_PERSON)]


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        ({"guest": True}, Refusal.GUEST),
        ({"stranger": True}, Refusal.STRANGER),
        ({"bot": True}, Refusal.BOT),
        ({"deactivated": True}, Refusal.DEACTIVATED),
        ({"guest": True, "stranger": True, "bot": True}, Refusal.BOT),
    ],
)
@pytest.mark.parametrize(
    "entry", ["members", "@bob", "bob@example.com", "@compliance-team", "studio:manager"]
)
async def test_these_never_may_whatever_the_rules_say(
    fault: dict[str, bool], refusal: Refusal, entry: str
) -> None:
    person = replace(BOB, **fault)
    slack = Slack(people={BOB.id: person}, members=frozenset({BOB.id}))
    rules = f"access: {{acknowledge: ['{entry}']}}\npeople: {{roles: {{manager: ['bob@example.com']}}}}"
    verdict = await ask(slack, rules.replace("['members']", "members"))
    assert isinstance(verdict, Refused)
    assert verdict.refusal is refusal


async def test_whom_slack_does_not_know_may_nothing() -> None:
    verdict = await ask(Slack(people={}))
    assert isinstance(verdict, Refused)
    assert (verdict.refusal, verdict.person) == (Refusal.UNKNOWN, None)


async def test_while_slack_is_away_nobody_may() -> None:
    verdict = await ask(Slack(away=True))
    assert isinstance(verdict, Refused)
    assert verdict.refusal is Refusal.UNKNOWN


async def test_while_slack_does_not_say_who_is_in_a_group_its_members_may_not() -> None:
    slack = Slack(mute_on_groups=True)
    verdict = await ask(slack, "access: {acknowledge: ['@compliance-team']}")
    assert isinstance(verdict, Refused)
    assert verdict.refusal is Refusal.UNKNOWN


@pytest.mark.parametrize(
    ("entry", "members", "right"),
    [
        ("@compliance-team", frozenset({BOB.id}), "@compliance-team"),
        ("@compliance-team", frozenset({"UOTHER"}), None),
        ("@no-such-group", frozenset({BOB.id}), None),
        ("@bob", frozenset(), "@bob"),
        ("@carol", frozenset(), None),
        ("bob@example.com", frozenset(), "bob@example.com"),
    ],
)
async def test_an_entry_names_a_group_a_person_or_an_address(
    entry: str, members: frozenset[str], right: str | None
) -> None:
    slack = Slack(members=members)
    verdict = await ask(slack, f"access: {{acknowledge: ['{entry}']}}")
    if right is None:
        assert isinstance(verdict, Refused)
        assert (verdict.refusal, verdict.allowed) == (Refusal.NOT_LISTED, (entry,))
    else:
        assert verdict == Allowed(person=BOB, right=right)


async def test_a_groups_members_are_asked_for_no_older_than_a_minute() -> None:
    slack = Slack(members=frozenset({BOB.id}))
    await ask(slack, "access: {acknowledge: ['@compliance-team']}")
    assert slack.asked[-1] == (TEAM.id, FRESH_GROUP)


@pytest.mark.parametrize(
    ("listed", "alias", "may"),
    [
        ("bob@example.com", "", True),
        ("BOB@EXAMPLE.COM", "", True),
        ("robert@studio.example", "aliases: {bob@example.com: robert@studio.example}, ", True),
        ("bob@example.com", "aliases: {bob@example.com: robert@studio.example}, ", False),
        ("carol@example.com", "", False),
    ],
)
async def test_a_role_of_studio_is_known_by_the_address_studio_knows(
    listed: str, alias: str, may: bool
) -> None:
    rules = f"people: {{{alias}roles: {{manager: ['{listed}']}}}}"
    verdict = await ask(Slack(), rules, "approve")
    assert (verdict == Allowed(person=BOB, right="studio:manager")) is may


async def test_without_an_address_nobody_has_a_role_of_studio() -> None:
    slack = Slack(people={BOB.id: replace(BOB, email=None)})
    verdict = await ask(slack, "people: {roles: {manager: ['bob@example.com']}}", "approve")
    assert isinstance(verdict, Refused)


@pytest.mark.parametrize("action", ["approve", "administer"])
async def test_while_nobody_is_listed_nobody_may(action: str) -> None:
    verdict = await ask(Slack(), action=action)
    assert isinstance(verdict, Refused)
    assert verdict.refusal is Refusal.NOT_LISTED


async def test_rights_are_asked_anew_at_every_click() -> None:
    slack = Slack()
    access = an_access(slack)
    assert isinstance(await access.ask(BOB.id, "acknowledge"), Allowed)
    slack.people = {BOB.id: replace(BOB, deactivated=True)}
    verdict = await access.ask(BOB.id, "acknowledge")
    assert isinstance(verdict, Refused)
    assert verdict.refusal is Refusal.DEACTIVATED


async def test_many_questions_at_once_are_each_answered_for_their_own_person() -> None:
    guest = Person(id="UGUEST001", handle="guest", name="Guest", guest=True)
    access = an_access(Slack(people={BOB.id: BOB, guest.id: guest}))
    verdicts = await asyncio.gather(*(access.ask(one, "acknowledge") for one in (BOB.id, guest.id) * 10))
    assert [isinstance(verdict, Allowed) for verdict in verdicts] == [True, False] * 10


def test_an_alias_is_found_whatever_its_capitals() -> None:
    rules = rules_saying("people: {aliases: {Bob@Example.com: Robert@Studio.example}}").rules
    assert studio_email("BOB@example.com", rules) == "robert@studio.example"
