"""Emoji under messages: who put them there, what the app hears of it, and shortcuts on messages."""

from __future__ import annotations

from typing import Any

import pytest

from compliance_bot.sandbox.slack.world import SlackWorld
from tests.sandbox.slack.test_shapes import blocks_of, same

ALERTS = "C0ALERTS1"


async def posted(hand: Any, **more: Any) -> str:
    """The ts of a message of the bot's."""
    body = await hand.call("chat.postMessage", channel=ALERTS, text="t", **more)
    return str(body["ts"])


async def test_an_emoji_put_and_taken_away_is_told_each_time(slack: SlackWorld, hand: Any) -> None:
    slack.settings.subscriptions.add("reaction_removed")
    wire, ts = await hand.socket(), await posted(hand)
    await slack.react("alice", ALERTS, ts, "eyes")
    same((await wire.receive_json())["payload"], "event_reaction_added")
    await slack.unreact("alice", ALERTS, ts, "eyes")
    event = (await wire.receive_json())["payload"]["event"]
    assert (event["type"], event["item"]["ts"]) == ("reaction_removed", ts)
    assert slack.message(ALERTS, ts).reactions == {}


async def test_what_the_bot_put_comes_back_to_it_and_only_it_takes_that_away(
    slack: SlackWorld, hand: Any
) -> None:
    wire, ts = await hand.socket(), await posted(hand)
    arguments = {"channel": ALERTS, "timestamp": ts, "name": "white_check_mark"}
    assert (await hand.call("reactions.add", **arguments))["ok"] is True
    assert (await wire.receive_json())["payload"]["event"]["user"] == slack.settings.bot_user
    await slack.react("alice", ALERTS, ts, "white_check_mark")
    assert (await hand.call("reactions.remove", **arguments))["ok"] is True
    assert slack.message(ALERTS, ts).reactions == {"white_check_mark": ["U0ALICE01"]}
    assert (await hand.call("reactions.remove", **arguments))["error"] == "no_reaction"


@pytest.mark.parametrize("without", ["scopes", "subscriptions", "membership"])
async def test_an_emoji_is_not_told_to_an_app_that_may_not_know(
    slack: SlackWorld, hand: Any, without: str
) -> None:
    ts = await posted(hand)
    slack.settings.scopes -= {"reactions:read"} if without == "scopes" else set()
    slack.settings.subscriptions -= {"reaction_added"} if without == "subscriptions" else set()
    if without == "membership":
        slack.workspace.channels[ALERTS].members.discard(slack.settings.bot_user)
    before = slack.envelopes.sent_count
    await slack.react("alice", ALERTS, ts, "eyes")
    assert slack.envelopes.sent_count == before


async def test_a_shortcut_on_our_own_message_is_shaped_as_recorded(slack: SlackWorld, hand: Any) -> None:
    blocks = blocks_of("message_action_bot_message", "our own message")
    ts = await posted(hand, blocks=blocks)
    await hand.call("chat.update", channel=ALERTS, ts=ts, text="t", blocks=blocks)
    action = await slack.message_action("alice", ALERTS, ts, "send_to_studio")
    same(action.payload, "message_action_bot_message", "our own message")


async def test_a_shortcut_on_a_reply_names_its_thread_inside_the_message(
    slack: SlackWorld, hand: Any
) -> None:
    ts = await posted(hand)
    said, _ = await slack.say("bob", ALERTS, "Here is the list", thread_ts=ts)
    action = await slack.message_action("alice", ALERTS, said.ts, "send_to_studio")
    same(action.payload, "message_action_thread_reply")
    assert action.payload["message"]["thread_ts"] == ts


async def test_a_message_to_a_person_opens_their_conversation_with_the_bot(
    slack: SlackWorld, hand: Any
) -> None:
    body = await hand.call("chat.postMessage", channel="U0GUEST001", text="t")
    opened = await hand.call("conversations.open", users="U0GUEST001")
    assert body["channel"] == opened["channel"]["id"]
    history = await hand.call("conversations.history", channel=body["channel"])
    assert [one["ts"] for one in history["messages"]] == [body["ts"]]
