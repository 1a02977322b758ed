"""Customer routes: dashboard, frameworks, asking for a project, requests received."""

from __future__ import annotations

from compliance_bot.clock import iso
from compliance_bot.sandbox.studio import requests
from compliance_bot.sandbox.studio.calls import Call, mean
from compliance_bot.sandbox.studio.records import Records
from compliance_bot.sandbox.studio.rows import BadDate, Row, javascript_date, new_id
from compliance_bot.sandbox.studio.transport import Answer, answer_data, answer_error, answer_json

NEEDED = ("name", "frameworkId", "scope", "startDate", "endDate", "dueDate")
MISSING = "Project name, framework, scope, start date, end date, and due date are required"
SUBMITTED = "Project request submitted! Awaiting manager approval."
PERSON = ("id", "name", "email", "avatarUrl")


def show_dashboard(records: Records, call: Call) -> Answer:
    """The caller's projects and the plain mean over all of them, pending and rejected included."""
    mine = [row for row in records.projects.values() if row["customerId"] == call.user.id]
    mine.sort(key=lambda row: str(row["updatedAt"]))
    items = [_item(records, row) for row in mine]
    stats = {
        "totalProjects": len(mine),
        "totalEvidence": 0,
        "overallCompliance": mean([item["progress"] for item in items]),
    }
    auditors = dict.fromkeys(row["auditorId"] for row in mine if row["auditorId"])
    assigned = [records.person(auditor, *PERSON) for auditor in auditors]
    return answer_data({"stats": stats, "projects": items, "assignedAuditors": assigned})


def _item(records: Records, project: Row) -> Row:
    return {
        "id": project["id"],
        "name": project["name"],
        "framework": records.framework_name(project),
        "frameworkId": project["frameworkId"],
        "progress": records.progress(project["id"]),
        "controlsComplete": records.complete_count(project["id"]),
        "controlsTotal": len(records.controls_of(project["id"])),
        "evidenceCount": 0,
        "startDate": project["startDate"],
        "dueDate": project["dueDate"],
        "endDate": project["endDate"],
        "status": project["status"],
        "rejectionReason": project["rejectionReason"],
        "auditor": records.person(project["auditorId"], *PERSON),
    }


def list_frameworks(records: Records, _call: Call) -> Answer:
    """The frameworks by name, each with the number of its controls."""
    rows = sorted(records.frameworks.values(), key=lambda row: str(row["name"]))
    return answer_data([_framework(records, row) for row in rows])


def _framework(records: Records, row: Row) -> Row:
    count = sum(control["frameworkId"] == row["id"] for control in records.controls.values())
    shown = {name: row[name] for name in ("id", "name", "description")}
    return {**shown, "_count": {"controls": count}}


def request_project(records: Records, call: Call) -> Answer:
    """Ask for an audit: stored as pending until a manager approves."""
    if not all(call.read(name) for name in NEEDED):
        return answer_error(MISSING, 400)
    customer = records.people.get(call.user.id)
    if customer is None:
        return answer_error("Customer not found", 404)
    framework = records.frameworks.get(str(call.read("frameworkId")))
    if framework is None:
        return answer_error("Framework not found", 404)
    try:
        project = _pending_project(call, customer, framework)
    except BadDate:
        return answer_error("Failed to create project", 500)
    records.projects[project["id"]] = project
    shown = {"id": project["id"], "name": project["name"], "framework": framework["name"]}
    shown |= {"status": "pending", "createdAt": project["createdAt"]}
    return answer_json({"success": True, "data": shown, "message": SUBMITTED}, 201)


def _pending_project(call: Call, customer: Row, framework: Row) -> Row:
    return {
        "id": new_id(),
        "name": str(call.read("name")),
        "customerName": customer["name"],
        "customerId": customer["id"],
        "auditorId": None,
        "frameworkId": framework["id"],
        "status": "pending",
        "rejectionReason": None,
        "reviewerAuditorId": None,
        "description": call.read("description"),
        "scope": call.read("scope"),
        **{name: javascript_date(call.read(name)) for name in ("startDate", "dueDate", "endDate")},
        "createdAt": iso(call.now),
        "updatedAt": iso(call.now),
    }


ROUTES = (
    ("GET", "/api/customer/dashboard", show_dashboard),
    ("GET", "/api/customer/frameworks", list_frameworks),
    ("POST", "/api/customer/projects", request_project),
    ("GET", "/api/customer/requests", requests.list_received),
    ("PUT", "/api/customer/requests/{id}", requests.answer_request),
)
