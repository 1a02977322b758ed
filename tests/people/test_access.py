from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from compliance_bot.config.schema import Rules
from compliance_bot.errors import SlackError
from compliance_bot.messages.wording import Refusal
from compliance_bot.model.slack import Directory, Person, UserGroup
from compliance_bot.people.access import FRESH_GROUP, FRESH_PERSON, Access, Allowed, Refused
from compliance_bot.people.identity import AuditorList
from tests.people.rules_text import rules_of

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
    auditors: AuditorList = field(default_factory=AuditorList)
    now: float = 1_000.0

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

    async def person_by_email(self, email: str) -> Person | None:
        """The person with that address, or that Slack does not say."""
        if self.away:
            raise SlackError("Slack does not say.")
        everyone = self.people.values()
        return next((one for one in everyone if (one.email or "").lower() == email.lower()), None)

    async def studios_auditors(self) -> AuditorList:
        """Studio's list."""
        return self.auditors


def an_access(slack: Slack, rules: str = "grouping: {}") -> Access:
    read: Rules = rules_of(rules)
    directory = Directory(groups_by_handle={TEAM.handle: TEAM}, complete=True)
    return Access(
        rules=lambda: read,
        directory=lambda: directory,
        person=slack.person,
        group_members=slack.group_members,
        person_by_email=slack.person_by_email,
        auditors=slack.studios_auditors,
        now=lambda: slack.now,
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


async def test_who_is_called_like_a_group_is_not_the_group() -> None:
    named = replace(BOB, handle="compliance-team")
    slack = Slack(people={named.id: named}, members=frozenset({"UOTHER"}))
    verdict = await ask(slack, "access: {acknowledge: ['@compliance-team']}")
    assert isinstance(verdict, Refused)
    assert verdict.refusal is Refusal.NOT_LISTED


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


@pytest.mark.parametrize(
    ("action", "refusal"),
    [
        ("approve", Refusal.NO_MANAGER),
        ("accept_risk", Refusal.NO_MANAGER),
        ("assign", Refusal.NOT_LISTED),
        ("administer", Refusal.NOT_LISTED),
    ],
)
async def test_while_nobody_is_listed_nobody_may_and_why_is_told(action: str, refusal: Refusal) -> None:
    verdict = await ask(Slack(), action=action)
    assert isinstance(verdict, Refused)
    assert verdict.refusal is refusal


async def test_with_a_manager_listed_the_others_are_told_it_is_for_managers() -> None:
    verdict = await ask(Slack(), "people: {roles: {manager: ['ann@example.com']}}", "approve")
    assert isinstance(verdict, Refused)
    assert (verdict.refusal, verdict.allowed) == (Refusal.NOT_LISTED, ("studio:manager",))


async def test_a_group_may_approve_though_no_manager_is_listed() -> None:
    slack = Slack(members=frozenset({BOB.id}))
    verdict = await ask(slack, "access: {approve: ['@compliance-team', 'studio:manager']}", "approve")
    assert verdict == Allowed(person=BOB, right="@compliance-team")


# ---------------------------------------------------------------- auditors by Studio's own list


def listed(*emails: str, read_at: float | None = 1_000.0) -> AuditorList:
    return AuditorList(emails=frozenset(emails), read_at=read_at)


async def test_an_auditor_is_known_by_studios_own_list() -> None:
    verdict = await ask(Slack(auditors=listed("bob@example.com")), action="resolve")
    assert verdict == Allowed(person=BOB, right="studio:auditor")


async def test_studios_list_knows_a_person_by_their_alias() -> None:
    slack = Slack(auditors=listed("robert@studio.example"))
    rules = "people: {aliases: {bob@example.com: robert@studio.example}}"
    assert isinstance(await ask(slack, rules, "resolve"), Allowed)
    slack.auditors = listed("bob@example.com")
    assert isinstance(await ask(slack, rules, "resolve"), Refused)


async def test_studios_list_makes_nobody_a_manager() -> None:
    verdict = await ask(Slack(auditors=listed("bob@example.com")), action="approve")
    assert isinstance(verdict, Refused)


@pytest.mark.parametrize(("age", "may"), [(3_600.0, True), (3_601.0, False)])
async def test_a_list_read_over_an_hour_ago_lets_nobody_and_whom_it_names_is_told_so(
    age: float, may: bool
) -> None:
    slack = Slack(auditors=listed("bob@example.com"), now=1_000.0 + age)
    verdict = await ask(slack, action="resolve")
    assert isinstance(verdict, Allowed) is may
    assert may or (isinstance(verdict, Refused) and verdict.refusal is Refusal.STUDIO_SILENT)


async def test_whom_an_old_list_does_not_name_is_told_what_anybody_is() -> None:
    slack = Slack(auditors=listed("ann@example.com"), now=9_999.0)
    verdict = await ask(slack, action="resolve")
    assert isinstance(verdict, Refused)
    assert verdict.refusal is Refusal.NOT_LISTED


async def test_a_group_lets_an_auditor_whom_an_old_list_does_not() -> None:
    slack = Slack(auditors=listed("bob@example.com", read_at=None), members=frozenset({BOB.id}))
    verdict = await ask(slack, "access: {resolve: ['studio:auditor', '@compliance-team']}", "resolve")
    assert verdict == Allowed(person=BOB, right="@compliance-team")


# ---------------------------------------------------------------- who may at all


CAROL = Person(id="UCAROLYN", handle="carol", name="Carol", email="carol@example.com")
GUEST = Person(id="UGUEST001", handle="guest", name="Guest", email="guest@example.com", guest=True)


async def who_may(slack: Slack, rules: str, action: Any = "approve") -> list[str] | None:
    found = await an_access(slack, rules).who_may(action)
    return None if found is None else [person.id for person in found]


async def test_everyone_may_what_members_may() -> None:
    assert await who_may(Slack(), "access: {approve: members}") is None


async def test_whom_groups_people_and_roles_name_may_each_once_and_no_guest() -> None:
    slack = Slack(
        people={one.id: one for one in (BOB, CAROL, GUEST)},
        members=frozenset({BOB.id, GUEST.id}),
        auditors=listed("robert@studio.example", "nobody@example.com"),
    )
    rules = (
        "access: {approve: ['studio:manager', '@compliance-team', 'studio:auditor', 'guest@example.com']}\n"
        "people: {roles: {manager: ['carol@example.com']},"
        " aliases: {bob@example.com: robert@studio.example}}"
    )
    assert await who_may(slack, rules) == [CAROL.id, BOB.id]


async def test_nobody_may_while_no_manager_is_listed() -> None:
    assert await who_may(Slack(), "grouping: {}") == []


async def test_who_may_is_not_answered_while_slack_is_away() -> None:
    slack = Slack(away=True)
    with pytest.raises(SlackError):
        await who_may(slack, "people: {roles: {manager: ['bob@example.com']}}")


async def test_an_old_list_of_auditors_names_nobody_who_may() -> None:
    slack = Slack(auditors=listed("bob@example.com"), now=9_999.0)
    assert await who_may(slack, "grouping: {}", "resolve") == []


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
