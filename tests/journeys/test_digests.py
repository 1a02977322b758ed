"""A burst through the real process: one digest a channel, acknowledged whole, followed as it moves."""

import re

import pytest
from bot_process import FAST, within
from journey_steps import stored

from tests.journeys.steps import UPDATES, a_finding, telling, until_studio

RULES = {**FAST, "routing_rules": {}}
CRITICAL_CHANNEL = "compliance-alerts"


@pytest.fixture(autouse=True)
def rules(bot):
    bot.rules = RULES


def burst(world, count, title="Finding", **fields):
    given = {"severity": "high", "category": "malware", **fields}
    return [a_finding(world, f"{title} {number}", **given) for number in range(count)]


def the_digest(world, channel=UPDATES):
    (message,) = telling(world, channel, "findings")
    return message


def listed(message):
    return re.findall(r"Finding \d+", str(message.blocks))


async def a_burst_is_a_digest(world, bot, until, count=23):
    await bot.start()
    await bot.logged("studio.walk.ended")
    ids = burst(world, count)
    await until(lambda: telling(world, UPDATES, f"{count} findings"))
    return ids


async def test_a_burst_is_one_message_with_honest_counts(world, bot, until):
    await a_burst_is_a_digest(world, bot, until)
    message = the_digest(world)
    assert len(world.slack.messages(UPDATES)) == 1
    assert len(set(listed(message))) == 20
    assert "20 listed; 3 more (3 high) are not" in str(message.blocks)
    assert await bot.stop() == 0
    assert len(world.slack.messages(UPDATES)) == 1


async def test_acknowledge_all_decides_what_was_listed_and_studio_hears_of_each(world, bot, until):
    ids = await a_burst_is_a_digest(world, bot, until)
    message = the_digest(world)
    click = await world.slack.click("bob", UPDATES, message.ts, "acknowledge_all")
    assert await within(click.acked) is not None
    await until(lambda: "20 of 23 handled" in str(the_digest(world).blocks))
    await until(lambda: world.slack.ephemerals(UPDATES, "bob"))
    (whisper,) = [one.text for one in world.slack.ephemerals(UPDATES, "bob")]
    assert "You acknowledged 20 findings" in whisper

    def in_studio():
        return sum(world.studio.finding(one)["status"] == "investigating" for one in ids)

    await until_studio(world, lambda: in_studio() == 20)
    decisions = stored(bot, "SELECT case_id, person FROM decision")
    assert len({row["case_id"] for row in decisions}) == 20
    second = await world.slack.click("alice", UPDATES, the_digest(world).ts, "acknowledge_all")
    assert await within(second.acked) is not None
    await until(lambda: "23 of 23 handled" in str(the_digest(world).blocks))
    assert "acknowledge_all" not in str(the_digest(world).blocks)
    assert await bot.stop() == 0
    assert (await bot.command("audit", "verify"))[0] == 0


async def test_one_line_of_it_can_be_acknowledged_alone(world, bot, until):
    await a_burst_is_a_digest(world, bot, until, 12)
    click = await world.slack.click("bob", UPDATES, the_digest(world).ts, "acknowledge_alert")
    assert await within(click.acked) is not None
    await until(lambda: "1 of 12 handled" in str(the_digest(world).blocks))
    assert "acknowledged by" in str(the_digest(world).blocks)


async def test_a_member_that_turns_critical_rings_and_its_line_becomes_a_link(world, bot, until):
    ids = await a_burst_is_a_digest(world, bot, until, 12)
    world.studio.change_finding(ids[3], severity="critical")
    await until(lambda: telling(world, CRITICAL_CHANNEL, "Finding 3"))
    await until(lambda: "12 findings: 1 critical, 11 high" in the_digest(world).text)
    assert "<!subteam^" in str(telling(world, CRITICAL_CHANNEL, "Finding 3")[0].blocks)


async def test_criticals_stand_apart_until_there_are_too_many_in_a_minute(world, bot, until):
    await bot.start()
    await bot.logged("studio.walk.ended")
    burst(world, 4, "Alarm", severity="critical")
    await until(lambda: len(world.slack.messages(CRITICAL_CHANNEL)) == 4)
    burst(world, 9, "Again", severity="critical")
    await until(lambda: telling(world, CRITICAL_CHANNEL, "urgent findings"))
    (digest,) = telling(world, CRITICAL_CHANNEL, "urgent findings")
    assert "9 critical" in digest.text
    assert "<!subteam^" in str(digest.blocks)
    assert len(world.slack.messages(CRITICAL_CHANNEL)) == 5
    assert await bot.stop() == 0


async def test_killed_while_a_digest_grows_each_finding_is_counted_once(world, bot, until):
    bot.rules = {**RULES, "studio": {**FAST["studio"], "first_run": "all", "full_walk_interval": "1h"}}
    burst(world, 60)
    await bot.launch()
    await until(lambda: telling(world, UPDATES, "findings"))
    await bot.kill()
    burst(world, 40, "Later")
    await bot.start()
    await until(lambda: "100 findings" in the_digest(world).text)
    assert await bot.stop() == 0
    rows = stored(bot, "SELECT count(*) AS n, count(DISTINCT case_id) AS cases FROM post")
    assert (rows[0]["n"], rows[0]["cases"]) == (100, 100)
    assert len(world.slack.messages(UPDATES)) == 1
