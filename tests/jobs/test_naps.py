"""A sleeper under old rules wakes by the new ones."""

from __future__ import annotations

import asyncio

import pytest

from compliance_bot.jobs.naps import Naps
from compliance_bot.sandbox.clock import WorldClock
from tests.jobs.stage import LIST, START

HOURLY = "studio: {poll_interval: 1h, full_walk_interval: 1d}"


@pytest.fixture
def clock():
    return WorldClock(start=START, rate=0.0)


async def test_a_shorter_interval_wakes_a_sleeper_and_a_longer_one_lets_it_sleep_on(clock):
    interval = {"seconds": 3600.0}
    naps = Naps(clock=clock)
    sleeping = asyncio.create_task(naps.until(lambda: START + interval["seconds"]))
    await asyncio.sleep(0)
    interval["seconds"] = 7200.0
    naps.rules_changed()
    await clock.jump(3600.0)
    await asyncio.sleep(0)
    assert not sleeping.done()
    interval["seconds"] = 60.0
    naps.rules_changed()
    await asyncio.wait_for(sleeping, 10)


async def test_a_wait_is_over_when_its_time_comes_or_the_rules_change(clock):
    naps = Naps(clock=clock)
    waiting = asyncio.create_task(naps.unless(naps.next_change, 60.0))
    await asyncio.sleep(0)
    await clock.jump(60.0)
    await asyncio.wait_for(waiting, 10)
    before = naps.next_change
    naps.rules_changed()
    await asyncio.wait_for(naps.unless(before, 60.0), 10)


async def test_a_poll_asleep_for_an_hour_follows_a_reload_at_once(town, live):
    reader = await live(HOURLY)
    first = town.world.next_call(LIST)
    reader.start(reader.poller.newest())
    await asyncio.wait_for(first, 10)
    await reader.until(lambda _tx: reader.poller.last_complete is not None)
    second = town.world.next_call(LIST)
    await town.clock.jump(120.0)
    reader.reload("studio: {poll_interval: 1m, full_walk_interval: 1d}")
    await asyncio.wait_for(second, 10)


async def test_a_walk_that_is_to_begin_in_a_day_follows_a_reload_at_once(town, live):
    reader = await live(HOURLY)
    reader.start(reader.walker.run())
    await reader.until_walked(1)
    await town.clock.jump(120.0)
    reader.reload("studio: {poll_interval: 1h, full_walk_interval: 1m}")
    await reader.until_walked(2)


async def test_a_quota_that_is_raised_lets_a_waiting_poll_go(town, live):
    reader = await live("studio: {poll_interval: 1s, quota_per_hour: 2}")
    reader.start(reader.poller.newest())
    await reader.until(lambda _tx: reader.poller.last_complete is not None)
    await town.clock.jump(2.0)
    await reader.until(lambda _tx: reader.waits)
    allowed = town.world.next_call(LIST)
    reader.reload("studio: {poll_interval: 1s, quota_per_hour: 0}")
    await town.clock.run_at(1.0)
    await asyncio.wait_for(allowed, 10)
