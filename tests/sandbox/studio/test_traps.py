"""The traps of Studio's published backend, each of which the embedded one sets too."""

from __future__ import annotations

import itertools
from email.utils import parsedate_to_datetime

import pytest

from compliance_bot.sandbox.studio.fixture import AUDITOR, CUSTOMER, MANAGER, SECOND_AUDITOR, fixture_id
from compliance_bot.sandbox.studio.world import StudioWorld
from tests.sandbox.studio.conftest import BEGIN, Start
from tests.sandbox.studio.contract import Caller

E1, E2, E3, E6 = (fixture_id("e", number) for number in (1, 2, 3, 6))
B2, B3, B5 = (fixture_id("b", number) for number in (2, 3, 5))
PAIR = {"auditorId": AUDITOR, "reviewerAuditorId": SECOND_AUDITOR}


async def ids(call: Caller, path: str) -> list[str]:
    return [row["id"] for row in (await call("GET", path)).json["data"]]


async def test_since_sort_and_search_are_ignored_without_error(call: Caller) -> None:
    plain = await ids(call, "/api/findings")
    assert await ids(call, "/api/findings?since=2099-01-01&sort=updatedAt&order=asc&search=x") == plain


async def test_updates_do_not_float_up_and_back_dated_rows_land_deep(
    world: StudioWorld, call: Caller
) -> None:
    world.change_finding(E6, status="open")
    old = world.add_finding(title="Import", firstSeenAt=BEGIN - 3.5 * 86_400)
    order = await ids(call, "/api/findings")
    assert (order.index(E6), order.index(old)) == (6, 3)


async def test_reseen_finding_stays_where_it_is(world: StudioWorld, call: Caller) -> None:
    before = await ids(call, "/api/findings")
    world.change_finding(E3, lastSeenAt=BEGIN, occurrenceCount=2)
    assert await ids(call, "/api/findings") == before


async def test_ties_change_their_order_when_a_row_is_written(world: StudioWorld, call: Caller) -> None:
    first, second = (world.add_finding(title=title, firstSeenAt=BEGIN) for title in ("one", "two"))
    before = await ids(call, "/api/findings?limit=2")
    await call("PUT", f"/api/findings/{first}", json={"status": "investigating"})
    assert (before, await ids(call, "/api/findings?limit=2")) == ([first, second], [second, first])


async def test_insert_between_two_pages_repeats_a_row_and_a_delete_skips_one(
    world: StudioWorld, call: Caller
) -> None:
    page_one = await ids(call, "/api/findings?limit=3")
    fresh = world.add_finding(title="New", firstSeenAt=BEGIN)
    assert set(page_one) & set(await ids(call, "/api/findings?limit=3&page=2")) == {E3}
    world.remove_finding(fresh)
    world.remove_finding(page_one[0])
    assert fixture_id("e", 4) not in await ids(call, "/api/findings?limit=3&page=2")


async def test_limit_has_no_cap(world: StudioWorld, call: Caller) -> None:
    world.seed(3000)
    reply = await call("GET", "/api/findings?limit=5000")
    assert (len(reply.json["data"]), reply.json["pagination"]["pages"]) == (3006, 1)


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=x",
        "limit=x",
        "limit=",
        "severity=CRITICAL",
        "status=done",
        "category=security",
    ],
)
async def test_bad_parameters_are_a_500(call: Caller, query: str) -> None:
    reply = await call("GET", f"/api/findings?{query}")
    assert (reply.status, reply.json) == (500, {"error": "Failed to fetch findings"})


async def test_comments_show_in_the_count_and_not_in_updated_at(world: StudioWorld, call: Caller) -> None:
    before = world.finding(E1)["updatedAt"]
    await world.clock.jump(60)
    await call("POST", f"/api/findings/{E1}/comments", json={"content": "one"})
    await call("POST", f"/api/findings/{E1}/comments", json={"content": "two"})
    row = (await call("GET", "/api/findings?limit=1")).json["data"][0]
    detail = (await call("GET", f"/api/findings/{E1}")).json["data"]
    assert (row["updatedAt"], row["_count"]) == (before, {"comments": 2})
    assert [comment["content"] for comment in detail["comments"]] == ["two", "one"]


async def test_stats_leave_empty_buckets_out(world: StudioWorld, call: Caller) -> None:
    world.remove_finding(E3)
    stats = (await call("GET", "/api/findings/stats")).json["data"]
    assert "medium" not in stats["bySeverity"]
    assert "false_positive" not in stats["byStatus"]


