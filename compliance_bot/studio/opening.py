"""Puts the client together from plain settings; ``app`` and ``check`` construct by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import aiohttp

from compliance_bot.clock import Clock
from compliance_bot.model.platform import Role
from compliance_bot.studio.accounts import Accounts, GivenToken, Spend, TokenSource
from compliance_bot.studio.calls import RETRY_ATTEMPTS, Caller, CallRecord
from compliance_bot.studio.capabilities import require_supported
from compliance_bot.studio.platform.client import PlatformStudio
from compliance_bot.studio.service_account import LoginDetails, ServiceAccount
from compliance_bot.studio.transport import Transport

TIMEOUT = 10.0
"""Seconds that one answer may take, unless the rules say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioSettings:
    """Where Studio is and who we are there. Secrets are functions, read anew at each call.

    ``tokens``: by role, None for the single token. ``logins``: service accounts; a role with a
    token does not log in. ``timeout`` (seconds) and ``retry_attempts`` (of reads) are asked at each call.
    """

    url: str
    tokens: Mapping[Role | None, Callable[[], str]] = field(repr=False)
    logins: Mapping[Role, LoginDetails] = field(default_factory=dict)
    login_url: str | None = None
    proxy: str | None = field(default=None, repr=False)
    timeout: Callable[[], float] = lambda: TIMEOUT
    retry_attempts: Callable[[], int] = lambda: RETRY_ATTEMPTS
    api: str = "platform"


def open_studio(
    settings: StudioSettings,
    *,
    session: aiohttp.ClientSession,
    clock: Clock,
    spend: Spend,
    observed: Callable[[CallRecord], None] | None = None,
) -> PlatformStudio:
    """The client for ``settings``. The session stays its opener's to close.

    Raises:
        Misconfigured: for an ``api`` that cannot be spoken yet.

    """
    require_supported(settings.api)
    transport = Transport(session=session, clock=clock, timeout=settings.timeout, proxy=settings.proxy)
    caller = Caller(
        base_url=settings.url,
        transport=transport,
        accounts=Accounts(sources=_sources(settings, transport, clock)),
        spend=spend,
        clock=clock,
        retry_attempts=settings.retry_attempts,
        observed=observed,
    )
    return PlatformStudio(caller=caller)


def _sources(settings: StudioSettings, transport: Transport, clock: Clock) -> dict[Role | None, TokenSource]:
    sources: dict[Role | None, TokenSource] = {
        role: ServiceAccount(
            details=details,
            login_url=settings.login_url or settings.url,
            studio_url=settings.url,
            transport=transport,
            clock=clock,
        )
        for role, details in settings.logins.items()
    }
    return sources | {role: GivenToken(read) for role, read in settings.tokens.items()}
