"""A decision that Studio has not got within a minute says so, once, in every copy; time is in our hand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from compliance_bot.cases.moment import Moment
from compliance_bot.cases.studio_answers import SAID_AFTER
from compliance_bot.jobs.late_writes import EVERY, mark_late_writes
from compliance_bot.model.cases import StudioSync
from compliance_bot.model.delivery import EffectKind
from compliance_bot.sandbox.clock import WorldClock
from tests.cases.stage import START, Stage, a_critical, a_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Two critical findings, told and shown; nothing is written to Studio unless a test lets it go."""
    stage = await a_stage(tmp_path)
    await stage.begin()
    await stage.observe(a_critical("f-1"), a_critical("f-2"))
    await stage.deliver(slack=True)
    yield stage
    await stage.database.close()


class Job:
    """The job on a clock that stands still until it is moved on."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.clock = WorldClock(start=stage.now, rate=0.0)
        self.looked = 0

    def moment(self) -> Moment:
        """The moment of a look, counted."""
        self.looked += 1
        return self.stage.moment()

    async def move_on(self, seconds: float) -> None:
        """Let so many seconds pass, the job looking whenever it wants to."""
        end = self.clock.now() + seconds
        while self.clock.now() < end:
            before = self.looked
            await self.clock.jump(EVERY)
            self.stage.now = self.clock.now()
            while self.looked == before:
                await self.stage.write(lambda _tx: None)
            await self.stage.write(lambda _tx: None)  # a commit later, so that it sleeps again

    async def syncs(self) -> list[StudioSync]:
        """How far the two decisions got."""
        cases = [await self.stage.case(name) for name in ("f-1", "f-2")]
        return [case.sync for case in cases if case is not None]


@pytest.fixture
async def job(stage: Stage) -> AsyncIterator[Job]:
    """The job, running."""
    job = Job(stage)
    task = asyncio.create_task(mark_late_writes(stage.database, job.clock, job.moment))
    await asyncio.sleep(0)  # it goes to sleep
    yield job
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_decision_is_marked_when_its_minute_is_over_and_not_before(stage: Stage, job: Job) -> None:
    await stage.press(studio_id="f-1")
    await stage.deliver(slack=True)
    await job.move_on(SAID_AFTER - EVERY)
    assert await job.syncs() == [StudioSync.PENDING, StudioSync.NONE]

    await stage.press(studio_id="f-2")
    await stage.deliver(slack=True)
    await job.move_on(EVERY)
    assert await job.syncs() == [StudioSync.LATE, StudioSync.PENDING]
    edits = [effect for effect in await stage.deliver(slack=True) if effect.kind is EffectKind.EDIT]
    assert len(edits) == len(await stage.posts("f-1")) == 3
    assert all("not yet in Studio" in str(effect.payload) for effect in edits)

    await job.move_on(SAID_AFTER - EVERY)
    assert await job.syncs() == [StudioSync.LATE, StudioSync.LATE]


async def test_what_was_marked_once_is_not_marked_again_and_what_studio_has_never(
    stage: Stage, job: Job
) -> None:
    await stage.press(studio_id="f-1")
    await stage.press(studio_id="f-2")
    claimed = await stage.claim(only=EffectKind.STUDIO_STATUS)
    await stage.finish(claimed[1])
    await stage.deliver(slack=True)
    await job.move_on(SAID_AFTER + EVERY)
    assert await job.syncs() == [StudioSync.LATE, StudioSync.CONFIRMED]
    await stage.deliver(slack=True)

    sent = len(stage.sent)
    await job.move_on(3 * SAID_AFTER)
    assert await stage.deliver(slack=True) == []
    assert len(stage.sent) == sent
    assert stage.now > START + 4 * SAID_AFTER
