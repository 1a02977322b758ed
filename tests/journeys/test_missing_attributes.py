"""A condition over something that the event lacks is false, whatever its operator."""

import json

from journey_steps import CHANNELS, a_critical_is_shown, showing, stored

REPORTS, AUDIT = "compliance-reports", "audit-room"
NEVER = {
    "another_project": "project != 'x'",
    "another_framework": "framework != 'x'",
    "soon_due": "days_remaining <= 3",
    "another_category_soon_due": "category != 'x' AND days_remaining <= 3",
}
RULES = {
    **{name: {"condition": words, "channels": [f"#{REPORTS}"]} for name, words in NEVER.items()},
    "not_soon_due": {"condition": "NOT (days_remaining <= 3)", "channels": [f"#{AUDIT}"]},
}


async def test_rules_over_what_an_event_lacks_never_route_and_never_fail(world, bot, until):
    """Fails if what is missing is None, which differs from every text, or raises."""
    bot.rules = {**bot.rules, "routing_rules": RULES}
    await bot.start()
    await a_critical_is_shown(world, until, "No due date")
    await until(lambda: showing(world, AUDIT, "No due date"))
    await a_critical_is_shown(world, until, "Due soon", dueDate=world.clock.now() + 86400.0)
    await until(lambda: showing(world, REPORTS, "Due soon"))

    assert await bot.stop() == 0
    assert not showing(world, REPORTS, "No due date")
    assert not showing(world, AUDIT, "Due soon")
    assert all(len(world.slack.messages(name)) == 2 for name in CHANNELS)
    first, second = (json.loads(row["attributes"]) for row in stored(bot, "SELECT attributes FROM event"))
    assert not {"project", "framework", "days_remaining"} & set(first)
    assert second["days_remaining"] == 1
    assert not [one for one in bot.log_events() if one.get("level") == "error"]
