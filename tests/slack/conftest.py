"""The fixtures of this room: a Slack at the wire, a clock that is driven, and our client between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from compliance_bot.slack.client import SlackClient, open_session
from compliance_bot.slack.directory import DirectoryReader
from compliance_bot.slack.webhooks import WebhookSender
from tests.slack.audience_watch import Watch, Workspace
from tests.slack.sockets import socket_server
from tests.slack.supervised import Bench
from tests.slack.wire import APP_TOKEN, BOT_TOKEN, DrivenClock, WireSlack, address


@pytest.fixture
def clock() -> DrivenClock:
    return DrivenClock()


@pytest.fixture
async def slack() -> AsyncIterator[WireSlack]:
    wire = WireSlack()
    wire.answers["auth.test"] = {
        "ok": True,
        "team_id": "T0DEMO1",
        "team": "Demo",
        "user_id": "U0BOT0001",
        "bot_id": "B0BOT0001",
    }
    application = web.Application(client_max_size=2**24)
    application.router.add_post("/api/{method}", wire.handle)
    application.router.add_post("/{method:webhook}/{name}", wire.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    wire.url = address(runner) + "/api/"
    yield wire
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as shared:
        yield shared


@pytest.fixture
def client_of(session: aiohttp.ClientSession, clock: DrivenClock) -> Callable[..., SlackClient]:
    def build(url: str, **overrides: Any) -> SlackClient:
        given: dict[str, Any] = {
            "session": session,
            "base_url": url,
            "bot_token": lambda: BOT_TOKEN,
            "app_token": lambda: APP_TOKEN,
            "clock": clock,
            "timeout": 5.0,
        }
        return SlackClient(**{**given, **overrides})

    return build


@pytest.fixture
def client(client_of: Callable[..., SlackClient], slack: WireSlack) -> SlackClient:
    return client_of(slack.url)


@pytest.fixture
def hooks(session: aiohttp.ClientSession, slack: WireSlack) -> WebhookSender:
    return WebhookSender(
        session=session, address=lambda name: slack.url.replace("/api/", f"/webhook/{name}"), timeout=5.0
    )


@pytest.fixture
async def bench(client: SlackClient, clock: DrivenClock, slack: WireSlack) -> AsyncIterator[Bench]:
    async with socket_server(slack) as sockets:
        made = Bench(client, clock, sockets)
        yield made
        for running in made.running:
            await made.socket.close()
            await running


@pytest.fixture
def workspace(slack: WireSlack) -> Workspace:
    return Workspace(slack)


@pytest.fixture
def directory(client: SlackClient, clock: DrivenClock, workspace: Workspace) -> DirectoryReader:
    return DirectoryReader(client=client, clock=clock)


@pytest.fixture
async def watch(client: SlackClient, clock: DrivenClock, directory: DirectoryReader) -> AsyncIterator[Watch]:
    made = Watch(client, clock, directory)
    yield made
    for task in made.tasks:
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)
