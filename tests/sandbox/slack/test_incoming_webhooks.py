"""Incoming webhooks of the embedded Slack: what they take, and the word for each refusal."""

from __future__ import annotations

from typing import Any

import pytest

from compliance_bot.sandbox.slack.world import SlackWorld
from compliance_bot.sandbox.world import World

ROOM = "board-room"
"""A private channel without the bot."""


@pytest.fixture
def send(hand: Any) -> Any:
    """Post to an address; status and words of the answer."""

    async def send(address: str, body: Any) -> tuple[int, str]:
        async with hand.session.post(address, json=body) as response:
            return response.status, await response.text()

    return send


async def test_a_webhook_reaches_a_channel_that_the_bot_is_not_in(slack: SlackWorld, send: Any) -> None:
    assert await send(slack.add_webhook(ROOM), {"text": "Critical"}) == (200, "ok")
    (message,) = slack.messages(ROOM)
    assert (message.text, message.subtype) == ("Critical", "bot_message")
    (call,) = slack.webhooks.calls
    assert (call.channel, call.status) == (slack.workspace.channel(ROOM).id, 200)


async def test_its_message_has_no_user(slack: SlackWorld, hand: Any, send: Any) -> None:
    await send(slack.add_webhook("compliance"), {"text": "Critical"})
    (shown,) = (await hand.call("conversations.history", channel="C0COMPLI01"))["messages"]
    assert shown["subtype"] == "bot_message"
    assert "user" not in shown


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("nonsense", "invalid_payload"),
        ({"text": "  "}, "no_text"),
        ({"blocks": [{"type": "header"}]}, "invalid_blocks"),
        ({"text": "t", "attachments": [{}] * 101}, "too_many_attachments"),
    ],
)
async def test_a_message_that_slack_does_not_take_is_a_400(
    slack: SlackWorld, send: Any, body: Any, word: str
) -> None:
    assert await send(slack.add_webhook(ROOM), body) == (400, word)
    assert slack.messages(ROOM) == []


async def test_a_place_that_takes_nothing_says_why(world: World, slack: SlackWorld, send: Any) -> None:
    webhook = slack.webhooks.make(ROOM)
    address = slack.webhooks.url(webhook)
    webhook.prohibited = True
    assert await send(address, {"text": "t"}) == (403, "action_prohibited")
    slack.archive(ROOM)
    assert await send(address, {"text": "t"}) == (410, "channel_is_archived")
    slack.delete_channel(ROOM)
    assert await send(address, {"text": "t"}) == (404, "channel_not_found")
    slack.webhooks.switch_off(address)
    assert await send(address, {"text": "t"}) == (404, "no_active_hooks")
    assert await send(address[:-1] + "-", {"text": "t"}) == (403, "invalid_token")
    base = f"{world.url}/slack/services"
    assert await send(f"{base}/{slack.settings.team_id}/B0/x", {"text": "t"}) == (404, "no_service")
    assert await send(f"{base}/T0OTHER/B0/x", {"text": "t"}) == (404, "no_team")


async def test_a_webhook_takes_one_message_a_second(slack: SlackWorld, send: Any) -> None:
    slack.settings.limits = "strict"
    address = slack.add_webhook(ROOM)
    assert await send(address, {"text": "t"}) == (200, "ok")
    assert await send(address, {"text": "t"}) == (429, "rate_limited")
