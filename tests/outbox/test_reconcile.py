"""Unknown outcomes: Slack is asked before anything is said again."""

from __future__ import annotations

import json

import pytest

from compliance_bot.model.delivery import CannotTell, Found, Lane, Unknown
from compliance_bot.sandbox.faults import Fault
from tests.outbox.stage import a_post

CANNOT_READ = {"ok": False, "error": "missing_scope"}
NOT_INSIDE = {"ok": False, "error": "not_in_channel"}


async def test_a_message_slack_took_without_an_answer_is_found_again(put, start, slack, scene, becomes):
    slack.faults.lay(Fault(call="chat.postMessage", drop="after", times=1))
    start()
    await put(a_post("p1"))

    row = await becomes("post:p1", "done")
    assert json.loads(row["result"])["ts"] == slack.messages[0]["ts"]
    assert len(slack.texts()) == 1
    assert [key for key, _ in scene.ended] == ["post:p1"]


async def test_a_message_slack_never_took_is_sent_again(put, start, slack, becomes):
    slack.faults.lay(Fault(call="chat.postMessage", drop="before", times=1))
    start()
    await put(a_post("p1"))

    assert (await becomes("post:p1", "done"))["attempt"] == 2
    assert slack.texts() == ["p1 at version 1"]


async def test_nothing_is_sent_again_before_it_could_not_appear_any_more(put, start, slack, becomes, clock):
    dropped = slack.faults.lay(Fault(call="chat.postMessage", drop="before", times=1))
    await clock.run_at(0)
    start()
    await put(a_post("p1"))
    await dropped.reached.wait()
    await becomes("post:p1", "unknown")

    await clock.jump(14.9)
    await put(a_post("p2"))
    await becomes("post:p2", "done")
    assert slack.texts() == ["p2 at version 1"]
    await clock.jump(0.2)
    await becomes("post:p1", "done")
    assert slack.texts() == ["p2 at version 1", "p1 at version 1"]


async def test_one_reading_settles_a_whole_channel(put, start, slack, becomes, clock):
    fault = slack.faults.lay(Fault(call="chat.postMessage", drop="after", times=20))
    await clock.run_at(0)
    start()
    await put(*(a_post(f"p{number}") for number in range(20)))
    for number in range(20):
        await becomes(f"post:p{number}", "unknown")
    assert fault.met == 20

    await clock.jump(16)
    for number in range(20):
        await becomes(f"post:p{number}", "done")
    assert len(slack.arguments_of("conversations.history")) == 1
    assert len(slack.texts()) == 20


async def test_what_waits_behind_an_unknown_outcome_keeps_its_place(put, start, slack, becomes):
    slack.faults.lay(Fault(call="chat.postMessage", drop="after", times=1))
    start()
    await put(a_post("p1", order_key="o"), a_post("p2", order_key="o"))

    await becomes("post:p2", "done")
    assert slack.texts() == ["p1 at version 1", "p2 at version 1"]


async def test_an_urgent_message_nobody_can_look_for_is_sent_again_and_marked(put, start, slack, becomes):
    slack.faults.lay(Fault(call="chat.postMessage", drop="after", times=1))
    slack.faults.lay(Fault(call="conversations.history", body=CANNOT_READ))
    doubts = []
    start(record_doubt=lambda _tx, effect, _now: doubts.append(effect.key))
    await put(a_post("p1", lane=Lane.URGENT))

    await becomes("post:p1", "done")
    assert doubts == ["post:p1"]
    assert len(slack.arguments_of("conversations.history")) == 3
    assert len(slack.texts()) == 2


async def test_any_other_message_nobody_can_look_for_stays_unknown_and_is_told(
    put, start, slack, scene, database
):
    slack.faults.lay(Fault(call="chat.postMessage", drop="after", times=1))
    slack.faults.lay(Fault(call="conversations.history", body=CANNOT_READ))
    start()
    await put(a_post("p1"))

    row = None
    while row is None:
        row = await database.read(lambda tx: tx.one("SELECT intent FROM effect WHERE kind = 'notice'"))
    assert json.loads(row["intent"])["about"] == "unknown"
    assert (await database.read(lambda tx: tx.one("SELECT state FROM effect WHERE id = 1")))[
        "state"
    ] == "unknown"


@pytest.mark.parametrize("lane", [Lane.NORMAL, Lane.URGENT])
async def test_what_may_stand_in_a_channel_without_the_bot_is_said_again_marked(
    put, start, slack, becomes, lane
):
    slack.faults.lay(Fault(call="chat.postMessage", drop="after", times=1))
    slack.faults.lay(Fault(call="conversations.history", body=NOT_INSIDE))
    doubts = []
    start(record_doubt=lambda _tx, effect, _now: doubts.append(effect.key))
    await put(a_post("p1", lane=lane))

    await becomes("post:p1", "done")
    assert doubts == ["post:p1"]
    first, second = slack.messages
    assert "may stand here already" not in str(first)
    assert "may stand here already" in str(second)
    assert second["metadata"] == first["metadata"]


class AwayForAWhile:
    """A performer whose first answer is lost and who can't be asked for a while."""

    def __init__(self) -> None:
        self.performed = 0
        self.asked = 0

    async def perform(self, _effect):
        """No whole answer."""
        self.performed += 1
        return Unknown(reason="timeout")

    async def find(self, effects):
        """Away eight times, then there it stands."""
        self.asked += 1
        if self.asked <= 8:
            return {effect.key: CannotTell(reason="http_503", temporary=True) for effect in effects}
        return {effect.key: Found(result={"ts": "1.0", "channel": "C1"}) for effect in effects}


async def test_a_slack_that_is_only_away_is_asked_until_it_answers(put, start, becomes):
    away = AwayForAWhile()
    start(slack=away)
    await put(a_post("p1", lane=Lane.URGENT))

    await becomes("post:p1", "done")
    assert (away.performed, away.asked) == (1, 9)
