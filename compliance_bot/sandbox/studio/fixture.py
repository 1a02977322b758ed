"""The fresh seed of the recorded run: seven people, five projects, six findings, one request."""

from __future__ import annotations

from typing import Any

from compliance_bot.clock import iso
from compliance_bot.sandbox.studio.records import Records
from compliance_bot.sandbox.studio.rows import Row

DAY = 86_400.0


def fixture_id(kind: str, number: int) -> str:
    """The id of fixture row ``number`` of a kind: ``a`` people, ``b`` projects, ``e`` findings, …."""
    return f"{kind}0000000-0000-4000-8000-{number:012d}"


MANAGER, AUDITOR, SECOND_AUDITOR, CUSTOMER = (fixture_id("a", number) for number in (2, 3, 4, 5))
INTEGRATION = fixture_id("d", 1)
PEOPLE = (
    ("admin", "Ad Min", "admin@rig.test"),
    ("manager", "Max Manager", "manager@rig.test"),
    ("auditor", "Aud Itor", "auditor@rig.test"),
    ("auditor", "Rev Iewer", "auditor2@rig.test"),
    ("customer", "Cus Tomer", "customer@rig.test"),
    ("reviewer", "Re Viewer", "reviewer@rig.test"),
    ("compliance", "Com Pliance", "compliance@rig.test"),
)
FRAMEWORK_IDS = {
    "HIPAA": "d696dbc1-3a36-4213-99d5-588d1c013929",
    "ISO 27001": "8ed9c691-18e6-4c98-aaae-77a53f2c1c57",
    "PCI DSS": "b58f8034-0179-47f5-89c7-78803e7ddbef",
    "SOC 2": "7cde7f75-8468-4022-91c9-4c95a804afe1",
}
FRAMEWORKS = (
    ("HIPAA", "US health"),
    ("ISO 27001", "ISMS"),
    ("PCI DSS", "cards"),
    ("SOC 2", "Trust Services Criteria"),
)
CONTROLS = (
    (
        "7246dd18-337f-4fc4-a997-6b76627f6aee",
        "SOC 2",
        "CC6.1",
        "Logical access",
        "Security",
        "access-control",
    ),
    ("122217f1-681f-4bb5-a320-63e42eef52cb", "SOC 2", "CC7.2", "Monitoring", "Security", "logging"),
    ("73c85ec5-187b-4a1d-b11c-accb04b06e3f", "SOC 2", "A1.2", "Backup", "Availability", "encryption"),
    ("5f1c2a44-9b0e-4d6f-8a75-2f6f0c1d9b11", "ISO 27001", "A.5.1", "Policies", "Organisational", "policy"),
    ("90b6c1de-3f57-4f0c-9c3b-71f3c64e8a22", "ISO 27001", "A.8.15", "Logging", "Technological", "logging"),
)
PROJECTS: tuple[tuple[str, str, str, bool, float, float], ...] = (
    ("SOC 2 Type II 2026", "SOC 2", "in_progress", True, 2, 0.477),
    ("ISO 27001 Certification", "ISO 27001", "pending", False, 30, 0.495),
    ("SOC 2 Legacy", "SOC 2", "approved", True, -5, 0.510),
    ("HIPAA Readiness", "HIPAA", "pending", False, 30, 0.530),
    ("PCI overdue in_progress", "PCI DSS", "in_progress", True, -3, 0.541),
)
"""Name, framework, status, staffed, days until due, fraction of the second of its dates."""
CREATED_LATER = (0.006, 0.001, 0.009, 0.005, 0.007)
PROJECT_CONTROLS = ((1, 0, 100), (1, 1, 50), (1, 2, 0), (3, 0, 10))
"""Project number, index of its control, progress."""
FINDINGS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("critical", "open", "misconfiguration", {}),
    ("high", "open", "unauthorized_access", {"agentId": "agent-001"}),
    ("medium", "investigating", "compliance_gap", {"assignedToId": AUDITOR}),
    ("low", "in_progress", "policy_violation", {}),
    ("info", "resolved", "anomaly", {}),
    ("critical", "accepted_risk", "data_leak", {}),
)


def seed_fixture(records: Records) -> None:
    """Fill the tables as the recorded run began, a moment before now."""
    base = float(int(records.now()) - 2)
    _seed_people(records)
    _seed_frameworks(records, base)
    _seed_projects(records, base)
    _seed_sources(records, base)
    _seed_findings(records, base)
    _seed_request(records, base)


