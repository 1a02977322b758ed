"""The outbox before a Slack at the wire: what is claimed leaves once, in its order, whatever comes back."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json

from compliance_bot.model.delivery import Lane, Later, Never, Retry, Skip
from compliance_bot.outbox.lanes import Outbox
from compliance_bot.sandbox.faults import Fault
from tests.outbox.stage import a_post, a_rulebook, a_studio_write, an_edit


async def test_what_is_planned_is_said_and_noted(put, start, slack, scene, becomes):
    start()
    await put(a_post("p1"))

    row = await becomes("post:p1", "done")
    assert slack.texts() == ["p1 at version 1"]
    assert json.loads(row["result"])["ts"] == slack.messages[0]["ts"]
    assert row["version"] == 1
    assert [key for key, _ in scene.ended] == ["post:p1"]


async def test_the_stored_bytes_are_the_sent_bytes(put, start, slack, becomes):
    start()
    await put(a_post("p1"))

    row = await becomes("post:p1", "done")
    stored = json.loads(row["payload"])
    assert slack.arguments_of("chat.postMessage") == [stored["arguments"]]
    key = stored["arguments"]["metadata"]["event_payload"]["k"]
    assert key == hashlib.sha256(b"post:p1").hexdigest()[:32]
    assert row["payload_hash"] == hashlib.sha256(row["payload"]).hexdigest()


async def test_a_key_planned_twice_is_said_once(put, start, slack, becomes):
    start()
    await put(a_post("p1"), a_post("p1"))
    await put(a_post("p1"), a_post("p2"))

    await becomes("post:p2", "done")
    assert slack.texts() == ["p1 at version 1", "p2 at version 1"]


async def test_urgent_goes_before_normal_and_normal_before_low(put, start, slack, becomes):
    await put(a_post("low", lane=Lane.LOW), a_post("normal"), a_post("urgent", lane=Lane.URGENT))
    start(rules={"per_channel": 1})

    await becomes("post:low", "done")
    assert [text.split()[0] for text in slack.texts()] == ["urgent", "normal", "low"]


async def test_effects_of_one_order_go_one_after_another(put, start, slack, becomes):
    held = slack.faults.lay(Fault(call="chat.postMessage", hold="before", times=1))
    start()
    await put(a_post("first", order_key="o"), a_post("second", order_key="o"), a_post("other"))

    await becomes("post:other", "done")
    assert slack.texts() == ["other at version 1"]
    held.release()
    await becomes("post:second", "done")
    assert [text.split()[0] for text in slack.texts()] == ["other", "first", "second"]


async def test_a_channel_told_to_wait_keeps_nobody_else_waiting(put, start, slack, becomes, clock):
    """Fails if there is one queue or one sleep."""
    await clock.run_at(0)
    limited = Fault(
        call="chat.postMessage",
        status=429,
        headers={"Retry-After": "30"},
        body={"ok": False, "error": "ratelimited"},
        where=lambda arguments: arguments["channel"] == "A",
        times=1,
    )
    slack.faults.lay(limited)
    start(rules={"per_channel": 1})
    await put(*(a_post(f"a{number}", pace_key="A") for number in range(200)))
    await limited.reached.wait()

    await put(a_post("b", pace_key="B", lane=Lane.URGENT))
    await becomes("post:b", "done")
    await clock.jump(29)
    await put(a_post("c", pace_key="C"))
    await becomes("post:c", "done")
    await clock.jump(2)
    await slack.until(lambda: bool(slack.texts("A")))

    to = [arguments["channel"] for arguments in slack.arguments_of("chat.postMessage")]
    assert to == ["A", "B", "C", "A"]


async def test_a_message_waits_no_attempt_away_while_its_channel_is_parked(put, start, slack, becomes):
    slack.faults.lay(Fault(call="chat.postMessage", status=429, body={"ok": False}, times=2))
    start()
    await put(a_post("p1"))

    assert (await becomes("post:p1", "done"))["attempt"] == 1


async def test_blocks_that_slack_refuses_go_out_as_plain_text_once(put, start, slack, becomes):
    refusal = {"ok": False, "error": "invalid_blocks"}
    slack.faults.lay(Fault(call="chat.postMessage", body=refusal, where=lambda call: bool(call["blocks"])))
    start()
    await put(a_post("p1"))

    assert (await becomes("post:p1", "done"))["degraded"] == 1
    assert [bool(call["blocks"]) for call in slack.arguments_of("chat.postMessage")] == [True, False]


async def test_what_expired_unsent_is_skipped_and_its_handler_told(put, start, slack, scene, becomes, clock):
    start()
    await put(a_post("p1", not_before=clock.now() + 60, expires_at=clock.now() + 5))

    assert (await becomes("post:p1", "skipped"))["error"] == "expired"
    assert scene.ended == [("post:p1", Skip(reason="expired"))]
    assert slack.messages == []


async def test_a_presenter_may_ask_for_time_and_it_costs_nothing(put, start, slack, scene, becomes):
    answers = [Later(reason="channel.unresolved", after=5.0)]
    scene.present_instead = lambda effect: answers.pop() if answers else scene.usually(effect)
    start()
    await put(a_post("p1"))

    assert (await becomes("post:p1", "done"))["attempt"] == 1


async def test_a_presenter_that_raises_spoils_only_its_own_row(put, start, slack, scene, becomes):
    def present(effect):
        if effect.key == "post:bad":
            raise ZeroDivisionError
        return scene.usually(effect)

    scene.present_instead = present
    start()
    await put(a_post("bad", order_key="o"), a_post("behind", order_key="o"), a_post("good"))

    await becomes("post:good", "done")
    assert (await becomes("post:bad", "dead"))["error"] == "presenter: ZeroDivisionError"
    await becomes("post:behind", "done")


async def test_a_handler_that_raises_spoils_only_its_own_note(put, start, slack, scene, becomes):
    note = scene.settle

    def settle(tx, effect, end, now, rulebook):
        if effect.key == "post:bad":
            raise ZeroDivisionError
        note(tx, effect, end, now, rulebook)

    scene.settle = settle
    start()
    await put(a_post("bad"), a_post("good"))

    await becomes("post:bad", "done")
    await becomes("post:good", "done")
    assert [key for key, _ in scene.ended] == ["post:good"]


async def test_a_side_that_is_halted_keeps_its_rows_until_it_is_resumed(put, start, slack, studio, becomes):
    outbox = start()
    outbox.halt("token_revoked")
    await put(a_post("p1"), a_studio_write("s1"))

    await becomes("studio:s1", "done")
    assert slack.messages == []
    assert [halted.reason for halted in outbox.halted.values()] == ["token_revoked"]
    outbox.resume()
    await becomes("post:p1", "done")
    assert not outbox.halted


async def test_a_side_that_is_away_is_tried_by_one_at_a_time(put, start, studio, becomes):
    studio.answers = [Retry(reason="unreachable", blocked=True)] * 10
    start()
    await put(*(a_studio_write(f"s{number}") for number in range(8)))

    for number in range(8):
        assert (await becomes(f"studio:s{number}", "done"))["attempt"] == 1
    assert len(studio.performed) == 18


async def test_what_studio_never_takes_is_a_dead_letter_and_frees_what_waited(
    put, start, studio, scene, becomes
):
    studio.answers = [Never(reason="deleted")]
    start()
    await put(a_studio_write("s1", order_key="o"), a_studio_write("s2", order_key="o"))

    assert (await becomes("studio:s1", "dead"))["error"] == "deleted"
    await becomes("studio:s2", "done")
    assert scene.ended[0] == ("studio:s1", Never(reason="deleted"))


async def test_an_edit_in_flight_and_two_more_wishes_make_two_updates(put, start, slack, scene, becomes):
    """The message shows the last state, after at most two updates."""
    start()
    await put(a_post("p1"))
    await becomes("post:p1", "done")
    held = slack.faults.lay(Fault(call="chat.update", hold="after", times=1))
    scene.version = 2
    await put(an_edit("p1", version=2, lane=Lane.LOW))
    await held.reached.wait()
    for version in (3, 4):
        scene.version = version
        await put(an_edit("p1", version=version))

    held.release()
    row = await becomes("edit:p1:3", "done")
    assert row["version"] == 4
    assert slack.texts() == ["p1 at version 4"]
    assert len(slack.arguments_of("chat.update")) == 2


async def test_an_edit_whose_message_is_gone_is_no_dead_letter(put, start, slack, scene, becomes):
    start()
    await put(a_post("p1"))
    await becomes("post:p1", "done")
    slack.faults.lay(Fault(call="chat.update", body={"ok": False, "error": "message_not_found"}))
    await put(an_edit("p1", version=2))

    await becomes("edit:p1:2", "skipped")
    assert scene.ended[-1] == ("edit:p1:2", Never(reason="message_not_found", gone=True))


async def test_a_channel_gets_no_two_messages_in_a_second(put, start, slack, becomes, clock):
    await clock.run_at(1)
    await put(*(a_post(f"p{number}") for number in range(3)))
    start(rules={"per_channel": 1})

    await becomes("post:p2", "done")
    times = [at for method, _, at in slack.calls if method == "chat.postMessage"]
    assert all(later - earlier >= 0.95 for earlier, later in itertools.pairwise(times))


async def test_a_message_for_another_channel_than_planned_waits_for_that_channels_turn(
    put, start, slack, becomes
):
    """A notice learns its channel only when it is presented."""
    start(rules={"per_channel": 1})
    intent = {"name": "notice", "channel": "C1"}
    await put(a_post("p1"), a_post("notice", pace_key="operations", intent=intent))

    assert (await becomes("post:notice", "done"))["pace_key"] == "C1"
    starts = [(await becomes(key, "done"))["started_at"] for key in ("post:p1", "post:notice")]
    assert starts[1] - starts[0] >= 1


async def test_drain_lets_requests_end_and_takes_no_new_row(put, start, slack, becomes, state_of):
    held = slack.faults.lay(Fault(call="chat.postMessage", hold="after"))
    outbox = start()
    await put(a_post("p1"))
    await held.reached.wait()

    draining = asyncio.create_task(outbox.drain(10))
    await put(a_post("p2"))
    held.release()
    await draining
    assert (await state_of("post:p1"))["state"] == "done"
    assert (await state_of("post:p2"))["state"] == "pending"


async def test_an_outbox_that_never_ran_is_drained_at_once(database, clock, scene, studio, performer):
    outbox = Outbox(
        database=database,
        clock=clock,
        rulebook=a_rulebook,
        handlers=scene.handlers,
        slack=performer,
        studio=studio,
    )

    await outbox.drain(0)


async def test_more_sleepers_than_wake_at_once_all_go(put, start, becomes, clock):
    at = clock.now() + 200
    await put(*(a_post(f"p{number}", not_before=at) for number in range(1_100)))
    start()

    for number in (0, 1_099):
        await becomes(f"post:p{number}", "done")
