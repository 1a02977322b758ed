"""Auditor routes: dashboard, projects, their status, requests."""

from __future__ import annotations

from compliance_bot.clock import iso
from compliance_bot.sandbox.studio import requests
from compliance_bot.sandbox.studio.calls import Call
from compliance_bot.sandbox.studio.records import Records
from compliance_bot.sandbox.studio.rows import PROJECT_STATUSES, Row
from compliance_bot.sandbox.studio.transport import Answer, answer_data, answer_error, answer_json

NO_TIME = {"totalDuration": 0, "reviewDuration": 0, "auditDuration": 0}


def _mine(records: Records, call: Call) -> list[Row]:
    people = ("auditorId", "reviewerAuditorId")
    rows = [
        row
        for row in records.projects.values()
        if call.user.role == "manager" or any(row[name] == call.user.id for name in people)
    ]
    return sorted(rows, key=lambda row: str(row["updatedAt"]), reverse=True)


def show_dashboard(records: Records, call: Call) -> Answer:
    """The caller's counters, under ``stats`` and not ``data``."""
    mine = [row for row in records.projects.values() if row["auditorId"] == call.user.id]
    sent = [row for row in records.requests.values() if row["auditorId"] == call.user.id]
    stats = {
        "assignedCustomers": len({row["customerId"] for row in mine}),
        "activeProjects": sum(row["status"] != "completed" for row in mine),
        "pendingRequests": sum(row["status"] == "Pending" for row in sent),
        "upcomingEvents": 0,
        "userTimeMetrics": NO_TIME,
    }
    return answer_json({"success": True, "stats": stats})


def list_projects(records: Records, call: Call) -> Answer:
    """The caller's projects (a manager's: all), most recently updated first."""
    return answer_data([_item(records, row, call) for row in _mine(records, call)])


def _role(project: Row, call: Call) -> str:
    if project["auditorId"] == call.user.id:
        return "auditor"
    return "reviewer" if project["reviewerAuditorId"] == call.user.id else "manager"


def _item(records: Records, project: Row, call: Call) -> Row:
    metrics = {
        "progress": records.progress(project["id"]),
        "completedControls": records.complete_count(project["id"]),
        "totalControls": len(records.controls_of(project["id"])),
        "totalEvidence": 0,
        **NO_TIME,
    }
    return {
        "id": project["id"],
        "name": project["name"],
        "customerId": project["customerId"],
        "customer": records.person(project["customerId"], "id", "name", "avatarUrl"),
        "customerName": project["customerName"],
        "customerAvatar": None,
        "frameworkName": records.framework_name(project),
        "status": project["status"],
        "startDate": project["startDate"],
        "dueDate": project["dueDate"],
        "endDate": project["endDate"],
        "role": _role(project, call),
        "metrics": metrics,
    }


def set_status(records: Records, call: Call) -> Answer:
    """Through review: each step by its own person; the present state is not looked at."""
    project = records.projects.get(call.params["id"])
    if project is None:
        return answer_error("Project not found", 404)
    refusal = _refuse_step(records, project, call)
    if refusal is not None:
        return refusal
    status = call.read("status")
    if status not in PROJECT_STATUSES:
        return answer_error("Failed to update status", 500)
    records.projects[project["id"]] = {**project, "status": status, "updatedAt": iso(call.now)}
    return answer_data({"id": project["id"], "status": status})


def _refuse_step(records: Records, project: Row, call: Call) -> Answer | None:
    status = call.read("status")
    is_auditor = project["auditorId"] == call.user.id
    is_reviewer = project["reviewerAuditorId"] == call.user.id
    if status == "review_pending" and not is_auditor:
        return answer_error("Only the assigned auditor can submit for review", 403)
    if status in ("approved", "returned") and not is_reviewer:
        verb = "approve" if status == "approved" else "return"
        return answer_error(f"Only the assigned reviewer can {verb}", 403)
    if not is_auditor and not is_reviewer:
        return answer_error("Not authorized to update this project", 403)
    if status == "returned" and not _is_marked(records, project):
        return answer_error("Cannot return report without flags or reviewer notes", 400)
    return None


def _is_marked(records: Records, project: Row) -> bool:
    return any(row["isFlagged"] or row["reviewerNotes"] for row in records.controls_of(project["id"]))


ROUTES = (
    ("GET", "/api/auditor/dashboard", show_dashboard),
    ("GET", "/api/auditor/projects", list_projects),
    ("PUT", "/api/auditor/projects/{id}/status", set_status),
    ("GET", "/api/auditor/requests", requests.list_sent),
    ("POST", "/api/auditor/requests", requests.create_request),
    ("PUT", "/api/auditor/requests/{id}", requests.update_request),
)
