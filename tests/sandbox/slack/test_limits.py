"""Rate limits, faults on the wire, response URLs, and the clock in what Slack says."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.slack.world import SlackWorld
from compliance_bot.sandbox.world import World

SAY = {"channel": "C0ALERTS1", "text": "t"}


async def test_a_strict_slack_takes_one_message_a_second_a_channel(
    world: World, slack: SlackWorld, hand: Any
) -> None:
    slack.settings.limits = "strict"
    assert (await hand.call("chat.postMessage", **SAY))["ok"]
    assert (await hand.call("chat.postMessage", **SAY))["error"] == "ratelimited"
    assert (hand.status, hand.headers["Retry-After"]) == (429, "1")
    assert (await hand.call("chat.postMessage", **SAY | {"channel": "C0COMPLI01"}))["ok"]
    await world.clock.jump(1)
    assert (await hand.call("chat.postMessage", **SAY))["ok"]
    assert len(slack.messages("C0ALERTS1")) == 2


async def test_a_real_slack_takes_a_short_burst(slack: SlackWorld, hand: Any) -> None:
    slack.settings.limits = "real"
    taken = [(await hand.call("chat.postMessage", **SAY))["ok"] for _ in range(5)]
    assert taken == [True, True, True, False, False]


async def test_the_clock_of_the_world_stands_in_dates_and_stamps(world: World, hand: Any) -> None:
    first = await hand.call("chat.postMessage", **SAY)
    second = await hand.call("chat.postMessage", **SAY)
    await world.clock.jump(-100)
    third = await hand.call("chat.postMessage", **SAY)
    assert first["ts"] == "1795000000.000000"
    assert first["ts"] < second["ts"] < third["ts"]
    assert hand.headers["Date"] == "Wed, 18 Nov 2026 11:05:00 GMT"


async def test_a_connection_dropped_after_the_effect_leaves_the_message(slack: SlackWorld, hand: Any) -> None:
    slack.faults.lay(Fault(call="chat.postMessage", times=1, drop="after"))
    with pytest.raises(aiohttp.ClientError):
        await hand.call("chat.postMessage", **SAY)
    assert len(slack.messages("C0ALERTS1")) == 1


async def test_a_connection_dropped_before_the_effect_leaves_nothing(slack: SlackWorld, hand: Any) -> None:
    slack.faults.lay(Fault(call="chat.postMessage", times=1, drop="before"))
    with pytest.raises(aiohttp.ClientError):
        await hand.call("chat.postMessage", **SAY)
    assert slack.messages("C0ALERTS1") == []


@pytest.mark.parametrize(("hold", "standing"), [("before", 0), ("after", 1)])
async def test_a_held_call_waits_before_or_after_its_effect(
    slack: SlackWorld, hand: Any, hold: str, standing: int
) -> None:
    fault = slack.faults.lay(Fault(call="chat.postMessage", hold=hold))
    under_way = asyncio.create_task(hand.call("chat.postMessage", **SAY))
    await fault.reached.wait()
    await slack.until(lambda: len(slack.messages("C0ALERTS1")) == standing)
    assert slack.calls[-1].status is None
    fault.release()
    assert (await under_way)["ok"] is True


async def test_a_refusal_may_come_after_the_effect(slack: SlackWorld, hand: Any) -> None:
    slack.refuse("chat.postMessage", "internal_error", effect_first=True)
    assert (await hand.call("chat.postMessage", **SAY))["error"] == "internal_error"
    assert len(slack.messages("C0ALERTS1")) == 1


async def test_a_response_url_answers_five_times_in_thirty_minutes(
    world: World, slack: SlackWorld, hand: Any
) -> None:
    command = await slack.slash("bob", "C0ALERTS1", "/compliance")
    url = command.payload["response_url"]

    async def answer(to: str, **body: Any) -> tuple[int, str]:
        async with hand.session.post(to, json=body) as response:
            return response.status, await response.text()

    assert await answer(url) == (400, "no_text")
    for _ in range(5):
        assert await answer(url, text="t") == (200, "ok")
    assert await answer(url, text="t") == (404, '{"ok": false, "error": "used_url"}')
    other = (await slack.slash("bob", "C0ALERTS1", "/compliance")).payload["response_url"]
    await world.clock.jump(1801)
    assert await answer(other, text="t") == (404, '{"ok": false, "error": "expired_url"}')


async def test_a_response_can_replace_and_delete_an_ephemeral(slack: SlackWorld, hand: Any) -> None:
    button = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Go"}}
    blocks = [{"type": "actions", "elements": [button]}]
    told = await hand.call(
        "chat.postEphemeral", channel="C0ALERTS1", user="U0BOB0001", text="t", blocks=blocks
    )
    url = (await slack.click("bob", "C0ALERTS1", told["message_ts"], "a")).payload["response_url"]
    await hand.session.post(url, json={"replace_original": True, "text": "Shared."})
    assert [one.text for one in slack.ephemerals("C0ALERTS1", "bob")] == ["Shared."]
    await hand.session.post(url, json={"delete_original": True})
    assert slack.ephemerals("C0ALERTS1", "bob") == []


async def test_pages_follow_their_cursors_to_the_end(hand: Any) -> None:
    for number in range(5):
        await hand.call("chat.postMessage", channel="C0ALERTS1", text=f"{number}")
    texts: list[str] = []
    cursor: str | None = None
    while cursor != "":
        body = await hand.call("conversations.history", channel="C0ALERTS1", limit=2, cursor=cursor or "")
        texts += [one["text"] for one in body["messages"]]
        assert body["has_more"] is ("response_metadata" in body)
        cursor = body.get("response_metadata", {}).get("next_cursor", "")
    assert texts == ["4", "3", "2", "1", "0"]


async def test_form_encoded_calls_are_understood(world: World, slack: SlackWorld, hand: Any) -> None:
    form = {"channel": "C0ALERTS1", "blocks": '[{"type": "divider"}]', "token": slack.settings.bot_token}
    async with hand.session.post(world.slack_api_url + "chat.postMessage", data=form) as response:
        assert (await response.json())["message"]["blocks"][0]["type"] == "divider"


async def test_a_long_text_is_cut_when_posted(slack: SlackWorld, hand: Any) -> None:
    await hand.call("chat.postMessage", channel="C0ALERTS1", text="x" * 50_000)
    assert len(slack.messages("C0ALERTS1")[0].text) == 40_000


async def test_metadata_left_out_of_an_edit_stays_and_an_empty_one_goes(slack: SlackWorld, hand: Any) -> None:
    metadata = {"event_type": "compliance_outbox", "event_payload": {"k": "abc"}}
    ts = (await hand.call("chat.postMessage", **SAY, metadata=metadata))["ts"]
    await hand.call("chat.update", **SAY, ts=ts)
    assert slack.message("C0ALERTS1", ts).metadata == metadata
    await hand.call("chat.update", **SAY, ts=ts, metadata={})
    assert slack.message("C0ALERTS1", ts).metadata is None
