"""Who may never act here is refused at the click, in one friendly sentence, and it is on record."""

import json

from journey_steps import ALERTS, CHANNELS, a_critical_is_shown, press, says, stored, whispers

from compliance_bot.model.findings import FindingStatus

TITLE = "Public bucket"


async def refused(world, until, who, channel=ALERTS):
    """What that person is told when they press Acknowledge."""
    before = len(whispers(world, who, channel))
    await press(world, who, channel)
    await until(lambda: len(whispers(world, who, channel)) > before)
    return whispers(world, who, channel)[before:]


async def nothing_was_done(world, bot, finding_id):
    """Studio and the messages stand as before; the refusals' reasons, as the audit chain has them."""
    assert await bot.stop() == 0
    assert world.studio.put_count(finding_id) == world.studio.comment_count(finding_id) == 0
    assert world.studio.finding(finding_id)["status"] == FindingStatus.OPEN
    assert not any(says(world, name, TITLE, "Acknowledged by") for name in CHANNELS)
    assert stored(bot, "SELECT * FROM decision") == []
    code, out, err = await bot.command("audit", "verify")
    assert code == 0, out + err
    entries = [json.loads(row["body"]) for row in stored(bot, "SELECT body FROM audit ORDER BY seq")]
    refusals = [one for one in entries if one["kind"] == "refusal.acknowledge"]
    assert all(one["actor"] != "bot" for one in refusals)
    (case,) = stored(bot, 'SELECT ref FROM "case"')
    assert {one["facts"]["case"] for one in refusals} <= {case["ref"]}
    return [one["facts"]["reason"] for one in refusals]


async def test_guests_strangers_deactivated_people_and_bots_are_each_refused_once(world, bot, until):
    world.slack.add_person("robo", "Robo Caller", id="U0ROBOT001", bot=True)
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    told = {
        "gina": "Guests can't acknowledge here. Please ask members of this workspace",
        "gus": "Guests can't acknowledge here.",
        "U0CAROL001": "Only people of this workspace can acknowledge here. Please ask members",
        "dave": "This account is deactivated, so it can't acknowledge. Please ask an administrator",
        "U0ROBOT001": "Bots can't acknowledge here. Please ask members of this workspace",
    }
    for who, sentence in told.items():
        (said,) = await refused(world, until, who)
        assert said.startswith(sentence)
        assert "(reference R-" in said
        reference = said.split("(reference ")[1].split(")")[0]
        assert any(one.get("reference") == reference for one in bot.log_events()), "also in the log"
    reasons = await nothing_was_done(world, bot, finding_id)
    assert reasons == ["guest", "guest", "stranger", "deactivated", "bot"]


async def test_somebody_deactivated_a_moment_ago_is_refused(world, bot, until):
    """Fails if rights are taken from the list that was read at the start."""
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    world.slack.change_person("bob", deactivated=True)
    (said,) = await refused(world, until, "bob")
    assert said.startswith("This account is deactivated")
    assert await nothing_was_done(world, bot, finding_id) == ["deactivated"]


async def test_while_slack_cannot_say_who_it_is_nobody_may(world, bot, until):
    """Fails if doubt lets people through, or if what was known once is trusted."""
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    await world.clock.jump(310.0)
    fault = world.slack.refuse("users.info", "internal_error", times=None)
    (said,) = await refused(world, until, "bob")
    assert said.startswith("Slack can't tell right now whether you may acknowledge. Please try again")
    assert fault.met >= 1
    assert world.studio.put_count(finding_id) == 0

    world.slack.faults.lift(fault)
    await press(world, "bob")
    await until(lambda: all(says(world, name, TITLE, "Acknowledged by") for name in CHANNELS))
    assert len(whispers(world, "bob")) == 1
    assert await bot.stop() == 0
    entries = [json.loads(row["body"]) for row in stored(bot, "SELECT body FROM audit ORDER BY seq")]
    kinds = [one["kind"] for one in entries]
    assert kinds.index("refusal.acknowledge") < kinds.index("decision.acknowledge")
    code, out, err = await bot.command("audit", "verify")
    assert code == 0, out + err


async def test_who_is_not_on_the_list_is_told_who_is(world, bot, until):
    bot.rules = {**bot.rules, "access": {"acknowledge": ["@security-team"]}}
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    (said,) = await refused(world, until, "alice")
    inert = said.replace("@\u200b", "@")
    assert inert.startswith("You can't acknowledge here; it is for @security-team. Please ask one of them")
    assert inert != said, "naming the team does not ping it"
    assert await nothing_was_done(world, bot, finding_id) == ["not_listed"]
