"""The story of one button, over the wire."""

from __future__ import annotations

from typing import Any

from compliance_bot.sandbox.slack.world import SlackWorld

BUTTON = {"type": "button", "action_id": "ack", "text": {"type": "plain_text", "text": "Acknowledge"}}
BLOCKS = [{"type": "actions", "block_id": "b1", "elements": [{**BUTTON, "value": "42"}]}]


async def test_a_click_reaches_the_app_and_its_ack_comes_back(slack: SlackWorld, hand: Any) -> None:
    wire = await hand.socket()
    posted = await hand.call("chat.postMessage", channel="C0ALERTS1", text="Critical", blocks=BLOCKS)
    click = await slack.click("bob", "#compliance-alerts", posted["ts"], "ack")
    envelope = await wire.receive_json()
    await wire.send_json({"envelope_id": envelope["envelope_id"]})
    ack = await click.acked
    assert ack is not None
    assert ack.envelope_id == click.envelope_id
    assert envelope["payload"] == click.payload


async def test_what_a_response_url_brings_is_seen_by_the_person_alone(slack: SlackWorld, hand: Any) -> None:
    await hand.socket()
    posted = await hand.call("chat.postMessage", channel="C0ALERTS1", text="Critical", blocks=BLOCKS)
    click = await slack.click("bob", "#compliance-alerts", posted["ts"], "ack")
    async with hand.session.post(click.payload["response_url"], json={"text": "Bob was first"}) as answer:
        assert await answer.text() == "ok"
    assert [one.text for one in slack.ephemerals("#compliance-alerts", "bob")] == ["Bob was first"]
    assert slack.ephemerals("#compliance-alerts", "alice") == []
    assert click.answers == [{"text": "Bob was first"}]


async def test_an_edit_keeps_what_the_message_said_before(slack: SlackWorld, hand: Any) -> None:
    posted = await hand.call("chat.postMessage", channel="C0ALERTS1", text="Critical", blocks=BLOCKS)
    await hand.call("chat.update", channel="C0ALERTS1", ts=posted["ts"], text="Acknowledged")
    [message] = slack.messages("C0ALERTS1")
    assert [version.text for version in message.versions] == ["Critical", "Acknowledged"]
    assert message.blocks[0]["type"] == "rich_text"
