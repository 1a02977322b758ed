"""What a manager decides of a project: approve, reject, assign, edit."""

from __future__ import annotations

from typing import Any

from compliance_bot.clock import iso
from compliance_bot.sandbox.studio.calls import Call
from compliance_bot.sandbox.studio.fixture import project_control
from compliance_bot.sandbox.studio.records import Records
from compliance_bot.sandbox.studio.rows import BadDate, Row, javascript_date, new_id
from compliance_bot.sandbox.studio.transport import Answer, answer_data, answer_error, answer_json

NOT_FOUND = "Project not found"
NOT_PENDING = "Project is not pending approval"
SAME_PERSON = "Auditor and Reviewer cannot be the same person."
APPROVE_FAILED = "Failed to approve project"


def approve_project(records: Records, call: Call) -> Answer:
    """Two different people of any role; the status first, everything else after it."""
    auditor, reviewer = call.read("auditorId"), call.read("reviewerAuditorId")
    if not auditor or not reviewer:
        return answer_error("Both Auditor and Reviewer must be assigned.", 400)
    if auditor == reviewer:
        return answer_error(SAME_PERSON, 400)
    project = records.projects.get(call.params["id"])
    if project is None:
        return answer_error(NOT_FOUND, 404)
    if project["status"] != "pending":
        return answer_error(NOT_PENDING, 400)
    changes = _staffing(records, call)
    if changes is None:
        return answer_error(APPROVE_FAILED, 500)
    _write(records, project, call.now, status="in_progress", **changes)
    made = _copy_controls(records, project)
    return answer_json({"success": True, "message": f"Project approved with {made} controls created"})


def _staffing(records: Records, call: Call) -> Row | None:
    """Auditor, reviewer and due date as the body names them; None where the database would refuse."""
    changes: Row = {name: call.read(name) for name in ("auditorId", "reviewerAuditorId")}
    if any(not isinstance(value, str) or value not in records.people for value in changes.values()):
        return None
    return _with_due(changes, call.read("dueDate"))


def _with_due(changes: Row, due: Any) -> Row | None:
    try:
        return {**changes, "dueDate": javascript_date(due)} if due else changes
    except BadDate:
        return None


def _write(records: Records, project: Row, now: float, **changes: Any) -> Row:
    row = {**project, **changes, "updatedAt": iso(now)}
    records.projects[row["id"]] = row
    return row


def _copy_controls(records: Records, project: Row) -> int:
    template = [row for row in records.controls.values() if row["frameworkId"] == project["frameworkId"]]
    for control in template:
        copy = project_control(new_id(), project["id"], control["id"])
        records.project_controls[copy["id"]] = copy
    return len(template)


def reject_project(records: Records, call: Call) -> Answer:
    """A reason that is not blank; anything but text is a 500."""
    reason = call.read("reason")
    if reason and not isinstance(reason, str):
        return answer_error("Failed to reject project", 500)
    if not reason or not reason.strip():
        return answer_error("Rejection reason is required", 400)
    project = records.projects.get(call.params["id"])
    if project is None:
        return answer_error(NOT_FOUND, 404)
    if project["status"] != "pending":
        return answer_error(NOT_PENDING, 400)
    _write(records, project, call.now, status="rejected", rejectionReason=reason)
    return answer_json({"success": True, "message": "Project rejected"})


def assign_project(records: Records, call: Call) -> Answer:
    """Give a project to an auditor and a reviewer; only the auditor is looked up."""
    refusal = _refuse_people(call)
    if refusal is not None:
        return refusal
    project = records.projects.get(call.params["id"])
    if project is None:
        return answer_error(NOT_FOUND, 404)
    auditor = records.people.get(str(call.read("auditorId")))
    if auditor is None:
        return answer_error("Auditor not found", 404)
    changes = _staffing(records, call)
    if changes is None:
        return answer_error("Failed to assign project", 500)
    _write(records, project, call.now, **changes)
    return answer_json({"success": True, "message": f"Project assigned to {auditor['name']}"})


def _refuse_people(call: Call) -> Answer | None:
    if not call.read("auditorId"):
        return answer_error("Auditor ID is required", 400)
    if not call.read("reviewerAuditorId"):
        return answer_error("Reviewer ID is required. Every project must have a reviewer.", 400)
    if call.read("auditorId") == call.read("reviewerAuditorId"):
        return answer_error(SAME_PERSON, 400)
    return None


def edit_project(records: Records, call: Call) -> Answer:
    """Name, description, dates."""
    project = records.projects.get(call.params["id"])
    if project is None:
        return answer_error(NOT_FOUND, 404)
    changes = {name: call.read(name) for name in ("name", "description") if call.read(name)}
    try:
        for name in ("startDate", "dueDate", "endDate"):
            if call.read(name):
                changes[name] = javascript_date(call.read(name))
    except BadDate:
        return answer_error("Failed to update project", 500)
    return answer_data(_write(records, project, call.now, **changes))
