"""A service account whose session renews itself: Ory Kratos' login, then Studio's own token.

Studio's JWT lives 24 h and cannot be renewed by itself; only a Kratos session buys a new one.
Source: Ory Kratos' API flow ``/self-service/login/api`` and Studio's ``POST /api/auth/token``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from compliance_bot.clock import Clock
from compliance_bot.studio.accounts import Spend
from compliance_bot.studio.failures import FailureKind, StudioCallFailed
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.transport import Request, Transport, Unreadable, value_of

T = TypeVar("T")

RENEW_AT = 0.8
"""The part of a session's life after which it is renewed."""

DEFAULT_LIFE = 86400.0
PAUSE = 30.0
"""Seconds between two tries to log in after a failure: a wrong password must not lock the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginDetails:
    """Who logs in. ``password`` is read anew each time and never held."""

    identifier: str
    password: Callable[[], str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Session:
    token: str = field(repr=False)
    renew_at: float


class ServiceAccount:
    """A TokenSource that logs in when it must.

    Args:
        details: identifier and password.
        login_url: where Kratos answers.
        studio_url: where ``/api/auth/token`` hangs.
        transport: carries the three requests.
        clock: tells when the session grows old.

    """

    def __init__(
        self, *, details: LoginDetails, login_url: str, studio_url: str, transport: Transport, clock: Clock
    ) -> None:
        self._details = details
        self._login_url = login_url.rstrip("/")
        self._studio_url = studio_url.rstrip("/")
        self._transport = transport
        self._clock = clock
        self._session: _Session | None = None
        self._failure: tuple[float, StudioCallFailed] | None = None
        self._turn = asyncio.Lock()

    async def token(self, spend: Spend, purpose: Purpose) -> str:
        """The session's token, renewed at 80 % of its life.

        Raises:
            StudioCallFailed: when the login failed, also without a new try within 30 s of a failure.

        """
        async with self._turn:
            now = self._clock.now()
            session = self._session
            if session is None or now >= session.renew_at:
                session = await self._log_in(spend, purpose)
            return session.token

    async def renew(self, stale: str, spend: Spend, purpose: Purpose) -> bool:
        """Log in again, unless another call already did since ``stale`` was handed out."""
        async with self._turn:
            if self._session is None or self._session.token == stale:
                await self._log_in(spend, purpose)
            return True

    async def _log_in(self, spend: Spend, purpose: Purpose) -> _Session:
        if self._failure is not None and self._clock.now() < self._failure[0]:
            raise self._failure[1]
        try:
            session = await self._fresh_session(spend, purpose)
        except StudioCallFailed as failure:
            told = _as_login_failure(failure)
            self._failure = (self._clock.now() + PAUSE, told)
            raise told from failure
        self._session, self._failure = session, None
        return session

    async def _fresh_session(self, spend: Spend, purpose: Purpose) -> _Session:
        action = await self._post_action()
        body = {
            "method": "password",
            "identifier": self._details.identifier,
            "password": self._details.password(),
        }
        kratos = await self._ask("login.submit", "POST", action, _session_token, body=body)
        await spend(purpose)
        url = f"{self._studio_url}/api/auth/token"
        token, life = await self._ask("auth.token", "POST", url, _issued, token=kratos)
        return _Session(token, self._clock.now() + RENEW_AT * life)

    async def _post_action(self) -> str:
        url = f"{self._login_url}/self-service/login/api"
        action = urlsplit(await self._ask("login.start", "GET", url, _action))
        home = urlsplit(self._login_url)
        # The password goes to the host the operator named, whatever address the flow says.
        return urlunsplit((home.scheme, home.netloc, action.path, action.query, ""))

    async def _ask(
        self,
        operation: str,
        method: str,
        url: str,
        parse: Callable[[Any], T],
        *,
        body: Mapping[str, Any] | None = None,
        token: str | None = None,
    ) -> T:
        request = Request(operation=operation, method=method, url=url, body=body, token=token)
        return value_of(await self._transport.exchange(request, parse))


def _as_login_failure(failure: StudioCallFailed) -> StudioCallFailed:
    if failure.kind not in (FailureKind.REFUSED, FailureKind.BAD_REQUEST):
        return failure
    return StudioCallFailed(
        FailureKind.REFUSED,
        f"Studio's login refused the service account ({failure.operation}, HTTP {failure.status}).",
        operation=failure.operation,
        status=failure.status,
    )


def _action(answer: Any) -> str:
    ui = answer.get("ui") if isinstance(answer, dict) else None
    action = ui.get("action") if isinstance(ui, dict) else None
    if not isinstance(action, str) or not action:
        raise Unreadable("the login flow names no ui.action")
    return action


def _session_token(answer: Any) -> str:
    token = answer.get("session_token") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not token:
        raise Unreadable("the login gave no session_token")
    return token


def _issued(answer: Any) -> tuple[str, float]:
    inner = answer.get("data", answer) if isinstance(answer, dict) else None
    token = inner.get("token") if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or not isinstance(token, str) or not token:
        raise Unreadable("the token answer holds no token")
    life = inner.get("expires_in")
    usable = isinstance(life, int | float) and not isinstance(life, bool) and life > 0
    return token, float(life) if usable and life is not None else DEFAULT_LIFE
