"""Every route of the embedded Studio as data: the refusals that the real one can give, and why.

Source: Studio's published contract and the recorded answers of its backend. ``asked`` refusals follow from
what is asked, by whom, and how the world stands; the others come from inside Studio and are given
when a test or the page asks for them (``StudioState.refuse``). Studio answers bad input and outages
alike with a 500 and one fixed sentence a route.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One refusal. ``body``: the JSON, of which an answer may say more; text: a piece of the HTML."""

    status: int
    body: Mapping[str, Any] | str
    cause: str
    asked: bool = True


Table = Mapping[str, Refusal]


def _error(status: int, sentence: str, cause: str, *, asked: bool = True) -> Refusal:
    return Refusal(status=status, body={"error": sentence}, cause=cause, asked=asked)


def _failed(sentence: str, **causes: str) -> dict[str, Refusal]:
    """The fixed 500 of a route: for each cause in what was asked, and for a database that is away."""
    given = {name: _error(500, sentence, cause) for name, cause in causes.items()}
    return given | {"database_away": _error(500, sentence, "PostgreSQL does not answer", asked=False)}


_QUOTA = {
    "quota_spent": Refusal(
        status=429,
        body={"success": False},
        cause="the hour's quota is used up; documented, not in the published build",
    )
}
_TOKEN = {
    "no_token": _error(401, "Authentication required", "no bearer token and no cookie"),
    "bad_token": _error(401, "Invalid or expired token", "a token that is foreign, expired or revoked"),
}
_GATEWAY = {
    "denied_by_policy": Refusal(
        status=403, body={"message": "Access denied"}, cause="the gateway's policy does not let the role pass"
    )
}
_ROLE = {
    "denied_by_role": _error(403, "Insufficient permissions", "the backend's own look at the token's role")
}
_BODY = {
    "malformed_json": Refusal(status=400, body="SyntaxError", cause="the body calls itself JSON and is none"),
    "body_too_large": Refusal(
        status=413, body="PayloadTooLargeError", cause="more than 100 kB of JSON; refused before who asks"
    ),
}
_LOGGED_OUT = "no Kratos session in cookie or bearer; a JWT is none"
_NO_PROJECT = {"unknown_project": _error(404, "Project not found", "no project of that id")}
_NOT_PENDING = {
    "not_pending": _error(400, "Project is not pending approval", "decided already, or never asked for")
}

