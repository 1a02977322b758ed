"""An embedded Studio on loopback, and our clients before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp

from compliance_bot.model.platform import Role
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.faults import Fault, Faults
from compliance_bot.sandbox.studio.world import StudioWorld
from compliance_bot.studio.calls import CallRecord
from compliance_bot.studio.opening import StudioSettings, open_studio
from compliance_bot.studio.platform.client import PlatformStudio
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.service_account import LoginDetails

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
    records: list[CallRecord] = field(default_factory=list)

    def lay(self, call: str, **how: Any) -> Fault:
        """Lay a fault on one route."""
        return self.faults.lay(Fault(call=call, **how))

    def client(
        self,
        tokens: Mapping[Role | None, str | Callable[[], str]] | None = None,
        *,
        logins: Mapping[Role, LoginDetails] | None = None,
        timeout: float | Callable[[], float] = 5.0,
        retry_attempts: int | Callable[[], int] = 2,
        spend: Callable[[Purpose], Any] | None = None,
    ) -> PlatformStudio:
        """A client with these tokens (all three roles if none are named)."""
        texts: Mapping[Role | None, str | Callable[[], str]] = TOKENS if tokens is None else tokens
        settings = StudioSettings(
            url=self.url,
            tokens={
                role: partial(str, text) if isinstance(text, str) else text for role, text in texts.items()
            },
            logins=logins or {},
            timeout=timeout if callable(timeout) else lambda: timeout,
            retry_attempts=retry_attempts if callable(retry_attempts) else lambda: retry_attempts,
        )
        return open_studio(
            settings,
            session=self.session,
            clock=self.clock,
            spend=spend or self._spend,
            observed=self.records.append,
        )

    @property
    def outcomes(self) -> list[str]:
        """How each exchange ended."""
        return [record.outcome for record in self.records]

    async def _spend(self, purpose: Purpose) -> None:
        self.spent.append(purpose)