def _seed_people(records: Records) -> None:
    for number, (role, name, email) in enumerate(PEOPLE, 1):
        row = {"id": fixture_id("a", number), "name": name, "email": email, "avatarUrl": None, "role": role}
        records.people[row["id"] or ""] = row


def _stamps(created: float) -> Row:
    return {"createdAt": iso(created), "updatedAt": iso(created)}


def _seed_frameworks(records: Records, base: float) -> None:
    for name, description in FRAMEWORKS:
        framework_id = FRAMEWORK_IDS[name]
        row = {"id": framework_id, "name": name, "description": description, **_stamps(base + 0.131)}
        records.frameworks[framework_id] = row
    for control_id, framework, code, title, category, tag in CONTROLS:
        records.controls[control_id] = {
            "id": control_id,
            "frameworkId": FRAMEWORK_IDS[framework],
            "code": code,
            "title": title,
            "description": None,
            "category": category,
            "tags": [tag],
        }


def _seed_projects(records: Records, base: float) -> None:
    for number, ((name, framework, status, staffed, due, part), later) in enumerate(
        zip(PROJECTS, CREATED_LATER, strict=True), 1
    ):
        start = base + part
        row = {
            "id": fixture_id("b", number),
            "name": name,
            "customerName": "Cus Tomer",
            "customerId": CUSTOMER,
            "auditorId": AUDITOR if staffed else None,
            "frameworkId": FRAMEWORK_IDS[framework],
            "status": status,
            "rejectionReason": None,
            "reviewerAuditorId": SECOND_AUDITOR if staffed else None,
            "description": None,
            "scope": "all",
            "startDate": iso(start - 60 * DAY),
            "dueDate": iso(start + due * DAY),
            "endDate": iso(start + 60 * DAY),
            **_stamps(start + later),
        }
        records.projects[row["id"]] = row
    for number, (project, control, progress) in enumerate(PROJECT_CONTROLS, 1):
        control_row = project_control(fixture_id("c", number), fixture_id("b", project), CONTROLS[control][0])
        records.project_controls[control_row["id"]] = {**control_row, "progress": progress}


def project_control(row_id: str, project_id: str, control_id: str) -> Row:
    """A project's own copy of a framework's control, untouched so far."""
    return {
        "id": row_id,
        "projectId": project_id,
        "controlId": control_id,
        "progress": 0,
        "evidenceCount": 0,
        "notes": None,
        "reviewerNotes": None,
        "isFlagged": False,
    }


def _seed_sources(records: Records, base: float) -> None:
    records.integrations[INTEGRATION] = {
        "id": INTEGRATION,
        "name": "AWS prod",
        "type": "saas_aws",
        "vendor": "AWS",
        "status": "active",
        "authType": "api_key",
        "credentials": {"key": "SECRET-IN-DB"},
        "tokenExpiry": None,
        "config": None,
        "syncFrequency": 3600,
        "lastSyncAt": None,
        "nextSyncAt": None,
        "createdById": CUSTOMER,
        **_stamps(base + 0.602),
    }
    records.agents["agent-001"] = {
        "id": "agent-001",
        "name": "web-1",
        "platform": "linux",
        "status": "Active",
        "projectId": fixture_id("b", 1),
        "hostname": "web-1",
        "ipAddress": None,
        "osVersion": None,
        "lastSync": None,
        "lastSeenAt": None,
        "version": None,
        **_stamps(base + 0.620),
    }


def _seed_findings(records: Records, base: float) -> None:
    for number, (severity, status, category, more) in enumerate(FINDINGS, 1):
        first_seen = base + 0.600 + number * 0.022 - number * DAY
        created = base + 0.615 + number * 0.022
        records.findings.add(
            id=fixture_id("e", number),
            integrationId=INTEGRATION,
            title=f"Finding {number}",
            description=f"Description of finding {number}",
            severity=severity,
            status=status,
            category=category,
            affectedResource=f"arn:aws:s3:::bucket-{number}",
            frameworks=["SOC 2"],
            controls=["CC6.1"],
            recommendation="Fix it",
            firstSeenAt=first_seen,
            lastSeenAt=created,
            createdAt=created,
            updatedAt=created,
            **more,
        )


def _seed_request(records: Records, base: float) -> None:
    row = {
        "id": fixture_id("f", 1),
        "auditorId": AUDITOR,
        "customerId": CUSTOMER,
        "projectId": fixture_id("b", 1),
        "title": "Access review Q3",
        "description": "Upload the access review",
        "dueDate": iso(base + 0.843 + 5 * DAY),
        "status": "Pending",
        **_stamps(base + 0.847),
        "controlId": None,
    }
    records.requests[row["id"]] = row
