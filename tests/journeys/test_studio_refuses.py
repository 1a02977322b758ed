"""A 500 of Studio says little: one read tells the finding that is gone from the outage that passes."""

import pytest
from bot_process import FAST

from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.studio.nonsense import server_error
from tests.journeys.steps import (
    ALERTS,
    COMMENT,
    DETAIL,
    PUT,
    a_finding,
    polls,
    press,
    telling,
    until_studio,
)

ACKNOWLEDGED = "Acknowledged by"
RULES = {**FAST, "studio": {**FAST["studio"], "full_walk_interval": "1h", "first_run": "all"}}


@pytest.fixture
async def shown(world, bot, until):
    """A critical finding that stands in Slack: its id, and its message."""
    bot.rules = RULES
    finding_id = a_finding(world, "Public bucket")
    await bot.start()
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    return finding_id, telling(world, ALERTS, "Public bucket")[0]


async def test_a_finding_deleted_under_the_write_is_read_once_and_never_written_again(
    world, bot, until, shown
):
    """Fails if 500 means "try again" (more PUTs come) or "dead" without a look (no GET, no reason)."""
    finding_id, message = shown
    held = world.studio.faults.lay(Fault(call=PUT, hold="before"))
    await press(world, ALERTS, message)
    await until_studio(world, held.reached.is_set)
    reads = len(world.studio.calls_of(DETAIL, finding_id))
    world.studio.remove_finding(finding_id)
    held.release()

    await until(lambda: "Studio refused: " in str(message.blocks))
    await until(lambda: world.slack.thread(ALERTS, message.ts)[-1:])
    assert "deleted" in str(message.blocks)
    assert ACKNOWLEDGED not in str(message.blocks)
    assert len(world.studio.calls_of(DETAIL, finding_id)) == reads + 1
    await world.clock.jump(3600.0)
    await polls(world, 3)
    assert world.studio.put_count(finding_id) == 1
    assert world.studio.calls_of(COMMENT, finding_id) == []
    assert any("refused" in one.text for one in world.slack.thread(ALERTS, message.ts))
    assert bot.process.returncode is None


async def test_five_minutes_of_500s_on_a_living_finding_end_in_one_write_and_one_comment(
    world, bot, until, shown
):
    """Fails if a 500 kills the write (nothing lands) or leaves it in doubt (written or said twice)."""
    finding_id, message = shown
    began = world.clock.now()
    refusing = world.studio.faults.lay(server_error(PUT))
    await press(world, ALERTS, message)
    await until_studio(world, refusing.reached.is_set)
    await world.clock.run_at(100.0)
    await until(lambda: "not yet in Studio" in str(message.blocks))
    await until_studio(world, lambda: world.clock.now() >= began + 300.0)
    await world.clock.run_at(1.0)
    assert world.studio.finding(finding_id)["status"] == "open"
    assert refusing.met > 1
    refused = refusing.met
    world.studio.faults.lift(refusing)

    await world.clock.run_at(100.0)
    await until_studio(world, lambda: world.studio.comment_count(finding_id) == 1)
    await until(lambda: "not yet in Studio" not in str(message.blocks))
    await world.clock.run_at(1.0)
    await world.clock.jump(3600.0)
    await polls(world, 3)
    assert world.studio.finding(finding_id)["status"] == "investigating"
    assert world.studio.put_count(finding_id) == refused + 1
    assert len(world.studio.calls_of(COMMENT, finding_id)) == 1
    assert world.studio.comment_count(finding_id) == 1
    assert "Bob Builder" in world.studio.comments(finding_id)[0]["content"]
    assert ACKNOWLEDGED in str(message.blocks)
