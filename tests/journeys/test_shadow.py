"""Shadow mode through the real process: all goes to one channel, nobody is pinged, Studio is not written."""

import pytest
from bot_process import FAST
from journey_steps import add_critical, press, showing, stored

from compliance_bot.sandbox.faults import Fault

TRIAL = "trial"
WRITES = ("PUT /api/findings/{id}", "POST /api/findings/{id}/comments")
STORM = 30


@pytest.fixture
async def shadowed(world, bot):
    """A bot in shadow mode, connected, whose first walk is concluded: the trial channel is greeted."""
    world.slack.add_channel(TRIAL)
    bot.rules = {**FAST, "delivery": {**FAST["delivery"], "shadow": f"#{TRIAL}", "welcome": True}}
    await bot.start()
    await bot.logged("welcome.planned")
    return bot


def places(world):
    """The channels that anything was ever sent to."""
    ids = {call.text("channel") for call in world.slack.calls_of("chat.postMessage")}
    return {world.slack.workspace.channel(one).name for one in ids}


def said_in(message):
    """What a message says, without the blanks that keep names from becoming links."""
    return str(message.blocks).replace("\u200b", "").replace("\\u200b", "")


async def test_everything_lands_in_the_one_channel_and_says_where_it_would_have_gone(world, shadowed, until):
    add_critical(world)
    await until(lambda: showing(world, TRIAL, "Public bucket"))
    await shadowed.settled()
    (message,) = showing(world, TRIAL, "Public bucket")
    said = said_in(message)
    assert "this would go to #compliance-alerts, #security-alerts and #compliance" in said
    assert "ping @compliance-team, @manager and @security-team" in said
    assert "<!subteam" not in said
    assert places(world) == {TRIAL}


async def test_a_storm_becomes_a_digest_there_and_pings_nobody(world, shadowed, until):
    for number in range(STORM):
        add_critical(world, f"Old key {number}", severity="high", category="misconfiguration")
    await until(lambda: any("findings" in str(one.blocks) for one in world.slack.messages(TRIAL)[1:]))
    await shadowed.settled()
    assert places(world) == {TRIAL}
    assert "<!subteam" not in "".join(str(one.blocks) for one in world.slack.messages(TRIAL))


async def test_the_trial_channel_is_greeted_alone_with_what_would_land_where(world, shadowed, until):
    await until(lambda: world.slack.messages(TRIAL))
    await shadowed.settled()
    (welcome,) = world.slack.messages(TRIAL)
    assert "Shadow mode" in str(welcome.blocks)
    assert "Critical findings (critical_alerts), meant for #compliance-alerts" in str(welcome.blocks)
    assert places(world) == {TRIAL}


async def test_acknowledge_works_in_slack_and_writes_nothing_into_studio(world, shadowed, until):
    finding_id = add_critical(world)
    await until(lambda: showing(world, TRIAL, "Public bucket"))
    (message,) = showing(world, TRIAL, "Public bucket")
    await press(world, "bob", TRIAL, message)
    await until(lambda: "Acknowledged" in str(showing(world, TRIAL, "Public bucket")[0].blocks))
    await shadowed.settled()
    assert [call for route in WRITES for call in world.studio.calls_of(route)] == []
    assert world.studio.comment_count(finding_id) == 0
    (message,) = showing(world, TRIAL, "Public bucket")
    assert "Recorded here only: in shadow mode" in str(message.blocks)
    (line,) = world.slack.thread(TRIAL, message.ts)
    assert "Recorded here only" in line.text
    (decision,) = stored(shadowed, "SELECT action, outcome FROM decision")
    assert tuple(decision) == ("acknowledge", "acknowledged")


def _about_the_bucket(call):
    return "CRITICAL: Public bucket" in str(call)


async def test_notices_go_there_too(world, shadowed, until):
    refused = {"ok": False, "error": "restricted_action"}
    world.slack.faults.lay(Fault(call="chat.postMessage", status=200, body=refused, where=_about_the_bucket))
    add_critical(world)
    await until(lambda: any("Not delivered" in str(one.blocks) for one in world.slack.messages(TRIAL)))
    await shadowed.settled()
    assert places(world) == {TRIAL}


async def test_it_is_said_loudly(world, shadowed):
    page = await shadowed.page("/readyz")
    assert f"Shadow mode: everything goes to #{TRIAL}, and Studio is not written." in page["notes"]
    assert any("delivery.shadow: is on" in str(one.get("problem")) for one in shadowed.log_events())
    _, out, _ = await shadowed.command("validate")
    assert "delivery.shadow: is on" in out
    _, out, _ = await shadowed.command("check")
    assert f"shadow mode: everything goes to #{TRIAL}" in out
    _, out, _ = await shadowed.command("status")
    assert "Shadow mode" in out
