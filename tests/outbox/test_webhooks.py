"""The other way into a channel: after a definite refusal, at least once, marked."""

from __future__ import annotations

import json

import pytest

from compliance_bot.model.delivery import EffectKind, Lane
from compliance_bot.model.slack import Channel, Directory
from compliance_bot.outbox.sightings import BLIND_PAUSES
from compliance_bot.sandbox.faults import Fault
from tests.outbox.stage import a_post

PLACE = "hook:board-room"
DIRECTORY = Directory(
    channels_by_name={"alerts": Channel(id="C1", name="alerts")}, webhooks=frozenset({"BOARD_ROOM", "ALERTS"})
)


def refusing(slack, code="not_in_channel"):
    """Slack takes nothing from the bot in that channel."""
    return slack.faults.lay(Fault(call="chat.postMessage", body={"ok": False, "error": code}))


@pytest.fixture
def begin(start):
    """The outbox with webhooks for #alerts (C1) and #board-room, which Slack does not show."""
    return lambda **changes: start(**{"webhook": DIRECTORY.webhook_of, **changes})


def in_board_room(name="p1", **changes):
    return a_post(name, pace_key=PLACE, **changes)


async def test_a_place_that_only_a_webhook_reaches_is_told_by_it_at_once(put, begin, slack, scene, becomes):
    begin()
    await put(in_board_room())

    row = await becomes("post:p1", "done")
    assert json.loads(row["result"]) == {"channel": PLACE, "ts": None}
    assert [method for method, _, _ in slack.calls] == ["webhook"]
    (message,) = slack.messages
    assert message["text"] == "p1 at version 1"
    assert "Sent by webhook" in str(message["blocks"][-1])
    assert "metadata" not in message
    assert [key for key, _ in scene.ended] == ["post:p1"]


async def test_the_stored_bytes_hold_no_address(put, begin, slack, becomes):
    begin()
    await put(in_board_room())

    row = await becomes("post:p1", "done")
    stored = json.loads(row["payload"])
    assert stored["method"] == "webhook"
    assert stored["arguments"]["webhook"] == "BOARD_ROOM"
    assert stored["arguments"]["channel"] == PLACE
    assert slack.hook("BOARD_ROOM") not in row["payload"].decode()


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "restricted_action", "is_archived"])
async def test_a_channel_that_takes_nothing_from_the_bot_is_told_by_its_webhook(
    put, begin, slack, scene, becomes, code
):
    refusing(slack, code)
    begin()
    await put(a_post("p1"))

    row = await becomes("post:p1", "done")
    assert [method for method, _, _ in slack.calls] == ["chat.postMessage", "webhook"]
    assert json.loads(row["result"]) == {"channel": "C1", "ts": None}
    assert len(scene.ended) == 1


@pytest.mark.parametrize("code", ["internal_error", "invalid_blocks", "missing_scope"])
async def test_nothing_goes_by_webhook_without_a_refusal_of_the_place(put, begin, slack, code):
    refused = refusing(slack, code)
    begin()
    await put(a_post("p1"))

    await refused.reached.wait()
    await slack.until(lambda: len(slack.calls) >= 2 or code == "missing_scope")
    assert "webhook" not in [method for method, _, _ in slack.calls]


async def test_a_channel_without_a_webhook_keeps_its_dead_letter(put, begin, slack, becomes):
    refusing(slack)
    begin(webhook=lambda _: None)
    await put(a_post("p1"))

    assert (await becomes("post:p1", "dead"))["error"] == "not_in_channel"


async def test_a_webhook_that_refuses_too_makes_the_dead_letter(put, begin, slack, becomes):
    refusing(slack)
    slack.faults.lay(Fault(call="webhook", status=403, body="action_prohibited"))
    begin()
    await put(a_post("p1"))

    assert (await becomes("post:p1", "dead"))["error"] == "action_prohibited"


async def test_a_webhook_that_is_not_set_any_more_makes_a_dead_letter(put, begin, slack, becomes):
    begin(webhook=lambda _: None)
    await put(in_board_room())

    assert (await becomes("post:p1", "dead"))["error"] == "webhook_unset"
    assert slack.calls == []


async def test_an_answer_to_a_person_does_not_go_by_webhook(put, begin, slack, becomes):
    refusing(slack)
    begin()
    await put(a_post("p1", kind=EffectKind.REPLY))

    await becomes("post:p1", "dead")
    assert "webhook" not in [method for method, _, _ in slack.calls]


@pytest.mark.parametrize("lane", [Lane.NORMAL, Lane.URGENT])
async def test_a_lost_answer_has_the_message_said_again_marked_and_recorded(put, begin, slack, becomes, lane):
    slack.faults.lay(Fault(call="webhook", drop="after", times=1))
    doubts = []
    begin(record_doubt=lambda _tx, effect, _now: doubts.append(effect.key))
    await put(in_board_room(lane=lane))

    assert (await becomes("post:p1", "done"))["attempt"] == 2
    assert doubts == ["post:p1"]
    first, second = slack.messages
    assert "may stand here already" not in str(first)
    assert "may stand here already" in str(second)


async def test_what_is_never_answered_is_given_up_and_not_said_for_ever(put, begin, slack, becomes, clock):
    await clock.run_at(2000)
    slack.faults.lay(Fault(call="webhook", drop="after"))
    begin()
    await put(in_board_room())

    assert (await becomes("post:p1", "dead"))["error"] == "webhook_unanswered"
    assert len(slack.messages) == len(BLIND_PAUSES) + 1


async def test_a_webhook_s_host_that_is_away_holds_up_nothing_else(put, begin, slack, becomes, state_of):
    away = slack.faults.lay(Fault(call="webhook", status=503))
    begin()
    await put(in_board_room("p1"))
    await away.reached.wait()
    await put(a_post("p2"))

    await becomes("post:p2", "done")
    assert (await state_of("post:p1"))["state"] in ("pending", "sending")
    slack.faults.lift(away)
    await becomes("post:p1", "done")


async def test_a_message_that_the_webhook_does_not_take_goes_in_plain_words(put, begin, slack, becomes):
    slack.faults.lay(Fault(call="webhook", status=400, body="invalid_payload", times=1))
    begin()
    await put(in_board_room())

    await becomes("post:p1", "done")
    (message,) = slack.messages
    assert "blocks" not in message
    assert "Sent by webhook" in message["text"]
