"""Away until a day, with somebody who stands in: by slash command and by mention."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.errors import SlackError
from compliance_bot.handlers.absence import Absences
from compliance_bot.handlers.replies import SENTENCES
from compliance_bot.handlers.subcommands import Asked, changing
from compliance_bot.model.slack import Directory, Person, UserGroup
from compliance_bot.people.access import Access
from compliance_bot.people.identity import AuditorList
from compliance_bot.store import away, inbox
from tests.cases.stage import DAY, START, Stage, a_stage, rules_saying

ANN = Person(id="UANNALEE", handle="ann", name="Ann Lee", email="ann@example.com", time_zone="Europe/Zurich")
BOB = Person(id="UBOBSMITH", handle="bob", name="Bob", email="bob@example.com")
CAROL = Person(id="UCAROLYN", handle="carol", name="Carol", email="carol@example.com")
GUEST = Person(id="UGUEST001", handle="gina", name="Gina", guest=True)
RULES = "people: {roles: {manager: [ann@example.com, carol@example.com]}}"


@dataclass(kw_only=True)
class Office:
    """People who are away and stand in for each other, on a real database."""

    stage: Stage
    people: dict[str, Person] = field(
        default_factory=lambda: {one.id: one for one in (ANN, BOB, CAROL, GUEST)}
    )
    silent: bool = False
    said: int = 0

    @property
    def absences(self) -> Absences:
        """What is tested."""
        directory = Directory(
            people_by_handle={one.handle: one for one in self.people.values()},
            people_by_email={one.email: one for one in self.people.values() if one.email},
            groups_by_handle={"leads": UserGroup(id="SLEADS", handle="leads", name="Leads")},
        )
        self.stage.directory = replace(self.stage.directory, people_by_id=self.people)
        access = Access(
            rules=lambda: self.stage.rulebook.rules,
            directory=lambda: directory,
            person=self._person,
            group_members=self._nobody,
            person_by_email=self._by_email,
            auditors=self._no_auditors,
            now=lambda: self.stage.now,
        )
        return Absences(
            database=self.stage.database,
            moment=self.stage.moment,
            access=access,
            directory=lambda: directory,
            person_by_email=self._by_email,
        )

    async def _person(self, person_id: str, _age: float) -> Person:
        if self.silent or person_id not in self.people:
            raise SlackError("Slack does not say.")
        return self.people[person_id]

    async def _nobody(self, _group_id: str, _age: float) -> frozenset[str]:
        return frozenset()

    async def _by_email(self, email: str) -> Person | None:
        return next((one for one in self.people.values() if one.email == email), None)

    async def _no_auditors(self) -> AuditorList:
        return AuditorList()

    async def say(self, person: Person, words: str) -> str:
        """Say ``away …`` by slash command; what is answered."""
        self.said += 1
        key, now = f"say:{self.said}", self.stage.now
        change = changing(f"away {words}")
        assert change is not None
        kind, rest = change
        await self.stage.write(
            lambda tx: inbox.receive(
                tx, key=key, kind=kind, person=person.id, channel="C1", body={"words": rest}, now=now
            )
        )
        (row,) = await self.stage.database.read(lambda tx: inbox.unfinished(tx, now=now, limit=9))
        await self.absences.decide(row)
        row = await self.stage.database.read(lambda tx: inbox.find(tx, row.id))
        await self.stage.write(lambda tx: inbox.answered(tx, row.id))
        assert row.reply is not None
        return SENTENCES[row.reply["say"]](row.reply).replace("\u200b", "")

    async def how(self, person: Person) -> str:
        """What ``away`` alone answers."""
        asked = Asked(words="", command="/compliance", person=person.id, channel="C1")
        return (await self.absences.answer(asked)).text

    async def deputy(self, person: Person) -> str | None:
        """Who stands in for somebody now."""
        now = self.stage.now
        found = await self.stage.database.read(lambda tx: away.deputy_of(tx, person.id, now))
        return None if found is None else found.person

    async def told(self) -> list[tuple[str, str]]:
        """Who is told what by direct message, in order."""
        rows = await self.stage.rows("SELECT intent FROM effect WHERE kind = 'direct' ORDER BY id")
        intents: list[dict[str, Any]] = [json.loads(row["intent"]) for row in rows]
        return [(one["person"], one["sentence"]) for one in intents]

    async def audited(self) -> list[str]:
        """The kinds of entry in the audit chain."""
        rows = await self.stage.rows("SELECT body FROM audit ORDER BY seq")
        return [json.loads(row["body"])["kind"] for row in rows]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """Nobody is away. It is Monday 24 November 2025, 16:00 UTC; Ann and Carol may approve, Bob may not."""
    stage = await a_stage(tmp_path, rulebook=rules_saying(RULES))
    yield Office(stage=stage)
    await stage.database.close()


async def test_one_is_away_until_a_day_and_somebody_stands_in(office: Office) -> None:
    said = await office.say(ANN, "until friday to <@UCAROLYN|carol>")
    assert said.startswith("You are away until Friday 28 November 2025")
    assert "Carol stands in for you" in said
    assert await office.deputy(ANN) == CAROL.id
    assert "Carol stands in for you" in await office.how(ANN)
    assert "You stand in for Ann Lee" in await office.how(CAROL)
    assert await office.told() == [(CAROL.id, "stands_in")]
    assert (await office.audited())[-1] == "away.begun"
    assert await office.stage.whole_chain()


async def test_it_ends_by_itself_at_the_persons_own_midnight(office: Office) -> None:
    await office.say(ANN, "until 2025-11-28 to @carol")
    office.stage.now = START - START % DAY + 4 * DAY - 3600 - 1  # 22:59:59 UTC on the 27th: a second before
    assert await office.deputy(ANN) == CAROL.id
    office.stage.later(1)
    assert await office.deputy(ANN) is None
    assert (await office.how(ANN)).startswith("You are not away.")


@pytest.mark.parametrize(
    "words",
    [
        "until \u201cfriday\u201d to <@UCAROLYN>",
        "'2025-11-28' to carol@example.com",
        "until 4d to <mailto:carol@example.com|carol@example.com>",
        "UNTIL FRIDAY TO @carol",
        "friday to @Carol",
    ],
)
async def test_days_and_people_are_read_in_every_form(office: Office, words: str) -> None:
    said = await office.say(ANN, words.translate(str.maketrans("\u201c\u201d", '""')))
    assert said.startswith("You are away until Friday 28 November 2025")
    assert await office.deputy(ANN) == CAROL.id


async def test_one_is_back_when_one_says_so_and_the_deputy_is_told(office: Office) -> None:
    await office.say(ANN, "until friday to @carol")
    assert (await office.say(ANN, "off")).startswith("Welcome back")
    assert await office.deputy(ANN) is None
    assert await office.told() == [(CAROL.id, "stands_in"), (CAROL.id, "stands_in_no_more")]
    assert (await office.say(ANN, "off")).startswith("You are not away")
    assert (await office.audited())[-2:] == ["away.begun", "away.ended"]


async def test_another_deputy_takes_the_place_of_the_first_and_both_are_told(office: Office) -> None:
    await office.say(BOB, "until friday to @carol")
    await office.say(BOB, "until friday to @ann")
    assert await office.deputy(BOB) == ANN.id
    assert await office.told() == [
        (CAROL.id, "stands_in"),
        (CAROL.id, "stands_in_no_more"),
        (ANN.id, "stands_in"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("until soon", "I can't read soon as a day."),
        ("until", "Until when?"),
        ("until yesterday to @carol", "I can't read yesterday as a day."),
        ("until today", "Monday 24 November 2025 is not after today"),
        ("until 2025-11-01", "Saturday 1 November 2025 is not after today"),
        ("until 2028-01-01", "Saturday 1 January 2028 is more than a year ahead"),
        ("until friday to", "To whom?"),
        ("until friday to @nobody", "I know nobody called @nobody"),
        ("until friday to @ann", "You can't stand in for yourself"),
        ("until friday to @gina", "Gina can't stand in for you: guests can't"),
        ("until friday to <@UUNKNOWN1>", "UUNKNOWN1 can't stand in for you: Slack can't tell"),
        ("until friday to @bob", "Bob may not approve, so can't stand in for you. These may: Carol."),
    ],
)
async def test_what_can_not_be_is_said_and_nothing_changes(office: Office, words: str, said: str) -> None:
    assert (await office.say(ANN, words)).startswith(said)
    assert (await office.how(ANN)).startswith("You are not away.")
    assert await office.told() == []


async def test_who_may_not_approve_may_name_anybody(office: Office) -> None:
    await office.say(BOB, "until friday to @carol")
    assert await office.deputy(BOB) == CAROL.id


async def test_it_never_comes_back_to_oneself(office: Office) -> None:
    await office.say(ANN, "until friday to @carol")
    assert (await office.say(CAROL, "until thursday to @ann")).startswith("Ann Lee is away, and you stand in")
    assert await office.deputy(ANN) == CAROL.id


async def test_a_deputy_who_is_away_hands_on_to_their_own(office: Office) -> None:
    await office.say(BOB, "until friday to @carol")
    await office.say(CAROL, "until thursday to @ann")
    assert await office.deputy(BOB) == ANN.id
    assert "Carol is away too, so Ann Lee stands in for you" in await office.how(BOB)
    await office.say(CAROL, "until thursday")
    assert await office.deputy(BOB) is None
    assert "is away too, so nobody does" in await office.how(BOB)


async def test_without_a_deputy_an_approver_is_told_that_nobody_stands_in(office: Office) -> None:
    assert "Nobody stands in for you" in await office.say(ANN, "until friday")
    assert "Nobody stands in for you" not in await office.say(BOB, "until friday")


async def test_a_guest_is_refused_and_that_is_audited(office: Office) -> None:
    said = await office.say(GUEST, "until friday")
    assert said.startswith("Guests can't see this here.")
    assert await office.audited() == ["refusal.away"]


async def test_while_slack_can_not_say_who_it_is_nothing_changes(office: Office) -> None:
    office.silent = True
    assert (await office.say(ANN, "until friday")).startswith("Slack can't tell right now")
    office.silent = False
    assert (await office.how(ANN)).startswith("You are not away.")


def test_alone_it_asks_and_with_words_it_changes() -> None:
    assert changing("away") is None
    assert changing("Away until monday") == ("away", "until monday")
    assert changing("held until monday") is None
