"""What waits for a decision is found in the answers of an embedded Studio, asked about once, and followed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from compliance_bot.app.studio_side import studio_client
from compliance_bot.cases.moment import Moment
from compliance_bot.clock import iso
from compliance_bot.config.settings import read_settings
from compliance_bot.errors import SlackError
from compliance_bot.jobs.approval_poll import ApprovalReader
from compliance_bot.jobs.project_poll import ALERTS_EVERY, PROJECTS_EVERY, ProjectPoller
from compliance_bot.model.slack import Person
from compliance_bot.sandbox.studio.fixture import AUDITOR, CUSTOMER, DAY, SECOND_AUDITOR
from compliance_bot.store.database import Database
from compliance_bot.studio.platform.client import PlatformStudio
from tests.cases.stage import a_directory, rules_saying
from tests.jobs.stage import Town

ALERTS, DETAIL = "GET /api/manager/alerts", "GET /api/manager/projects/{id}"
BOTH = {"STUDIO_TOKEN_MANAGER": "studio-manager-token", "STUDIO_TOKEN_AUDITOR": "studio-auditor-token"}
ANN = Person(id="UANNANNA", handle="ann", name="Ann", email="ann@acme.test")
DANA = Person(id="UDANADAN", handle="dana", name="Dana", email="customer@rig.test")


@dataclass(kw_only=True)
class Reader:
    """What reads projects, alerts and requests, and what Slack says meanwhile."""

    town: Town
    database: Database
    studio: PlatformStudio
    poller: ProjectPoller
    silent: list[bool] = field(default_factory=list)
    """Anything in it: Slack can't say who may."""

    async def read(self) -> None:
        """A turn, when everything is due."""
        await self.town.clock.jump(PROJECTS_EVERY + ALERTS_EVERY)
        await self.town.clock.run_at(1000.0)
        try:
            await self.poller.turn()
        finally:
            await self.town.clock.run_at(0.0)

    async def approvals(self) -> list[tuple[str, str, str]]:
        """Every approval as (kind, state, name)."""
        rows = await self.database.read(
            lambda tx: tx.all("SELECT kind, state, facts ->> '$.name' AS name FROM approval ORDER BY id")
        )
        return [(row["kind"], row["state"], row["name"]) for row in rows]

    async def column(self, name: str) -> list[Any]:
        """One column of every approval."""
        rows = await self.database.read(lambda tx: tx.all("SELECT * FROM approval ORDER BY id"))
        return [row[name] for row in rows]


@asynccontextmanager
async def reading(
    town: Town, tokens: Mapping[str, str] = BOTH, rules: str = "studio: {quota_per_hour: 0}"
) -> AsyncIterator[Reader]:
    """A reader of an empty Studio with these tokens; Ann may approve, Dana is the customer."""
    town.world.empty()
    database = await Database.open(town.path / "bot.db")
    rulebook = rules_saying(rules)
    environ = {"SLACK_BOT_TOKEN": "xoxb-1-test", "SLACK_APP_TOKEN": "xapp-1-test", "STUDIO_URL": town.url}
    studio = studio_client(
        read_settings({**environ, **tokens}),
        rules=lambda: rulebook.rules,
        session=town.session,
        clock=town.clock,
        database=database,
        waits={},
    )
    silent: list[bool] = []

    async def who_may() -> list[Person] | None:
        if silent:
            raise SlackError("Slack is away")
        return [ANN]

    async def by_email(email: str) -> Person | None:
        return {DANA.email: DANA}.get(email)

    def moment() -> Moment:
        return Moment(now=town.clock.now(), rulebook=rulebook, directory=a_directory())

    approvals = ApprovalReader(
        studio=studio, database=database, moment=moment, who_may=who_may, by_email=by_email
    )
    poller = ProjectPoller(
        studio=studio, database=database, moment=moment, clock=town.clock, approvals=approvals
    )
    yield Reader(town=town, database=database, studio=studio, poller=poller, silent=silent)
    town.faults.lift_all()
    await database.close()


@pytest.fixture
async def reader(town: Town) -> AsyncIterator[Reader]:
    """One with the tokens of a manager and of an auditor."""
    async with reading(town) as found:
        yield found


def pending(town: Town, name: str = "New audit") -> str:
    """Somebody asks for an audit; its id."""
    project: str = town.world.add_project(
        name=name, status="pending", auditorId=None, reviewerAuditorId=None, customerId=CUSTOMER
    )
    return project


async def test_a_pending_project_is_asked_about_at_the_first_reading_and_once(
    town: Town, reader: Reader
) -> None:
    pending(town)
    for _ in range(3):
        await reader.read()
    assert await reader.approvals() == [("project", "waiting", "New audit")]
    assert await reader.column("requester_id") == [DANA.id]
    assert len(town.world.calls_of(DETAIL)) == 1


async def test_while_slack_cannot_say_who_may_nobody_is_asked_and_later_they_are(
    town: Town, reader: Reader
) -> None:
    pending(town)
    reader.silent.append(True)
    await reader.read()
    assert await reader.approvals() == []
    reader.silent.clear()
    await reader.read()
    assert len(await reader.approvals()) == 1


