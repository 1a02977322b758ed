"""Routes that ask for no role: health, the token exchange, the retired login, Kratos' login flow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from compliance_bot.clock import iso
from compliance_bot.sandbox.studio.calls import read_query
from compliance_bot.sandbox.studio.identity import Accounts
from compliance_bot.sandbox.studio.transport import Answer, answer_error, answer_json

Public = Callable[[Accounts, web.Request, Any, float], Answer]
PREFIX = "/studio"


def _base(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}{PREFIX}"


def liveness(_accounts: Accounts, _request: web.Request, _body: Any, _now: float) -> Answer:
    """The process is up."""
    return answer_json({"status": "ok"})


def api_health(_accounts: Accounts, _request: web.Request, _body: Any, now: float) -> Answer:
    """Healthy, whatever the database does."""
    return answer_json({"status": "healthy", "timestamp": iso(now), "environment": "development"})


def database_health(_accounts: Accounts, _request: web.Request, _body: Any, now: float) -> Answer:
    """Healthy too: the published build does not notice a lost database."""
    return answer_json({"status": "healthy", "database": "connected", "timestamp": iso(now)})


def exchange(accounts: Accounts, request: web.Request, _body: Any, _now: float) -> Answer:
    """A Kratos session for a JWT."""
    return accounts.exchange(request.headers, request.cookies)


def refresh(accounts: Accounts, request: web.Request, _body: Any, _now: float) -> Answer:
    """The same exchange again."""
    return accounts.refresh(request.headers, request.cookies)


def legacy_login(_accounts: Accounts, _request: web.Request, _body: Any, _now: float) -> Answer:
    """The retired login."""
    return answer_error("Legacy login is disabled. Please use Kratos authentication.", 410)


def open_flow(accounts: Accounts, request: web.Request, _body: Any, _now: float) -> Answer:
    """A login flow for an API client."""
    return accounts.open_flow(_base(request))


def log_in(accounts: Accounts, request: web.Request, body: Any, _now: float) -> Answer:
    """A flow's form, filled in."""
    flow = read_query(request.rel_url.raw_query_string).get("flow", "")
    return accounts.log_in(flow, body, _base(request))


PUBLIC_ROUTES: tuple[tuple[str, str, Public], ...] = (
    ("GET", "/health", liveness),
    ("GET", "/api/health", api_health),
    ("GET", "/api/health/database", database_health),
    ("POST", "/api/auth/token", exchange),
    ("POST", "/api/auth/token/refresh", refresh),
    ("POST", "/api/auth/login", legacy_login),
    ("GET", "/self-service/login/api", open_flow),
    ("POST", "/self-service/login", log_in),
)
