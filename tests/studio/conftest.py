"""The embedded Studio that this room's tests call."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.faults import Faults
from compliance_bot.sandbox.studio.world import StudioWorld
from compliance_bot.studio.transport import open_session
from tests.studio.embedded_studio import START, Embedded


@pytest.fixture
async def embedded() -> AsyncIterator[Embedded]:
    """The recorded fixture behind the gateway, on a clock that runs 200 times as fast."""
    clock = WorldClock(start=START, rate=200.0)
    faults = Faults()
    world = StudioWorld(clock=clock, faults=faults)
    app = web.Application()
    app.add_routes(world.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    url = f"http://127.0.0.1:{port}/studio"
    async with open_session() as session:
        yield Embedded(world=world, faults=faults, clock=clock, url=url, session=session)
    await runner.cleanup()
