"""The control routes, and the world as a process of its own."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import Any

import aiohttp
import pytest

from compliance_bot.sandbox.slack.world import SlackWorld
from compliance_bot.sandbox.world import World

BUTTON = {"type": "button", "action_id": "ack", "text": {"type": "plain_text", "text": "Go"}, "value": "1"}


@pytest.fixture
def order(world: World, hand: Any) -> Any:
    """Post an order to a control route; status and body of the answer."""

    async def post(path: str, **arguments: Any) -> tuple[int, dict[str, Any]]:
        async with hand.session.post(f"{world.url}/world/{path}", json=arguments) as response:
            return response.status, await response.json()

    return post


async def test_a_button_is_clicked_by_json_and_the_ack_is_told(hand: Any, order: Any) -> None:
    wire = await hand.socket()
    blocks = [{"type": "actions", "elements": [BUTTON]}]
    posted = await hand.call("chat.postMessage", channel="C0ALERTS1", text="t", blocks=blocks)
    click = {"user": "bob", "channel": "compliance-alerts", "ts": posted["ts"], "action_id": "ack"}
    under_way = asyncio.create_task(order("slack/click", **click))
    await wire.send_json({"envelope_id": (await wire.receive_json())["envelope_id"]})
    status, body = await under_way
    assert (status, body["acked"]) == (200, True)


async def test_what_does_not_exist_is_said_to_be_missing(order: Any) -> None:
    status, body = await order("slack/click", user="nobody", channel="C0ALERTS1", ts="1.0", action_id="a")
    assert (status, body) == (404, {"error": "no person 'nobody'"})
    status, _ = await order("slack/click", person="bob")
    assert status == 400
    status, _ = await order("slack/fly")
    assert status == 404


async def test_the_state_shows_what_the_page_draws(world: World, hand: Any, order: Any) -> None:
    await hand.call("chat.postMessage", channel="C0ALERTS1", text="Critical")
    await order("slack/mention", user="alice", channel="compliance", text="why?")
    async with hand.session.get(f"{world.url}/world/slack/state") as response:
        state = await response.json()
    channels = {one["name"]: one for one in state["channels"]}
    assert channels["compliance-alerts"]["messages"][0]["text"] == "Critical"
    assert channels["compliance"]["messages"][0]["text"] == "<@U0BOT0001> why?"
    assert {"alice", "bob", "carol", "manager"} <= {one["handle"] for one in state["people"]}
    assert state["counts"] == {"chat.postMessage": 1}


async def test_the_event_stream_tells_of_each_change(world: World, hand: Any, slack: SlackWorld) -> None:
    async with hand.session.get(f"{world.url}/world/slack/events") as stream:
        first = await stream.content.readuntil(b"\n\n")
        await slack.say("bob", "C0ALERTS1", "hi")
        second = await stream.content.readuntil(b"\n\n")
    assert int(second.removeprefix(b"data: ")) > int(first.removeprefix(b"data: "))


async def test_a_fault_is_laid_met_released_and_lifted_by_json(world: World, hand: Any, order: Any) -> None:
    async def faults() -> Any:
        async with hand.session.get(f"{world.url}/world/slack/faults") as response:
            return (await response.json())["faults"][0]

    where = {"channel": "C0ALERTS1"}
    _, laid = await order("slack/fault", call="chat.postMessage", hold="before", where=where)
    other = await hand.call("chat.postMessage", channel="C0COMPLI01", text="t")
    assert other["ok"] is True
    under_way = asyncio.create_task(hand.call("chat.postMessage", channel="C0ALERTS1", text="t"))
    while not (await faults())["met"]:
        continue
    await order("slack/release", id=laid["id"])
    assert (await under_way)["ok"] is True
    assert (await order("slack/lift", id=laid["id"]))[0] == 200
    assert (await order("slack/fault", call="x", flavour="y"))[0] == 400


async def test_a_refusal_is_ordered_by_json(hand: Any, order: Any) -> None:
    await order("slack/refuse", method="chat.postMessage", error="fatal_error")
    body = await hand.call("chat.postMessage", channel="C0ALERTS1", text="t")
    assert body["error"] == "fatal_error"


async def test_settings_and_people_change_by_json(slack: SlackWorld, order: Any) -> None:
    await order("slack/set", scopes=["commands"], light=True)
    assert (slack.settings.scopes, slack.settings.light) == ({"commands"}, True)
    assert (await order("slack/set", colour="red"))[0] == 404
    await order("slack/change_person", user="bob", deactivated=True)
    assert slack.workspace.people["U0BOB0001"].deactivated


async def test_the_clock_is_moved_by_json(world: World, order: Any) -> None:
    before = world.clock.now()
    _, body = await order("clock", jump=3600)
    assert body["now"] == before + 3600


async def test_the_process_tells_its_url_and_stops_when_asked() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "compliance_bot.sandbox", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    told = json.loads(await process.stdout.readline())
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{told['url']}/world/slack/state") as response,
    ):
        assert response.status == 200
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
