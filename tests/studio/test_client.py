from __future__ import annotations

from collections.abc import Awaitable

import pytest

from compliance_bot.model.findings import FindingStatus, Severity
from compliance_bot.model.platform import Role
from compliance_bot.studio.capabilities import Capability
from compliance_bot.studio.failures import FailureKind, StudioCallFailed
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.service_account import LoginDetails
from tests.studio.embedded_studio import TOKENS, Embedded

FIRST = "e0000000-0000-4000-8000-000000000001"
SECOND = "e0000000-0000-4000-8000-000000000002"
THIRD = "e0000000-0000-4000-8000-000000000003"
LIST = "GET /api/findings"
DETAIL = "GET /api/findings/{id}"
PUT = "PUT /api/findings/{id}"
COMMENT = "POST /api/findings/{id}/comments"


async def failure(awaitable: Awaitable[object]) -> StudioCallFailed:
    with pytest.raises(StudioCallFailed) as caught:
        await awaitable
    return caught.value


# ---------------------------------------------------------------- reading


async def test_a_page_is_read_with_its_rows_total_and_times(embedded: Embedded) -> None:
    page = await embedded.client().list_findings(1, 2)
    assert [row.id for row in page.findings] == [FIRST, SECOND]
    assert (page.total, page.offset, page.limit, page.bad_rows) == (6, 0, 2, ())
    first = page.findings[0]
    assert (first.severity, first.status, first.account) == (
        Severity.CRITICAL,
        FindingStatus.OPEN,
        "AWS prod",
    )
    assert page.server_time is not None
    assert page.server_time <= embedded.clock.now()
    assert page.sent_at <= embedded.clock.now()


async def test_past_the_last_page_there_is_an_empty_page_with_the_total(embedded: Embedded) -> None:
    page = await embedded.client().list_findings(9, 2)
    assert (page.findings, page.total, page.offset) == ((), 6, 16)


@pytest.mark.parametrize(("page", "limit"), [(0, 2), (1, 0), (1, 501), (-1, 5)])
async def test_pages_that_studio_answers_with_500_are_never_asked_for(
    embedded: Embedded, page: int, limit: int
) -> None:
    assert (await failure(embedded.client().list_findings(page, limit))).kind is FailureKind.BAD_REQUEST
    assert not embedded.world.calls


async def test_the_credentials_in_a_detail_appear_in_nothing_that_is_returned(embedded: Embedded) -> None:
    detail = await embedded.client().finding(SECOND)
    assert "SECRET" not in repr(detail)
    assert detail.finding.project_id == "b0000000-0000-4000-8000-000000000001"


async def test_stats_say_nothing_of_empty_buckets(embedded: Embedded) -> None:
    stats = await embedded.client().finding_stats()
    assert stats.total == 6
    assert stats.by_severity.get("critical", 0) == 2
    assert stats.by_status.get("dismissed", 0) == 0


async def test_criticals_are_counted_by_the_total_of_a_page_of_one(embedded: Embedded) -> None:
    studio = embedded.client()
    assert await studio.count_findings(severity=Severity.CRITICAL, status=FindingStatus.OPEN) == 1
    assert await studio.count_findings(severity=Severity.CRITICAL) == 2


async def test_the_managers_routes_are_read(embedded: Embedded) -> None:
    studio = embedded.client()
    alerts = (await studio.alerts()).rows
    assert [alert.type for alert in alerts].count("pending_approval") == 2
    # One project may be overdue and stalled at once: only both words together name an alert.
    assert len({(alert.type, alert.entity_id) for alert in alerts}) == len(alerts)
    projects = {project.id[-1]: project for project in (await studio.projects()).rows}
    assert (projects["3"].framework, projects["3"].score, projects["3"].status) == ("SOC 2", 10, "approved")
    assert projects["5"].customer_email == "customer@rig.test"
    assert [person.load for person in (await studio.auditors()).rows] == [3, 0]
    assert (await studio.manager_dashboard()).pending_approvals == 2
    assert (await studio.project(projects["1"].id)).framework == "SOC 2"


async def test_the_auditors_and_the_customers_routes_are_read(embedded: Embedded) -> None:
    studio = embedded.client()
    assert (await studio.auditor_dashboard()).pending_requests == 1
    assert {project.framework for project in (await studio.auditor_projects()).rows} >= {"SOC 2"}
    assert (await studio.requests()).rows[0].title == "Access review Q3"
    assert (await studio.customer_requests()).rows[0].status == "Pending"
    assert await studio.health()


async def test_what_did_not_change_is_answered_from_memory_with_new_times(embedded: Embedded) -> None:
    studio = embedded.client()
    first = await studio.list_findings(1, 500)
    again = await studio.list_findings(1, 500)
    assert embedded.outcomes == ["ok", "unchanged"]
    assert again.findings == first.findings
    assert again.sent_at > first.sent_at
    assert embedded.spent == [Purpose.POLL, Purpose.POLL]


