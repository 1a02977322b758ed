"""Quiet hours through the real process: what waits, what does not, and that it is listed meanwhile."""

import json
import signal
from datetime import UTC, datetime

import pytest
from bot_process import FAST, within
from journey_steps import ALERTS, CHANNELS, a_critical_is_shown, press, showing, stored

UPDATES = "compliance"
HOUR = 3600.0
NEWS = "An old key"


def quiet_now(world, hours=2):
    """Quiet hours that began an hour ago and end in so many hours, in the world's time."""

    def shown(at):
        return datetime.fromtimestamp(at, UTC).strftime("%H:%M")

    now = world.clock.now()
    return {"from": shown(now - HOUR), "to": shown(now + hours * HOUR)}


@pytest.fixture
async def quiet(world, bot):
    """A bot that is connected, in quiet hours that end in two hours."""
    bot.rules = {**FAST, "quiet_hours": quiet_now(world)}
    return await bot.start()


def add_news(world, title=NEWS, **fields):
    """A finding of no urgency appears; it belongs into #compliance."""
    given = {"severity": "high", "category": "misconfiguration", "status": "open", **fields}
    return world.studio.add_finding(title=title, **given)


async def held(bot, count):
    """Return once that many messages wait."""

    def waiting():
        (row,) = stored(bot, "SELECT count(*) AS n FROM effect WHERE ready = 2 AND error = 'quiet_hours'")
        return row["n"]

    while waiting() != count:
        await within(bot.world.studio.next_call("GET /api/findings"))


async def test_news_waits_for_the_morning_and_an_alarm_does_not(world, quiet, until):
    add_news(world)
    await held(quiet, 1)
    await a_critical_is_shown(world, until, "Public bucket")
    assert showing(world, UPDATES, NEWS) == []

    await world.clock.jump(2 * HOUR)
    await until(lambda: showing(world, UPDATES, NEWS))
    await quiet.settled()
    assert len(showing(world, UPDATES, NEWS)) == 1


async def test_what_waits_is_listed_to_people_and_to_operators(world, quiet, until):
    add_news(world)
    add_news(world, "An old password")
    await held(quiet, 2)

    _, out, _ = await quiet.command("status", "--json")
    (there,) = json.loads(out)["held"]
    assert (there["channel"], there["count"]) == (f"#{UPDATES}", 2)
    _, out, _ = await quiet.command("status")
    assert f"waiting for the end of quiet hours: 2 for #{UPDATES} until " in out

    listed = await answer(world, until, "held")
    assert "2 messages wait for the end of quiet hours: 2 for #compliance" in listed
    assert NEWS in listed
    assert "2 messages wait until <!date^" in await answer(world, until, "")

    await world.clock.jump(2 * HOUR)
    await until(lambda: showing(world, UPDATES, NEWS))
    await quiet.settled()
    assert "No message waits" in await answer(world, until, "held")
    _, out, _ = await quiet.command("status", "--json")
    assert json.loads(out)["held"] == []


async def answer(world, until, words):
    command = await world.slack.slash("bob", ALERTS, "/compliance", words)
    await until(lambda: command.answers)
    return str(command.answers[0])


async def test_what_waits_outlives_a_kill_and_is_said_once(world, quiet, until):
    add_news(world)
    await held(quiet, 1)
    await quiet.kill()
    await quiet.start()
    assert showing(world, UPDATES, NEWS) == []
    await quiet.kill()
    await world.clock.jump(2 * HOUR)
    await quiet.start()

    await until(lambda: showing(world, UPDATES, NEWS))
    await quiet.settled()
    assert len(showing(world, UPDATES, NEWS)) == 1


@pytest.mark.parametrize("stopped", [False, True])
async def test_rules_without_quiet_hours_let_go_what_others_held(world, quiet, until, stopped):
    """By a reload, and by a start with another file."""
    add_news(world)
    await held(quiet, 1)
    quiet.rules = FAST
    if stopped:
        await quiet.stop()
        await quiet.start()
    else:
        quiet.environment()
        quiet.process.send_signal(signal.SIGHUP)
    await until(lambda: showing(world, UPDATES, NEWS))


async def test_what_people_do_is_answered_at_any_hour(world, quiet, until):
    """An acknowledgement, its edits and its line in the thread follow a person, who waits for them."""
    await a_critical_is_shown(world, until)
    await press(world, "bob")
    await until(lambda: all("Acknowledged" in str(world.slack.messages(name)[0].blocks) for name in CHANNELS))
    (message,) = world.slack.messages(ALERTS)
    await until(lambda: world.slack.thread(ALERTS, message.ts))


async def test_a_message_that_waited_shows_what_has_become_of_it(world, quiet, until):
    finding_id = add_news(world)
    await held(quiet, 1)
    world.studio.change_finding(finding_id, status="resolved")
    await world.clock.jump(2 * HOUR)

    await until(lambda: showing(world, UPDATES, NEWS))
    await quiet.settled()
    (message,) = showing(world, UPDATES, NEWS)
    assert "resolved" in str(message.blocks).lower()


async def test_many_that_wait_are_one_digest_in_the_morning(world, quiet, until):
    for number in range(30):
        add_news(world, f"Old key {number}")
    await held(quiet, 1)
    assert world.slack.messages(UPDATES) == []
    await world.clock.jump(2 * HOUR)

    await until(lambda: world.slack.messages(UPDATES))
    await quiet.settled()
    (digest,) = world.slack.messages(UPDATES)
    assert "30 findings" in str(digest.blocks)
