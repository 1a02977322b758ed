"""For each route a good call, and for each refusal that follows from what is asked the call that meets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from compliance_bot.sandbox.studio.fixture import (
    AUDITOR,
    CUSTOMER,
    FRAMEWORK_IDS,
    SECOND_AUDITOR,
    fixture_id,
)
from compliance_bot.sandbox.studio.identity import FLOW_LIFE, PASSWORD
from compliance_bot.sandbox.studio.refusals import ROUTES
from compliance_bot.sandbox.studio.world import StudioWorld

E1, B1, B2, F1 = fixture_id("e", 1), fixture_id("b", 1), fixture_id("b", 2), fixture_id("f", 1)
PAIR = {"auditorId": AUDITOR, "reviewerAuditorId": SECOND_AUDITOR}
LOGIN = {"method": "password", "identifier": "auditor@rig.test", "password": PASSWORD}
ASKED = {"customerId": CUSTOMER, "title": "T"}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One call. ``path`` empty: the template's own. ``before``: what is done to the world first."""

    path: str = ""
    role: str | None = "customer"
    body: Any = None
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[StudioWorld], Any] | None = None
    """May return a replaced path."""
    gateway: bool = True


def _flow(world: StudioWorld) -> str:
    flow = world.accounts.open_flow("").body.decode().partition('"id":"')[2].partition('"')[0]
    return f"/self-service/login?flow={flow}"


def _old_flow(world: StudioWorld) -> str:
    path = _flow(world)
    world.accounts._flows[path.partition("=")[2]] -= FLOW_LIFE
    return path


def _nobody(world: StudioWorld) -> None:
    world.accounts.allow("studio-nobody-token", "nobody", "customer")


def _spent(world: StudioWorld) -> None:
    world.quota.limit = 0


SESSION = {"Authorization": "Bearer kratos-auditor"}
PROJECT = {
    "name": "P",
    "frameworkId": FRAMEWORK_IDS["SOC 2"],
    "scope": "all",
    "startDate": "2026-12-01",
    "endDate": "2027-12-01",
    "dueDate": "2027-06-01",
}
NEW_FINDING = {
    "title": "T",
    "description": "D",
    "severity": "low",
    "category": "other",
    "type": "manual",
}

GOOD: dict[str, Ask] = {
    "GET /health": Ask(role=None),
    "GET /api/health": Ask(role=None),
    "GET /api/health/database": Ask(role=None),
    "POST /api/auth/token": Ask(role=None, headers=SESSION),
    "POST /api/auth/token/refresh": Ask(role=None, headers=SESSION),
    "POST /api/auth/login": Ask(role=None),
    "GET /self-service/login/api": Ask(role=None),
    "POST /self-service/login": Ask(role=None, body=LOGIN, before=_flow),
    "GET /api/findings": Ask(),
    "POST /api/findings": Ask(body=NEW_FINDING),
    "GET /api/findings/stats": Ask(),
    "GET /api/findings/{id}": Ask(path=f"/api/findings/{E1}"),
    "PUT /api/findings/{id}": Ask(path=f"/api/findings/{E1}", body={"status": "investigating"}),
    "POST /api/findings/{id}/resolve": Ask(path=f"/api/findings/{E1}/resolve", body={}),
    "POST /api/findings/{id}/comments": Ask(path=f"/api/findings/{E1}/comments", body={"content": "c"}),
    "GET /api/manager/alerts": Ask(role="manager"),
    "GET /api/manager/dashboard": Ask(role="manager"),
    "GET /api/manager/projects": Ask(role="manager"),
    "GET /api/manager/projects/{id}": Ask(role="manager", path=f"/api/manager/projects/{B1}"),
    "PATCH /api/manager/projects/{id}": Ask(
        role="manager", path=f"/api/manager/projects/{B1}", body={"name": "N"}
    ),
    "PUT /api/manager/projects/{id}/approve": Ask(
        role="manager", path=f"/api/manager/projects/{B2}/approve", body=PAIR
    ),
    "PUT /api/manager/projects/{id}/reject": Ask(
        role="manager", path=f"/api/manager/projects/{B2}/reject", body={"reason": "r"}
    ),
    "PUT /api/manager/projects/{id}/assign": Ask(
        role="manager", path=f"/api/manager/projects/{B1}/assign", body=PAIR
    ),
    "GET /api/manager/auditors": Ask(role="manager"),
    "GET /api/auditor/dashboard": Ask(role="auditor"),
    "GET /api/auditor/projects": Ask(role="auditor"),
    "PUT /api/auditor/projects/{id}/status": Ask(
        role="auditor", path=f"/api/auditor/projects/{B1}/status", body={"status": "review_pending"}
    ),
    "GET /api/auditor/requests": Ask(role="auditor"),
    "POST /api/auditor/requests": Ask(role="auditor", body=ASKED),
    "PUT /api/auditor/requests/{id}": Ask(
        role="auditor", path=f"/api/auditor/requests/{F1}", body={"status": "Completed"}
    ),
    "GET /api/customer/dashboard": Ask(),
    "GET /api/customer/frameworks": Ask(),
    "POST /api/customer/projects": Ask(body=PROJECT),
    "GET /api/customer/requests": Ask(),
    "PUT /api/customer/requests/{id}": Ask(path=f"/api/customer/requests/{F1}", body={"status": "Completed"}),
}

