"""Projects every five minutes, alerts every minute; one fact is told once whatever happens in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import pytest

from compliance_bot.app.studio_side import studio_client
from compliance_bot.cases.moment import Moment
from compliance_bot.config.settings import read_settings
from compliance_bot.jobs.approval_poll import ApprovalReader
from compliance_bot.jobs.project_poll import ALERTS_EVERY, PROJECTS_EVERY, ProjectPoller
from compliance_bot.model.slack import Person
from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.studio import nonsense
from compliance_bot.store import studio_users
from compliance_bot.store.database import Database
from compliance_bot.studio.failures import StudioCallFailed
from tests.cases.stage import a_directory, rules_saying
from tests.jobs.stage import Town

PROJECTS, ALERTS = "GET /api/manager/projects", "GET /api/manager/alerts"
MINE = "GET /api/auditor/projects"
BOTH = {"MANAGER": "studio-manager-token", "AUDITOR": "studio-auditor-token"}
HOUR = 3600.0


@dataclass(kw_only=True)
class Reader:
    """One life of the process that reads projects."""

    town: Town
    database: Database
    poller: ProjectPoller

    async def read(self) -> None:
        """A reading of both lists, a minute after the last one; Studio's tries come to an end."""
        await self.town.clock.jump(ALERTS_EVERY)
        await self.town.clock.run_at(100.0)
        try:
            await self.poller.read_projects()
            if not self.poller.notes():
                await self.poller.read_alerts()
        finally:
            await self.town.clock.run_at(0.0)

    async def fail(self) -> None:
        """A reading of both lists of which Studio answers neither."""
        await self.town.clock.jump(ALERTS_EVERY)
        await self.town.clock.run_at(1000.0)
        for read in (self.poller.read_projects, self.poller.read_alerts):
            with pytest.raises(StudioCallFailed):
                await read()
        await self.town.clock.run_at(0.0)

    async def events(self) -> list[tuple[str, str]]:
        """Every event as (type, change), in order."""
        rows = await self.database.read(lambda tx: tx.all("SELECT type, change FROM event ORDER BY id"))
        return [(row["type"], row["change"]) for row in rows]

    async def announced(self) -> Counter[str]:
        """How many announcements are wanted in each channel."""
        rows = await self.database.read(
            lambda tx: tx.all("SELECT pace_key FROM effect WHERE kind = 'announcement'")
        )
        return Counter(row["pace_key"] for row in rows)


async def nobody() -> list[Person] | None:
    """Nobody may approve."""
    return []


async def unknown(_email: str) -> Person | None:
    """Slack knows nobody."""
    return None


Live = Callable[..., Awaitable[Reader]]


@pytest.fixture
async def reading(town: Town) -> AsyncIterator[Live]:
    """Begin a life of the process on the one database; the life before it ends there and then."""
    lives: list[Reader] = []

    async def begin(tokens: dict[str, str] | None = None, quota: int = 0) -> Reader:
        if lives:
            await lives[-1].database.close()
        database = await Database.open(town.path / "bot.db")
        rulebook = rules_saying(f"studio: {{quota_per_hour: {quota}}}")
        given = {f"STUDIO_TOKEN_{role}": token for role, token in (tokens or BOTH).items() if role}
        environ = {"SLACK_BOT_TOKEN": "xoxb-1-test", "SLACK_APP_TOKEN": "xapp-1-test", "STUDIO_URL": town.url}
        single = {"STUDIO_TOKEN": tokens[""]} if tokens and "" in tokens else {}
        studio = studio_client(
            read_settings({**environ, **given, **single}),
            rules=lambda: rulebook.rules,
            session=town.session,
            clock=town.clock,
            database=database,
            waits={},
        )

        def moment() -> Moment:
            return Moment(now=town.clock.now(), rulebook=rulebook, directory=a_directory())

        poller = ProjectPoller(
            studio=studio,
            database=database,
            moment=moment,
            clock=town.clock,
            approvals=ApprovalReader(
                studio=studio, database=database, moment=moment, who_may=nobody, by_email=unknown
            ),
        )
        lives.append(Reader(town=town, database=database, poller=poller))
        return lives[-1]

    yield begin
    town.faults.lift_all()
    for life in lives[-1:]:
        await life.database.close()


