"""The story: a critical finding appears, Bob takes it, Studio knows, Carol is told that Bob was first."""

import signal

from compliance_bot.model.findings import FindingStatus


async def a_critical_finding_is_shown(world, until):
    """Insert a critical finding into Studio and wait until it stands in Slack."""
    finding_id = world.studio.add_finding(
        title="Public bucket", severity="critical", category="data_leak", status="open"
    )
    await until(lambda: world.slack.messages("compliance-alerts"))
    return finding_id, world.slack.messages("compliance-alerts")[0]


async def test_a_critical_finding_there_and_back(world, bot, until):
    await bot.start()
    finding_id, message = await a_critical_finding_is_shown(world, until)

    assert "<!subteam^S0COMPLI1>" in str(message.blocks)
    await until(lambda: world.slack.messages("security-alerts"))
    copy = world.slack.messages("security-alerts")[0]

    click = await world.slack.click("bob", "compliance-alerts", message.ts, "acknowledge_alert")
    await click.acked
    await until(lambda: "Acknowledged by" in str(world.slack.messages("compliance-alerts")[0].blocks))
    second = await world.slack.click("U0CARL0001", "security-alerts", copy.ts, "acknowledge_alert")
    await second.acked
    await until(lambda: world.slack.ephemerals("security-alerts", "U0CARL0001"))

    assert "was first" in world.slack.ephemerals("security-alerts", "U0CARL0001")[0].text
    await until(lambda: world.studio.comment_count(finding_id) == 1)
    assert world.studio.finding(finding_id)["status"] == FindingStatus.INVESTIGATING
    assert "Bob Builder" in world.studio.comments(finding_id)[0]["content"]
    assert "<@U0BOB0001>" in str(world.slack.messages("security-alerts")[0].blocks)
    assert await bot.stop(signal.SIGTERM) == 0