async def test_a_304_is_remembered_for_one_identity_only(embedded: Embedded) -> None:
    await embedded.client({Role.AUDITOR: TOKENS[Role.AUDITOR]}).list_findings(1, 2)
    await embedded.client({Role.CUSTOMER: TOKENS[Role.CUSTOMER]}).list_findings(1, 2)
    assert embedded.outcomes == ["ok", "ok"]


# ---------------------------------------------------------------- who calls


async def test_findings_are_asked_as_auditor_and_never_as_manager(embedded: Embedded) -> None:
    only_manager = embedded.client({Role.MANAGER: TOKENS[Role.MANAGER]})
    refusal = await failure(only_manager.list_findings(1, 1))
    assert "STUDIO_TOKEN_AUDITOR or STUDIO_TOKEN_CUSTOMER" in str(refusal)
    assert not embedded.world.calls
    await embedded.client().list_findings(1, 1)
    await embedded.client({Role.CUSTOMER: TOKENS[Role.CUSTOMER]}).list_findings(1, 1)


async def test_a_single_token_serves_every_area(embedded: Embedded) -> None:
    studio = embedded.client({None: TOKENS[Role.AUDITOR]})
    await studio.list_findings(1, 1)
    refusal = await failure(studio.alerts())
    assert (refusal.kind, refusal.status) == (FailureKind.REFUSED, 403)
    assert studio.health_seen.refusals == {"single": str(refusal)}


async def test_capabilities_follow_the_tokens(embedded: Embedded) -> None:
    studio = embedded.client({Role.AUDITOR: "t"})
    assert studio.capabilities == Capability.FINDINGS | Capability.AUDIT_READ | Capability.AUDIT_WRITE
    assert Capability.MANAGE in embedded.client().capabilities


async def test_a_token_that_changed_since_is_used_after_a_401(embedded: Embedded) -> None:
    tokens = iter(["stale", TOKENS[Role.AUDITOR], TOKENS[Role.AUDITOR]])
    studio = embedded.client({Role.AUDITOR: lambda: next(tokens)})
    await studio.list_findings(1, 1)
    assert embedded.outcomes == ["refused", "ok"]


async def test_a_token_that_did_not_change_is_refused_once(embedded: Embedded) -> None:
    refusal = await failure(embedded.client({Role.AUDITOR: "stale"}).list_findings(1, 1))
    assert (refusal.kind, refusal.status) == (FailureKind.REFUSED, 401)
    assert embedded.outcomes == ["refused"]


def a_login(password: str) -> dict[Role, LoginDetails]:
    return {Role.AUDITOR: LoginDetails(identifier="auditor@rig.test", password=lambda: password)}


async def test_a_service_account_logs_in_once_and_renews_at_eighty_percent_of_its_life(
    embedded: Embedded,
) -> None:
    embedded.world.accounts.set_password("auditor@rig.test", "pw")
    studio = embedded.client({}, logins=a_login("pw"))
    for _ in range(3):
        await studio.list_findings(1, 1)
    assert len(embedded.world.calls_of("POST /api/auth/token")) == 1
    await embedded.clock.jump(0.79 * 86400)
    await studio.list_findings(1, 1)
    assert len(embedded.world.calls_of("POST /api/auth/token")) == 1
    await embedded.clock.jump(0.02 * 86400)
    await studio.list_findings(1, 1)
    assert len(embedded.world.calls_of("POST /api/auth/token")) == 2


async def test_a_service_account_logs_in_again_once_after_a_401(embedded: Embedded) -> None:
    embedded.world.accounts.set_password("auditor@rig.test", "pw")
    studio = embedded.client({}, logins=a_login("pw"))
    await studio.list_findings(1, 1)
    embedded.lay(LIST, status=401, body={"error": "Invalid or expired token"}, times=1)
    await studio.list_findings(1, 1)
    assert len(embedded.world.calls_of("POST /api/auth/token")) == 2
    embedded.lay(LIST, status=401, body={"error": "Invalid or expired token"})
    assert (await failure(studio.list_findings(1, 1))).kind is FailureKind.REFUSED
    assert len(embedded.world.calls_of("POST /api/auth/token")) == 3


async def test_a_wrong_password_is_tried_once_in_thirty_seconds(embedded: Embedded) -> None:
    studio = embedded.client({}, logins=a_login("wrong"))
    await embedded.clock.run_at(0.0)
    refusals = [await failure(studio.list_findings(1, 1)) for _ in range(3)]
    assert {refusal.kind for refusal in refusals} == {FailureKind.REFUSED}
    assert "wrong" not in str(refusals[0])
    tries = len(embedded.world.calls)
    await embedded.clock.jump(31.0)
    await failure(studio.list_findings(1, 1))
    assert len(embedded.world.calls) == 2 * tries


# ---------------------------------------------------------------- writing


