"""SIGHUP reads the rules anew: for what comes, never for what was told, and never half."""

import asyncio
import json
import random
import re
import signal

import pytest
from bot_process import FAST, as_yaml, merged, within

from tests.journeys.health_page import green, page_until, says
from tests.journeys.steps import (
    ALERTS,
    UPDATES,
    a_finding,
    an_operations_channel,
    notices,
    telling,
    with_operations,
)

RULES = with_operations(
    {
        **FAST,
        "studio": {**FAST["studio"], "full_walk_interval": "1h", "first_run": "all"},
        "grouping": {"enabled": False},
        "routing_rules": {},
    }
)
TEAM = "team"
TO_THE_TEAM = {
    **RULES,
    "routing_rules": {"team": {"condition": "severity == 'high'", "channels": [f"#{TEAM}"]}},
}
SLOWER = {**RULES, "delivery": {**RULES["delivery"], "reconcile_after": "2s"}}
BAD = "studio: {poll_interval: soon}\n"


@pytest.fixture(autouse=True)
def place(world, bot):
    """An operations channel, a team's channel, and rules that do not name the latter yet."""
    an_operations_channel(world)
    world.slack.add_channel(TEAM)
    bot.rules = RULES


def reload(bot, rules=None, text=None):
    """Write the file and ask for it."""
    if rules is not None:
        bot.rules = rules
    written = as_yaml(merged(bot.rules)) if text is None else text
    (bot.home / "rules.yaml").write_text(written)
    bot.process.send_signal(signal.SIGHUP)


async def logged(bot, event, times=1):
    """That event in the log, once it came so often."""

    async def waiting():
        while True:
            news = bot._news
            found = [one for one in bot.log_events() if one.get("event") == event]
            if len(found) >= times:
                return found
            assert bot.process.returncode is None, bot.log()[-4000:]
            await news.wait()

    return await within(waiting())


def said(world, words):
    """The notices with these words; zero-width spaces keep names from being links."""
    return [one for one in notices(world) if words in one.replace("\u200b", "").replace("\\u200b", "")]


def high(world, title):
    return a_finding(world, title, severity="high")


async def test_a_new_rule_counts_for_the_next_finding_and_not_for_those_that_stand(world, bot, until):
    await bot.start()
    standing = high(world, "Before")
    await until(lambda: telling(world, UPDATES, "Before"))
    reload(bot, TO_THE_TEAM)
    await logged(bot, "rules.reloaded")
    high(world, "After")
    await until(lambda: telling(world, TEAM, "After") and telling(world, UPDATES, "After"))
    world.studio.change_finding(standing, status="resolved")
    await until(lambda: "resolved" in str(telling(world, UPDATES, "Before")[0].blocks).lower())
    await until(lambda: said(world, "New rules are in force"))

    assert not telling(world, TEAM, "Before")
    (notice,) = said(world, "New rules are in force")
    plain = notice.replace("\u200b", "").replace("\\u200b", "")
    assert "routing_rules.team: added (condition severity == 'high', channels #team)" in plain
    assert "Of the last event, 1 would go elsewhere: #team +1." in plain
    assert (await bot.command("audit", "verify"))[0] == 0


async def test_a_bad_file_changes_nothing_and_is_said_in_three_places_until_it_is_mended(world, bot, until):
    await bot.start()
    _, before, _ = await bot.command("status", "--json")
    reload(bot, text=BAD)
    page = await page_until(bot, says("rules.yaml:1:25 studio.poll_interval"))
    assert page["started"]
    await until(lambda: said(world, "The new rules are refused"))
    (refused,) = await logged(bot, "rules.refused")
    assert refused["level"] == "error"
    high(world, "Told all the same")
    await until(lambda: telling(world, UPDATES, "Told all the same"))
    code, status, _ = await bot.command("status")
    assert code == 1
    assert "rules.yaml:1:25 studio.poll_interval: must be a duration" in status
    assert f"rules {json.loads(before)['rules']['hash'][:12]} in force since" in status

    reload(bot)
    await page_until(bot, green)
    await until(lambda: said(world, "The rules can be read again"))
    assert len(said(world, "The new rules are refused")) == 1


async def test_messages_under_way_during_twenty_reloads_are_each_shown_once(world, bot, until):
    world.slack.settings.limits = "off"
    await bot.start()
    world.studio.seed(300, status="open", severity="high")
    for number in range(1, 21):
        reload(bot, {**RULES, "delivery": {**RULES["delivery"], "reconcile_after": f"{number + 1}s"}})
        reload(bot)
        await logged(bot, "rules.reloaded", number)
        a_finding(world, f"During {number}", severity="low")
    await until(lambda: len(world.slack.messages(UPDATES)) >= 320)
    await within(bot.settled())

    shown = [re.search(r"CB-\w+", str(one.blocks)).group() for one in world.slack.messages(UPDATES)]
    assert len(shown) == len(set(shown)) == 320
    assert await bot.stop() == 0
    assert (await bot.command("audit", "verify"))[0] == 0


