"""Killed anywhere in a night: channels are greeted, news waits for the morning, an alarm does not."""

import signal
import time
from datetime import UTC, datetime

from journey_steps import CHANNELS, add_critical, showing
from journeys.crash_matrix import killed_at_each_point

HOUR = 3600.0
UPDATES = "compliance"
GREETED = (*CHANNELS, "compliance-reports")
NEWS, ALARM, WELCOME = "An old key", "Public bucket", "Studio now reports to #"


def rules_of_a_night():
    """Quiet hours that began an hour ago and end in two."""

    def shown(hours):
        return datetime.fromtimestamp(time.time() + hours * HOUR, UTC).strftime("%H:%M")

    return {
        "studio": {
            "poll_interval": "1s",
            "full_walk_interval": "1h",
            "quota_per_hour": 0,
            "first_run": "all",
        },
        "delivery": {"per_channel": 0, "reconcile_after": "1s"},
        "quiet_hours": {"from": shown(-1), "to": shown(2)},
    }


def prepare(world):
    world.studio.add_finding(title=NEWS, severity="high", category="misconfiguration", status="open")
    add_critical(world, ALARM)


async def the_story(world, _bot, _staged):
    """The alarm comes at night; in the morning the news, and a welcome in each channel."""
    slack = world.slack
    await slack.until(lambda: all(showing(world, name, ALARM) for name in CHANNELS))
    assert not showing(world, UPDATES, NEWS)
    await world.clock.jump(2.1 * HOUR)
    await slack.until(lambda: showing(world, UPDATES, NEWS))
    await slack.until(lambda: all(showing(world, name, WELCOME) for name in GREETED))


def assert_right(ended):
    world = ended.world
    assert len(showing(world, UPDATES, NEWS)) == 1
    assert [len(showing(world, name, ALARM)) for name in CHANNELS] == [1, 1, 1]
    assert [len(showing(world, name, WELCOME)) for name in GREETED] == [1, 1, 1, 1]
    assert ended.code == (-signal.SIGKILL if ended.killed_while_stopping else 0)
    assert ended.verdict[0] == 0, ended.verdict


async def test_killed_at_each_point_the_night_ends_right(tmp_path, record_property):
    await killed_at_each_point(
        tmp_path,
        record_property,
        one_in=46,
        assert_right=assert_right,
        rules=rules_of_a_night(),
        prepare=prepare,
        story=the_story,
    )
