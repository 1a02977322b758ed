"""Socket Mode: tickets, one of several sockets, acks, and what comes again."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.slack.world import SlackWorld
from compliance_bot.sandbox.world import World
from tests.sandbox.slack.cases import post

SOON = 5.0


async def opened(hand: Any, slack: SlackWorld) -> str:
    """The URL of a socket that is not yet open."""
    body = await hand.call("apps.connections.open", slack.settings.app_token)
    return str(body["url"])


async def closing(wire: aiohttp.ClientWebSocketResponse) -> None:
    """Read until the socket is closed."""
    async with asyncio.timeout(SOON):
        while not wire.closed:
            await wire.receive()


def clickable(slack: SlackWorld) -> str:
    """The ts of a message with a button."""
    message = post(slack)
    button = {"type": "button", "action_id": "ack", "text": {"type": "plain_text", "text": "Go"}}
    message.say(
        at=0.0,
        text="t",
        blocks=[{"type": "actions", "block_id": "b", "elements": [button]}],
        metadata=None,
    )
    return message.ts


async def test_a_ticket_opens_one_socket_once(slack: SlackWorld, hand: Any) -> None:
    url = await opened(hand, slack)
    await hand.session.ws_connect(url)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await hand.session.ws_connect(url)


async def test_a_ticket_grows_old(world: World, slack: SlackWorld, hand: Any) -> None:
    slack.settings.ticket_seconds = 30.0
    url = await opened(hand, slack)
    await world.clock.jump(31)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await hand.session.ws_connect(url)


@pytest.mark.parametrize("status", [404, 503])
async def test_a_handshake_can_be_refused_a_few_times(slack: SlackWorld, hand: Any, status: int) -> None:
    slack.faults.lay(Fault(call="link", times=2, status=status))
    for _ in range(2):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await hand.socket()
        assert refused.value.status == status
    await hand.socket()


async def test_each_payload_goes_to_one_of_the_sockets(slack: SlackWorld, hand: Any) -> None:
    ts, wires = clickable(slack), [await hand.socket() for _ in range(3)]
    clicks = [await slack.click("bob", "C0ALERTS1", ts, "ack") for _ in range(60)]
    used = {click.envelope.socket for click in clicks if click.envelope}
    assert used == {socket.number for socket in slack.sockets}
    numbers = [socket.number for socket in slack.sockets]
    for wire, number in zip(wires, numbers, strict=True):
        mine = [click for click in clicks if click.envelope and click.envelope.socket == number]
        got = [(await wire.receive_json())["envelope_id"] for _ in mine]
        assert got == [click.envelope_id for click in mine]


async def test_hello_counts_the_sockets(slack: SlackWorld, hand: Any) -> None:
    await hand.socket()
    wire = await hand.session.ws_connect(await opened(hand, slack))
    assert (await wire.receive_json())["num_connections"] == 2


async def test_the_eleventh_socket_is_sent_away(slack: SlackWorld, hand: Any) -> None:
    for _ in range(10):
        await hand.socket()
    wire = await hand.session.ws_connect(await opened(hand, slack))
    frame = await wire.receive_json()
    assert (frame["reason"], frame["num_connections"]) == ("too_many_websockets", 11)
    await closing(wire)
    assert len(slack.sockets) == 10


async def test_an_event_without_an_ack_comes_again_at_once_after_a_minute_and_after_five(
    world: World, slack: SlackWorld, hand: Any
) -> None:
    wire = await hand.socket()
    await slack.mention("alice", "C0ALERTS1", "hey")
    frames = [await wire.receive_json()]
    for seconds in (3.1, 63.1, 303.1):
        await world.clock.jump(seconds)
        async with asyncio.timeout(SOON):
            frames.append(await wire.receive_json())
    assert len({frame["envelope_id"] for frame in frames}) == 4
    assert {frame["payload"]["event_id"] for frame in frames} == {frames[0]["payload"]["event_id"]}
    told = [(frame["retry_attempt"], frame["retry_reason"]) for frame in frames]
    assert told == [(0, ""), (1, "timeout"), (2, "timeout"), (3, "timeout")]
    await world.clock.jump(10_000)
    await slack.until(lambda: all(one.given_up for one in slack.envelopes.open.values()))
    assert slack.envelopes.sent_count == 4


async def test_an_acked_event_does_not_come_again(world: World, slack: SlackWorld, hand: Any) -> None:
    wire = await hand.socket()
    await slack.mention("alice", "C0ALERTS1", "hey")
    frame = await wire.receive_json()
    await wire.send_json({"envelope_id": frame["envelope_id"]})
    await slack.until(lambda: frame["envelope_id"] in slack.acks)
    await world.clock.jump(1000)
    await slack.slash("bob", "C0ALERTS1", "/compliance")
    assert (await wire.receive_json())["type"] == "slash_commands"


async def test_an_event_while_no_socket_was_open_comes_again(
    world: World, slack: SlackWorld, hand: Any
) -> None:
    await slack.mention("alice", "C0ALERTS1", "hey")
    await slack.until(lambda: slack.envelopes.sent_count == 2)
    wire = await hand.socket()
    await world.clock.jump(61)
    async with asyncio.timeout(SOON):
        assert (await wire.receive_json())["retry_attempt"] == 2


async def test_an_event_on_a_socket_that_died_comes_again_on_another(slack: SlackWorld, hand: Any) -> None:
    await hand.socket()
    await slack.mention("alice", "C0ALERTS1", "hey")
    other = await hand.session.ws_connect(await opened(hand, slack))
    assert (await other.receive_json())["type"] == "hello"
    slack.sockets[0].cut()
    async with asyncio.timeout(SOON):
        assert (await other.receive_json())["retry_attempt"] == 1


async def test_a_click_without_an_ack_shows_the_person_a_warning_and_never_comes_again(
    world: World, slack: SlackWorld, hand: Any
) -> None:
    wire = await hand.socket()
    click = await slack.click("bob", "C0ALERTS1", clickable(slack), "ack")
    await wire.receive_json()
    await world.clock.jump(4)
    assert await click.acked is None
    await world.clock.jump(1000)
    await wire.send_json({"envelope_id": click.envelope_id})
    await slack.until(lambda: click.envelope_id in slack.acks)
    assert slack.acks[click.envelope_id].late
    assert slack.envelopes.sent_count == 1


async def test_a_click_without_a_socket_fails_at_once(slack: SlackWorld) -> None:
    click = await slack.click("bob", "C0ALERTS1", clickable(slack), "ack")
    assert await click.acked is None


async def test_a_payload_in_an_ack_counts_only_where_it_is_accepted(slack: SlackWorld, hand: Any) -> None:
    wire = await hand.socket()
    click = await slack.click("bob", "C0ALERTS1", clickable(slack), "ack")
    command = await slack.slash("bob", "C0ALERTS1", "/compliance")
    for _ in range(2):
        frame = await wire.receive_json()
        await wire.send_json({"envelope_id": frame["envelope_id"], "payload": {"text": "hello"}})
    first, second = await click.acked, await command.acked
    assert first is not None
    assert second is not None
    assert (first.payload, second.payload) == (None, {"text": "hello"})
    assert [one.text for one in slack.ephemerals("C0ALERTS1", "bob")] == ["hello"]


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_socket_asked_to_go_is_closed_some_seconds_later(
    world: World, slack: SlackWorld, hand: Any, reason: str
) -> None:
    wire = await hand.socket()
    slack.disconnect(reason)
    assert (await wire.receive_json())["reason"] == reason
    await slack.mention("alice", "C0ALERTS1", "still here")
    assert (await wire.receive_json())["type"] == "events_api"
    await world.clock.jump(11)
    await closing(wire)


async def test_a_disabled_link_closes_and_opens_no_more(world: World, slack: SlackWorld, hand: Any) -> None:
    wire = await hand.socket()
    slack.disconnect("link_disabled")
    assert (await wire.receive_json())["reason"] == "link_disabled"
    await world.clock.jump(1)
    await closing(wire)
    assert (await hand.call("apps.connections.open", slack.settings.app_token))["ok"] is False


async def test_pings_are_answered_unless_told_otherwise(slack: SlackWorld, hand: Any) -> None:
    wire = await hand.session.ws_connect(await opened(hand, slack), autoping=False)
    await wire.receive_json()
    await wire.ping(b"one")
    assert (await wire.receive()).type is aiohttp.WSMsgType.PONG
    slack.settings.never_pong = True
    await wire.ping(b"two")
    await slack.until(lambda: slack.sockets[0].frames_received == 2)
    await slack.mention("alice", "C0ALERTS1", "hey")
    assert (await wire.receive()).type is aiohttp.WSMsgType.TEXT


async def test_a_close_can_be_left_without_an_answer(slack: SlackWorld, hand: Any) -> None:
    slack.settings.never_close = True
    wire = await hand.socket()
    closing_down = asyncio.create_task(wire.close())
    await asyncio.wait({closing_down}, timeout=0.05)
    assert not closing_down.done()
    slack.settings.never_close = False
    slack.changes.note()
    async with asyncio.timeout(SOON):
        await closing_down


async def test_all_sockets_can_be_cut(slack: SlackWorld, hand: Any) -> None:
    wires = [await hand.socket() for _ in range(2)]
    assert slack.drop_sockets() == 2
    for wire in wires:
        await closing(wire)
    await slack.until(lambda: slack.sockets == [])


async def test_any_frame_can_be_sent_and_odd_frames_are_kept(slack: SlackWorld, hand: Any) -> None:
    wire = await hand.socket()
    slack.send_raw("no json")
    assert (await wire.receive()).data == "no json"
    slack.send_raw(b"\x00")
    assert (await wire.receive()).data == b"\x00"
    await wire.send_str("what?")
    await slack.until(lambda: slack.bad_frames == ["what?"])


async def test_a_fast_clock_does_not_shorten_a_persons_three_seconds(
    world: World, slack: SlackWorld, hand: Any
) -> None:
    await world.clock.run_at(1000.0)
    wire = await hand.socket()
    click = await slack.click("bob", "C0ALERTS1", clickable(slack), "ack")
    await wire.send_json({"envelope_id": (await wire.receive_json())["envelope_id"]})
    ack = await click.acked
    assert ack is not None
    assert not ack.late
