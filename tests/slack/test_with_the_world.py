"""The room of Slack against the embedded one: two hands that must agree."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from compliance_bot.handlers.acknowledging import Ack
from compliance_bot.handlers.dispatch import Dispatcher
from compliance_bot.handlers.incoming import Incoming, Kind
from compliance_bot.model.delivery import (
    METADATA_EVENT,
    Absent,
    Done,
    Effect,
    EffectKind,
    EffectState,
    Found,
    Lane,
    Unknown,
    key_hash,
)
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.world import World
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.directory import read_directory
from compliance_bot.slack.performer import SlackPerformer
from compliance_bot.slack.socket import SlackSocket
from compliance_bot.slack.webhooks import WebhookSender

BUTTON = {"type": "button", "action_id": "acknowledge", "text": {"type": "plain_text", "text": "Acknowledge"}}
BLOCKS = [{"type": "actions", "block_id": "case:1", "elements": [{**BUTTON, "value": "CB-1"}]}]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World(clock=WorldClock())
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def inside(world: World, session: aiohttp.ClientSession) -> SlackClient:
    return SlackClient(
        session=session,
        base_url=world.slack_api_url,
        bot_token=lambda: world.slack.settings.bot_token,
        app_token=lambda: world.slack.settings.app_token,
        clock=world.clock,
    )


def a_post(key: str, clock: WorldClock) -> Effect:
    metadata = {"event_type": METADATA_EVENT, "event_payload": {"k": key_hash(key)}}
    arguments = {"channel": "C0ALERTS1", "text": "Critical", "blocks": BLOCKS, "metadata": metadata}
    return Effect(
        id=1,
        kind=EffectKind.POST,
        key=key,
        lane=Lane.URGENT,
        order_key=key,
        pace_key="C0ALERTS1",
        intent={},
        state=EffectState.SENDING,
        attempt=1,
        created_at=clock.now(),
        not_before=0.0,
        started_at=clock.now(),
        payload=json.dumps({"method": "chat.postMessage", "arguments": arguments}).encode(),
    )


async def test_a_post_whose_answer_was_lost_is_found_and_one_never_sent_is_absent(
    world: World, inside: SlackClient, hooks: WebhookSender
) -> None:
    performer = SlackPerformer(client=inside, hooks=hooks, clock=world.clock, on_fatal=lambda _: None)
    sent, never = a_post("post:1", world.clock), a_post("post:2", world.clock)
    world.slack.faults.lay(Fault(call="chat.postMessage", times=1, drop="after"))
    assert isinstance(await performer.perform(sent), Unknown)
    sightings = await performer.find([sent, never])
    assert isinstance(sightings["post:1"], Found)
    assert sightings["post:2"] == Absent()
    assert len(world.slack.messages("C0ALERTS1")) == 1


async def test_a_click_travels_from_the_message_to_its_listener_and_the_ack_back(
    world: World, inside: SlackClient, hooks: WebhookSender
) -> None:
    heard: asyncio.Queue[Incoming] = asyncio.Queue()

    async def acknowledge(incoming: Incoming, ack: Ack) -> None:
        await ack()
        heard.put_nowait(incoming)

    ours = await inside.identify()
    dispatcher = Dispatcher(identity=lambda: ours, app_id=lambda: socket.app_id)
    dispatcher.on(Kind.ACTION, "acknowledge", acknowledge)
    alarms: list[Any] = []
    socket = SlackSocket(
        client=inside,
        clock=world.clock,
        on_envelope=dispatcher.dispatch,
        on_alarm=lambda alarm, _: alarms.append(alarm),
        stagger=0.0,
    )
    running = asyncio.create_task(socket.run())
    await asyncio.wait_for(socket.wait_connected(2), 5)
    performer = SlackPerformer(client=inside, hooks=hooks, clock=world.clock, on_fatal=lambda _: None)
    posted = await performer.perform(a_post("post:1", world.clock))
    assert isinstance(posted, Done)
    click = await world.slack.click("bob", "#compliance-alerts", posted.result["ts"], "acknowledge")
    assert await asyncio.wait_for(click.acked, 5) is not None
    incoming = await asyncio.wait_for(heard.get(), 5)
    assert (incoming.value, incoming.message_ts) == ("CB-1", posted.result["ts"])
    assert (incoming.channel, incoming.team, alarms) == ("C0ALERTS1", ours.team_id, [])
    await socket.close()
    await running


async def test_the_workspace_is_read_whole(inside: SlackClient) -> None:
    directory = await read_directory(inside)
    channel = directory.channel("#compliance-alerts")
    assert channel is not None
    assert (channel.id, directory.complete) == ("C0ALERTS1", True)
    assert directory.mention("@compliance-team") == "<!subteam^S0COMPLI1>"