async def test_what_moves_in_studio_arrives_once_each(town: Town, reading: Live) -> None:
    project = town.world.add_project(progress=60)
    reader = await reading()
    await reader.read()
    town.world.change_project(project, status="review_pending", progress=64)
    await reader.read()
    town.world.change_project(project, status="approved", progress=10)
    for _ in range(3):
        await reader.read()
    assert await reader.events() == [
        ("update", "status"),
        ("report", "approved"),
        ("update", "score"),
        ("update", "stalled"),
    ]
    assert await reader.announced() == {"CCOMPLIANCE": 3, "CCOMPLIANCE-REPORTS": 1}


async def test_who_asked_for_a_project_is_known_by_their_address(town: Town, reading: Live) -> None:
    town.world.add_project()
    reader = await reading()
    await reader.read()
    customers = [row for row in town.world.records.people.values() if row["role"] == "customer"]
    known = [
        await reader.database.read(partial(studio_users.by_email, email=row["email"])) for row in customers
    ]
    assert any(user is not None and not user.auditor for user in known)


async def test_what_stood_before_is_not_told_also_when_the_process_ends_after_the_first_reading(
    town: Town, reading: Live
) -> None:
    old = town.world.add_project(status="approved", progress=5)
    town.world.add_project(status="completed", progress=100)
    await (await reading()).read()
    second = await reading()
    await second.read()
    assert await second.events() == []
    town.world.change_project(old, progress=12)
    await second.read()
    assert await second.events() == [("update", "score")]


async def test_what_moved_while_the_process_was_away_is_told_when_it_is_back_and_once(
    town: Town, reading: Live
) -> None:
    project = town.world.add_project(progress=60)
    await (await reading()).read()
    town.world.change_project(project, status="completed")
    reader = await reading()
    await reader.read()
    again = await reading()
    await again.read()
    assert await again.events() == [("report", "completed")]
    assert await again.announced() == {"CCOMPLIANCE-REPORTS": 1}


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "body": {"error": "Internal server error"}},
        {"status": 200, "body": "<html>maintenance</html>"},
        {"status": 200, "body": {"success": True}},
        {"status": 200, "body": {"success": True, "data": None}},
        {"drop": "before"},
    ],
)
async def test_an_answer_that_is_none_changes_nothing(town: Town, reading: Live, answer: dict) -> None:
    project = town.world.add_project(status="approved", progress=60)
    reader = await reading()
    await reader.read()
    town.world.change_project(project, progress=5)
    await reader.read()
    before = await reader.events()
    faults = [town.faults.lay(Fault(call=call, **answer)) for call in (PROJECTS, ALERTS)]
    for _ in range(3):
        await reader.fail()
    for fault in faults:
        town.faults.lift(fault)
    await reader.read()
    assert await reader.events() == before


async def test_an_empty_list_for_once_changes_nothing(town: Town, reading: Live) -> None:
    project = town.world.add_project(status="approved", progress=60)
    reader = await reading()
    await reader.read()
    town.world.change_project(project, progress=5)
    await reader.read()
    before = await reader.events()
    for call in (PROJECTS, ALERTS):
        town.faults.lay(Fault(call=call, times=1, status=200, body={"success": True, "data": []}))
    for _ in range(3):
        await reader.read()
    assert await reader.events() == before


async def test_a_row_that_cannot_be_read_is_no_reason_to_lose_another(town: Town, reading: Live) -> None:
    first, second = town.world.add_project(progress=60), town.world.add_project(progress=60)
    reader = await reading()
    await reader.read()
    for project in (first, second):
        town.world.change_project(project, status="returned")
    town.world.records.projects[first]["name"] = None
    await reader.read()
    assert await reader.events() == [("update", "status")]
    town.world.records.projects[first]["name"] = "Named again"
    await reader.read()
    assert await reader.events() == [("update", "status")] * 2


