"""Killed anywhere while a burst becomes a digest, is acknowledged whole, and the rules are changed."""

import contextlib
import signal

from journeys.crash_matrix import killed_at_each_point, pressed

COUNT = 14
UPDATES, TEAM = "compliance", "team-payments"
RULES = {
    "studio": {"poll_interval": "1s", "full_walk_interval": "1h", "quota_per_hour": 0, "first_run": "all"},
    "delivery": {"per_channel": 0, "reconcile_after": "1s", "welcome": True},
    "routing_rules": {},
}
ADDED = {"team": {"condition": "severity == 'low'", "channels": [f"#{TEAM}"], "replace": True}}
"""The rule that a reload brings."""


def prepare(world):
    world.slack.add_channel(TEAM)
    world.slack.settings.limits = "off"
    return [
        world.studio.add_finding(title=f"Finding {n}", severity="high", category="malware", status="open")
        for n in range(COUNT)
    ]


def digests(world):
    return [
        one
        for one in world.slack.messages(UPDATES)
        if "Acknowledge" in str(one.blocks) or "handled" in str(one.blocks)
    ]


def welcomes(world, channel):
    return [one for one in world.slack.messages(channel) if one not in digests(world)]


async def the_story(world, bot, finding_ids):
    """A digest comes, Bob acknowledges all of it, the rules are reloaded, and the new rule counts."""
    slack, studio = world.slack, world.studio
    await slack.until(lambda: digests(world))
    await pressed(slack, "bob", UPDATES, lambda: digests(world)[0], "acknowledge_all")
    await slack.until(lambda: f"{COUNT} of {COUNT} handled" in str(digests(world)[0].blocks))
    while any(studio.comment_count(one) == 0 for one in finding_ids):
        await studio.next_call("POST /api/findings/{id}/comments")
    await slack.until(lambda: welcomes(world, UPDATES))
    bot.rules = {**bot.rules, "routing_rules": ADDED}
    bot.environment()
    asked = bot.process
    with contextlib.suppress(ProcessLookupError):
        asked.send_signal(signal.SIGHUP)
    await slack.until(lambda: any(map(in_force, slack.messages(UPDATES))) or bot.process is not asked)
    studio.add_finding(title="Ours", severity="low", category="malware", status="open")
    await slack.until(lambda: [one for one in slack.messages(TEAM) if "Ours" in str(one.blocks)])


def in_force(message):
    return "New rules are in force" in f"{message.text} {message.blocks}"


def assert_right(ended):
    world = ended.world
    assert len(digests(world)) == 1
    for finding_id in ended.staged:
        assert world.studio.finding(finding_id)["status"] == "investigating"
        assert (world.studio.put_count(finding_id), world.studio.comment_count(finding_id)) == (1, 1)
    assert len([one for one in world.slack.messages(TEAM) if "Ours" in str(one.blocks)]) == 1
    assert not [one for one in world.slack.messages(UPDATES) if "Ours" in str(one.blocks)]
    assert ended.code == (-signal.SIGKILL if ended.killed_while_stopping else 0)
    assert ended.verdict[0] == 0, ended.verdict


async def test_killed_at_each_point_the_burst_ends_right(tmp_path, record_property):
    await killed_at_each_point(
        tmp_path,
        record_property,
        one_in=60,
        assert_right=assert_right,
        rules=RULES,
        prepare=prepare,
        story=the_story,
    )
