"""What may only be decided on what Studio says now waits for Studio, and its clicker knows."""

from journeys.filling_in import button, filled_in
from journeys.steps import ALERTS, a_finding

from compliance_bot.sandbox.faults import Fault

BOB = "bob"
MANAGERS = {"people": {"roles": {"manager": ["bob@example.com"]}}}


def told(world, words):
    return [one for one in world.slack.ephemerals(ALERTS, BOB) if words in one.text]


async def resolved_while_studio_is_away(world, until):
    """Bob resolves what he was told of a while ago, and Studio does not answer."""
    await until(lambda: world.slack.messages(ALERTS))
    away = world.studio.faults.lay(Fault(call="*", drop="before"))
    await world.clock.jump(60)

    def message():
        return world.slack.messages(ALERTS)[0]

    close = button(world.slack, BOB, ALERTS, message, "open_close_form")
    await filled_in(
        world.slack, BOB, close, "close_outcome", {"close_outcome": "resolve", "reason": "mended"}
    )
    await until(lambda: told(world, "Your click waits"))
    return away


async def test_a_click_waits_for_studio_and_is_carried_out_when_it_answers(world, bot, until):
    bot.rules = {**bot.rules, **MANAGERS}
    finding_id = a_finding(world, "Public bucket")
    bot.rules["studio"] = {**bot.rules["studio"], "first_run": "all"}
    await bot.start()
    away = await resolved_while_studio_is_away(world, until)
    assert "Resolved" not in str(world.slack.messages(ALERTS)[0].blocks)
    await bot.kill()
    await bot.launch()
    world.studio.faults.lift(away)
    await world.clock.jump(60)
    await until(lambda: "Resolved" in str(world.slack.messages(ALERTS)[0].blocks))
    await until(lambda: world.studio.finding(finding_id)["status"] == "resolved")
    assert len(told(world, "Your click waits")) == 1


async def test_a_click_that_waits_too_long_is_let_go_said_and_audited(world, bot, until):
    bot.rules = {**bot.rules, **MANAGERS, "approvals": {"expires": "5m"}}
    bot.rules["studio"] = {**bot.rules["studio"], "first_run": "all"}
    finding_id = a_finding(world, "Public bucket")
    await bot.start()
    away = await resolved_while_studio_is_away(world, until)
    await world.clock.jump(301)
    await until(lambda: told(world, "was let go"))
    world.studio.faults.lift(away)
    await world.clock.jump(60)
    await world.studio.next_call("GET /api/findings")
    assert world.studio.finding(finding_id)["status"] == "open"
    await bot.stop()
    code, shown, _ = await bot.command("audit", "show", "CB-0001")
    assert code == 0
    assert "expired" in shown
