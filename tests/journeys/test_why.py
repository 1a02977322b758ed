"""``/compliance why``: asked in Slack, answered from what was recorded when the finding was routed."""

from bot_process import FAST, within
from journey_steps import ALERTS, a_critical_is_shown


async def asked(world, until, who, text):
    """What that person alone is told after asking in a channel."""
    command = await world.slack.slash(who, ALERTS, "/compliance", text)
    assert (await within(command.acked)).payload is None
    await until(lambda: command.answers)
    (answer,) = command.answers
    assert answer["response_type"] == "ephemeral"
    return str(answer).replace("\\u200b", "")  # what keeps a name from pinging


async def test_a_person_is_told_why_a_finding_came_and_whom_it_pinged(world, bot, until):
    bot.rules = FAST
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    await bot.settled()
    for name in ("CB-0001", "cb-1", finding_id):
        said = await asked(world, until, "bob", f"why {name}")
        assert "rule security_incidents matched" in said
        assert "#security-alerts: shown" in said
        assert "pinged @compliance-team, @manager" in said
    assert "Did you mean CB-0001?" in await asked(world, until, "bob", "why CB-0077")
    assert "Which finding?" in await asked(world, until, "bob", "why")
    assert "why CB-0007" in await asked(world, until, "bob", "help")


async def test_a_guest_is_not_told_and_a_mention_is_answered_in_its_thread(world, bot, until):
    await bot.start()
    await a_critical_is_shown(world, until)
    said = await asked(world, until, "gina", "why CB-0001")
    assert "Guests can't see this" in said
    assert "security_incidents" not in said
    message, _ = await world.slack.mention("bob", ALERTS, "why CB-0001")
    await until(lambda: world.slack.thread(ALERTS, message.ts))
    (answer,) = world.slack.thread(ALERTS, message.ts)
    assert "rule security_incidents matched" in str(answer.blocks)
    assert "<!subteam" not in str(answer.blocks)
