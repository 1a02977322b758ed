"""An embedded Studio on loopback, and our client before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from compliance_bot.model.platform import Role
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.faults import Fault, Faults
from compliance_bot.sandbox.studio.world import StudioWorld
from compliance_bot.studio.opening import StudioSettings, open_studio
from compliance_bot.studio.platform.client import PlatformStudio
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.service_account import LoginDetails
from compliance_bot.studio.transport import open_session

START = 1_795_493_326.0
"""2026-11-24, the day of the recording."""

TOKENS: dict[Role | None, str] = {
    Role.MANAGER: "studio-manager-token",
    Role.AUDITOR: "studio-auditor-token",
    Role.CUSTOMER: "studio-customer-token",
}


@dataclass(kw_only=True)
class Embedded:
    """A Studio world, its address, and the session that our clients share."""

    world: StudioWorld
    faults: Faults
    clock: WorldClock
    url: str
    session: aiohttp.ClientSession
    spent: list[Purpose] = field(default_factory=list)

    def lay(self, call: str, **how: Any) -> Fault:
        """Lay a fault on one route."""
        return self.faults.lay(Fault(call=call, **how))

    def client(
        self,
        tokens: Mapping[Role | None, str] | None = None,
        *,
        logins: Mapping[Role, LoginDetails] | None = None,
        timeout: float = 5.0,
        retry_attempts: int = 2,
        spend: Callable[[Purpose], Any] | None = None,
    ) -> PlatformStudio:
        """A client with these tokens (all three roles if none are named)."""
        texts = TOKENS if tokens is None else tokens
        settings = StudioSettings(
            url=self.url,
            tokens={role: partial(str, text) for role, text in texts.items()},
            logins=logins or {},
            timeout=timeout,
            retry_attempts=retry_attempts,
        )
        return open_studio(settings, session=self.session, clock=self.clock, spend=spend or self._spend)

    async def _spend(self, purpose: Purpose) -> None:
        self.spent.append(purpose)


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
