"""Killed anywhere while people decide, and Studio away in the middle: each decision is taken once."""

import signal

from bot_process import within
from journeys.crash_matrix import killed_at_each_point, pressed
from journeys.filling_in import button, filled_in, menu
from journeys.steps import COMMENT

from compliance_bot.sandbox.faults import Fault

ALERTS, BOB, CAROL = "compliance-alerts", "bob", "U0CARL0001"
RULES = {
    "studio": {
        "poll_interval": "1s",
        "full_walk_interval": "1h",
        "quota_per_hour": 1000,
        "first_run": "all",
    },
    "delivery": {"per_channel": 0, "reconcile_after": "1s", "welcome": False},
    "routing_rules": {},
    "people": {"roles": {"manager": ["carol@example.com", "bob@example.com"]}},
}
COMMENTS = 5
"""Closing, undo, acknowledgement and promise, each by name, and the accepted risk in two names."""


def prepare(world):
    return world.studio.add_finding(
        title="Public bucket", severity="critical", category="data_leak", status="open"
    )


async def the_story(world, bot, finding_id):
    """Bob marks a false positive, undoes it, snoozes, takes it, promises a day; then two accept the risk."""
    slack, studio = world.slack, world.studio
    await slack.until(lambda: slack.messages(ALERTS))

    def message():
        return slack.messages(ALERTS)[0]

    async def shows(words):
        await slack.until(lambda: words in str(message().blocks))

    close = button(slack, BOB, ALERTS, message, "open_close_form")
    wrong = {"close_outcome": "false_positive", "reason": "test data"}
    await filled_in(slack, BOB, close, "close_outcome", wrong)
    await shows("False positive")
    await comments(studio, finding_id, 1)
    away = studio.faults.lay(Fault(call="*", drop="before"))
    await pressed(slack, BOB, ALERTS, message, "undo_decision")
    await slack.until(lambda: "False positive" not in str(message().blocks))
    studio.faults.lift(away)
    await comments(studio, finding_id, 2)

    asleep = {"snooze_end": "week", "reason": "the vendor is asked"}
    await filled_in(slack, BOB, menu(slack, BOB, ALERTS, message, "snooze"), "snooze_end", asleep)
    await shows("Snoozed")
    await pressed(slack, BOB, ALERTS, message, "wake_case")
    await slack.until(lambda: "Snoozed" not in str(message().blocks))
    await pressed(slack, BOB, ALERTS, message, "acknowledge_alert")
    await shows("Acknowledged by")
    await comments(studio, finding_id, 3)
    promise = button(slack, BOB, ALERTS, message, "open_fix_form")
    await filled_in(slack, BOB, promise, "fix_end", {"fix_end": "days_1"})
    await comments(studio, finding_id, 4)

    close = button(slack, BOB, ALERTS, message, "open_close_form")
    await filled_in(slack, BOB, close, "close_outcome", {"close_outcome": "accept_risk", "reason": "old"})
    await slack.until(lambda: asked(slack, message().ts))
    await confirmed(slack, lambda: asked(slack, message().ts)[0])
    await shows("Accepted risk")
    await comments(studio, finding_id, COMMENTS)


async def comments(studio, finding_id, count):
    while studio.comment_count(finding_id) < count:
        await within(studio.next_call(COMMENT), 30)


def asked(slack, ts):
    return [one for one in slack.thread(ALERTS, ts) if "confirm_proposal" in str(one.blocks)]


async def confirmed(slack, find):
    acked = None
    while acked is None:
        await slack.until(lambda: slack.sockets)
        click = await slack.click(CAROL, ALERTS, find().ts, "confirm_proposal")
        acked = await click.acked


def assert_right(ended):
    world, finding_id = ended.world, ended.staged
    (message,) = world.slack.messages(ALERTS)
    assert world.studio.finding(finding_id)["status"] == "accepted_risk"
    contents = [one["content"] for one in world.studio.comments(finding_id)]
    assert len(contents) == COMMENTS, contents
    assert "Bob Builder, confirmed by carol" in str(contents)
    lines = [one.text for one in world.slack.thread(ALERTS, message.ts)]
    assert len(lines) == len(set(lines)), lines
    for words in ("False positive", "undid", "Snoozed until", "ended the snooze", "second person"):
        assert any(words.lower() in line.lower() for line in lines), (words, lines)
    directly = world.slack.messages(world.slack.workspace.direct_message(CAROL).id)
    assert len([one for one in directly if "confirm_proposal" in str(one.blocks)]) <= 1
    assert ended.code == (-signal.SIGKILL if ended.killed_while_stopping else 0)
    assert ended.verdict[0] == 0, ended.verdict


async def test_killed_at_each_point_every_decision_is_taken_once(tmp_path, record_property):
    await killed_at_each_point(
        tmp_path,
        record_property,
        one_in=100,
        assert_right=assert_right,
        rules=RULES,
        prepare=prepare,
        story=the_story,
    )
