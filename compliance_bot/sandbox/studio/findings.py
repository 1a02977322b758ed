"""Findings routes: list, statistics, detail, update, resolve, comment, create."""

from __future__ import annotations

import math
from typing import Any

from compliance_bot.clock import iso
from compliance_bot.sandbox.studio.calls import Call, parse_int
from compliance_bot.sandbox.studio.records import Records
from compliance_bot.sandbox.studio.rows import (
    CATEGORIES,
    FINDING_FIELDS,
    SEVERITIES,
    STATUSES,
    BadDate,
    javascript_date,
)
from compliance_bot.sandbox.studio.transport import Answer, answer_data, answer_error, compact

ENUMS = {"severity": SEVERITIES, "status": STATUSES, "category": CATEGORIES}
FETCH_FAILED = "Failed to fetch findings"
UPDATE_FAILED = "Failed to update finding"
CREATE_FAILED = "Failed to create finding"
COMMENT_FAILED = "Failed to add comment"


def list_findings(records: Records, call: Call) -> Answer:
    """One page by offset, no cap; anything that the database would not take is a 500."""
    page, limit = parse_int(call.query.get("page", "1")), parse_int(call.query.get("limit", "50"))
    if page is None or limit is None or page < 1 or limit < 0 or not _known_filters(call):
        return answer_error(FETCH_FAILED, 500)
    keys = records.findings.select(call.query)
    offset = (page - 1) * limit
    rows = b",".join(records.findings.listed(key) for key in keys[offset : offset + limit])
    pagination = {
        "total": len(keys),
        "page": page,
        "limit": limit,
        "pages": math.ceil(len(keys) / limit) if limit else None,
    }
    body = b'{"success":true,"data":[' + rows + b'],"pagination":' + compact(pagination) + b"}"
    return Answer(status=200, body=body)


def _known_filters(call: Call) -> bool:
    return all(call.query.get(name) in (None, "", *values) for name, values in ENUMS.items())


def count_findings(records: Records, _call: Call) -> Answer:
    """Three independent breakdowns over every status; empty buckets are left out."""
    findings = records.findings
    return answer_data(
        {
            "total": len(findings),
            "bySeverity": findings.count_by("severity"),
            "byStatus": findings.count_by("status"),
            "byCategory": findings.count_by("category"),
        }
    )


def show_finding(records: Records, call: Call) -> Answer:
    """The whole row with integration (and its credentials), agent, people and comments."""
    if call.params["id"] not in records.findings:
        return answer_error("Finding not found", 404)
    return answer_data(records.detail(call.params["id"]))


def update_finding(records: Records, call: Call) -> Answer:
    """Status, assignee, due date; falsy values are skipped, every refusal is the same 500."""
    finding_id = call.params["id"]
    row = records.findings.get(finding_id)
    if row is None:
        return answer_error(UPDATE_FAILED, 500)
    changes: dict[str, Any] = {
        name: call.read(name) for name in ("status", "assignedToId", "dueDate") if call.read(name)
    }
    if "status" in changes and changes["status"] not in STATUSES:
        return answer_error(UPDATE_FAILED, 500)
    if "assignedToId" in changes and not _is_person(records, changes["assignedToId"]):
        return answer_error(UPDATE_FAILED, 500)
    try:
        if "dueDate" in changes:
            changes["dueDate"] = javascript_date(changes["dueDate"])
    except BadDate:
        return answer_error(UPDATE_FAILED, 500)
    return answer_data(records.findings.change(finding_id, **changes) if changes else row)


def _is_person(records: Records, value: Any) -> bool:
    return isinstance(value, str) and value in records.people


def resolve_finding(records: Records, call: Call) -> Answer:
    """Stamp who and when, also over an earlier stamp."""
    finding_id = call.params["id"]
    if finding_id not in records.findings or call.user.id not in records.people:
        return answer_error("Failed to resolve finding", 500)
    stamp = {"status": "resolved", "resolvedAt": iso(call.now), "resolvedById": call.user.id}
    return answer_data(records.findings.change(finding_id, **stamp))


def comment_finding(records: Records, call: Call) -> Answer:
    """Add a comment as the token's user; ``updatedAt`` does not move."""
    author = records.people.get(call.user.id)
    content = call.read("content")
    if call.params["id"] not in records.findings or author is None or not isinstance(content, str):
        return answer_error(COMMENT_FAILED, 500)
    return answer_data(records.findings.comment(call.params["id"], author, content), 201)


def create_finding(records: Records, call: Call) -> Answer:
    """Add a finding by hand, open."""
    needed = {name: call.read(name) for name in ("title", "description", "severity", "category", "type")}
    optional = {name: call.read(name) for name in ("integrationId", "affectedResource", "recommendation")}
    texts = all(isinstance(value, str) for value in needed.values())
    optional_texts = all(value is None or isinstance(value, str) for value in optional.values())
    if not texts or not optional_texts or not _row_is_possible(records, {**needed, **optional}):
        return answer_error(CREATE_FAILED, 500)
    finding_id = records.findings.add(**needed, **optional)
    row = records.findings.get(finding_id) or {}
    return answer_data({name: row[name] for name in FINDING_FIELDS}, 201)


def _row_is_possible(records: Records, fields: dict[str, Any]) -> bool:
    integration = fields["integrationId"]
    known = integration is None or integration in records.integrations
    return known and fields["severity"] in SEVERITIES and fields["category"] in CATEGORIES


ROUTES = (
    ("GET", "/api/findings", list_findings),
    ("POST", "/api/findings", create_finding),
    ("GET", "/api/findings/stats", count_findings),
    ("GET", "/api/findings/{id}", show_finding),
    ("PUT", "/api/findings/{id}", update_finding),
    ("POST", "/api/findings/{id}/resolve", resolve_finding),
    ("POST", "/api/findings/{id}/comments", comment_finding),
)
