"""What happens to projects in Studio is told once in Slack, also when the bot is killed in between."""

from bot_process import within
from journey_steps import stored

from compliance_bot.sandbox.faults import Fault

AUDIT = "SOC 2 of the shop"
PROJECTS, ALERTS = "GET /api/manager/projects", "GET /api/manager/alerts"
REPORTS, UPDATES = "compliance-reports", "compliance"
NEXT_READING = 300.0


def saying(world, channel, words):
    """The messages of a channel that say so."""
    return [one for one in world.slack.messages(channel) if words in str(one.blocks)]


async def read_again(world):
    """Move time on until projects and alerts were asked for twice: by then the first answer is taken in."""
    for _ in range(2):
        asked = [world.studio.next_call(route) for route in (PROJECTS, ALERTS)]
        while not all(one.done() for one in asked):
            await world.clock.jump(NEXT_READING)
            await within(world.studio.next_call("GET /api/findings"))


def baselines(bot):
    """The kinds of source whose first complete reading is recorded."""
    return {row["name"] for row in stored(bot, "SELECT name FROM cursor WHERE name LIKE 'baseline:%'")}


async def test_reports_updates_and_stalled_projects_are_each_told_once(world, bot, until):
    old = world.studio.add_project(name="Old audit", status="completed", progress=100)
    audit = world.studio.add_project(name=AUDIT, progress=60)
    await bot.start()
    await read_again(world)
    assert baselines(bot) >= {"baseline:project", "baseline:alert"}

    world.studio.change_project(audit, status="review_pending", progress=64)
    await read_again(world)
    await until(lambda: saying(world, UPDATES, "Status changed from in progress to review pending"))
    world.studio.change_project(audit, progress=66)
    await read_again(world)
    await until(lambda: saying(world, UPDATES, "Score rose from 60 to 66"))
    world.studio.change_project(audit, status="approved")
    await read_again(world)
    await until(lambda: saying(world, REPORTS, AUDIT))
    world.studio.change_project(audit, progress=10)
    await read_again(world)
    await until(lambda: saying(world, UPDATES, f"Stalled Project: {AUDIT}"))
    await read_again(world)
    assert await bot.stop() == 0

    (report,) = saying(world, REPORTS, AUDIT)
    assert "<!subteam^S0COMPLI1>" in str(report.blocks)
    updates = [one.text for one in world.slack.messages(UPDATES) if AUDIT in str(one.blocks)]
    assert len(updates) == 4, updates
    told = str([one.blocks for name in (REPORTS, UPDATES) for one in world.slack.messages(name)])
    assert "Old audit" not in told
    assert world.studio.records.projects[old]["status"] == "completed"


async def test_killed_after_the_first_reading_and_before_slack_s_answer_each_fact_is_told_once(
    world, bot, until
):
    audit = world.studio.add_project(name=AUDIT, progress=60)
    await bot.start()
    await read_again(world)
    await bot.kill()
    world.studio.change_project(audit, status="completed", progress=100)
    held = world.slack.faults.lay(
        Fault(call="chat.postMessage", hold="after", where=lambda sent: AUDIT in str(sent))
    )
    await bot.start()
    await within(held.reached.wait())
    await bot.kill()
    world.slack.faults.lift(held)
    await bot.start()
    await until(lambda: saying(world, REPORTS, AUDIT))
    await read_again(world)
    await within(bot.settled())
    assert await bot.stop() == 0

    assert len(saying(world, REPORTS, AUDIT)) == 1
    assert len(saying(world, UPDATES, "Score rose from 60 to 100")) == 1
    (events,) = stored(bot, "SELECT count(*) AS n FROM event WHERE type IN ('report', 'update')")
    assert events["n"] == 2
    assert (await bot.command("audit", "verify"))[0] == 0