async def test_an_alert_that_vanishes_is_no_verdict_the_project_is(town: Town, reader: Reader) -> None:
    pending(town)
    await reader.read()
    town.lay(ALERTS, times=1, status=200, body={"success": True, "data": []})
    await reader.read()
    assert await reader.approvals() == [("project", "waiting", "New audit")]


async def test_what_was_decided_or_deleted_in_studio_is_seen(town: Town, reader: Reader) -> None:
    decided, deleted = pending(town, "One"), pending(town, "Two")
    await reader.read()
    town.world.change_project(decided, status="rejected")
    del town.world.records.projects[deleted]
    await reader.read()
    assert await reader.approvals() == [("project", "elsewhere", "One"), ("project", "gone", "Two")]


async def test_a_project_that_waits_again_is_asked_about_again(town: Town, reader: Reader) -> None:
    project = pending(town)
    for status in ("pending", "rejected", "pending"):
        town.world.change_project(project, status=status)
        await reader.read()
    assert [state for _, state, _ in await reader.approvals()] == ["elsewhere", "waiting"]


async def test_changed_dates_are_read_from_the_list(town: Town, reader: Reader) -> None:
    project = pending(town)
    await reader.read()
    town.world.change_project(project, dueDate=iso(town.clock.now() // DAY * DAY + 99 * DAY))
    await reader.read()
    assert await reader.column("version") == [2]


async def test_one_project_that_studio_fails_at_holds_no_other_up(town: Town, reader: Reader) -> None:
    broken = pending(town, "One")
    pending(town, "Two")
    town.lay(DETAIL, where=lambda given: given.get("id") == broken, status=500, body={"error": "x"})
    await reader.read()
    assert [name for _, _, name in await reader.approvals()] == ["Two"]


async def test_a_report_is_asked_about_where_our_account_is_its_reviewer(town: Town, reader: Reader) -> None:
    ours = {"auditorId": SECOND_AUDITOR, "reviewerAuditorId": AUDITOR}
    town.world.add_project(name="Ours", status="review_pending", **ours)
    town.world.add_project(name="Theirs", status="review_pending")
    for _ in range(2):
        await reader.read()
    assert await reader.approvals() == [("review", "waiting", "Ours")]


async def test_who_asked_for_a_report_or_is_sent_a_request_is_known(town: Town, reader: Reader) -> None:
    ours = {"auditorId": SECOND_AUDITOR, "reviewerAuditorId": AUDITOR, "customerId": CUSTOMER}
    town.world.add_project(name="Ours", status="review_pending", **ours)
    await reader.studio.create_request(customer_id=CUSTOMER, title="Upload proof")
    await reader.read()
    assert await reader.column("kind") == ["review", "request"]
    assert await reader.column("requester_id") == [DANA.id, DANA.id]


async def test_a_report_that_was_reviewed_in_studio_is_seen(town: Town, reader: Reader) -> None:
    ours = {"auditorId": SECOND_AUDITOR, "reviewerAuditorId": AUDITOR}
    project = town.world.add_project(name="Ours", status="review_pending", **ours)
    await reader.read()
    town.world.change_project(project, status="approved")
    await reader.read()
    assert await reader.approvals() == [("review", "elsewhere", "Ours")]


async def test_an_open_request_is_told_once_and_followed_to_its_end(town: Town, reader: Reader) -> None:
    request = await reader.studio.create_request(customer_id=CUSTOMER, title="Upload proof")
    for _ in range(2):
        await reader.read()
    assert await reader.approvals() == [("request", "waiting", "Upload proof")]
    await reader.studio.set_request_status(request.id, "Completed")
    await reader.read()
    assert await reader.approvals() == [("request", "elsewhere", "Upload proof")]


async def test_without_an_auditors_token_reports_and_requests_are_not_asked_about(town: Town) -> None:
    """Studio would take no decision of theirs from us."""
    async with reading(town, {"STUDIO_TOKEN_MANAGER": BOTH["STUDIO_TOKEN_MANAGER"]}) as reader:
        ours = {"auditorId": SECOND_AUDITOR, "reviewerAuditorId": AUDITOR}
        town.world.add_project(name="Ours", status="review_pending", **ours)
        pending(town)
        await reader.read()
        assert await reader.approvals() == [("project", "waiting", "New audit")]
        assert town.world.calls_of("GET /api/auditor/projects") == []
        assert town.world.calls_of("GET /api/auditor/requests") == []


async def test_a_request_of_a_project_that_the_rules_leave_out_is_only_recorded(town: Town) -> None:
    async with reading(town, rules="studio: {quota_per_hour: 0, projects: [p-other]}") as reader:
        await reader.studio.create_request(customer_id=CUSTOMER, title="Upload proof")
        await reader.read()
        assert await reader.approvals() == []
        sql = "SELECT id FROM object WHERE kind = 'request'"
        assert len(await reader.database.read(lambda tx: tx.all(sql))) == 1