async def test_a_project_that_vanishes_and_comes_back_says_nothing(town: Town, reading: Live) -> None:
    project = town.world.add_project(progress=60)
    town.world.add_project(progress=40)
    reader = await reading()
    await reader.read()
    row = town.world.records.projects.pop(project)
    await reader.read()
    town.world.records.projects[project] = row
    await reader.read()
    assert await reader.events() == []


async def test_without_a_manager_the_auditor_s_projects_are_told_and_alerts_are_not(
    town: Town, reading: Live
) -> None:
    project = town.world.add_project(progress=60)
    town.world.add_project(auditorId=None, reviewerAuditorId=None)
    reader = await reading({"AUDITOR": "studio-auditor-token"})
    assert [note for note in reader.poller.notes() if "stalled" in note]
    await reader.read()
    town.world.change_project(project, status="completed")
    await reader.read()
    assert await reader.events() == [("report", "completed")]
    assert town.world.calls_of(PROJECTS) == town.world.calls_of(ALERTS) == []


async def test_a_manager_whom_studio_refuses_gives_way_to_the_auditor_until_it_is_taken_again(
    town: Town, reading: Live
) -> None:
    project = town.world.add_project(progress=60)
    reader = await reading()
    await reader.read()
    refused = town.faults.lay(Fault(call=PROJECTS, status=403, body={"error": "Access denied"}))
    town.world.change_project(project, status="completed")
    await reader.read()
    assert reader.poller.notes()
    assert await reader.events() == [("report", "completed")]
    town.faults.lift(refused)
    await reader.read()
    await reader.read()
    assert reader.poller.notes() == ()
    assert await reader.events() == [("report", "completed")]


async def test_one_token_of_an_auditor_reads_what_it_may_and_is_no_complaint(
    town: Town, reading: Live
) -> None:
    project = town.world.add_project(progress=60)
    reader = await reading({"": "studio-auditor-token"})
    await reader.read()
    town.world.change_project(project, status="returned")
    await reader.read()
    assert await reader.events() == [("update", "status")]
    assert reader.poller._studio.health_seen.refusals == {}


async def test_where_no_token_reads_projects_nothing_is_asked_and_that_is_said(
    town: Town, reading: Live
) -> None:
    town.world.add_project()
    reader = await reading({"CUSTOMER": "studio-customer-token"})
    (note,) = reader.poller.notes()
    assert "No Studio token reads projects" in note
    await reader.read()
    assert town.world.calls == []


async def test_an_hour_asks_for_the_projects_twelve_times_and_for_the_alerts_sixty(
    town: Town, reading: Live
) -> None:
    reader = await reading(quota=1000)
    for _ in range(int(HOUR / ALERTS_EVERY)):
        await reader.poller.turn()
        await town.clock.jump(ALERTS_EVERY)
    assert len(town.world.calls_of(PROJECTS)) == HOUR / PROJECTS_EVERY
    assert len(town.world.calls_of(ALERTS)) == HOUR / ALERTS_EVERY


async def test_a_task_that_the_database_ended_does_not_ask_again_at_once(town: Town, reading: Live) -> None:
    reader = await reading()
    for _ in range(5):
        await reader.poller.turn()
    assert len(town.world.calls_of(PROJECTS)) == len(town.world.calls_of(ALERTS)) == 1


async def test_a_quota_that_is_spent_or_a_studio_that_is_away_ends_no_task(town: Town, reading: Live) -> None:
    reader = await reading(quota=2)
    town.world.add_project()
    for _ in range(4):
        await reader.poller.turn()
        await town.clock.jump(PROJECTS_EVERY)
    assert len(town.world.calls) <= 2
    town.faults.lay(nonsense.server_error(PROJECTS, times=1))
    await town.clock.jump(HOUR)
    await town.clock.run_at(100.0)
    await reader.poller.turn()