async def test_a_status_is_written_and_the_stored_row_returned(embedded: Embedded) -> None:
    row = await embedded.client().set_status(FIRST, FindingStatus.INVESTIGATING)
    assert row.status is FindingStatus.INVESTIGATING
    assert row.updated_at is not None
    assert embedded.world.finding(FIRST)["status"] == "investigating"


async def test_a_write_that_changed_nothing_is_not_believed(embedded: Embedded) -> None:
    studio = embedded.client()
    old = await studio.finding(FIRST)
    assert old.finding.status is FindingStatus.OPEN
    embedded.lay(PUT, status=200, body={"success": True, "data": embedded.world.finding(FIRST)})
    broken = await failure(studio.set_status(FIRST, FindingStatus.INVESTIGATING))
    assert broken.kind is FailureKind.NONSENSE


async def test_a_write_is_never_sent_twice_by_the_client(embedded: Embedded) -> None:
    embedded.lay(PUT, status=500, body={"error": "Failed to update finding"})
    broken = await failure(embedded.client().set_status(FIRST, FindingStatus.INVESTIGATING))
    assert (broken.kind, broken.uncertain, broken.said) == (
        FailureKind.BROKEN,
        True,
        "Failed to update finding",
    )
    assert embedded.world.put_count() == 1


@pytest.mark.parametrize("drop", ["before", "after"])
async def test_a_dropped_connection_makes_nobody_below_send_again(embedded: Embedded, drop: str) -> None:
    studio = embedded.client(retry_attempts=0)
    await studio.list_findings(1, 1)
    embedded.lay("*", drop=drop, times=1)
    broken = await failure(studio.set_status(FIRST, FindingStatus.INVESTIGATING))
    assert (broken.kind, broken.uncertain) == (FailureKind.AWAY, True)
    embedded.lay("*", drop=drop, times=1)
    await failure(studio.finding(FIRST))
    assert len(embedded.world.calls) == len(embedded.spent) == 3


async def test_assign_resolve_and_comment(embedded: Embedded) -> None:
    studio = embedded.client()
    row = await studio.assign(SECOND, "a0000000-0000-4000-8000-000000000004", due=1_796_083_200.0)
    assert (row.assignee_id, row.due) == ("a0000000-0000-4000-8000-000000000004", 1_796_083_200.0)
    assert (await studio.resolve(THIRD)).resolved_at is not None
    comment = await studio.comment(FIRST, "Acknowledged (ref CB-1)")
    assert (comment.content, comment.author) == ("Acknowledged (ref CB-1)", "Aud Itor")
    assert (await studio.finding(FIRST)).comments == (comment,)


@pytest.mark.parametrize("words", ["", "  ", "x" * 20_001])
async def test_comments_that_studio_would_choke_on_are_never_sent(embedded: Embedded, words: str) -> None:
    assert (await failure(embedded.client().comment(FIRST, words))).kind is FailureKind.BAD_REQUEST
    assert not embedded.world.calls


async def test_projects_are_approved_rejected_and_assigned(embedded: Embedded) -> None:
    studio = embedded.client()
    auditor, reviewer = (f"a0000000-0000-4000-8000-00000000000{n}" for n in (3, 4))
    pending = "b0000000-0000-4000-8000-000000000002"
    await studio.approve(pending, auditor_id=auditor, reviewer_id=reviewer)
    assert (await studio.project(pending)).status == "in_progress"
    again = await failure(studio.approve(pending, auditor_id=auditor, reviewer_id=reviewer))
    assert (again.kind, again.said) == (FailureKind.BAD_REQUEST, "Project is not pending approval")
    await studio.assign_project(pending, auditor_id=reviewer, reviewer_id=auditor)
    await studio.reject("b0000000-0000-4000-8000-000000000004", "Scope is unclear")
    same = await failure(studio.approve(pending, auditor_id=auditor, reviewer_id=auditor))
    assert same.status is None


async def test_a_request_is_made_and_completed(embedded: Embedded) -> None:
    studio = embedded.client()
    made = await studio.create_request(
        customer_id="a0000000-0000-4000-8000-000000000005", title="Proof", due=1_796_083_200.0
    )
    assert (made.status, made.due) == ("Pending", 1_796_083_200.0)
    assert (await studio.set_request_status(made.id, "Completed")).status == "Completed"


async def test_ids_from_outside_stay_one_segment_of_the_path(embedded: Embedded) -> None:
    for strange in ("../manager/alerts", "a/b?c#d", "..", "%2e%2e"):
        broken = await failure(embedded.client().finding(strange))
        assert broken.kind in (FailureKind.NOT_FOUND, FailureKind.ROUTE_ABSENT)
    assert not embedded.world.calls_of("GET /api/manager/alerts")


async def test_a_login_shows_no_password_and_settings_no_tokens(embedded: Embedded) -> None:
    assert "hidden-password" not in repr(a_login("hidden-password"))
    assert "studio-auditor-token" not in repr(embedded.client().__dict__)
