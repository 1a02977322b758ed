"""A token that Slack refuses while the bot runs: sending stops, reading and recording go on."""

import pytest
from bot_process import FAST

from tests.journeys.steps import (
    ALERTS,
    a_finding,
    an_operations_channel,
    notices,
    polls,
    posts_to,
    telling,
    until_studio,
    with_operations,
)

RULES = with_operations(
    FAST,
    studio={**FAST["studio"], "poll_interval": "5s", "full_walk_interval": "1h"},
    grouping={"enabled": False},
)


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive", "invalid_auth"])
async def test_sending_stops_and_resumes_while_reading_and_recording_go_on(world, bot, until, error):
    """Fails if each effect tries the dead token, if the process ends, or if what came meanwhile is lost."""
    bot.rules = RULES
    an_operations_channel(world)
    await bot.start()
    token = world.slack.settings.bot_token
    world.slack.settings.token_faults[token] = error
    await world.clock.run_at(60.0)
    for number in range(10):
        a_finding(world, f"While it was away {number}")
    await until(lambda: [call for call in world.slack.calls_of("auth.test") if call.error == error])
    tried = len(world.slack.calls_of("chat.postMessage"))
    began = world.clock.now()
    await until_studio(world, lambda: world.clock.now() > began + 300.0)

    assert len(world.slack.calls_of("chat.postMessage")) == tried
    assert world.slack.messages(ALERTS) == []
    health = await bot.page("/readyz")
    assert not health["ready"]
    assert any(error in reason for reason in health["degraded"])
    assert health["ages"]["poll"] < 30.0
    assert bot.process.returncode is None
    assert len([call for call in world.slack.calls_of("auth.test") if call.at > began]) <= 6

    del world.slack.settings.token_faults[token]
    await until(lambda: len(telling(world, ALERTS, "While it was away")) == 10)
    await until(lambda: any(error in one for one in notices(world)))
    assert len(notices(world)) == 1
    await polls(world, 2)
    assert (await bot.page("/readyz"))["ready"]


async def test_a_refusal_of_what_is_sent_under_a_token_that_is_accepted_is_tried_once_a_minute(
    world, bot, until
):
    """Fails if an accepted auth.test lets the refused post go again at once: thousands would follow."""
    bot.rules = RULES
    an_operations_channel(world)
    await bot.start()
    refusing = world.slack.refuse("chat.postMessage", "missing_scope", times=None)
    a_finding(world, "Public bucket")
    await until(refusing.reached.is_set)
    began = world.clock.now()
    await world.clock.run_at(60.0)
    await until_studio(world, lambda: world.clock.now() > began + 300.0)
    await world.clock.run_at(1.0)
    assert len(posts_to(world, ALERTS)) <= 8

    world.slack.faults.lift(refusing)
    await world.clock.run_at(60.0)
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    assert len(telling(world, ALERTS, "Public bucket")) == 1
