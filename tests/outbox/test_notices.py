"""What can't be delivered is said in the operations channel, once, and never about itself."""

from __future__ import annotations

import json

from compliance_bot.model.delivery import EffectKind, Lane
from compliance_bot.model.slack import Channel, Directory
from compliance_bot.outbox import dead_letters
from compliance_bot.outbox.notices import notice_handler, notify_operations
from compliance_bot.sandbox.faults import Fault
from tests.outbox.stage import a_post

OPERATIONS = Channel(id="C0OPS", name="compliance", member=True)
KNOWN = Directory(
    channels_by_name={"compliance": OPERATIONS}, channels_by_id={"C0OPS": OPERATIONS}, complete=True
)


def with_notices(scene, directory=lambda: KNOWN):
    """The scene's handlers, with the real one for notices."""
    return {**scene.handlers, EffectKind.NOTICE: notice_handler(directory)}


def refuse(slack, channel, code="is_archived"):
    """Have every message to a channel refused for good."""
    refusal = {"ok": False, "error": code}
    slack.faults.lay(
        Fault(call="chat.postMessage", body=refusal, where=lambda call: call["channel"] == channel)
    )


async def notices(database):
    return await database.read(lambda tx: tx.all("SELECT * FROM effect WHERE kind = 'notice' ORDER BY id"))


async def test_a_dead_letter_is_said_in_the_operations_channel(put, start, slack, scene, becomes):
    refuse(slack, "C1")
    start(handlers=with_notices(scene))
    await put(a_post("p1"))

    assert (await becomes("post:p1", "dead"))["error"] == "is_archived"
    await slack.until(lambda: bool(slack.texts("C0OPS")))
    (said,) = slack.texts("C0OPS")
    assert "is_archived" in said


async def test_many_dead_letters_of_one_cause_are_said_together(put, start, slack, scene, becomes, database):
    refuse(slack, "C1")
    unread = {"now": Directory()}
    start(handlers=with_notices(scene, lambda: unread["now"]))
    await put(*(a_post(f"p{number}") for number in range(50)))
    for number in range(50):
        await becomes(f"post:p{number}", "dead")

    (notice,) = await notices(database)
    assert json.loads(notice["intent"])["count"] == 50
    unread["now"] = KNOWN
    await becomes(notice["key"], "done")
    (said,) = slack.texts("C0OPS")
    assert "50" in said


async def test_a_notice_that_can_not_be_delivered_makes_no_other(put, start, slack, scene, becomes, database):
    refuse(slack, "C1")
    refuse(slack, "C0OPS")
    start(handlers=with_notices(scene))
    await put(a_post("p1"))
    await becomes("post:p1", "dead")

    (notice,) = await notices(database)
    await becomes(notice["key"], "dead")
    assert len(await notices(database)) == 1


async def test_what_operations_is_told_is_told_once_for_each_key(
    database, start, slack, scene, becomes, clock
):
    start(handlers=with_notices(scene))
    for _ in range(3):
        await database.write(
            lambda tx: notify_operations(tx, key="studio", text="Studio is away.", now=clock.now())
        )

    await becomes("notice:studio", "done")
    (said,) = slack.texts("C0OPS")
    assert said.endswith("Studio is away.")


async def test_a_dead_letter_can_live_again_or_be_dropped(put, start, slack, scene, becomes, database, clock):
    fault = slack.faults.lay(
        Fault(call="chat.postMessage", body={"ok": False, "error": "not_in_channel"}, times=2)
    )
    start(handlers=with_notices(scene, Directory))
    await put(a_post("p1", lane=Lane.URGENT), a_post("p2"))
    first = await becomes("post:p1", "dead")
    second = await becomes("post:p2", "dead")
    assert fault.met == 2

    assert await database.write(lambda tx: dead_letters.revive(tx, first["id"], clock.now()))
    assert await database.write(lambda tx: dead_letters.drop(tx, second["id"], clock.now()))
    await becomes("post:p1", "done")
    await becomes("post:p2", "skipped")
    assert slack.texts() == ["p1 at version 1"]
    assert not await database.write(lambda tx: dead_letters.revive(tx, first["id"], clock.now()))
