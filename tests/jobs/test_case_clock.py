"""The job that wakes when time moves a case; time is in our hand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from compliance_bot.cases.moment import Moment
from compliance_bot.jobs.case_clock import CATCH_UP, LONGEST_NAP, CaseClock
from compliance_bot.model.cases import CaseState
from compliance_bot.sandbox.clock import WorldClock
from tests.cases.clock_stage import MINUTE, with_ladder
from tests.cases.stage import Stage, a_critical, a_stage


class Job:
    """The job on a clock that stands still until it is moved on."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.clock = WorldClock(start=stage.now, rate=0.0)
        self.read = True
        self.job = CaseClock(
            database=stage.database,
            clock=self.clock,
            moment=self.moment,
            caught_up=lambda: self.read,
        )

    def moment(self) -> Moment:
        """The moment of the job's own clock."""
        self.stage.now = self.clock.now()
        return self.stage.moment()

    async def move_on(self, seconds: float) -> None:
        """Let so many seconds pass in one jump."""
        await self.clock.jump(seconds)
        self.stage.now = self.clock.now()
        await self.settled()

    async def settled(self) -> None:
        """Return once the job has had its turns: each takes one read and one commit at most."""
        for _ in range(12):
            await self.stage.write(lambda _tx: None)
            await self.stage.database.read(lambda _tx: None)

    async def rungs(self) -> int:
        """How many rungs were said."""
        rows = await self.stage.rows("SELECT 1 FROM effect WHERE intent ->> 'line' = 'escalated'")
        return len(rows)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A critical finding, told and shown, with a ladder."""
    stage = await a_stage(tmp_path, rulebook=with_ladder())
    await stage.begin()
    await stage.observe(a_critical())
    await stage.deliver()
    yield stage
    await stage.database.close()


@contextlib.asynccontextmanager
async def running(job: Job) -> AsyncIterator[None]:
    """The job, while it runs."""
    task = asyncio.create_task(job.job.run())
    await job.settled()
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_each_rung_is_said_when_it_is_due_and_not_before(stage: Stage) -> None:
    job = Job(stage)
    async with running(job):
        await job.move_on(29 * MINUTE)
        assert await job.rungs() == 0
        await job.move_on(MINUTE)
        assert await job.rungs() == 1
        await job.move_on(30 * MINUTE)
        assert await job.rungs() == 2


async def test_an_end_set_meanwhile_is_kept_though_the_job_slept_for_longer(stage: Stage) -> None:
    job = Job(stage)
    async with running(job):
        await stage.do("snooze", reason="Lunch", until=stage.now + 20)
        await job.settled()
        await job.move_on(20)
        case = await stage.case()
        assert case is not None
        assert case.state is CaseState.OPEN


async def test_after_a_start_studio_is_read_first(stage: Stage) -> None:
    job = Job(stage)
    job.read = False
    await job.clock.jump(31 * MINUTE)
    async with running(job):
        assert await job.rungs() == 0
        job.read = True
        await job.move_on(1)
        assert await job.rungs() == 1


async def test_studio_that_is_away_is_not_waited_for_any_longer(stage: Stage) -> None:
    job = Job(stage)
    job.read = False
    await job.clock.jump(31 * MINUTE)
    async with running(job):
        assert await job.rungs() == 0
        await job.move_on(CATCH_UP)
        assert await job.rungs() == 1


async def test_a_clock_that_was_set_is_noticed_within_a_nap(stage: Stage) -> None:
    """A machine that slept: its timers did not run while its clock did."""
    job = Job(stage)
    async with running(job):
        job.clock._now += 40 * MINUTE  # behind the sleepers' backs
        await job.move_on(LONGEST_NAP)
        assert await job.rungs() == 1


async def test_many_cases_are_moved_in_parts_until_none_is_left(stage: Stage) -> None:
    stage.rulebook = with_ladder(more="grouping: {enabled: false}")
    await stage.observe(*(a_critical(f"g-{number}") for number in range(120)))
    job = Job(stage)
    async with running(job):
        await job.move_on(31 * MINUTE)
        await job.settled()
        assert await job.rungs() == 121
