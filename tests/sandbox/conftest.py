"""A world on the wire, and a hand that calls its Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.slack.settings import SlackSettings
from compliance_bot.sandbox.slack.world import SlackWorld
from compliance_bot.sandbox.world import World

START = 1_795_000_000.0


class Hand:
    """Calls the embedded Slack over HTTP and opens its sockets."""

    def __init__(self, world: World, session: aiohttp.ClientSession) -> None:
        self.world = world
        self.session = session
        self.headers: dict[str, str] = {}
        self.status = 0
        self.wires: list[aiohttp.ClientWebSocketResponse] = []

    async def call(self, method: str, /, bearer: str | None = None, **arguments: Any) -> dict[str, Any]:
        """One call with the bot's token (``bearer`` "" for none); the body of the answer."""
        token = self.world.slack.settings.bot_token if bearer is None else bearer
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = self.world.slack_api_url + method
        async with self.session.post(url, json=arguments, headers=headers) as response:
            self.status, self.headers = response.status, dict(response.headers)
            body: dict[str, Any] = await response.json()
            return body

    async def socket(self) -> aiohttp.ClientWebSocketResponse:
        """An open socket that has said hello."""
        opened = await self.call("apps.connections.open", self.world.slack.settings.app_token)
        wire = await self.session.ws_connect(opened["url"])
        self.wires.append(wire)
        assert (await wire.receive_json())["type"] == "hello"
        return wire


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world whose clock stands still."""
    made = World(clock=WorldClock(start=START, rate=0.0), slack_settings=SlackSettings(limits="off"))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def slack(world: World) -> SlackWorld:
    """The world's Slack."""
    return world.slack


@pytest.fixture
async def hand(world: World) -> AsyncIterator[Hand]:
    """A hand on the world's Slack."""
    async with aiohttp.ClientSession() as session:
        yield Hand(world, session)
