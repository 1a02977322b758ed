"""Killed at every commit and every request of the story, and at random: right each time, after a restart."""

import asyncio
import random
import re
import signal

from bot_process import within
from journeys.crash_matrix import killed_at_each_point, pressed

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
ACKNOWLEDGE = "acknowledge_alert"
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
    await pressed(slack, "bob", CHANNELS[0], lambda: slack.messages(CHANNELS[0])[0], ACKNOWLEDGE)
    await slack.until(lambda: all(acknowledged(slack, name) for name in CHANNELS))
    await pressed(slack, CAROL, CHANNELS[0], lambda: slack.messages(CHANNELS[0])[0], ACKNOWLEDGE)
    while studio.comment_count(finding_id) == 0:
        await within(
            asyncio.wait_for(asyncio.shield(studio.next_call("POST /api/findings/{id}/comments")), 20)
        )
    await slack.until(lambda: slack.thread(CHANNELS[0], slack.messages(CHANNELS[0])[0].ts))
    await slack.until(lambda: slack.thread(QUESTIONS, asked.ts))
    await slack.until(lambda: slack.ephemerals(CHANNELS[0], CAROL))


def acknowledged(slack, name):
    return "Acknowledged by" in str(slack.messages(name)[0].blocks)


def prepare(world):
    world.slack.add_channel(QUESTIONS)
    return world.studio.add_finding(
        title="Public bucket", severity="critical", category="data_leak", status="open"
    )


def assert_right(ended):
    world, finding_id = ended.world, ended.staged
    for name in CHANNELS:
        assert len(world.slack.messages(name)) == 1, name
    assert len(world.slack.thread(CHANNELS[0], world.slack.messages(CHANNELS[0])[0].ts)) == 1
    assert world.studio.finding(finding_id)["status"] == "investigating"
    assert world.studio.comment_count(finding_id) == 1
    assert world.studio.put_count(finding_id) == 1
    assert ended.code == (-signal.SIGKILL if ended.killed_while_stopping else 0)
    assert ended.verdict[0] == 0, ended.verdict
    (asked,) = world.slack.messages(QUESTIONS)
    assert len(world.slack.thread(QUESTIONS, asked.ts)) == 1
    told = [one.text for who in (CAROL, "bob") for one in world.slack.ephemerals(CHANNELS[0], who)]
    assert all("was first" in one for one in told), told


async def test_killed_at_each_point_the_story_ends_right(tmp_path, record_property):
    await killed_at_each_point(
        tmp_path,
        record_property,
        one_in=22,
        assert_right=assert_right,
        rules=RULES,
        prepare=prepare,
        story=the_story,
    )


async def shown_at_least(world, count):
    await within(world.slack.until(lambda: len(world.slack.messages("compliance")) >= count), 60)


async def test_killed_twenty_times_at_random_two_hundred_findings_are_each_shown_once(world, bot):
    """Each kill comes when a number of messages drawn by a seed stands in Slack."""
    bot.rules = {**RULES, "routing_rules": {}, "grouping": {"enabled": False}}
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
