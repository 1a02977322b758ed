"""Killed at every commit and every request of the story, and at random: right each time, after a restart.

Which points are killed at: a third of them, drawn by a fixed seed; with ``CRASH_MATRIX=all`` every one.
"""

import asyncio
import os
import random
import re
import signal
import sys

from bot_process import Bot, within

from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.world import World

CHANNELS = ("compliance-alerts", "security-alerts", "compliance")
RULES = {
    "studio": {
        "poll_interval": "1s",
        "full_walk_interval": "1h",
        "quota_per_hour": 1000,
        "first_run": "all",
    },
    "delivery": {"per_channel": 0, "reconcile_after": "1s", "welcome": False},
}
AT_ONCE = 3
CAROL = "U0CARL0001"
QUESTIONS = "questions"
"""The channel where somebody mentions the bot."""


async def the_story(world, bot, finding_id):
    """Tell one finding, have Bob press until it is his and Carol after him, and have a mention answered.

    The story is over when Studio and every copy know, and the thread and the answer stand.
    """
    slack, studio = world.slack, world.studio
    await slack.until(lambda: all(slack.messages(name) for name in CHANNELS))
    asked, _ = await slack.mention("alice", QUESTIONS, "help")
    await pressed(slack, "bob")
    await slack.until(lambda: all(acknowledged(slack, name) for name in CHANNELS))
    await pressed(slack, CAROL)
    while studio.comment_count(finding_id) == 0:
        await within(
            asyncio.wait_for(asyncio.shield(studio.next_call("POST /api/findings/{id}/comments")), 20)
        )
    await slack.until(lambda: slack.thread(CHANNELS[0], slack.messages(CHANNELS[0])[0].ts))
    await slack.until(lambda: slack.thread(QUESTIONS, asked.ts))
    await slack.until(lambda: slack.ephemerals(CHANNELS[0], CAROL))


async def pressed(slack, who):
    """Somebody presses Acknowledge, again and again until Slack shows no error: until it is acked."""
    acked = None
    while acked is None:
        await slack.until(lambda: slack.sockets)
        message = slack.messages(CHANNELS[0])[0]
        click = await slack.click(who, CHANNELS[0], message.ts, "acknowledge_alert")
        acked = await click.acked


def acknowledged(slack, name):
    return "Acknowledged by" in str(slack.messages(name)[0].blocks)


async def kept_alive(bot):
    """Start the bot again, without its fail point, whenever it dies."""
    while True:
        await bot.process.wait()
        bot.extra.pop("COMPLIANCE_BOT_FAILPOINT", None)
        await bot.launch()


async def told_in_a_world_of_its_own(home, failpoint):
    """Run the story with the process killed at one point; what the world holds afterwards."""
    home.mkdir(parents=True)
    world = World(clock=WorldClock())
    world.studio.empty()
    world.slack.settings.retry_after = (0.0, 1.0, 4.0)
    world.slack.add_channel(QUESTIONS)
    finding_id = world.studio.add_finding(
        title="Public bucket", severity="critical", category="data_leak", status="open"
    )
    await world.start()
    bot = Bot(world, home, RULES)
    points = home / "points.log"
    bot.extra = {"COMPLIANCE_BOT_FAILPOINT": str(failpoint), "COMPLIANCE_BOT_FAILPOINT_LOG": str(points)}
    await bot.launch()
    keeper = asyncio.create_task(kept_alive(bot))
    try:
        await within(the_story(world, bot, finding_id), 60)
        keeper.cancel()
        code = await bot.stop()
        verdict = await bot.command("audit", "verify")
        reached = points.read_text().splitlines()
        stopping = "COMPLIANCE_BOT_FAILPOINT" in bot.extra and len(reached) == failpoint
    except BaseException:
        sys.stderr.write(f"--- killed at {failpoint}\n{bot.log()[-6000:]}")
        raise
    else:
        return (world, finding_id, code, verdict, stopping), reached
    finally:
        keeper.cancel()
        if bot.process.returncode is None:
            await bot.kill()
        await world.stop()


def assert_right(world, finding_id, code, verdict, killed_while_stopping):
    for name in CHANNELS:
        assert len(world.slack.messages(name)) == 1, name
    assert len(world.slack.thread(CHANNELS[0], world.slack.messages(CHANNELS[0])[0].ts)) == 1
    assert world.studio.finding(finding_id)["status"] == "investigating"
    assert world.studio.comment_count(finding_id) == 1
    assert world.studio.put_count(finding_id) == 1
    assert code == (-signal.SIGKILL if killed_while_stopping else 0)
    assert verdict[0] == 0, verdict
    (asked,) = world.slack.messages(QUESTIONS)
    assert len(world.slack.thread(QUESTIONS, asked.ts)) == 1
    told = [one.text for who in (CAROL, "bob") for one in world.slack.ephemerals(CHANNELS[0], who)]
    assert all("was first" in one for one in told), told


async def test_killed_at_each_point_the_story_ends_right(tmp_path, capsys):
    """One run counts the points; then one run for each point killed at."""
    ended, reached = await told_in_a_world_of_its_own(tmp_path / "whole", 0)
    assert_right(*ended)
    points = [int(line.split()[0]) for line in reached]
    everything = os.environ.get("CRASH_MATRIX") == "all"
    chosen = points if everything else sorted(random.Random(7).sample(points, len(points) // 3))  # noqa: S311 - a seeded draw
    gate = asyncio.Semaphore(AT_ONCE)

    async def killed_at(point):
        async with gate:
            ended, _ = await told_in_a_world_of_its_own(tmp_path / f"at-{point}", point)
        assert_right(*ended)

    async with asyncio.TaskGroup() as group:
        for point in chosen:
            group.create_task(killed_at(point))
    with capsys.disabled():
        sys.stdout.write(
            f"\ncrash matrix: killed at {len(chosen)} of {len(points)} points, right each time\n"
        )


async def shown_at_least(world, count):
    await within(world.slack.until(lambda: len(world.slack.messages("compliance")) >= count), 60)


async def test_killed_twenty_times_at_random_two_hundred_findings_are_each_shown_once(world, bot):
    """Each kill comes when a number of messages drawn by a seed stands in Slack."""
    bot.rules = {**RULES, "routing_rules": {}}
    world.slack.settings.limits = "off"
    seed = 20
    draw = random.Random(seed)  # noqa: S311 - a seeded draw
    world.studio.seed(200, status="open", severity="high")
    kills = sorted(draw.sample(range(1, 200), 20))
    await bot.launch()
    for count in kills:
        await shown_at_least(world, count)
        await bot.kill()
        await bot.launch()
    await shown_at_least(world, 200)
    await within(bot.settled(), 60)
    assert await bot.stop() == 0

    shown = [re.search(r"CB-\w+", str(one.blocks)).group() for one in world.slack.messages("compliance")]
    assert len(shown) == len(set(shown)) == 200, f"seed {seed}"
    assert (await bot.command("audit", "verify"))[0] == 0