_OUTSIDER = {"findings": "manager", "manager": "customer", "auditor": "customer", "customer": "auditor"}


def _outsider(route: str) -> str:
    """A role that may not pass there."""
    return _OUTSIDER[route.split("/")[2]]


COMMON: dict[str, Callable[[str], Ask]] = {
    "no_token": lambda route: replace(GOOD[route], role=None),
    "bad_token": lambda route: replace(GOOD[route], role="foreign"),
    "denied_by_policy": lambda route: replace(GOOD[route], role=_outsider(route)),
    "denied_by_role": lambda route: replace(GOOD[route], role=_outsider(route), gateway=False),
    "malformed_json": lambda route: replace(GOOD[route], body=None, raw=b'{"a', headers=JSON),
    "body_too_large": lambda route: replace(GOOD[route], body={"x": "y" * 103_000}),
    "quota_spent": lambda route: replace(GOOD[route], before=_spent),
    "database_away": lambda route: GOOD[route],
}


def _put(tail: str, **body: Any) -> Ask:
    return Ask(role="manager", path=f"/api/manager/projects/{tail}", body=body)


def _step(person: str, status: str, project: str = B1) -> Ask:
    return Ask(role=person, path=f"/api/auditor/projects/{project}/status", body={"status": status})


_APPROVE, _REJECT = "PUT /api/manager/projects/{id}/approve", "PUT /api/manager/projects/{id}/reject"
_ASSIGN, _STATUS = "PUT /api/manager/projects/{id}/assign", "PUT /api/auditor/projects/{id}/status"
_UPDATE = "PUT /api/findings/{id}"
OWN: dict[tuple[str, str], Ask] = {
    ("POST /api/auth/token", "no_session"): Ask(role="manager"),
    ("POST /api/auth/token/refresh", "no_session"): Ask(role=None),
    ("POST /api/auth/login", "retired"): Ask(role=None, body={"email": "a", "password": "b"}),
    ("POST /self-service/login", "unknown_flow"): Ask(
        role=None, body=LOGIN, path="/self-service/login?flow=none"
    ),
    ("POST /self-service/login", "flow_expired"): Ask(role=None, body=LOGIN, before=_old_flow),
    ("POST /self-service/login", "wrong_password"): Ask(
        role=None, body={**LOGIN, "password": "x"}, before=_flow
    ),
    ("GET /api/findings", "bad_page"): Ask(path="/api/findings?page=0"),
    ("GET /api/findings", "bad_limit"): Ask(path="/api/findings?limit=abc"),
    ("GET /api/findings", "unknown_filter"): Ask(path="/api/findings?severity=critical,high"),
    ("POST /api/findings", "incomplete"): Ask(body={"title": "T"}),
    ("GET /api/findings/{id}", "unknown_finding"): Ask(path="/api/findings/none"),
    (_UPDATE, "unknown_finding"): Ask(path="/api/findings/none", body={"status": "open"}),
    (_UPDATE, "unknown_status"): Ask(path=f"/api/findings/{E1}", body={"status": "acknowledged"}),
    (_UPDATE, "unknown_assignee"): Ask(path=f"/api/findings/{E1}", body={"assignedToId": "none"}),
    (_UPDATE, "bad_date"): Ask(path=f"/api/findings/{E1}", body={"dueDate": "soon"}),
    ("POST /api/findings/{id}/resolve", "unknown_finding"): Ask(path="/api/findings/none/resolve"),
    ("POST /api/findings/{id}/comments", "unknown_finding"): Ask(
        path="/api/findings/none/comments", body={"content": "c"}
    ),
    ("POST /api/findings/{id}/comments", "no_content"): Ask(path=f"/api/findings/{E1}/comments", body={}),
    ("GET /api/manager/projects/{id}", "unknown_project"): Ask(
        role="manager", path="/api/manager/projects/none"
    ),
    ("PATCH /api/manager/projects/{id}", "unknown_project"): _put("none", name="N"),
    ("PATCH /api/manager/projects/{id}", "bad_date"): _put(B1, dueDate="soon"),
    (_APPROVE, "people_missing"): _put(f"{B2}/approve", auditorId=AUDITOR),
    (_APPROVE, "same_person"): _put(f"{B2}/approve", auditorId=AUDITOR, reviewerAuditorId=AUDITOR),
    (_APPROVE, "not_pending"): _put(f"{B1}/approve", **PAIR),
    (_APPROVE, "unknown_project"): _put("none/approve", **PAIR),
    (_APPROVE, "unknown_person"): _put(f"{B2}/approve", auditorId="none", reviewerAuditorId=AUDITOR),
    (_APPROVE, "bad_date"): _put(f"{B2}/approve", **PAIR, dueDate="soon"),
    (_REJECT, "no_reason"): _put(f"{B2}/reject", reason="  "),
    (_REJECT, "not_pending"): _put(f"{B1}/reject", reason="r"),
    (_REJECT, "unknown_project"): _put("none/reject", reason="r"),
    (_REJECT, "reason_is_no_text"): _put(f"{B2}/reject", reason=["r"]),
    (_ASSIGN, "no_auditor"): _put(f"{B1}/assign", reviewerAuditorId=AUDITOR),
    (_ASSIGN, "no_reviewer"): _put(f"{B1}/assign", auditorId=AUDITOR),
    (_ASSIGN, "same_person"): _put(f"{B1}/assign", auditorId=AUDITOR, reviewerAuditorId=AUDITOR),
    (_ASSIGN, "unknown_auditor"): _put(f"{B1}/assign", auditorId="none", reviewerAuditorId=AUDITOR),
    (_ASSIGN, "unknown_project"): _put("none/assign", **PAIR),
    (_ASSIGN, "unknown_reviewer"): _put(f"{B1}/assign", auditorId=AUDITOR, reviewerAuditorId="none"),
    (_ASSIGN, "bad_date"): _put(f"{B1}/assign", **PAIR, dueDate="soon"),
    (_STATUS, "not_the_auditor"): _step("auditor2", "review_pending"),
    (_STATUS, "not_the_reviewer"): _step("auditor", "approved"),
    (_STATUS, "not_to_return"): _step("auditor", "returned"),
    (_STATUS, "not_assigned"): _step("auditor", "completed", B2),
    (_STATUS, "nothing_flagged"): _step("auditor2", "returned"),
    (_STATUS, "unknown_project"): _step("auditor", "completed", "none"),
    (_STATUS, "unknown_status"): _step("auditor", "nonsense"),
    ("POST /api/auditor/requests", "incomplete"): Ask(role="auditor", body={"customerId": CUSTOMER}),
    ("POST /api/auditor/requests", "unknown_customer"): Ask(
        role="auditor", body={**ASKED, "customerId": "none"}
    ),
    ("POST /api/auditor/requests", "unknown_project"): Ask(
        role="auditor", body={**ASKED, "projectId": "none"}
    ),
    ("POST /api/auditor/requests", "unknown_control"): Ask(
        role="auditor", body={**ASKED, "controlId": "none"}
    ),
    ("POST /api/auditor/requests", "bad_date"): Ask(role="auditor", body={**ASKED, "dueDate": "soon"}),
    ("PUT /api/auditor/requests/{id}", "unknown_request"): Ask(
        role="auditor", path="/api/auditor/requests/none", body={"status": "Completed"}
    ),
    ("POST /api/customer/projects", "incomplete"): Ask(body={"name": "P"}),
    ("POST /api/customer/projects", "unknown_customer"): Ask(role="nobody", body=PROJECT, before=_nobody),
    ("POST /api/customer/projects", "unknown_framework"): Ask(body={**PROJECT, "frameworkId": "soc2"}),
    ("POST /api/customer/projects", "bad_date"): Ask(body={**PROJECT, "dueDate": "soon"}),
    ("PUT /api/customer/requests/{id}", "unknown_request"): Ask(
        path="/api/customer/requests/none", body={"status": "Completed"}
    ),
}


def case(route: str, name: str) -> Ask:
    """The call that meets that refusal; one from inside Studio meets a good call."""
    if not ROUTES[route][name].asked:
        return GOOD[route]
    return OWN.get((route, name)) or COMMON[name](route)
