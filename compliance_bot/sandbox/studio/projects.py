"""Projects as somebody in Studio makes and moves them: what no route of the contract does in one step."""

from __future__ import annotations

from typing import Any

from compliance_bot.clock import iso
from compliance_bot.sandbox.studio.fixture import (
    AUDITOR,
    CUSTOMER,
    DAY,
    FRAMEWORK_IDS,
    SECOND_AUDITOR,
    project_control,
)
from compliance_bot.sandbox.studio.records import Records
from compliance_bot.sandbox.studio.rows import PROJECT_STATUSES, Row, new_id

_KEPT = frozenset({"id", "createdAt", "updatedAt"})


def add_project(records: Records, *, framework: str = "SOC 2", progress: int = 0, **fields: Any) -> str:
    """A new project by Studio's column names, staffed and in progress unless told otherwise; its id."""
    now = records.now()
    row: Row = {
        "id": new_id(),
        "name": f"{framework} audit",
        "customerName": records.people[CUSTOMER]["name"],
        "customerId": CUSTOMER,
        "auditorId": AUDITOR,
        "frameworkId": FRAMEWORK_IDS[framework],
        "status": "in_progress",
        "rejectionReason": None,
        "reviewerAuditorId": SECOND_AUDITOR,
        "description": None,
        "scope": "all",
        "startDate": iso(now),
        "dueDate": iso(now + 30 * DAY),
        "endDate": iso(now + 60 * DAY),
        "createdAt": iso(now),
        "updatedAt": iso(now),
    }
    records.projects[row["id"]] = row
    for control in [one for one in records.controls.values() if one["frameworkId"] == row["frameworkId"]]:
        copy = project_control(new_id(), row["id"], control["id"])
        records.project_controls[copy["id"]] = copy
    change_project(records, row["id"], progress=progress, **fields)
    return str(row["id"])


def change_project(records: Records, project_id: str, *, progress: int | None = None, **fields: Any) -> Row:
    """Somebody changed these columns; ``progress`` (per cent) is that of every control of the project.

    Raises:
        KeyError: no such project.
        ValueError: a column or a status that Studio does not have.

    """
    row = records.projects[project_id]
    unknown = [name for name in fields if name in _KEPT or name not in row]
    if unknown or fields.get("status", row["status"]) not in PROJECT_STATUSES:
        raise ValueError(f"not of a project: {', '.join(unknown) or fields['status']}")
    if progress is not None:
        for control in records.controls_of(project_id):
            control["progress"] = progress
    records.projects[project_id] = {**row, **fields, "updatedAt": iso(records.now())}
    return records.projects[project_id]
