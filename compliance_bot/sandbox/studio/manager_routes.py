"""Manager routes: alerts, dashboard, projects, auditors; decisions stand in ``approvals``."""

from __future__ import annotations

from collections import Counter

from compliance_bot.sandbox.studio import approvals
from compliance_bot.sandbox.studio.calls import Call, mean
from compliance_bot.sandbox.studio.records import Records
from compliance_bot.sandbox.studio.rows import Row, seconds
from compliance_bot.sandbox.studio.transport import Answer, answer_data, answer_error

STALLED_BELOW = 20
"""Per cent of progress under which an approved project counts as stalled."""
COMPLETE = 100


def list_alerts(records: Records, call: Call) -> Answer:
    """Approvals waiting, overdue, stalled; the latter two look at status ``approved`` only."""
    projects = list(records.projects.values())
    approved = [row for row in projects if row["status"] == "approved"]
    waiting = [_waiting(records, row) for row in projects if row["status"] == "pending"]
    overdue = [_overdue(records, row) for row in approved if _is_overdue(row, call.now)]
    stalled = [_stalled(row) for row in approved if records.progress(row["id"]) < STALLED_BELOW]
    return answer_data([*waiting, *overdue, *stalled])


def _is_overdue(project: Row, now: float) -> bool:
    return project["dueDate"] is not None and seconds(project["dueDate"]) < now


def _alert(kind: str, severity: str, project: Row, title: str, description: str) -> Row:
    return {
        "type": kind,
        "severity": severity,
        "title": f"{title}: {project['name']}",
        "description": description,
        "entityId": project["id"],
        "entityType": "project",
    }


def _waiting(records: Records, project: Row) -> Row:
    asked = f"{project['customerName']} requested {records.framework_name(project)} audit"
    alert = _alert("pending_approval", "warning", project, "Project Approval Required", asked)
    return {**alert, "createdAt": project["createdAt"]}


def _overdue(records: Records, project: Row) -> Row:
    auditor = records.people.get(project["auditorId"])
    assigned = f"Assigned to {auditor['name']}" if auditor else "Assigned to Unassigned"
    return {**_alert("overdue", "error", project, "Overdue", assigned), "dueDate": project["dueDate"]}


def _stalled(project: Row) -> Row:
    words = "Less than 20% progress - needs attention"
    return _alert("stalled", "warning", project, "Stalled Project", words)


def show_dashboard(records: Records, _call: Call) -> Answer:
    """Totals, the mean compliance of *approved* projects, projects by status."""
    projects = list(records.projects.values())
    statuses = Counter(row["status"] for row in projects)
    roles = Counter(row["role"] for row in records.people.values())
    scores = [records.progress(row["id"]) for row in projects if row["status"] == "approved"]
    totals = {
        "projects": len(projects),
        "pendingApprovals": statuses["pending"],
        "customers": roles["customer"],
        "auditors": roles["auditor"],
    }
    known = [status for status in ("pending", "in_progress") if status in statuses]
    order = [*known, *(status for status in statuses if status not in known)]
    return answer_data(
        {
            "totals": totals,
            "compliance": mean(scores),
            "projectsByStatus": [{"status": status, "count": statuses[status]} for status in order],
        }
    )


def list_projects(records: Records, _call: Call) -> Answer:
    """Every project, newest first by creation; no paging."""
    rows = sorted(records.projects.values(), key=lambda row: str(row["createdAt"]), reverse=True)
    return answer_data([_project_item(records, row) for row in rows])


def _project_item(records: Records, project: Row) -> Row:
    return {
        "id": project["id"],
        "name": project["name"],
        "framework": records.framework_name(project),
        "customer": records.person(project["customerId"], "id", "name", "email"),
        "auditor": records.person(project["auditorId"], "id", "name", "email"),
        "reviewer": records.person(project["reviewerAuditorId"], "id", "name", "email"),
        "dueDate": project["dueDate"],
        "startDate": project["startDate"],
        "endDate": project["endDate"],
        "progress": records.progress(project["id"]),
        "controlsComplete": records.complete_count(project["id"]),
        "controlsTotal": len(records.controls_of(project["id"])),
        "createdAt": project["createdAt"],
        "status": project["status"],
    }


def show_project(records: Records, call: Call) -> Answer:
    """One project with its controls by category."""
    project = records.projects.get(call.params["id"])
    if project is None:
        return answer_error(approvals.NOT_FOUND, 404)
    return answer_data(
        {
            "id": project["id"],
            "name": project["name"],
            "framework": records.frameworks[project["frameworkId"]],
            "customer": records.person(project["customerId"], "id", "name", "email", "avatarUrl"),
            "auditor": records.person(project["auditorId"], "id", "name", "email", "avatarUrl"),
            "status": project["status"],
            "startDate": project["startDate"],
            "dueDate": project["dueDate"],
            "endDate": project["endDate"],
            "progress": records.progress(project["id"]),
            "categories": _categories(records, project["id"]),
        }
    )


def _categories(records: Records, project_id: str) -> list[Row]:
    rows = records.controls_of(project_id)
    names = sorted({str(records.controls[row["controlId"]]["category"]) for row in rows})
    return [_category(records, name, rows) for name in names]


def _category(records: Records, name: str, rows: list[Row]) -> Row:
    mine = [row for row in rows if records.controls[row["controlId"]]["category"] == name]
    return {
        "name": name,
        "controls": [_control(records, row) for row in mine],
        "totalControls": len(mine),
        "completedControls": sum(row["progress"] >= COMPLETE for row in mine),
        "progress": mean([row["progress"] for row in mine]),
    }


def _control(records: Records, row: Row) -> Row:
    control = records.controls[row["controlId"]]
    return {
        "id": row["id"],
        "controlId": control["id"],
        "code": control["code"],
        "title": control["title"],
        "description": control["description"],
        "tags": control["tags"],
        "progress": row["progress"],
        "evidenceCount": row["evidenceCount"],
        "evidence": [],
        "notes": row["notes"],
    }


def list_auditors(records: Records, _call: Call) -> Answer:
    """The people whose role is auditor, each with the number of projects."""
    auditors = [row for row in records.people.values() if row["role"] == "auditor"]
    load = Counter(row["auditorId"] for row in records.projects.values())
    fields = ("id", "name", "email", "avatarUrl")
    return answer_data(
        [
            {**{name: row[name] for name in fields}, "_count": {"auditorProjects": load[row["id"]]}}
            for row in auditors
        ]
    )


ROUTES = (
    ("GET", "/api/manager/alerts", list_alerts),
    ("GET", "/api/manager/dashboard", show_dashboard),
    ("GET", "/api/manager/projects", list_projects),
    ("GET", "/api/manager/projects/{id}", show_project),
    ("PATCH", "/api/manager/projects/{id}", approvals.edit_project),
    ("PUT", "/api/manager/projects/{id}/approve", approvals.approve_project),
    ("PUT", "/api/manager/projects/{id}/reject", approvals.reject_project),
    ("PUT", "/api/manager/projects/{id}/assign", approvals.assign_project),
    ("GET", "/api/manager/auditors", list_auditors),
)
