from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from aiohttp.web import Application

from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.faults import Faults
from compliance_bot.sandbox.studio.fixture import SECOND_AUDITOR, fixture_id
from compliance_bot.sandbox.studio.world import StudioWorld
from tests.sandbox.studio.contract import Caller

BEGIN = 1_795_493_326.0
"""2026-11-24T04:08:46Z: when the recorded run began."""

Start = Callable[..., Awaitable[tuple[StudioWorld, Caller]]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts a Studio (options of ``StudioWorld``) on loopback; yields world and caller."""
    async with AsyncExitStack() as stack:

        async def begin(**options: Any) -> tuple[StudioWorld, Caller]:
            world = StudioWorld(clock=WorldClock(start=BEGIN, rate=0), faults=Faults(), **options)
            world.accounts.allow("studio-auditor2-token", SECOND_AUDITOR, "auditor")
            world.accounts.allow("studio-reviewer-token", fixture_id("a", 6), "reviewer")
            world.accounts.allow("studio-compliance-token", fixture_id("a", 7), "compliance")
            app = Application()
            app.add_routes(world.routes())
            server = TestServer(app)
            await server.start_server()
            stack.push_async_callback(server.close)
            session = await stack.enter_async_context(aiohttp.ClientSession())
            return world, Caller(session=session, base=str(server.make_url("/studio")))

        yield begin


@pytest.fixture
async def direct(start: Start) -> tuple[StudioWorld, Caller]:
    """The backend reached directly, as it was recorded."""
    return await start(gateway=False)


@pytest.fixture
async def world(direct: tuple[StudioWorld, Caller]) -> StudioWorld:
    """The world of ``direct``."""
    return direct[0]


@pytest.fixture
async def call(direct: tuple[StudioWorld, Caller]) -> Caller:
    """The caller of ``direct``."""
    return direct[1]
