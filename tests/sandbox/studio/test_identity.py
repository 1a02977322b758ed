"""Tokens, sessions, the login flow, and who may do what behind the gateway."""

from __future__ import annotations

import pytest

from compliance_bot.sandbox.studio.fixture import AUDITOR, CUSTOMER, MANAGER, fixture_id
from compliance_bot.sandbox.studio.identity import PASSWORD
from compliance_bot.sandbox.studio.world import StudioWorld
from tests.sandbox.studio.conftest import Start
from tests.sandbox.studio.contract import Caller

DAY = 86_400
E1 = fixture_id("e", 1)
B2 = fixture_id("b", 2)


def as_bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def log_in(call: Caller, password: str = PASSWORD) -> str:
    flow = await call("GET", "/self-service/login/api", role=None)
    path = flow.json["ui"]["action"].removeprefix(call.base)
    form = {"method": "password", "identifier": "auditor@rig.test", "password": password}
    reply = await call("POST", path, role=None, json=form)
    return str(reply.json.get("session_token", reply.status))


async def test_login_gives_a_session_that_buys_a_day_of_jwt_through_the_gateway(start: Start) -> None:
    world, call = await start()
    session = await log_in(call)
    bought = await call("POST", "/api/auth/token", role=None, headers=as_bearer(session))
    token = bought.json["data"]["token"]
    assert (bought.json["data"]["expires_in"], bought.json["data"]["user"]["id"]) == (DAY, AUDITOR)
    assert (await call("GET", "/api/findings", role=None, headers=as_bearer(token))).status == 200
    await world.clock.jump(DAY)
    late = await call("GET", "/api/findings", role=None, headers=as_bearer(token))
    assert (late.status, late.json) == (401, {"error": "Invalid or expired token"})
    again = await call("POST", "/api/auth/token", role=None, headers=as_bearer(session))
    assert (again.status, again.json["error"]) == (401, "No valid session found")


async def test_refresh_wants_a_session_too(call: Caller, world: StudioWorld) -> None:
    session = await log_in(call)
    refreshed = await call("POST", "/api/auth/token/refresh", role=None, headers=as_bearer(session))
    assert set(refreshed.json["data"]) == {"token", "token_type", "expires_in"}
    world.accounts.end_sessions()
    refused = await call("POST", "/api/auth/token/refresh", role=None, headers=as_bearer(session))
    assert (refused.status, refused.json) == (401, {"success": False, "error": "Session expired"})


async def test_a_wrong_password_and_a_flow_that_is_over_are_refused(call: Caller, world: StudioWorld) -> None:
    assert await log_in(call, "wrong") == "400"
    flow = (
        (await call("GET", "/self-service/login/api", role=None)).json["ui"]["action"].removeprefix(call.base)
    )
    await world.clock.jump(601)
    assert (await call("POST", flow, role=None, json={})).status == 410
    assert (await call("POST", "/self-service/login?flow=none", role=None, json={})).status == 404


async def test_gateway_takes_no_session_and_no_identity_headers(start: Start) -> None:
    _, call = await start()
    session = await call("GET", "/api/findings", role=None, headers=as_bearer("kratos-customer"))
    forged = {"X-User-Id": MANAGER, "X-User-Role": "manager"}
    headers = await call("GET", "/api/manager/dashboard", role=None, headers=forged)
    assert (session.status, headers.status) == (401, 401)


async def test_gateway_wants_issuer_and_expiry_and_the_backend_neither(start: Start) -> None:
    for gateway, status in ((True, 401), (False, 200)):
        world, call = await start(gateway=gateway)
        token = world.accounts.sign({"sub": CUSTOMER, "role": "customer"})
        assert (await call("GET", "/api/findings", role=None, headers=as_bearer(token))).status == status


async def test_the_tokens_role_wins_over_the_database(start: Start) -> None:
    world, call = await start()
    token = world.accounts.issue(CUSTOMER, "manager")
    assert (await call("GET", "/api/manager/alerts", role=None, headers=as_bearer(token))).status == 200


