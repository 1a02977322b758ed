"""The recorded run, replayed call by call in its order against the embedded Studio."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from compliance_bot.sandbox.studio.fixture import AUDITOR, SECOND_AUDITOR, fixture_id
from compliance_bot.sandbox.studio.world import StudioWorld
from tests.sandbox.studio.contract import HERE, Caller, Reply
from tests.sandbox.studio.recording import Exchange, exchanges

NOT_BUILT = re.compile(
    r"/api/(notifications|uploads|evidence|manager/team-performance|auditor/events|customer/issues"
    r"|compliance/(projection|dashboard))\b"
)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
MADE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
FIXTURE_ID = re.compile(r"[a-f]0000000-0000-4000-8000-\d{12}")
E3, E4 = fixture_id("e", 3), fixture_id("e", 4)
B1 = fixture_id("b", 1)

Step = Callable[[Caller], Awaitable[Reply]]


def _step(method: str, path: str, role: str, **body: Any) -> Step:
    async def run(call: Caller) -> Reply:
        return await call(method, path, role=role, json=body)

    return run


BETWEEN: dict[str, tuple[Step, ...]] = {
    "Resolve unknown id": (
        _step("POST", f"/api/findings/{E3}/resolve", "customer"),
        _step("PUT", f"/api/findings/{E4}", "customer", status="resolved"),
        _step("PUT", f"/api/findings/{E3}", "customer", status="open"),
    ),
    "Alerts": (
        _step(
            "POST",
            "/api/findings",
            "customer",
            title="Drift",
            description="typed in",
            severity="low",
            category="other",
            type="manual",
        ),
    ),
    "Edit dates": (
        _step(
            "PUT",
            f"/api/manager/projects/{B1}/assign",
            "manager",
            auditorId=AUDITOR,
            reviewerAuditorId=SECOND_AUDITOR,
        ),
    ),
}
"""Calls that the recording tells in prose or leaves out, before the exchange of that title."""

SENT: dict[str, dict[str, str]] = {
    "Garbage JWT": {"Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.nonsense"},
    "Opaque bearer that is neither a JWT nor a Kratos session": {"Authorization": "Bearer opaque"},
    "Kratos session token as bearer": {"Authorization": "Bearer kratos-customer"},
}
"""Headers that a title says and the recording does not repeat."""
BODIES = {
    "Malformed JSON": '{"status":',
    "Body without a JSON content type": '{"status":"open"}',
    "JSON body over 100 kB": json.dumps({"content": "x" * 110_000}),
}


def comparable(value: Any) -> Any:
    """The value with times, made-up ids and tokens replaced by their kind."""
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if not isinstance(value, str):
        return value
    if TIME.fullmatch(value):
        return "TIME"
    if MADE_ID.fullmatch(value) and not FIXTURE_ID.fullmatch(value):
        return "ID"
    return "TOKEN" if value.startswith("eyJ") else value


def check_same(exchange: Exchange, reply: Reply) -> None:
    """The answer is the recorded one, times and made-up ids apart."""
    assert reply.status == exchange.status, exchange.title
    recorded_type = exchange.answered.get("content-type")
    assert recorded_type in (None, reply.headers.get("Content-Type")), exchange.title
    assert ("etag" in exchange.answered) == ("ETag" in reply.headers), exchange.title
    if exchange.answered.get("vary"):
        assert reply.headers["Vary"] == exchange.answered["vary"]
    is_fixed = not any(word in exchange.text for word in ("token", "stack trace")) and reply.method != "HEAD"
    if is_fixed and "content-length" in exchange.answered:
        assert reply.headers.get("Content-Length", "0") == exchange.answered["content-length"], exchange.title
    if exchange.text and reply.is_json and not exchange.is_cut:
        assert comparable(reply.json) == comparable(exchange.json), exchange.title
    elif exchange.text:
        beginning = exchange.text.partition("…")[0].strip()
        assert _squeezed(reply.text).startswith(_squeezed(beginning)), exchange.title


def _squeezed(text: str) -> str:
    named = MADE_ID.sub(lambda found: found[0] if FIXTURE_ID.fullmatch(found[0]) else "ID", text)
    return re.sub(r"\s+", "", TIME.sub("TIME", named))


async def test_every_recorded_exchange_is_answered_as_recorded(world: StudioWorld, call: Caller) -> None:
    replayed = 0
    for exchange in exchanges(HERE / "recorded.md"):
        if NOT_BUILT.search(exchange.path):
            continue
        await world.clock.jump(0.05)
        for step in BETWEEN.get(exchange.title, ()):
            assert (await step(call)).status < 300
        headers = {**exchange.headers, **SENT.get(exchange.title, {})}
        if exchange.body is not None:
            headers.setdefault("Content-Type", "application/json")
        if "If-None-Match" in headers:
            held = await call(exchange.method, exchange.path, role=exchange.role)
            headers["If-None-Match"] = held.headers["ETag"]
        body = BODIES.get(exchange.title, exchange.body)
        reply = await call(
            exchange.method, exchange.path, role=exchange.role, headers=headers, data=body and body.encode()
        )
        check_same(exchange, reply)
        replayed += 1
    assert replayed == 99


@pytest.mark.parametrize("role", ["manager", "reviewer", "compliance", "admin"])
async def test_backend_shows_findings_to_every_role(call: Caller, role: str) -> None:
    reply = await call("GET", "/api/findings", role=role)
    assert (reply.status, reply.json["pagination"]["total"]) == (200, 6)