_OWN: dict[str, Table] = {
    "GET /health": {},
    "GET /api/health": {},
    "GET /api/health/database": {
        "disconnected": Refusal(
            status=503,
            body={"status": "unhealthy", "database": "disconnected", "error": "Connection refused"},
            cause="documented; the published build stays healthy without its database",
            asked=False,
        )
    },
    "POST /api/auth/token": {
        "no_session": Refusal(
            status=401, body={"success": False, "error": "No valid session found"}, cause=_LOGGED_OUT
        ),
        "failure": Refusal(
            status=500,
            body={"success": False, "error": "Failed to issue token"},
            cause="documented as a failure without its sentence",
            asked=False,
        ),
    },
    "POST /api/auth/token/refresh": {
        "no_session": Refusal(
            status=401, body={"success": False, "error": "Session expired"}, cause=_LOGGED_OUT
        )
    },
    "POST /api/auth/login": {
        "retired": _error(
            410, "Legacy login is disabled. Please use Kratos authentication.", "whatever is asked"
        )
    },
    "GET /self-service/login/api": {},
    "POST /self-service/login": {
        "unknown_flow": Refusal(
            status=404, body={"error": {"code": 404, "status": "Not Found"}}, cause="no flow of that id"
        ),
        "flow_expired": Refusal(
            status=410,
            body={"error": {"code": 410, "id": "self_service_flow_expired"}},
            cause="the flow was opened too long ago",
        ),
        "wrong_password": Refusal(
            status=400, body={"type": "api"}, cause="the form comes back with a message in it"
        ),
    },
    "GET /api/findings": _failed(
        "Failed to fetch findings",
        bad_page="page 0, below, or no number",
        bad_limit="a limit that is no number",
        unknown_filter="an enum value that is unknown, upper-case or a list",
    ),
    "POST /api/findings": _failed("Failed to create finding", incomplete="a field missing or unknown"),
    "GET /api/findings/stats": _failed("Failed to fetch finding stats"),
    "GET /api/findings/{id}": {
        "unknown_finding": _error(404, "Finding not found", "deleted, or never there"),
        **_failed("Failed to fetch finding"),
    },
    "PUT /api/findings/{id}": _failed(
        "Failed to update finding",
        unknown_finding="deleted, or never there",
        unknown_status="a status that the model does not know",
        unknown_assignee="nobody of that id",
        bad_date="a due date that cannot be read",
    ),
    "POST /api/findings/{id}/resolve": _failed("Failed to resolve finding", unknown_finding="deleted"),
    "POST /api/findings/{id}/comments": _failed(
        "Failed to add comment", unknown_finding="deleted", no_content="no text in the body"
    ),
    "GET /api/manager/alerts": _failed("Failed to fetch alerts"),
    "GET /api/manager/dashboard": _failed("Failed to fetch dashboard"),
    "GET /api/manager/projects": _failed("Failed to fetch projects"),
    "GET /api/manager/projects/{id}": {**_NO_PROJECT, **_failed("Failed to fetch project")},
    "PATCH /api/manager/projects/{id}": {
        **_NO_PROJECT,
        **_failed("Failed to update project", bad_date="a date that cannot be read"),
    },
    "PUT /api/manager/projects/{id}/approve": {
        "people_missing": _error(400, "Both Auditor and Reviewer must be assigned.", "one or both missing"),
        "same_person": _error(400, "Auditor and Reviewer cannot be the same person.", "one id twice"),
        **_NOT_PENDING,
        **_NO_PROJECT,
        **_failed(
            "Failed to approve project",
            unknown_person="an id that is nobody's; the project stays pending",
            bad_date="a due date that cannot be read",
        ),
    },
    "PUT /api/manager/projects/{id}/reject": {
        "no_reason": _error(400, "Rejection reason is required", "no reason, or a blank one"),
        **_NOT_PENDING,
        **_NO_PROJECT,
        **_failed("Failed to reject project", reason_is_no_text="a reason of another type"),
    },
    "PUT /api/manager/projects/{id}/assign": {
        "no_auditor": _error(400, "Auditor ID is required", "no auditor"),
        "no_reviewer": _error(
            400, "Reviewer ID is required. Every project must have a reviewer.", "no reviewer"
        ),
        "same_person": _error(400, "Auditor and Reviewer cannot be the same person.", "one id twice"),
        "unknown_auditor": _error(404, "Auditor not found", "an auditor who is nobody"),
        **_NO_PROJECT,
        **_failed(
            "Failed to assign project",
            unknown_reviewer="a reviewer who is nobody",
            bad_date="a due date that cannot be read",
        ),
    },
    "GET /api/manager/auditors": _failed("Failed to fetch auditors"),
    "GET /api/auditor/dashboard": _failed("Failed to fetch dashboard"),
    "GET /api/auditor/projects": _failed("Failed to fetch projects"),
    "PUT /api/auditor/projects/{id}/status": {
        "not_the_auditor": _error(403, "Only the assigned auditor can submit for review", "another person"),
        "not_the_reviewer": _error(403, "Only the assigned reviewer can approve", "another person"),
        "not_to_return": _error(403, "Only the assigned reviewer can return", "another person"),
        "not_assigned": _error(403, "Not authorized to update this project", "neither of the two"),
        "nothing_flagged": _error(
            400, "Cannot return report without flags or reviewer notes", "returned without a mark"
        ),
        **_NO_PROJECT,
        **_failed("Failed to update status", unknown_status="a status that the model does not know"),
    },
    "GET /api/auditor/requests": _failed("Failed to fetch requests"),
    "POST /api/auditor/requests": {
        "incomplete": _error(400, "Customer and title are required", "one or both missing"),
        **_failed(
            "Failed to create request",
            unknown_customer="nobody of that id",
            unknown_project="no project of that id",
            unknown_control="an id that is no control of a project",
            bad_date="a due date that cannot be read",
        ),
    },
    "PUT /api/auditor/requests/{id}": _failed(
        "Failed to update request", unknown_request="no request of that id"
    ),
    "GET /api/customer/dashboard": _failed("Failed to fetch dashboard"),
    "GET /api/customer/frameworks": _failed("Failed to fetch frameworks"),
    "POST /api/customer/projects": {
        "incomplete": _error(
            400,
            "Project name, framework, scope, start date, end date, and due date are required",
            "a field missing",
        ),
        "unknown_customer": _error(404, "Customer not found", "a token of nobody"),
        "unknown_framework": _error(404, "Framework not found", "a name in place of the id"),
        **_failed("Failed to create project", bad_date="a date that cannot be read"),
    },
    "GET /api/customer/requests": _failed("Failed to fetch requests"),
    "PUT /api/customer/requests/{id}": {
        "unknown_request": _error(404, "Request not found", "unknown, or somebody else's"),
        **_failed("Failed to update request"),
    },
}


def _common(route: str) -> dict[str, Refusal]:
    """What a route refuses because of the token, the role, the body's form or the quota."""
    method, _, path = route.partition(" ")
    table = dict(_BODY) if method in ("POST", "PUT", "PATCH") else {}
    if path.startswith("/api/"):
        table |= _QUOTA
    if path.startswith(("/api/findings", "/api/manager/", "/api/auditor/", "/api/customer/")):
        table |= _TOKEN | _GATEWAY
    if path.startswith(("/api/manager/", "/api/auditor/", "/api/customer/")):
        table |= _ROLE
    return table


ROUTES: Mapping[str, Table] = {route: {**_common(route), **own} for route, own in _OWN.items()}
"""``METHOD /api/template`` → what it refuses, by name."""
