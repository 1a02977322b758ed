"""A channel that Slack asks to wait for parks itself alone: what goes elsewhere passes it."""

from bot_process import FAST

from compliance_bot.sandbox.faults import Fault
from tests.journeys.steps import ALERTS, UPDATES, a_finding, posts_to, telling

BACKLOG = 200
RULES = {
    "studio": {**FAST["studio"], "full_walk_interval": "1h", "first_run": "all"},
    "delivery": {"per_channel": 1, "reconcile_after": "1s", "welcome": False},
}


async def test_a_critical_passes_two_hundred_rows_of_a_channel_that_must_wait(world, bot, until):
    """Fails if there is one queue or one sleep: the alert would come after the wait, or after the rows."""
    bot.rules = RULES
    world.studio.seed(BACKLOG, status="open", severity="high", category="other")
    updates = world.slack.workspace.channel(UPDATES).id
    parking = world.slack.faults.lay(
        Fault(
            call="chat.postMessage",
            where=lambda arguments: arguments.get("channel") == updates,
            status=429,
            headers={"Retry-After": "30"},
            body={"ok": False, "error": "ratelimited"},
        )
    )
    await bot.start()
    await until(parking.reached.is_set)
    await until(lambda: posts_to(world, UPDATES)[0].answered_at is not None)
    parked_at = posts_to(world, UPDATES)[0].answered_at

    a_finding(world, "Root without a second factor")
    await until(lambda: telling(world, ALERTS, "Root without a second factor"))
    passed = posts_to(world, ALERTS)[0]
    assert passed.at < parked_at + 30.0
    assert len(posts_to(world, UPDATES)) == 1

    world.slack.faults.lift(parking)
    await world.clock.jump(max(0.0, parked_at + 29.0 - world.clock.now()))
    await until(lambda: len(posts_to(world, UPDATES)) >= 2)
    assert posts_to(world, UPDATES)[1].at >= parked_at + 30.0
