"""Studio knows no idempotency key: a comment whose answer was lost is looked for, not said again."""

import pytest
from bot_process import FAST

from compliance_bot.sandbox.faults import Fault
from tests.journeys.steps import (
    ALERTS,
    COMMENT,
    DETAIL,
    a_finding,
    polls,
    press,
    reference_in,
    telling,
    until_studio,
)

RULES = {**FAST, "studio": {**FAST["studio"], "full_walk_interval": "1h", "first_run": "all"}}


@pytest.mark.parametrize(
    "lost",
    [
        {"drop": "after"},
        {"status": 500, "body": {"error": "Failed to add comment"}, "effect_first": True},
        {"status": 504, "body": "<html>Gateway Timeout</html>", "effect_first": True},
    ],
    ids=["connection dropped", "500 after storing", "gateway timed out"],
)
async def test_a_stored_comment_whose_answer_is_lost_stands_once(world, bot, until, lost):
    """Fails if a comment is retried blindly: it would stand twice. Fails too if it is given up."""
    bot.rules = RULES
    finding_id = a_finding(world, "Public bucket")
    await bot.start()
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    message = telling(world, ALERTS, "Public bucket")[0]
    losing = world.studio.faults.lay(Fault(call=COMMENT, **lost))

    await press(world, ALERTS, message)
    await until_studio(world, losing.reached.is_set)
    said_at = world.studio.calls_of(COMMENT)[0].at
    await until_studio(world, lambda: world.studio.calls_of(DETAIL, finding_id)[-1].at >= said_at)
    await world.clock.jump(3600.0)
    await polls(world, 5)

    reference = f"ref {reference_in(message)}"
    said = [one["content"] for one in world.studio.comments(finding_id)]
    assert len(said) == 1
    assert reference in said[0]
    assert losing.met == 1
    assert '"pending": 0' in (await bot.command("status", "--json"))[1]