@pytest.mark.parametrize("point", ["reload.built", "reload.recorded", "reload.swapped"])
async def test_killed_around_a_reload_the_new_rules_are_in_force_after_it_and_all_is_told_once(
    world, bot, until, point
):
    bot.extra = {"COMPLIANCE_BOT_FAILPOINT": point}
    await bot.start()
    high(world, "Before")
    await until(lambda: telling(world, UPDATES, "Before"))
    reload(bot, TO_THE_TEAM)
    assert await bot.ended() == -signal.SIGKILL
    high(world, "Meanwhile")
    bot.extra = {}
    await bot.start()
    await until(lambda: telling(world, TEAM, "Meanwhile") and telling(world, UPDATES, "Meanwhile"))
    await until(lambda: said(world, "New rules are in force"))
    reload(bot)
    await logged(bot, "rules.unchanged")
    await within(bot.settled())

    assert not telling(world, TEAM, "Before")
    assert [len(telling(world, name, "Meanwhile")) for name in (TEAM, UPDATES)] == [1, 1]
    assert len(telling(world, UPDATES, "Before")) == 1
    assert len(said(world, "New rules are in force")) == 1
    assert (await bot.command("audit", "verify"))[0] == 0


async def test_killed_at_random_while_rules_change_to_and_fro_each_finding_is_shown_once(world, bot, until):
    """Each life is ended when a number of messages drawn by a seed stands in Slack."""
    world.slack.settings.limits = "off"
    seed, shown = 14, 0
    draw = random.Random(seed)  # noqa: S311 - a seeded draw
    for life in range(8):
        bot.rules = (RULES, SLOWER)[life % 2]
        await bot.start()
        world.studio.seed(25, status="open", severity="high")
        reload(bot, (SLOWER, RULES)[life % 2])
        aim = shown + draw.randint(1, 25)
        await until(lambda aim=aim: len(world.slack.messages(UPDATES)) >= aim)
        await bot.kill()
        shown = len(world.slack.messages(UPDATES))
    await bot.start()
    await until(lambda: len(world.slack.messages(UPDATES)) >= 8 * 25)
    await within(bot.settled())

    references = [re.search(r"CB-\w+", str(one.blocks)).group() for one in world.slack.messages(UPDATES)]
    assert len(references) == len(set(references)) == 8 * 25, f"seed {seed}"
    assert (await bot.command("audit", "verify"))[0] == 0


async def test_a_reload_asked_while_it_starts_is_served_and_one_while_it_stops_is_harmless(world, bot):
    await bot.launch()
    await logged(bot, "starting")
    reload(bot, TO_THE_TEAM)
    await logged(bot, "rules.reloaded")
    await within(bot.ready())
    for _ in range(20):
        bot.process.send_signal(signal.SIGHUP)
    bot.process.send_signal(signal.SIGTERM)
    for _ in range(20):
        bot.process.send_signal(signal.SIGHUP)
    assert await bot.ended() == 0


async def test_what_was_set_at_the_start_follows_a_reload(world, bot, until):
    """The log's level, a command's name, and who may press."""
    await bot.start()
    a_finding(world, "Public bucket")
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    rules = merged(RULES)
    rules["slash_commands"] = {"/score": {"handler": "compliance_status_command"}}
    rules["debug_config"] = {"enabled": True, "log_level": "error"}
    rules["access"] = {"acknowledge": ["@alice"]}
    reload(bot, text=as_yaml(rules))
    await until(lambda: said(world, "give the Slack app its new manifest"))
    old, new = [await world.slack.slash("bob", UPDATES, name, "help") for name in ("/compliance", "/score")]
    await until(lambda: old.answers and new.answers)
    assert "is not what this command is called any more: please type `/score`" in old.answers[0]["text"]
    assert "`/score` shows scores" in new.answers[0]["text"]
    (message,) = telling(world, ALERTS, "Public bucket")
    click = await world.slack.click("bob", ALERTS, message.ts, "acknowledge_alert")
    await within(click.acked)
    await until(lambda: [one for one in world.slack.ephemerals(ALERTS, "bob") if "is for" in one.text])
    reload(bot, text=BAD)
    await logged(bot, "rules.refused")
    await page_until(bot, says("studio.poll_interval"))
    assert not [one for one in bot.log_events() if one.get("event") == "trouble.began"]


async def test_an_interval_of_an_hour_is_left_at_once_when_it_becomes_short(world, bot, until):
    bot.rules = {**RULES, "studio": {**RULES["studio"], "poll_interval": "1h"}}
    await bot.start()
    high(world, "Waits for the next poll")
    reload(bot, RULES)
    await until(lambda: telling(world, UPDATES, "Waits for the next poll"))


async def test_acks_do_not_wait_for_a_build(world, bot, until):
    await bot.start()
    for number in range(10):
        reload(bot, {**RULES, "delivery": {**RULES["delivery"], "reconcile_after": f"{number + 2}s"}})
        command = await world.slack.slash("bob", UPDATES, "/compliance", "help")
        assert await asyncio.wait_for(asyncio.shield(command.acked), 3) is not None
    await until(lambda: said(world, "New rules are in force"))
