"""What waits when the rules change: a message keeps its channel, and is judged anew for when it goes."""

from datetime import UTC, datetime, timedelta

import pytest
from bot_process import within

from compliance_bot.sandbox.faults import Fault
from tests.journeys.steps import UPDATES, an_operations_channel, posts_to, telling
from tests.journeys.test_reload import RULES, TEAM, high, logged, reload

INSTEAD = {
    **RULES,
    "routing_rules": {
        "team": {"condition": "severity == 'high'", "channels": [f"#{TEAM}"], "replace": True},
    },
}


@pytest.fixture(autouse=True)
def place(world, bot):
    """As the journeys of reloads have it."""
    an_operations_channel(world)
    world.slack.add_channel(TEAM)
    bot.rules = RULES


def all_day_quiet(world):
    """Quiet hours that hold now, whatever the time is: yesterday, today and tomorrow are holidays."""
    today = datetime.fromtimestamp(world.clock.now(), UTC).date()
    days = [str(today + timedelta(days=number)) for number in (-1, 0, 1)]
    return {"from": "13:00", "to": "13:01", "timezone": "UTC", "holidays": days}


async def test_a_message_that_could_not_leave_yet_keeps_the_channel_it_was_meant_for(world, bot, until):
    await bot.start()
    away = world.slack.faults.lay(Fault(call="chat.postMessage", status=503, body="<html>away</html>"))
    high(world, "Meant for all")
    await until(lambda: posts_to(world, UPDATES))
    reload(bot, INSTEAD)
    await logged(bot, "rules.reloaded")
    high(world, "Meant for the team")
    world.slack.faults.lift(away)
    await world.clock.run_at(20.0)
    await until(
        lambda: telling(world, UPDATES, "Meant for all") and telling(world, TEAM, "Meant for the team")
    )
    await world.clock.run_at(1.0)
    await within(bot.settled())
    assert not telling(world, TEAM, "Meant for all")
    assert not telling(world, UPDATES, "Meant for the team")


async def test_what_quiet_hours_held_goes_when_a_reload_ends_them(world, bot, until):
    bot.rules = {**RULES, "quiet_hours": all_day_quiet(world)}
    await bot.start()
    high(world, "Held")
    await logged(bot, "outbox.quiet_hours.held")
    assert not telling(world, UPDATES, "Held")
    reload(bot, RULES)
    await until(lambda: telling(world, UPDATES, "Held"))
    assert len(telling(world, UPDATES, "Held")) == 1


async def test_a_channel_that_a_reload_names_first_is_greeted(world, bot, until):
    greeting = {**RULES, "delivery": {**RULES["delivery"], "welcome": True}}
    bot.rules = greeting
    await bot.start()
    await until(lambda: world.slack.messages(UPDATES))
    assert not world.slack.messages(TEAM)
    reload(bot, {**greeting, "routing_rules": INSTEAD["routing_rules"]})
    await until(lambda: world.slack.messages(TEAM))
    assert len(world.slack.messages(UPDATES)) == 1
