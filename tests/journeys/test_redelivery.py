"""Whatever Slack delivers twice, late or in another order: each doing is carried out once."""

import json
import uuid

import pytest
from bot_process import FAST, within
from journey_steps import (
    ALERTS,
    CHANNELS,
    a_critical_is_shown,
    commented,
    press,
    says,
    stored,
    whispers,
)

TITLE = "Public bucket"
CAROL = "U0CARL0001"
RULES = {**FAST, "studio": {**FAST["studio"], "full_walk_interval": "1h", "first_run": "all"}}


@pytest.fixture(autouse=True)
def rules(bot):
    bot.rules = RULES


async def everybody_sees(world, until, words):
    await until(lambda: all(says(world, name, TITLE, words) for name in CHANNELS))


async def decided_once(world, bot, finding_id):
    """One decision stands, in Studio too, and all that came is worked off."""
    await commented(world, finding_id)
    assert await bot.stop() == 0
    (decision,) = stored(bot, "SELECT * FROM decision")
    assert {row["state"] for row in stored(bot, "SELECT state FROM inbox")} == {"done"}
    assert world.studio.put_count(finding_id) == world.studio.comment_count(finding_id) == 1
    code, out, err = await bot.command("audit", "verify")
    assert code == 0, out + err
    return decision


async def again(world, click):
    """Slack sends the very same click a second time, in an envelope of its own; return once it is acked."""
    await resent(world, click.payload)


async def resent(world, payload):
    envelope = world.slack.envelopes.deliver("interactive", payload)
    await within(world.slack.until(lambda: envelope.id in world.slack.acks))


async def test_a_mention_recorded_and_killed_before_its_ack_comes_again_and_is_answered_once(
    world, bot, until
):
    world.slack.settings.retry_after = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    bot.extra = {"COMPLIANCE_BOT_FAILPOINT": "ack.before"}
    await bot.start()
    asked, (first,) = await world.slack.mention("alice", "compliance", "help")
    assert await bot.ended() < 0
    (row,) = stored(bot, "SELECT key, state FROM inbox")
    assert row["key"] == f"event:{first.payload['event_id']}"
    assert first.id not in world.slack.acks

    bot.extra = {}
    sent = world.slack.envelopes.sent_count
    await bot.start()
    await until(lambda: world.slack.thread("compliance", asked.ts))
    await until(lambda: world.slack.acks)
    assert world.slack.envelopes.sent_count > sent
    assert await bot.stop() == 0
    assert len(world.slack.thread("compliance", asked.ts)) == 1
    (row,) = stored(bot, "SELECT state FROM inbox")
    assert row["state"] == "done"


async def test_the_same_click_delivered_twice_is_one_decision_also_after_a_restart(world, bot, until):
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    click = await press(world, "bob")
    await again(world, click)
    world.slack.send_raw(click.envelope.frame())
    await everybody_sees(world, until, "Acknowledged by")
    await bot.kill()
    await bot.start()
    await again(world, click)
    decision = await decided_once(world, bot, finding_id)
    assert decision["person"] == world.slack.workspace.person("bob").id
    assert len(stored(bot, "SELECT id FROM inbox")) == 1
    assert whispers(world, "bob") == []


async def test_a_click_killed_before_its_ack_is_carried_out_though_slack_does_not_send_it_again(
    world, bot, until
):
    bot.extra = {"COMPLIANCE_BOT_FAILPOINT": "ack.before"}
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    click = await world.slack.click("bob", ALERTS, world.slack.messages(ALERTS)[0].ts, "acknowledge_alert")
    assert await bot.ended() < 0
    assert await within(click.acked) is None

    bot.extra = {}
    await bot.start()
    await everybody_sees(world, until, "Acknowledged by")
    await decided_once(world, bot, finding_id)


async def test_clicks_that_come_in_another_order_than_they_were_made_have_the_first_to_come_as_winner(
    world, bot, until
):
    """Bob pressed first, on a socket that was just then cut; Slack delivers it behind Carol's."""
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    message = world.slack.messages(ALERTS)[0]
    opened = world.slack.sockets_opened
    world.slack.drop_sockets()
    late = await world.slack.click("bob", ALERTS, message.ts, "acknowledge_alert")
    await until(lambda: world.slack.sockets_opened > opened)
    await press(world, CAROL)
    await everybody_sees(world, until, "Acknowledged by")
    await resent(world, late.payload)
    await until(lambda: whispers(world, "bob"))
    assert f"<@{CAROL}> was first" in whispers(world, "bob")[0]
    decision = await decided_once(world, bot, finding_id)
    assert decision["person"] == CAROL
    assert len(whispers(world, "bob")) == 1


async def test_two_presses_of_one_button_are_two_doings_and_one_decision(world, bot, until):
    """A redelivery has the press's own time; a second press has another."""
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    click = await press(world, "bob")
    second = json.loads(json.dumps(click.payload))
    second["actions"][0]["action_ts"] = f"{float(click.payload['actions'][0]['action_ts']) - 5:.6f}"
    second["trigger_id"] = uuid.uuid4().hex
    await resent(world, second)
    await until(lambda: whispers(world, "bob"))
    await decided_once(world, bot, finding_id)
    assert len(stored(bot, "SELECT id FROM inbox")) == 2
