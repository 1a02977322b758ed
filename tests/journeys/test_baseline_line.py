"""What stood before the bot came is recorded; what came while it looked around for the first time is told."""

import pytest
from bot_process import within
from journey_steps import ALERTS, CHANNELS, PING, add_critical, showing, stored

from compliance_bot.sandbox.faults import Fault

HOUR = 3600.0
STANDING = 600
"""More findings than one page holds."""
ON_TOP, LAST = "Came while page 2 was read", "Came too, first seen long ago"


@pytest.mark.parametrize("killed", [False, True])
async def test_a_critical_that_comes_during_the_first_walk_is_told_once_with_its_ping(
    world, bot, until, killed
):
    """Fails if a flag says "first run": it would record all of the first walk, or be lost at a kill."""
    world.studio.seed(STANDING, status="open", severity="high", category="malware")
    page_two = world.studio.faults.lay(
        Fault(call="GET /api/findings", hold="before", where=lambda asked: asked.get("page") != "1")
    )
    await bot.start()
    await within(page_two.reached.wait())
    add_critical(world, ON_TOP)
    add_critical(world, LAST, firstSeenAt=world.clock.now() - 90 * 24 * HOUR)
    if killed:
        await bot.kill()
    page_two.release()
    if killed:
        await bot.start()

    await until(lambda: all(showing(world, name, title) for name in CHANNELS for title in (ON_TOP, LAST)))
    await the_walk_counted(world, bot)
    world.studio.add_finding(title="Came later", severity="high", category="malware", status="open")
    await until(lambda: showing(world, "compliance", "Came later"))
    assert await bot.stop() == 0
    for name in CHANNELS:
        told = [one for one in world.slack.messages(name) if "Came later" not in str(one.blocks)]
        assert len(told) == 2, name
        for title in (ON_TOP, LAST):
            (message,) = showing(world, name, title)
            assert PING in str(message.blocks), name
    assert len(world.slack.messages(ALERTS)) == 2
    (counts,) = stored(bot, "SELECT count(*) FROM object WHERE standing = 'baseline'")
    assert counts[0] == STANDING


async def the_walk_counted(world, bot):
    """Return once the first walk has ended: the line is drawn for good."""
    while not any(one["event"] == "studio.walk.ended" for one in bot.log_events()):
        await within(world.studio.next_call("GET /api/findings"))
