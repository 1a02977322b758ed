"""Killed anywhere while projects are read and told: what stood is not told, what moved is told once."""

import signal
import sqlite3

from bot_process import within
from journey_steps import stored
from journeys.crash_matrix import killed_at_each_point

REPORTS, UPDATES = "compliance-reports", "compliance"
ALERTS = "GET /api/manager/alerts"
FASTER = 100.0
"""How fast the world's clock runs, so that the next reading comes soon. No jump: it may come too early."""
RULES = {
    "studio": {"poll_interval": "1h", "full_walk_interval": "1h", "quota_per_hour": 0},
    "delivery": {"per_channel": 0, "reconcile_after": "1s", "welcome": False},
    "grouping": {"enabled": False},
    "routing_rules": {},
}
FACTS = (
    (REPORTS, "Report ready: Shop"),
    (UPDATES, "Score fell from 60 to 10: Shop"),
    (UPDATES, "Stalled: Stalled Project: Shop"),
)


def prepare(world):
    world.slack.settings.limits = "off"
    world.studio.add_project(name="Old", status="approved", progress=5)
    return world.studio.add_project(name="Shop", progress=60)


def saying(world, channel, words):
    return [one for one in world.slack.messages(channel) if words in one.text]


def recorded(bot):
    """Whether the first reading of both kinds stands in the store of whichever process runs."""
    try:
        rows = stored(bot, "SELECT 1 FROM cursor WHERE name IN ('baseline:project', 'baseline:alert')")
    except sqlite3.OperationalError:
        return False
    return len(rows) == 2


async def the_story(world, bot, project):
    """Both lists are read, the project is approved and loses its progress, and all of that is told.

    Two more readings follow, in which what is uncertain would be sent again.
    """
    await world.clock.run_at(FASTER)
    while not recorded(bot):
        await within(world.studio.next_call(ALERTS))
    world.studio.change_project(project, status="approved", progress=10)
    while not all(saying(world, channel, words) for channel, words in FACTS):
        await within(world.studio.next_call(ALERTS))
    for _ in range(2):
        await within(world.studio.next_call(ALERTS))
    await world.clock.run_at(1.0)


def assert_right(ended):
    world = ended.world
    for channel, words in FACTS:
        assert len(saying(world, channel, words)) == 1, (words, world.slack.messages(channel))
    for channel in (REPORTS, UPDATES):
        assert len(world.slack.messages(channel)) == len([one for one, _ in FACTS if one == channel])
    assert ended.code == (-signal.SIGKILL if ended.killed_while_stopping else 0)
    assert ended.verdict[0] == 0, ended.verdict


async def test_killed_at_each_point_each_fact_of_a_project_is_told_once(tmp_path, record_property):
    await killed_at_each_point(
        tmp_path,
        record_property,
        one_in=160,
        assert_right=assert_right,
        rules=RULES,
        prepare=prepare,
        story=the_story,
    )
