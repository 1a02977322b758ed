"""The outbox against a Slack at the wire: what is claimed leaves once, whatever comes back."""

from __future__ import annotations

import asyncio
import hashlib
import json

from compliance_bot.model.delivery import Lane, Later, Skip
from compliance_bot.sandbox.faults import Fault
from tests.outbox.stage import a_post, a_studio_write, an_edit


async def until(true, *, seconds=20):
    """Wait until an async question is answered with yes, letting the loop run in between."""
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0)


async def test_what_is_planned_is_said_and_noted(put, start, slack, scene, state_of):
    start()
    await put(a_post("p1"))
    await slack.until(lambda: slack.texts() == ["p1 at version 1"])

    async def is_done():
        return (await state_of("post:p1"))["state"] == "done"

    await until(is_done)
    row = await state_of("post:p1")
    assert json.loads(row["result"])["ts"] == slack.messages[0]["ts"]
    assert row["version"] == 1
    assert [key for key, _ in scene.ended] == ["post:p1"]


async def test_the_stored_bytes_are_the_sent_bytes(put, start, slack, state_of):
    start()
    await put(a_post("p1"))
    await slack.until(lambda: bool(slack.messages))

    row = await state_of("post:p1")
    stored = json.loads(row["payload"])
    (sent,) = slack.arguments_of("chat.postMessage")
    assert {name: sent[name] for name in ("text", "blocks", "metadata", "channel")} == {
        name: stored["arguments"][name] for name in ("text", "blocks", "metadata", "channel")
    }
    assert stored["arguments"]["metadata"]["event_payload"]["k"] == hashlib.sha256(b"post:p1").hexdigest()[:32]
    assert row["payload_hash"] == hashlib.sha256(row["payload"]).hexdigest()