async def test_a_tampered_token_is_refused(start: Start) -> None:
    world, call = await start()
    head, _, signature = world.accounts.issue(CUSTOMER).rpartition(".")
    forged = f"{head}x.{signature}"
    assert (await call("GET", "/api/findings", role=None, headers=as_bearer(forged))).status == 401


async def test_a_revoked_token_is_refused(start: Start) -> None:
    world, call = await start()
    world.accounts.revoke("studio-customer-token")
    assert (await call("GET", "/api/findings")).json == {"error": "Invalid or expired token"}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/findings", {"customer", "auditor", "admin"}),
        ("PUT", f"/api/findings/{E1}", {"customer", "auditor", "admin"}),
        ("GET", "/api/manager/alerts", {"manager", "admin"}),
        ("GET", "/api/auditor/requests", {"auditor", "manager"}),
        ("POST", "/api/auditor/requests", {"auditor"}),
        ("GET", "/api/customer/dashboard", {"customer", "admin"}),
        ("POST", "/api/customer/projects", {"customer", "admin"}),
    ],
)
async def test_gateway_and_backend_together_let_these_roles_pass(
    start: Start, method: str, path: str, allowed: set[str]
) -> None:
    _, call = await start()
    roles = ("admin", "manager", "auditor", "customer", "reviewer", "compliance")
    passed = {role for role in roles if (await call(method, path, role=role)).status not in (401, 403)}
    assert passed == allowed


async def test_gateways_refusal_says_role_path_and_method(start: Start) -> None:
    _, call = await start()
    refused = await call("GET", "/api/findings", role="manager")
    details = {"role": "manager", "path": "/api/findings", "method": "GET"}
    assert (refused.status, refused.json) == (403, {"message": "Access denied", "details": details})


async def test_comments_are_written_by_the_tokens_user(call: Caller) -> None:
    reply = await call("POST", f"/api/findings/{E1}/comments", role="auditor", json={"content": "mine"})
    assert (reply.json["data"]["authorId"], reply.json["data"]["author"]) == (AUDITOR, {"name": "Aud Itor"})


@pytest.mark.parametrize(
    ("method", "path", "role", "body", "status", "sentence"),
    [
        ("POST", "/api/auditor/requests", "auditor", {"title": "x"}, 400, "Customer and title are required"),
        ("PUT", "/api/auditor/requests/none", "auditor", {"status": "x"}, 500, "Failed to update request"),
        (
            "PUT",
            "/api/auditor/projects/none/status",
            "auditor",
            {"status": "approved"},
            404,
            "Project not found",
        ),
        ("PUT", f"/api/auditor/projects/{B2}/status", "auditor", {"status": "completed"}, 403, None),
        ("PUT", f"/api/auditor/projects/{B2}/status", "auditor", {"status": "review_pending"}, 403, None),
        ("PUT", f"/api/manager/projects/{B2}/assign", "manager", {}, 400, None),
        ("PATCH", "/api/manager/projects/none", "manager", {}, 404, "Project not found"),
        ("PATCH", f"/api/manager/projects/{B2}", "manager", {"dueDate": "soon"}, 500, None),
        ("PUT", "/api/manager/projects/none/reject", "manager", {"reason": "x"}, 404, "Project not found"),
        ("PUT", "/api/customer/requests/none", "customer", {"status": "x"}, 404, "Request not found"),
        ("POST", "/api/findings", "customer", {"title": 1}, 500, "Failed to create finding"),
        ("POST", f"/api/findings/{E1}/comments", "customer", {"content": 5}, 500, "Failed to add comment"),
        ("POST", "/api/auth/login", "customer", {}, 410, None),
    ],
)
async def test_each_refusal_is_given_in_its_own_words(
    call: Caller,
    method: str,
    path: str,
    role: str,
    body: dict[str, object],
    status: int,
    sentence: str | None,
) -> None:
    reply = await call(method, path, role=role, json=body)
    assert reply.status == status
    assert sentence is None or reply.json == {"error": sentence}