async def test_a_project_can_be_overdue_and_stalled_at_once_and_alerts_have_no_id(call: Caller) -> None:
    alerts = (await call("GET", "/api/manager/alerts", role="manager")).json["data"]
    assert [alert["type"] for alert in alerts if alert["entityId"] == B3] == ["overdue", "stalled"]
    assert not any("id" in alert for alert in alerts)
    assert [("createdAt" in alert) for alert in alerts] == [True, True, False, False]


async def test_an_overdue_project_in_progress_never_alerts(call: Caller) -> None:
    alerts = (await call("GET", "/api/manager/alerts", role="manager")).json["data"]
    assert B5 not in [alert["entityId"] for alert in alerts]


async def test_a_project_becomes_overdue_as_the_clock_moves(world: StudioWorld, call: Caller) -> None:
    await call(
        "PUT",
        f"/api/auditor/projects/{fixture_id('b', 1)}/status",
        role="auditor2",
        json={"status": "approved"},
    )
    await world.clock.jump(3 * 86_400)
    alerts = (await call("GET", "/api/manager/alerts", role="manager")).json["data"]
    assert ("overdue", fixture_id("b", 1)) in [(alert["type"], alert["entityId"]) for alert in alerts]


async def test_etag_gives_304_until_the_body_changes(world: StudioWorld, call: Caller) -> None:
    etag = (await call("GET", "/api/findings")).headers["ETag"]
    held = {"If-None-Match": etag}
    assert (await call("GET", "/api/findings", headers=held)).status == 304
    world.change_finding(E1, title="Changed")
    changed = await call("GET", "/api/findings", headers=held)
    assert changed.status == 200
    assert changed.headers["ETag"].startswith('W/"')


async def test_health_differs_on_every_call_and_errors_carry_etags(world: StudioWorld, call: Caller) -> None:
    first = await call("GET", "/api/health", role=None)
    await world.clock.jump(1)
    second = await call("GET", "/api/health", role=None)
    assert first.headers["ETag"] != second.headers["ETag"]
    assert "ETag" in (await call("GET", "/api/findings/none")).headers


async def test_date_header_is_the_worlds_clock(world: StudioWorld, call: Caller) -> None:
    await world.clock.jump(86_400)
    date = parsedate_to_datetime((await call("GET", "/health", role=None)).headers["Date"])
    assert date.timestamp() == BEGIN + 86_400


async def test_html_404_is_a_missing_route_and_json_404_a_missing_row(call: Caller) -> None:
    route, row = await call("GET", "/api/v1/findings"), await call("GET", "/api/findings/none")
    assert (route.status, route.is_json, row.status, row.is_json) == (404, False, 404, True)


async def test_html_404_escapes_what_was_asked_for(call: Caller) -> None:
    reply = await call("GET", "/api/<b>")
    assert "&lt;b&gt;" in reply.text


@pytest.mark.parametrize(
    ("finding_id", "body"),
    [
        ("none", {"status": "open"}),
        (E1, {"status": "acknowledged"}),
        (E1, {"status": 7}),
        (E1, {"assignedToId": "nobody"}),
        (E1, {"assignedToId": ["a"]}),
        (E1, {"dueDate": "soon"}),
        (E1, {"status": "investigating", "assignedToId": "nobody"}),
    ],
)
async def test_every_bad_update_is_the_same_500_and_changes_nothing(
    world: StudioWorld, call: Caller, finding_id: str, body: dict[str, object]
) -> None:
    before = world.finding(E1)
    reply = await call("PUT", f"/api/findings/{finding_id}", json=body)
    assert (reply.status, reply.json) == (500, {"error": "Failed to update finding"})
    assert world.finding(E1) == before


async def test_detail_embeds_the_integrations_credentials_and_the_list_does_not(call: Caller) -> None:
    assert "SECRET-IN-DB" in (await call("GET", f"/api/findings/{E1}")).text
    assert "SECRET-IN-DB" not in (await call("GET", "/api/findings")).text


async def test_falsy_fields_are_skipped_so_nothing_can_be_cleared(world: StudioWorld, call: Caller) -> None:
    await call("PUT", f"/api/findings/{E1}", json={"assignedToId": AUDITOR})
    await world.clock.jump(5)
    reply = await call("PUT", f"/api/findings/{E1}", json={"assignedToId": None, "status": "", "dueDate": 0})
    assert reply.json["data"] == world.finding(E1)
    assert reply.json["data"]["assignedToId"] == AUDITOR


