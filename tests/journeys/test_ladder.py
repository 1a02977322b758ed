"""Time through the real process: the ladder, a snooze, a promise, an accepted risk, killed in between."""

import json

from bot_process import FAST, within
from journey_steps import ALERTS, PING, a_critical_is_shown, press, showing, stored, thread_of
from journeys.filling_in import button, filled_in, menu

from compliance_bot.model.findings import FindingStatus

BOB = "bob"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
MANAGEMENT = "compliance-reports"
RULES = {
    **FAST,
    "studio": {**FAST["studio"], "full_walk_interval": "1h"},
    "escalation": [
        {"match": "severity == 'critical'", "after": "30m", "mentions": ["@compliance-team"], "repeat": 1},
        {
            "match": "severity == 'critical'",
            "after": "2h",
            "mentions": ["@compliance-team"],
            "channel": f"#{MANAGEMENT}",
        },
    ],
    "quiet_hours": {"from": "20:10", "to": "19:50"},
    "approvals": {"second_person_for": []},
    "people": {"roles": {"manager": ["bob@example.com"]}},
}
"""In quiet hours for all that is not urgent; Bob may accept a risk by himself."""


def reminders(world):
    return [text for text in thread_of(world) if "Nobody has acknowledged" in text]


def the_message(world):
    return world.slack.messages(ALERTS)[0]


def shows(world, words):
    return words in str(the_message(world).blocks)


def told(world, words):
    """What Bob was told directly that holds these words."""
    return [one for one in world.slack.direct(BOB) if words in f"{one.text}{one.blocks}"]


async def kinds(bot):
    """The kinds of audit entries, in order."""
    return [json.loads(row["body"])["kind"] for row in stored(bot, "SELECT body FROM audit ORDER BY seq")]


async def test_what_nobody_touches_climbs_and_every_silence_ends(world, bot, until):
    bot.rules = RULES
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)

    await world.clock.jump(30 * MINUTE)
    await until(lambda: len(reminders(world)) == 1)
    assert reminders(world)[0].startswith(f"{PING} Nobody has acknowledged this yet: reminder 1 of 3.")
    await bot.kill()
    await world.clock.jump(90 * MINUTE)
    await bot.start()
    await until(lambda: len(reminders(world)) == 2 and showing(world, MANAGEMENT, "Public bucket"))
    assert "reminder 3 of 3. 2 of them fell due since" in reminders(world)[1]
    await world.clock.jump(10 * HOUR)

    asleep = {"snooze_end": "week", "reason": "the vendor is asked"}
    await filled_in(
        world.slack,
        BOB,
        menu(world.slack, BOB, ALERTS, lambda: the_message(world), "snooze"),
        "snooze_end",
        asleep,
    )
    await until(lambda: shows(world, "Snoozed"))
    await bot.kill()
    await world.clock.jump(8 * DAY)
    await bot.start()
    await until(lambda: not shows(world, "Snoozed") and told(world, "its snooze is over"))
    await world.clock.jump(30 * MINUTE)
    await until(lambda: len(reminders(world)) == 3)
    assert "reminder 1 of 3" in reminders(world)[2]

    await press(world, BOB)
    await until(lambda: shows(world, "Acknowledged by"))
    promise = button(world.slack, BOB, ALERTS, lambda: the_message(world), "open_fix_form")
    await filled_in(world.slack, BOB, promise, "fix_end", {"fix_end": "days_5"})
    await until(lambda: shows(world, "to be fixed by"))
    (case,) = stored(bot, 'SELECT remind_at, fix_by FROM "case"')
    await world.clock.jump(case["remind_at"] - world.clock.now() + 1)
    await until(lambda: told(world, "is to be fixed by"))
    await world.clock.jump(case["fix_by"] - world.clock.now() + 1)
    await until(lambda: shows(world, "Acknowledge") and not shows(world, "Acknowledged by"))
    await until(lambda: any(PING in text and "was to be fixed by" in text for text in thread_of(world)))

    await accepted(world, bot, until, finding_id)
    await world.clock.jump(20 * MINUTE)
    await bot.settled()
    assert len(reminders(world)) == 3
    happened = [kind for kind in await kinds(bot) if kind.startswith("case.")]
    assert happened == [
        "case.opened",
        "case.escalated",
        "case.escalated",
        "case.snooze_ended",
        "case.escalated",
        "case.reminded",
        "case.fix_by_passed",
        "case.risk_ended",
    ]
    code, out, err = await bot.command("audit", "verify")
    assert code == 0, out + err


async def accepted(world, bot, until, finding_id):
    """Bob accepts the risk for some time; after that it is open again, in Studio too."""
    close = button(world.slack, BOB, ALERTS, lambda: the_message(world), "open_close_form")
    values = {"close_outcome": "accept_risk", "reason": "a test system"}
    await filled_in(world.slack, BOB, close, "close_outcome", values)
    while world.studio.finding(finding_id)["status"] != FindingStatus.ACCEPTED_RISK:
        await within(world.studio.next_call("GET /api/findings"))
    (case,) = stored(bot, 'SELECT risk_until FROM "case"')
    await world.clock.jump(case["risk_until"] - world.clock.now() + DAY)
    await until(lambda: len(showing(world, ALERTS, "Public bucket")) == 2)
    while world.studio.finding(finding_id)["status"] != FindingStatus.OPEN:
        await within(world.studio.next_call("GET /api/findings"))
