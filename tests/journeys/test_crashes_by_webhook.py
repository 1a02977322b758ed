"""Killed anywhere while a finding is told by webhook and in a channel: nothing lost, doubts marked."""

import signal

from journeys.crash_matrix import killed_at_each_point

BOARD, UPDATES = "board-room", "compliance"
MARK = "may stand here already"
RULES = {
    "studio": {"poll_interval": "200ms", "full_walk_interval": "1h", "quota_per_hour": 0, "first_run": "all"},
    "delivery": {"per_channel": 0, "reconcile_after": "1s", "welcome": False},
    "grouping": {"enabled": False},
    "sensitivity": {"channels": {f"#{BOARD}": "confidential"}},
    "routing_rules": {
        "board": {
            "condition": "type == 'finding'",
            "channels": [f"#{BOARD}", f"#{UPDATES}"],
            "replace": True,
        },
    },
}


def prepare(world):
    world.slack.settings.limits = "off"
    fields = {"severity": "critical", "category": "malware", "status": "open"}
    return world.studio.add_finding(title="Public bucket", **fields)


def settings(world):
    return {"SLACK_WEBHOOK_BOARD_ROOM": world.slack.add_webhook(BOARD)}


def saying(world, channel, words):
    return [one for one in world.slack.messages(channel) if words in f"{one.text} {one.blocks}"]


async def the_story(world, bot, finding_id):
    """It is told in both, Studio resolves it, and the channel's message and thread follow."""
    slack, studio = world.slack, world.studio
    await slack.until(lambda: all(saying(world, channel, "Public bucket") for channel in (BOARD, UPDATES)))
    studio.change_finding(finding_id, status="resolved")
    await slack.until(lambda: saying(world, UPDATES, "Closed in Studio"))
    await slack.until(lambda: slack.thread(UPDATES, saying(world, UPDATES, "Public bucket")[0].ts))


def assert_right(ended):
    world = ended.world
    told = saying(world, BOARD, "Public bucket")
    marks = [MARK in str(one.blocks) for one in told]
    assert marks in ([False], [True], [False, True])
    (message,) = saying(world, UPDATES, "Public bucket")
    assert "Closed in Studio" in str(message.blocks)
    assert len(world.slack.thread(UPDATES, message.ts)) == 1
    assert ended.code == (-signal.SIGKILL if ended.killed_while_stopping else 0)
    assert ended.verdict[0] == 0, ended.verdict


async def test_killed_at_each_point_nothing_is_lost_on_the_way_to_a_webhook(tmp_path, record_property):
    await killed_at_each_point(
        tmp_path,
        record_property,
        one_in=33,
        assert_right=assert_right,
        rules=RULES,
        prepare=prepare,
        settings=settings,
        story=the_story,
    )
