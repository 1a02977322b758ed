"""Requests that auditors send to customers: the nearest thing to an evidence task."""

from __future__ import annotations

from typing import Any

from compliance_bot.clock import iso
from compliance_bot.sandbox.studio.calls import Call
from compliance_bot.sandbox.studio.records import Records
from compliance_bot.sandbox.studio.rows import BadDate, Row, javascript_date, new_id
from compliance_bot.sandbox.studio.transport import Answer, answer_data, answer_error

CREATE_FAILED = "Failed to create request"


def _newest_first(records: Records, column: str, user_id: str) -> list[Row]:
    mine = [row for row in records.requests.values() if row[column] == user_id]
    return sorted(mine, key=lambda row: str(row["createdAt"]), reverse=True)


def _project_name(records: Records, row: Row) -> Row | None:
    project = records.projects.get(row["projectId"])
    return {"name": project["name"]} if project else None


def list_sent(records: Records, call: Call) -> Answer:
    """What the caller asked customers for, newest first."""
    return answer_data(
        [
            {
                **row,
                "customer": records.person(row["customerId"], "name", "avatarUrl"),
                "project": _project_name(records, row),
            }
            for row in _newest_first(records, "auditorId", call.user.id)
        ]
    )


def list_received(records: Records, call: Call) -> Answer:
    """What the calling customer was asked for, newest first."""
    return answer_data(
        [
            {
                **row,
                "auditor": records.person(row["auditorId"], "name", "email"),
                "project": _project_name(records, row),
            }
            for row in _newest_first(records, "customerId", call.user.id)
        ]
    )


def create_request(records: Records, call: Call) -> Answer:
    """Answers 200, not 201; unknown ids and unreadable dates are a 500."""
    if not call.read("customerId") or not call.read("title"):
        return answer_error("Customer and title are required", 400)
    try:
        due = javascript_date(call.read("dueDate")) if call.read("dueDate") else None
    except BadDate:
        return answer_error(CREATE_FAILED, 500)
    if not _references_hold(records, call):
        return answer_error(CREATE_FAILED, 500)
    row = {
        "id": new_id(),
        "auditorId": call.user.id,
        **{name: call.read(name) for name in ("customerId", "projectId", "title", "description")},
        "dueDate": due,
        "status": "Pending",
        "createdAt": iso(call.now),
        "updatedAt": iso(call.now),
        "controlId": call.read("controlId"),
    }
    records.requests[str(row["id"])] = row
    return answer_data(row)


def _references_hold(records: Records, call: Call) -> bool:
    return (
        call.user.id in records.people
        and _holds(call.read("customerId"), records.people)
        and _holds(call.read("projectId"), records.projects)
        and _holds(call.read("controlId"), records.project_controls)
    )


def _holds(value: Any, table: dict[str, Row]) -> bool:
    return value is None or (isinstance(value, str) and value in table)


def _set_status(records: Records, row: Row, call: Call) -> Row:
    status = call.read("status") or row["status"]
    changed = {**row, "status": status, "updatedAt": iso(call.now)}
    records.requests[row["id"]] = changed
    return changed


def update_request(records: Records, call: Call) -> Answer:
    """Free text for a status, no question of whose request it is."""
    row = records.requests.get(call.params["id"])
    if row is None or not isinstance(call.read("status") or "", str):
        return answer_error("Failed to update request", 500)
    return answer_data(_set_status(records, row, call))


def answer_request(records: Records, call: Call) -> Answer:
    """The addressee sets the status; anyone else's request is not found."""
    row = records.requests.get(call.params["id"])
    if row is None or row["customerId"] != call.user.id:
        return answer_error("Request not found", 404)
    return answer_data(_set_status(records, row, call))
