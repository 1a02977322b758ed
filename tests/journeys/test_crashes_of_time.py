"""Killed anywhere while a case climbs its ladder: each rung is said once, and none after somebody acts."""

import re
import signal

from journey_steps import ALERTS, showing, thread_of
from journeys.crash_matrix import killed_at_each_point, pressed

TITLE, MANAGEMENT = "Public bucket", "compliance-reports"
HALF_AN_HOUR = 1860.0
"""A little more, so that a rung is due whatever the rest took."""
RULES = {
    "studio": {"poll_interval": "1s", "full_walk_interval": "1h", "quota_per_hour": 0, "first_run": "all"},
    "delivery": {"per_channel": 0, "reconcile_after": "1s", "welcome": False},
    "routing_rules": {},
    "escalation": [
        {"after": "30m", "mentions": ["@compliance-team"], "repeat": 3},
        {"after": "90m", "mentions": ["@compliance-team"], "channel": f"#{MANAGEMENT}"},
    ],
}
"""Rungs at 30, 60, 90 (two) and 120 minutes."""


def prepare(world):
    world.studio.add_finding(title=TITLE, severity="critical", category="data_leak", status="open")


def said(world):
    """The numbers of the rungs said in the thread, in order."""
    return [int(found[1]) for text in thread_of(world) if (found := re.search(r"reminder (\d) of 5", text))]


async def the_story(world, _bot, _staged):
    """Half an hour after half an hour nobody acts; then Bob does, and it is quiet."""
    slack = world.slack
    await slack.until(lambda: showing(world, ALERTS, TITLE))
    for last in (1, 2, 4):
        await world.clock.jump(HALF_AN_HOUR)
        await slack.until(lambda last=last: last in said(world))
    await slack.until(lambda: showing(world, MANAGEMENT, TITLE))
    await pressed(slack, "bob", ALERTS, lambda: showing(world, ALERTS, TITLE)[0], "acknowledge_alert")
    await slack.until(lambda: "Acknowledged by" in str(showing(world, ALERTS, TITLE)[0].blocks))
    await world.clock.jump(4 * HALF_AN_HOUR)


def assert_right(ended):
    world = ended.world
    assert said(world) == [1, 2, 4], thread_of(world)
    assert len(showing(world, ALERTS, TITLE)) == len(showing(world, MANAGEMENT, TITLE)) == 1
    assert ended.code == (-signal.SIGKILL if ended.killed_while_stopping else 0)
    assert ended.verdict[0] == 0, ended.verdict


async def test_killed_at_each_point_every_rung_is_said_once(tmp_path, record_property):
    await killed_at_each_point(
        tmp_path,
        record_property,
        one_in=66,
        assert_right=assert_right,
        rules=RULES,
        prepare=prepare,
        story=the_story,
    )