async def test_wrong_content_type_changes_nothing_and_says_200(world: StudioWorld, call: Caller) -> None:
    headers = {"Content-Type": "text/plain"}
    reply = await call("PUT", f"/api/findings/{E1}", headers=headers, data=b'{"status":"investigating"}')
    assert (reply.status, reply.json["data"]["status"], world.finding(E1)["status"]) == (200, "open", "open")


async def test_resolved_by_put_has_no_stamp_and_resolve_has_one(call: Caller) -> None:
    put = await call("PUT", f"/api/findings/{E1}", json={"status": "resolved"})
    assert (put.json["data"]["resolvedAt"], put.json["data"]["resolvedById"]) == (None, None)
    resolved = await call("POST", f"/api/findings/{E1}/resolve", role="auditor")
    again = await call("POST", f"/api/findings/{E1}/resolve", role="customer")
    assert [reply.json["data"]["resolvedById"] for reply in (resolved, again)] == [AUDITOR, CUSTOMER]


async def test_reopening_keeps_the_old_stamp(call: Caller) -> None:
    stamp = (await call("POST", f"/api/findings/{E1}/resolve")).json["data"]["resolvedAt"]
    reopened = await call("PUT", f"/api/findings/{E1}", json={"status": "open"})
    assert (reopened.json["data"]["status"], reopened.json["data"]["resolvedAt"]) == ("open", stamp)


async def test_the_same_comment_and_request_twice_are_two(world: StudioWorld, call: Caller) -> None:
    for _ in range(2):
        await call("POST", f"/api/findings/{E1}/comments", json={"content": "same"})
        await call(
            "POST", "/api/auditor/requests", role="auditor", json={"customerId": CUSTOMER, "title": "T"}
        )
    assert world.comment_count(E1) == 2
    assert len((await call("GET", "/api/auditor/requests", role="auditor")).json["data"]) == 3


async def test_approve_takes_anyone_and_unknown_ids_are_a_500_that_leaves_it_pending(
    world: StudioWorld, call: Caller
) -> None:
    path = f"/api/manager/projects/{B2}/approve"
    unknown = await call("PUT", path, role="manager", json={**PAIR, "auditorId": "nobody"})
    assert (unknown.status, world.records.projects[B2]["status"]) == (500, "pending")
    odd = {"auditorId": CUSTOMER, "reviewerAuditorId": MANAGER}
    assert (await call("PUT", path, role="manager", json=odd)).status == 200
    assert world.records.projects[B2]["status"] == "in_progress"


async def test_assign_to_an_unknown_reviewer_is_a_500(call: Caller) -> None:
    body = {**PAIR, "reviewerAuditorId": "nobody"}
    reply = await call("PUT", f"/api/manager/projects/{B2}/assign", role="manager", json=body)
    assert (reply.status, reply.json) == (500, {"error": "Failed to assign project"})


async def test_a_days_date_is_midnight_utc_and_answers_have_milliseconds(call: Caller) -> None:
    reply = await call("PUT", f"/api/findings/{E1}", json={"dueDate": "2026-12-01"})
    assert reply.json["data"]["dueDate"] == "2026-12-01T00:00:00.000Z"


async def test_control_ids_of_requests_are_the_projects_own(call: Caller) -> None:
    control = (await call("GET", f"/api/manager/projects/{fixture_id('b', 1)}", role="manager")).json["data"]
    shown = control["categories"][0]["controls"][0]
    answers = [
        await call(
            "POST",
            "/api/auditor/requests",
            role="auditor",
            json={"customerId": CUSTOMER, "title": "T", "controlId": shown[name]},
        )
        for name in ("id", "controlId")
    ]
    assert [reply.status for reply in answers] == [200, 500]


async def test_managers_dashboard_counts_approved_projects_and_the_customers_all(call: Caller) -> None:
    manager = (await call("GET", "/api/manager/dashboard", role="manager")).json["data"]
    customer = (await call("GET", "/api/customer/dashboard")).json["data"]
    assert (manager["compliance"], customer["stats"]["overallCompliance"]) == (10, 12)


async def test_order_of_a_large_seed_holds_across_pages(start: Start) -> None:
    world, call = await start(fixture=False)
    expected = world.seed(1200, spacing=0.5)
    pages = [await ids(call, f"/api/findings?limit=500&page={page}") for page in (1, 2, 3)]
    assert list(itertools.chain.from_iterable(pages)) == expected
