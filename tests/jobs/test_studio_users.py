"""Studio's list of auditors is kept, with each one's load."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from compliance_bot.app.studio_side import studio_client
from compliance_bot.cases.moment import Moment
from compliance_bot.config.schema import Rules
from compliance_bot.config.settings import read_settings
from compliance_bot.jobs.projects import FindingProjects
from compliance_bot.jobs.reading import Reading
from compliance_bot.jobs.studio_users import AUDITORS_EVERY, AuditorsReader
from compliance_bot.model.findings import FindingDetail
from compliance_bot.people import identity
from compliance_bot.store import studio_users
from compliance_bot.store.database import Database
from compliance_bot.store.studio_users import StudioUser
from compliance_bot.studio.platform.client import PlatformStudio
from tests.cases.stage import a_directory, a_finding, shipped
from tests.jobs.stage import Town

AUDITORS = "GET /api/manager/auditors"


@dataclass(kw_only=True)
class Keeper:
    """What reads the list, and what it keeps."""

    town: Town
    database: Database
    studio: PlatformStudio
    reader: AuditorsReader

    async def turn(self) -> None:
        """Read five minutes later; Studio's tries come to an end."""
        await self.town.clock.jump(AUDITORS_EVERY)
        await self.town.clock.run_at(1000.0)
        try:
            await self.reader.turn()
        finally:
            await self.town.clock.run_at(0.0)

    async def auditors(self) -> tuple[StudioUser, ...]:
        """The list as it is kept."""
        return await self.database.read(studio_users.auditors)

    async def read_at(self) -> float | None:
        """When it was read last."""
        return await self.database.read(studio_users.auditors_read_at)


Keep = Callable[..., Awaitable[Keeper]]


@pytest.fixture
async def keep(town: Town) -> AsyncIterator[Keep]:
    """Begin to keep the list, with these tokens."""
    opened: list[Database] = []

    async def begin(**tokens: str) -> Keeper:
        opened.append(await Database.open(town.path / "bot.db"))
        environ = {"SLACK_BOT_TOKEN": "xoxb-1-test", "SLACK_APP_TOKEN": "xapp-1-test", "STUDIO_URL": town.url}
        given = {f"STUDIO_TOKEN_{role}": token for role, token in tokens.items()}
        studio = studio_client(
            read_settings({**environ, **given}),
            rules=Rules,
            session=town.session,
            clock=town.clock,
            database=opened[-1],
            waits={},
        )
        reader = AuditorsReader(studio=studio, database=opened[-1], clock=town.clock)
        return Keeper(town=town, database=opened[-1], studio=studio, reader=reader)

    yield begin
    town.faults.lift_all()
    for database in opened:
        await database.close()


async def test_who_stands_in_studios_list_is_kept_with_their_load(town: Town, keep: Keep) -> None:
    keeper = await keep(MANAGER="studio-manager-token")
    await keeper.turn()
    known = await keeper.auditors()
    told = {row["id"]: row for row in town.world.records.people.values() if row["role"] == "auditor"}
    assert {one.studio_id: one.email for one in known} == {key: row["email"] for key, row in told.items()}
    assert len(known) > 1
    assert all(one.load >= 0 for one in known)
    listed = await keeper.database.read(identity.auditor_list)
    assert listed.emails == {row["email"] for row in told.values()}
    assert not listed.is_old(town.clock.now())
    assert keeper.reader.notes() == ()


async def test_a_studio_that_is_away_leaves_the_last_list_until_it_is_old(town: Town, keep: Keep) -> None:
    keeper = await keep(MANAGER="studio-manager-token")
    await keeper.turn()
    before, read_at = await keeper.auditors(), await keeper.read_at()
    town.lay(AUDITORS, status=503, times=None)
    for _ in range(3):
        await keeper.turn()
    assert (await keeper.auditors(), await keeper.read_at()) == (before, read_at)
    await town.clock.jump(identity.AUDITORS_TRUSTED)
    listed = await keeper.database.read(identity.auditor_list)
    assert listed.is_old(town.clock.now())


async def test_without_a_managers_token_the_list_is_not_read_and_that_is_said(keep: Keep) -> None:
    keeper = await keep(AUDITOR="studio-auditor-token")
    await keeper.turn()
    assert await keeper.read_at() is None
    (note,) = keeper.reader.notes()
    assert "people.roles.auditor" in note


async def test_a_refused_token_is_said_until_the_list_is_read_again(town: Town, keep: Keep) -> None:
    keeper = await keep(MANAGER="studio-manager-token")
    fault = town.lay(AUDITORS, status=403, times=None)
    await keeper.turn()
    assert keeper.reader.notes()
    town.faults.lift(fault)
    await keeper.turn()
    assert keeper.reader.notes() == ()


async def test_an_assignee_is_known_once_studio_names_them(town: Town, keep: Keep) -> None:
    keeper = await keep(MANAGER="studio-manager-token")
    reading = Reading(
        database=keeper.database,
        moment=lambda: Moment(now=town.clock.now(), rulebook=shipped(), directory=a_directory()),
        projects=FindingProjects(studio=keeper.studio, clock=town.clock),
    )
    finding = a_finding("f-1", assignee_id="s-7", assignee_name="Ann")
    await reading.one(FindingDetail(finding=finding, assignee_email="Ann@example.com"), town.clock.now())
    user = await keeper.database.read(lambda tx: studio_users.by_email(tx, "ann@example.com"))
    assert (user.studio_id, user.name, user.auditor) == ("s-7", "Ann", False)
