"""Every refusal of every route's table, over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from compliance_bot.sandbox.studio.refusals import ROUTES
from compliance_bot.sandbox.studio.wire import answered_routes
from compliance_bot.sandbox.studio.world import StudioWorld
from tests.sandbox.studio.cases import COMMON, GOOD, OWN, Ask, case
from tests.sandbox.studio.conftest import Start
from tests.sandbox.studio.contract import Reply, contract

REFUSALS = [(route, name) for route in ROUTES for name in ROUTES[route]]
DOCUMENTED = [
    (route, int(status))
    for route in ROUTES
    for status in contract()["paths"]
    .get(route.partition(" ")[2], {})
    .get(route.partition(" ")[0].lower(), {})
    .get("responses", {})
    if int(status) >= 400
]


async def ask(
    start: Start, route: str, given: Ask, *, inside: str | None = None
) -> tuple[StudioWorld, Reply]:
    """Make that call of a fresh Studio, which refuses it from inside where a name is given."""
    world, call = await start(gateway=given.gateway)
    method, _, template = route.partition(" ")
    path = given.path or template
    if given.before is not None:
        path = given.before(world) or path
    if inside is not None:
        world.refuse(route, inside)
    body = (
        {"data": given.raw}
        if given.raw is not None
        else {"json": given.body}
        if given.body is not None
        else {}
    )
    return world, await call(method, path, role=given.role, headers=given.headers, **body)


def test_every_route_has_a_table_and_a_good_call() -> None:
    assert set(ROUTES) == set(answered_routes()) == set(GOOD)


def test_every_case_is_of_a_refusal_in_the_table() -> None:
    assert {pair for pair in OWN if pair[1] not in ROUTES[pair[0]]} == set()
    own = {name for route, name in REFUSALS if ROUTES[route][name].asked and (route, name) not in OWN}
    assert own <= set(COMMON)


@pytest.mark.parametrize(("route", "status"), DOCUMENTED)
def test_every_documented_refusal_is_in_the_table(route: str, status: int) -> None:
    assert status in {refusal.status for refusal in ROUTES[route].values()}


@pytest.mark.parametrize("route", [route for route in ROUTES if route != "POST /api/auth/login"])
async def test_the_good_call_is_answered(route: str, start: Start) -> None:
    _, reply = await ask(start, route, GOOD[route])
    assert reply.status < 300, reply.text


@pytest.mark.parametrize(("route", "name"), REFUSALS)
async def test_the_refusal_is_given(route: str, name: str, start: Start) -> None:
    refusal = ROUTES[route][name]
    world, reply = await ask(start, route, case(route, name), inside=None if refusal.asked else name)
    assert (reply.status, world.calls_of(route)[-1].status) == (refusal.status, refusal.status)
    if isinstance(refusal.body, str):
        assert not reply.is_json
        assert refusal.body in reply.text
    else:
        assert says(reply.json, refusal.body), reply.json


async def test_a_refusal_from_inside_is_given_once(start: Start) -> None:
    world, call = await start()
    world.refuse("GET /api/findings", "database_away")
    assert [(await call("GET", "/api/findings")).status for _ in range(2)] == [500, 200]


def says(body: Any, expected: Any) -> bool:
    """True where the answer holds all that the table says of it."""
    return all(body.get(name) == value for name, value in expected.items())
