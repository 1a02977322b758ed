"""What waits on a person, what sleeps, and who stands in: asked and said through the real process."""

import json

from bot_process import within
from journey_steps import ALERTS, a_critical_is_shown, press, says, stored

from tests.journeys.filling_in import menu, opened, sent_off

ALICE, BOB, MONA, GUEST = "alice", "bob", "manager", "gina"
TITLE = "Public bucket"
ROLES = {"people": {"roles": {"manager": ["alice@example.com", "manager@example.com"]}}}
DAY = 86_400.0


async def asked(world, until, who, text):
    """What that person alone is told after ``/compliance`` and these words."""
    command = await world.slack.slash(who, ALERTS, "/compliance", text)
    assert (await within(command.acked)).payload is None
    await until(lambda: command.answers)
    (answer,) = command.answers
    assert answer["response_type"] == "ephemeral"
    return str(answer).replace("\\u200b", "").replace("\u200b", "")


async def mentioned(world, until, who, text):
    """What the thread of a mention says."""
    message, _ = await world.slack.mention(who, ALERTS, text)
    await until(lambda: world.slack.thread(ALERTS, message.ts))
    return str(world.slack.thread(ALERTS, message.ts)[0])


def directs(world, who):
    """What somebody was told by direct message."""
    return [one.text.replace("\u200b", "") for one in world.slack.direct(who)]


async def test_a_queue_is_handed_over_for_as_long_as_somebody_is_away(world, bot, until):
    """Fails if what waits is not listed, if who stands in does not see it, or if a stop forgets it."""
    bot.rules = {**bot.rules, **ROLES}
    await bot.start()
    assert "Nothing waits for you." in await asked(world, until, ALICE, "queue")
    await a_critical_is_shown(world, until)
    await press(world, ALICE)
    await until(lambda: says(world, ALERTS, TITLE, "Acknowledged by"))
    assert TITLE in await asked(world, until, ALICE, "queue")
    assert TITLE not in await asked(world, until, MONA, "queue")

    mona, bob = (world.slack.workspace.person(who).id for who in (MONA, BOB))
    said = await asked(world, until, ALICE, f"away until \u201c3d\u201d to <@{mona}|manager>")
    assert "You are away until" in said
    assert "stands in for you" in said
    await until(lambda: directs(world, MONA))
    (told,) = directs(world, MONA)
    assert "named you to stand in" in told
    assert "who is away" in await asked(world, until, MONA, "queue")
    refused = await asked(world, until, ALICE, f"away until 3d to <@{bob}>")
    assert "may not approve, so can" in refused
    assert "it would come back to you" in await asked(world, until, MONA, "away until 2d to @alice")

    await bot.kill()
    await bot.start()
    assert "stands in for you" in await asked(world, until, ALICE, "away")
    assert TITLE in await asked(world, until, MONA, "queue")
    assert len(directs(world, MONA)) == 1

    await world.clock.jump(4 * DAY)
    assert "You are not away." in await asked(world, until, ALICE, "away")
    assert TITLE not in await asked(world, until, MONA, "queue")
    assert "You are away until" in await mentioned(world, until, BOB, f"away until friday to <@{mona}>")
    assert "stand in for Bob" in await asked(world, until, MONA, "queue")
    assert "Welcome back" in await mentioned(world, until, BOB, "away off")
    assert "Guests can't see this here." in (await asked(world, until, GUEST, "away off")).replace("\\", "")

    assert await bot.stop() == 0
    kinds = [json.loads(row["body"])["kind"] for row in stored(bot, "SELECT body FROM audit ORDER BY seq")]
    assert [kind for kind in kinds if "away" in kind] == [
        "away.begun",
        "away.begun",
        "away.ended",
        "refusal.away",
    ]
    code, out, err = await bot.command("audit", "verify")
    assert code == 0, out + err


async def test_what_sleeps_is_listed_wherever_silence_matters(world, bot, until):
    """Fails if a snoozed finding is not named, with its end, by whom and why."""
    bot.rules = {**bot.rules, **ROLES}
    await bot.start()
    assert "Nothing is snoozed." in await asked(world, until, BOB, "snoozed")
    await a_critical_is_shown(world, until)
    choose = menu(world.slack, BOB, ALERTS, lambda: world.slack.messages(ALERTS)[0], "snooze")
    view = await opened(world.slack, BOB, choose, "snooze_end")
    await sent_off(world.slack, BOB, view, {"snooze_end": "tomorrow", "reason": "waits for a vendor"})
    await until(lambda: says(world, ALERTS, TITLE, "Snoozed until"))
    said = await asked(world, until, ALICE, "snoozed")
    assert TITLE in said
    assert "waits for a vendor" in said
    assert "1 finding is snoozed" in await asked(world, until, ALICE, "")
    assert TITLE in await mentioned(world, until, ALICE, "snoozed")
    assert "Did you mean snoozed?" in await asked(world, until, ALICE, "snozed")
    assert "snoozed" in await asked(world, until, ALICE, "help")
    code, out, _ = await bot.command("status")
    assert code == 0
    assert "1 snoozed" in out
