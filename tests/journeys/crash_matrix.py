"""Runs a story with the process killed at a commit or a request, and again for each such point.

Which points are killed at: a part of them, drawn by a fixed seed; with ``CRASH_MATRIX=all`` every one.
"""

import asyncio
import os
import random
import sys

from bot_process import Bot, within

from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.world import World

AT_ONCE = 2


class Told:
    """How a story ended: the world, how the process stopped, what ``audit verify`` says."""

    def __init__(self, *, world, staged, code, verdict, killed_while_stopping):
        self.world = world
        self.staged = staged
        self.code = code
        self.verdict = verdict
        self.killed_while_stopping = killed_while_stopping


async def _kept_alive(bot):
    """Start the bot again, without its fail point, whenever it dies."""
    while True:
        await bot.process.wait()
        bot.extra.pop("COMPLIANCE_BOT_FAILPOINT", None)
        await bot.launch()


async def told(home, failpoint, *, rules, prepare, story, settings=None, seconds=60):
    """Run a story in a world of its own with the process killed at one point; and the points it reached.

    ``prepare`` furnishes the world before it starts and returns what ``story`` is handed; ``settings``
    gives what the bot's environment has beside the usual, once the world has an address.
    """
    home.mkdir(parents=True)
    world = World(clock=WorldClock())
    world.studio.empty()
    world.slack.settings.retry_after = (0.0, 1.0, 4.0)
    staged = prepare(world)
    await world.start()
    bot = Bot(world, home, rules)
    points = home / "points.log"
    bot.extra = {} if settings is None else settings(world)
    bot.extra |= {"COMPLIANCE_BOT_FAILPOINT": str(failpoint), "COMPLIANCE_BOT_FAILPOINT_LOG": str(points)}
    await bot.launch()
    keeper = asyncio.create_task(_kept_alive(bot))
    try:
        await within(story(world, bot, staged), seconds)
        keeper.cancel()
        code = await bot.stop()
        verdict = await bot.command("audit", "verify")
        reached = points.read_text().splitlines()
        stopping = "COMPLIANCE_BOT_FAILPOINT" in bot.extra and len(reached) == failpoint
    except BaseException:
        sys.stderr.write(f"--- killed at {failpoint}\n{bot.log()[-6000:]}")
        raise
    else:
        ended = Told(world=world, staged=staged, code=code, verdict=verdict, killed_while_stopping=stopping)
        return ended, reached
    finally:
        keeper.cancel()
        if bot.process.returncode is None:
            await bot.kill()
        await world.stop()


async def killed_at_each_point(home, record_property, *, one_in, assert_right, **story):
    """One run counts the points; then one run for each point killed at, of ``one_in`` so many."""
    ended, reached = await told(home / "whole", 0, **story)
    assert_right(ended)
    points = [int(line.split()[0]) for line in reached]
    everything = os.environ.get("CRASH_MATRIX") == "all"
    chosen = points if everything else sorted(random.Random(7).sample(points, len(points) // one_in))  # noqa: S311 - a seeded draw
    gate = asyncio.Semaphore(AT_ONCE)

    async def killed_at(point):
        async with gate:
            ended, _ = await told(home / f"at-{point}", point, **story)
        assert_right(ended)

    async with asyncio.TaskGroup() as group:
        for point in chosen:
            group.create_task(killed_at(point))
    name = story["story"].__module__.rpartition(".")[2]
    record_property("printed", f"{name}: killed at {len(chosen)} of {len(points)} points, right each time")


async def pressed(slack, who, channel, find, action):
    """Somebody presses a button, again and again until Slack shows no error: until it is acked.

    ``find``: the message it stands in, looked for anew each time.
    """
    acked = None
    while acked is None:
        await slack.until(lambda: slack.sockets)
        click = await slack.click(who, channel, find().ts, action)
        acked = await click.acked
