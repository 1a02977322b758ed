"""Questions and their answers: audited when refused, given when something fails or ends meanwhile."""

import contextlib
import json
import signal
import sqlite3

from bot_process import within
from journey_steps import ALERTS, add_critical, commented, press, stored, whispers

from compliance_bot.sandbox.faults import Fault
from tests.journeys.health_page import green, logged, page_until

PROJECTS = "GET /api/manager/projects"


async def ask(world, until, who, words=""):
    """Ask ``/compliance`` and wait for the answer: its text."""
    command = await world.slack.slash(who, "compliance", "/compliance", words)
    assert await within(command.acked) is not None
    await until(lambda: command.answers)
    return command.answers[0]["text"]


def refusals(bot):
    """The refusals on record: kind, who, and why."""
    entries = [json.loads(row["body"]) for row in stored(bot, "SELECT body FROM audit ORDER BY seq")]
    return [
        (one["kind"], one["facts"]["reason"], one["actor"])
        for one in entries
        if one["kind"].startswith("refusal.")
    ]


async def test_each_question_refused_leaves_one_entry_whether_typed_or_said(world, bot, until):
    await bot.start()
    world.slack.invite("compliance", "gina")
    said = await ask(world, until, "gina")
    assert said.startswith("Guests can't see this here.")
    asked, _ = await world.slack.mention("gina", "compliance", "status")
    await until(lambda: world.slack.thread("compliance", asked.ts))
    assert world.slack.thread("compliance", asked.ts)[0].text.startswith("Guests can't see this here.")
    assert "shows scores" in await ask(world, until, "gina", "help")
    assert await bot.stop() == 0
    told = refusals(bot)
    assert [one[:2] for one in told] == [("refusal.view", "guest")] * 2
    assert "bot" not in {actor for *_, actor in told}
    code, out, err = await bot.command("audit", "verify")
    assert code == 0, out + err


async def test_an_answer_that_fails_is_said_with_a_reference_that_is_in_the_log(world, bot, until):
    """Somebody moved a table away: the refusal can't be written down, so the question fails."""
    await bot.start()
    while not stored(bot, "SELECT 1 FROM audit WHERE body LIKE '%baseline.complete%'"):
        await within(world.studio.next_call("GET /api/findings"))
    with contextlib.closing(sqlite3.connect(bot.state / "compliance-bot.db")) as foreign:
        foreign.execute("ALTER TABLE audit RENAME TO elsewhere")
        said = await ask(world, until, "gina")
        foreign.execute("ALTER TABLE elsewhere RENAME TO audit")
    assert said.startswith("Something went wrong on my side")
    reference = said.split("(reference ")[1].split(")")[0]
    (failed,) = [one for one in bot.log_events() if one["event"] == "question.failed"]
    assert failed["reference"] == reference
    assert "no such table" in failed["exception"]
    assert await bot.stop() == 0


async def test_an_answer_under_way_when_it_is_told_to_stop_is_given(world, bot, until):
    await bot.start()
    held = world.studio.faults.lay(Fault(call=PROJECTS, hold="before"))
    command = await world.slack.slash("bob", "compliance", "/compliance")
    assert await within(command.acked) is not None
    await within(held.reached.wait())
    bot.process.send_signal(signal.SIGTERM)
    await logged(bot, "stopping")
    assert not command.answers
    held.release()
    assert await bot.ended() == 0
    assert len(command.answers) == 1


async def test_a_change_of_names_that_cannot_be_read_is_one_line_in_the_log(world, bot):
    """Slack tells of a person before it has told who we are."""
    away = world.slack.faults.lay(Fault(call="auth.test", status=503, body="<html>away</html>"))
    await bot.launch()
    await within(world.slack.until(lambda: world.slack.sockets))
    world.slack.change_person("bob", real_name="Robert Builder")
    await logged(bot, "directory.change_not_read")
    world.slack.faults.lift(away)
    await world.clock.run_at(60.0)
    await page_until(bot, green)
    assert "never retrieved" not in bot.log()
    assert await bot.stop() == 0


async def test_who_presses_while_studio_is_away_is_told_what_the_decision_rests_on(world, bot, until):
    """With threads switched off, too."""
    bot.rules = {**bot.rules, "alert_configuration": {"critical_issues": {"threading": False}}}
    await bot.start()
    finding_id = add_critical(world)
    await until(lambda: world.slack.messages(ALERTS))
    world.studio.faults.lay(Fault(call="*", drop="before"))
    await world.clock.jump(60.0)
    await press(world, "bob")
    await until(lambda: whispers(world, "bob"))
    (told,) = whispers(world, "bob")
    assert told.startswith("You acknowledged CB-")
    assert " on data of " in told
    world.studio.faults.lift_all()
    await world.clock.run_at(60.0)
    await commented(world, finding_id)
    assert whispers(world, "bob") == [told]
    assert world.slack.thread(ALERTS, world.slack.messages(ALERTS)[0].ts) == []
    assert await bot.stop() == 0
