"""Clocks that jump: nobody who waits for a moment misses the jump that brings it."""

import asyncio
import json

import pytest
from aiohttp import ClientSession, web

from compliance_bot.clock import wait_until
from compliance_bot.followed_clock import FollowedClock
from compliance_bot.sandbox.clock import WorldClock


async def test_a_jump_right_after_the_call_wakes_who_waits_for_an_event():
    clock = WorldClock(rate=0)
    waiting = asyncio.ensure_future(wait_until(clock, asyncio.Event(), 60))
    await asyncio.sleep(0)
    await clock.jump(60)
    assert await asyncio.wait_for(waiting, 5) is False


async def test_a_jump_between_the_call_and_the_await_is_not_missed():
    clock = WorldClock(rate=0)
    sleeping = clock.sleep(60)
    await clock.jump(60)
    await asyncio.wait_for(sleeping, 5)


async def test_an_event_ends_the_wait_on_a_clock_that_stands_still():
    event = asyncio.Event()
    waiting = asyncio.ensure_future(wait_until(WorldClock(rate=0), event, 60))
    event.set()
    assert await asyncio.wait_for(waiting, 5) is True


async def test_who_sleeps_wakes_when_the_clock_begins_to_run():
    clock = WorldClock(rate=0)
    sleeping = asyncio.ensure_future(clock.sleep(1000))
    await asyncio.sleep(0)
    await clock.run_at(1_000_000)
    await asyncio.wait_for(sleeping, 5)


@pytest.mark.parametrize("turns", range(4))
async def test_who_sleeps_can_be_stopped_in_the_very_moment_of_a_change(turns):
    """``wait_for`` of 3.11 forgets a cancellation that comes together with what it waited for."""
    clock, followed = WorldClock(), FollowedClock(url="http://127.0.0.1:1/clock")
    sleeping = [asyncio.ensure_future(one.sleep(3600)) for one in (clock, followed)]
    await asyncio.sleep(0)
    await clock.run_at(1)
    followed._set({"now": followed.now(), "rate": 1.0})
    for _ in range(turns):
        await asyncio.sleep(0)
    for one in sleeping:
        one.cancel()
    await asyncio.wait(sleeping, timeout=5)
    stopped = [one.cancelled() for one in sleeping]
    for one in sleeping:
        one.cancel()
    assert stopped == [True, True]


class Served:
    """A world clock behind a port."""

    def __init__(self, clock):
        self.app = web.Application()
        self.app.add_routes([web.get("/clock", clock.stream)])
        self.runner = web.AppRunner(self.app, shutdown_timeout=0.1)

    async def __aenter__(self):
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}/clock"

    async def __aexit__(self, *_):
        await self.runner.cleanup()


async def test_a_follower_knows_the_time_and_wakes_at_a_jump():
    clock = WorldClock(start=1000.0, rate=0)
    async with Served(clock) as url:
        follower = FollowedClock(url=url)
        following = asyncio.create_task(follower.follow())
        await asyncio.wait_for(follower.heard(), 5)
        assert follower.now() == 1000.0
        sleeping = follower.sleep(60)
        await clock.jump(60)
        await asyncio.wait_for(sleeping, 5)
        assert follower.now() == 1060.0
        following.cancel()


async def test_every_change_is_a_line_also_one_made_while_a_line_is_written():
    clock = WorldClock(start=0.0, rate=0)
    async with Served(clock) as url, ClientSession() as session, session.get(url) as answer:
        told = [json.loads(await answer.content.readline())]
        for _ in range(50):
            await clock.jump(1)
        while told[-1]["now"] < 50:
            told.append(json.loads(await asyncio.wait_for(answer.content.readline(), 5)))
        assert told[0] == {"now": 0.0, "rate": 0}


async def test_a_follower_goes_on_when_the_world_was_away():
    clock = WorldClock(start=1000.0, rate=0)
    async with Served(clock) as url:
        follower = FollowedClock(url=url)
        following = asyncio.create_task(follower.follow())
        await asyncio.wait_for(follower.heard(), 5)
    assert follower.now() == 1000.0
    following.cancel()
