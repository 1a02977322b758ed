"""Puts Studio's side together from the settings and the rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp

from compliance_bot import metrics
from compliance_bot.clock import Clock
from compliance_bot.config.schema import Rules
from compliance_bot.config.settings import Settings
from compliance_bot.model.platform import Role
from compliance_bot.store import quota as ledger
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio.calls import RETRY_ATTEMPTS, CallRecord
from compliance_bot.studio.failures import StudioQuotaSpent
from compliance_bot.studio.opening import StudioSettings, open_studio
from compliance_bot.studio.platform.client import PlatformStudio
from compliance_bot.studio.quota import Purpose, wait_for
from compliance_bot.studio.service_account import LoginDetails


def studio_client(
    settings: Settings,
    *,
    rules: Callable[[], Rules],
    session: aiohttp.ClientSession,
    clock: Clock,
    database: Database,
    waits: dict[Purpose, float],
    observed: Callable[[CallRecord], None] | None = None,
) -> PlatformStudio:
    """The client; tokens, and what the rules say of calls, are read anew at each. One account for all.

    In ``waits`` stands until when each purpose that found the hour's calls spent has to wait. ``observed``
    is told of every exchange.
    """
    return open_studio(
        StudioSettings(
            url=settings.studio_url,
            tokens={role: _token(settings, role) for role in settings.studio_tokens},
            logins={
                role: LoginDetails(identifier=login.identifier, password=_password(settings, role))
                for role, login in settings.studio_logins.items()
            },
            login_url=settings.studio_login_url,
            proxy=settings.studio_proxy,
            timeout=lambda: rules().studio_timeout,
            retry_attempts=lambda: _retry_attempts(rules()),
            api=rules().studio.api,
        ),
        session=session,
        clock=clock,
        spend=_spender(database, clock, lambda: rules().studio.quota_per_hour, waits),
        observed=observed,
    )


def _retry_attempts(rules: Rules) -> int:
    return rules.debug_config.retry_attempts if rules.debug_config.enabled else RETRY_ATTEMPTS


def _token(settings: Settings, role: Role | None) -> Callable[[], str]:
    name = "STUDIO_TOKEN" if role is None else f"STUDIO_TOKEN_{role.upper()}"
    return lambda: settings.fresh(name).reveal()


def _password(settings: Settings, role: Role) -> Callable[[], str]:
    return lambda: settings.fresh(f"STUDIO_PASSWORD_{role.upper()}").reveal()


def _spender(
    database: Database, clock: Clock, quota: Callable[[], int], waits: dict[Purpose, float]
) -> Callable[[Purpose], Awaitable[None]]:
    async def spend(purpose: Purpose) -> None:
        """Write the call down before it is made, or say when there is room again."""
        limit = quota()
        if limit <= 0:
            return
        wait = await database.write(lambda tx: _take(tx, purpose, limit, clock.now()))
        if wait <= 0:
            waits.pop(purpose, None)
        else:
            waits[purpose] = clock.now() + wait
            raise StudioQuotaSpent(after=wait)

    return spend


def _take(tx: Transaction, purpose: Purpose, limit: int, now: float) -> float:
    spent = [(at, Purpose(used)) for at, used in ledger.spent(tx, now)]
    wait = wait_for(spent, purpose, limit, now)
    if wait <= 0:
        ledger.spend(tx, purpose.value, now)
    metrics.studio_quota_left(max(0, limit - len(spent)))
    return wait
