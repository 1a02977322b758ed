"""Faults, quota, away, slow, nonsense and the panel's control routes."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.studio import nonsense
from compliance_bot.sandbox.studio.fixture import AUDITOR, SECOND_AUDITOR, fixture_id
from compliance_bot.sandbox.studio.world import StudioWorld
from tests.sandbox.studio.conftest import BEGIN, Start
from tests.sandbox.studio.contract import Caller

E1, E2 = fixture_id("e", 1), fixture_id("e", 2)
B2 = fixture_id("b", 2)
PUT = "PUT /api/findings/{id}"
COMMENT = "POST /api/findings/{id}/comments"


async def control(call: Caller, name: str, /, **order: object) -> dict[str, object]:
    url = call.base.removesuffix("/studio") + f"/world/studio/{name}"
    async with call.session.post(url, json=order) as response:
        answered: dict[str, object] = {**await response.json(), "http": response.status}
        return answered


async def panel(call: Caller) -> dict[str, list[dict[str, object]]]:
    async with call.session.get(call.base.removesuffix("/studio") + "/world/studio/state") as response:
        state: dict[str, list[dict[str, object]]] = await response.json()
        return state


async def test_drop_after_stores_the_comment_and_says_nothing(world: StudioWorld, call: Caller) -> None:
    world.faults.lay(Fault(call=COMMENT, drop="after", times=1))
    with pytest.raises(aiohttp.ClientError):
        await call("POST", f"/api/findings/{E1}/comments", json={"content": "kept"})
    assert (world.comment_count(E1), world.calls[-1].status) == (1, 0)


async def test_drop_before_changes_nothing(world: StudioWorld, call: Caller) -> None:
    world.faults.lay(Fault(call=COMMENT, drop="before", times=1))
    with pytest.raises(aiohttp.ClientError):
        await call("POST", f"/api/findings/{E1}/comments", json={"content": "lost"})
    assert world.comment_count() == 0


async def test_held_page_tells_what_stood_when_it_was_read(world: StudioWorld, call: Caller) -> None:
    fault = world.faults.lay(Fault(call="GET /api/findings", hold="after", times=1))
    held = asyncio.ensure_future(call("GET", "/api/findings?limit=1"))
    await asyncio.wait_for(fault.reached.wait(), 5)
    await call("PUT", f"/api/findings/{E1}", json={"status": "investigating"})
    fault.release()
    assert (await held).json["data"][0]["status"] == "open"


async def test_held_before_takes_effect_on_release(world: StudioWorld, call: Caller) -> None:
    fault = world.faults.lay(Fault(call=PUT, hold="before", times=1))
    held = asyncio.ensure_future(call("PUT", f"/api/findings/{E1}", json={"status": "investigating"}))
    await asyncio.wait_for(fault.reached.wait(), 5)
    assert world.finding(E1)["status"] == "open"
    fault.release()
    assert (await held).json["data"]["status"] == "investigating"


async def test_a_fault_meets_only_the_calls_that_it_names(world: StudioWorld, call: Caller) -> None:
    world.faults.lay(Fault(call=PUT, status=500, body={"error": "x"}, where=lambda given: given["id"] == E2))
    body = {"status": "investigating"}
    replies = [await call("PUT", f"/api/findings/{finding}", json=body) for finding in (E1, E2)]
    assert [reply.status for reply in replies] == [200, 500]
    assert (world.put_count(), world.put_count(E2)) == (2, 1)


async def test_an_error_after_the_effect_leaves_the_effect(world: StudioWorld, call: Caller) -> None:
    world.faults.lay(nonsense.server_error(PUT, times=1, effect_first=True))
    reply = await call("PUT", f"/api/findings/{E1}", json={"status": "investigating"})
    assert (reply.status, world.finding(E1)["status"]) == (500, "investigating")


async def test_approval_that_never_answers_is_approved_all_the_same(world: StudioWorld, call: Caller) -> None:
    fault = world.faults.lay(nonsense.approve_hangs())
    pair = {"auditorId": AUDITOR, "reviewerAuditorId": SECOND_AUDITOR}
    path = f"/api/manager/projects/{B2}/approve"
    hanging = asyncio.ensure_future(call("PUT", path, role="manager", json=pair))
    await asyncio.wait_for(fault.reached.wait(), 5)
    assert world.records.projects[B2]["status"] == "in_progress"
    fault.release()
    assert (await hanging).status == 200
    assert (await call("PUT", path, role="manager", json=pair)).json == {
        "error": "Project is not pending approval"
    }


async def test_away_drops_every_connection_for_its_time(world: StudioWorld, call: Caller) -> None:
    world.away(60)
    with pytest.raises(aiohttp.ClientError):
        await call("GET", "/api/findings")
    await world.clock.jump(60)
    assert (await call("GET", "/api/findings")).status == 200


async def test_away_without_end_is_ended_by_back(world: StudioWorld, call: Caller) -> None:
    world.away()
    await world.clock.jump(1_000_000)
    with pytest.raises(aiohttp.ClientError):
        await call("GET", "/api/findings")
    world.back()
    assert (await call("GET", "/api/findings")).status == 200


async def test_slow_answers_when_the_clock_has_moved_on(world: StudioWorld, call: Caller) -> None:
    world.slow(5)
    arrival = world.next_call("GET /health")
    pending = asyncio.ensure_future(call("GET", "/health", role=None))
    await asyncio.wait_for(arrival, 5)
    assert not pending.done()
    await world.clock.jump(5)
    assert (await pending).status == 200


async def test_quota_answers_429_in_the_documented_form_until_the_next_hour(start: Start) -> None:
    world, call = await start(quota_per_hour=2)
    replies = [await call("GET", "/api/findings?limit=1") for _ in range(3)]
    reset = int((BEGIN // 3600 + 1) * 3600)
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert [reply.headers["X-RateLimit-Remaining"] for reply in replies] == ["1", "0", "0"]
    assert replies[2].json["error"]["code"] == "RATE_LIMITED"
    assert int(replies[2].headers["X-RateLimit-Reset"]) == reset
    await world.clock.jump(3600)
    assert (await call("GET", "/api/findings?limit=1")).status == 200


async def test_busiest_hour_counts_in_a_window_that_begins_anywhere(world: StudioWorld, call: Caller) -> None:
    for seconds in (1800, 1800, 1799, 3600):
        await call("GET", "/api/findings?limit=1")
        await world.clock.jump(seconds)
    assert (world.busiest_hour(), sum(world.calls_by_hour().values())) == (3, 4)


async def test_calls_are_remembered_by_route_role_and_time(world: StudioWorld, call: Caller) -> None:
    await call("GET", f"/api/findings/{E1}", role="auditor")
    await call("GET", "/api/nope")
    last, lost = world.calls
    assert (last.route, last.role, last.at, last.status) == ("GET /api/findings/{id}", "auditor", BEGIN, 200)
    assert (lost.route, lost.status) == ("GET /api/nope", 404)
    assert world.calls_by_route()["GET /api/findings/{id}"] == 1
    assert "studio-auditor-token" not in repr(last)


@pytest.mark.parametrize("name", sorted(set(nonsense.READY_MADE) - {"approve_race", "approve_hangs"}))
async def test_nonsense_is_laid_from_the_panel_and_lifted(
    world: StudioWorld, call: Caller, name: str
) -> None:
    assert (await control(call, "fault", nonsense=name))["http"] == 200
    async with call.session.get(call.base + "/api/findings") as response:
        spoiled = await response.read()
    assert (await control(call, "lift"))["http"] == 200
    assert spoiled != (await call("GET", "/api/findings", role="customer")).raw


async def test_a_page_loop_gives_the_first_page_for_every_page(world: StudioWorld, call: Caller) -> None:
    world.faults.lay(nonsense.page_loop())
    pages = [(await call("GET", f"/api/findings?page={number}")).json for number in (1, 7)]
    assert pages[0] == pages[1]


async def test_a_spent_clock_hour_is_named_by_a_laid_429(world: StudioWorld, call: Caller) -> None:
    world.faults.lay(nonsense.rate_limited(reset_at=BEGIN + 60, times=1))
    reply = await call("GET", "/api/findings")
    assert (reply.status, reply.headers["X-RateLimit-Reset"]) == (429, str(int(BEGIN) + 60))


async def test_the_panel_makes_changes_and_removes_findings(world: StudioWorld, call: Caller) -> None:
    made = str((await control(call, "finding", severity="critical", title="By hand"))["id"])
    await control(call, "change", id=made, fields={"status": "in_progress"})
    await control(call, "comment", id=made, author=AUDITOR, content="seen")
    shown = (await panel(call))["findings"][0]
    assert (shown["id"], shown["title"], shown["status"]) == (made, "By hand", "in_progress")
    assert world.comments(made)[0]["content"] == "seen"
    await control(call, "remove", id=made)
    assert made not in world.findings


async def test_a_burst_makes_as_many_findings_as_asked_for(world: StudioWorld, call: Caller) -> None:
    before = len(world.findings)
    await control(call, "burst", count=25, severity="high")
    assert len(world.findings) == before + 25
    await control(call, "seed", count=40, age=7200)
    assert len(world.findings) == before + 65
    await control(call, "clear")
    assert len(world.findings) == 0


async def test_the_panel_sends_studio_away_and_calls_it_back(world: StudioWorld, call: Caller) -> None:
    await control(call, "away", seconds=60)
    assert world.is_away
    await control(call, "away", seconds=0)
    await control(call, "slow", seconds=0)
    await control(call, "revoke", token="studio-customer-token")
    assert (await call("GET", "/api/findings")).status == 401


async def test_the_panel_lays_releases_and_lists_faults(call: Caller) -> None:
    laid = await control(call, "fault", call=PUT, hold="before", where={"id": E1})
    assert (await panel(call))["faults"][0]["call"] == PUT
    await control(call, "release", id=laid["id"])
    assert (await call("PUT", f"/api/findings/{E1}", json={})).status == 200


@pytest.mark.parametrize(
    ("name", "order", "status"),
    [
        ("remove", {"id": "none"}, 404),
        ("away", {"seconds": -1}, 400),
        ("lift", {"id": 0}, 404),
        ("change", {}, 404),
    ],
)
async def test_an_order_that_cannot_be_carried_out_is_refused(
    call: Caller, name: str, order: dict[str, object], status: int
) -> None:
    assert (await control(call, name, **order))["http"] == status
