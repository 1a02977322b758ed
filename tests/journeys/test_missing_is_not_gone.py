"""An empty page beside a large total, and a page that fails, are no news of anybody's end."""

from bot_process import FAST

from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.studio.nonsense import empty_page
from tests.journeys.steps import (
    LIST,
    UPDATES,
    an_operations_channel,
    notices,
    until_studio,
    with_operations,
)

SHOWN, RECORDED = 30, 600
RULES = with_operations(
    FAST,
    grouping={"enabled": False},
    studio={"poll_interval": "30s", "full_walk_interval": "5m", "quota_per_hour": 0, "first_run": "all"},
)
SAID = "could not be read completely"


def walks(bot, *, count):
    """How many walks ended that counted, or that did not."""
    ended = [one for one in bot.log_events() if one["event"] == "studio.walk.ended"]
    return len([one for one in ended if one["counts"] is count])


async def test_two_walks_over_empty_then_failing_pages_close_nobody_and_are_said_once(world, bot, until):
    """Fails if what a list lacks is gone (cases would close), or if each walk says it anew."""
    bot.rules = RULES
    an_operations_channel(world)
    world.slack.settings.limits = "off"
    world.studio.seed(RECORDED, status="resolved", severity="high", category="other")
    world.studio.seed(SHOWN, status="open", severity="high", category="other")
    await bot.start()
    await until(lambda: len(world.slack.messages(UPDATES)) == SHOWN)
    await world.clock.run_at(200.0)
    await until_studio(world, lambda: walks(bot, count=True) == 1)

    empty = world.studio.faults.lay(empty_page(total=10_000))
    await until_studio(world, lambda: walks(bot, count=False) == 2)
    world.studio.faults.lift(empty)
    failing = world.studio.faults.lay(
        Fault(
            call=LIST,
            where=lambda arguments: int(arguments.get("page", 1)) > 1,
            status=500,
            body={"error": "Failed to fetch findings"},
        )
    )
    counted = walks(bot, count=True)
    await until_studio(world, lambda: walks(bot, count=False) == 4)

    assert failing.met
    assert walks(bot, count=True) == counted
    health = await bot.page("/readyz")
    assert not health["ready"]
    assert health["degraded"]
    assert len([one for one in notices(world) if SAID in one]) == 1
    assert len(notices(world)) == 1
    assert_nobody_was_touched(world)

    world.studio.faults.lift(failing)
    await until_studio(world, lambda: walks(bot, count=True) == counted + 2)
    assert (await bot.page("/readyz"))["ready"]
    assert_nobody_was_touched(world)


def assert_nobody_was_touched(world):
    shown = world.slack.messages(UPDATES)
    assert len(shown) == SHOWN
    assert all(len(one.versions) == 1 for one in shown)
    assert not any(world.slack.thread(UPDATES, one.ts) for one in shown)
