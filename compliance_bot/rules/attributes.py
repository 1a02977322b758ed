"""What conditions and templates may read of an event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

from compliance_bot.model.events import Attribute, Change
from compliance_bot.model.findings import Finding, FindingStatus, Severity
from compliance_bot.model.platform import Alert, AuditRequest, Project


class Kind(StrEnum):
    """What an attribute holds."""

    TEXT = "text"
    NUMBER = "a number"
    TEXTS = "a list of texts"


ATTRIBUTES: Mapping[str, Kind] = {
    "id": Kind.TEXT,
    "type": Kind.TEXT,
    "category": Kind.TEXT,
    "finding_category": Kind.TEXT,
    "severity": Kind.TEXT,
    "status": Kind.TEXT,
    "title": Kind.TEXT,
    "description": Kind.TEXT,
    "impact": Kind.TEXT,
    "action": Kind.TEXT,
    "frameworks": Kind.TEXTS,
    "framework": Kind.TEXT,
    "project": Kind.TEXT,
    "project_id": Kind.TEXT,
    "days_remaining": Kind.NUMBER,
    "due": Kind.TEXT,
    "score": Kind.NUMBER,
    "assignee": Kind.TEXT,
    "resource": Kind.TEXT,
    "url": Kind.TEXT,
    "occurrences": Kind.NUMBER,
    "change": Kind.TEXT,
    "source": Kind.TEXT,
}
"""Every attribute there is. ``due`` is a day, ``2026-12-31`` (UTC)."""

ALWAYS_PRESENT = frozenset({"id", "type", "change", "source"})
"""What no event lacks; ``NOT`` over anything else deserves a second look."""

EVENT_TYPES = ("finding", "approval", "deadline", "report", "scan", "evidence", "update")
"""Design, events and where each comes from: nothing else makes one."""

KNOWN_VALUES: Mapping[str, tuple[str, ...]] = {
    "type": EVENT_TYPES,
    "severity": tuple(Severity),
    "change": tuple(Change),
}
"""Attributes whose values are a closed list: another text in a condition is surely a slip."""

PROJECT_STATUSES = (
    "pending",
    "in_progress",
    "review_pending",
    "approved",
    "rejected",
    "returned",
    "completed",
)
"""Studio's statuses of a project."""

SECURITY_CATEGORIES = (
    "data_leak",
    "malware",
    "unauthorized_access",
    "suspicious_activity",
    "vulnerability",
    "anomaly",
)
COMPLIANCE_CATEGORIES = ("policy_violation", "compliance_gap", "misconfiguration")
GROUPS: Mapping[str, str] = {
    **dict.fromkeys(SECURITY_CATEGORIES, "security"),
    **dict.fromkeys(COMPLIANCE_CATEGORIES, "compliance"),
}

LIKELY_VALUES: Mapping[str, tuple[str, ...]] = {
    "category": ("security", "compliance", "other"),
    "finding_category": (*GROUPS, "other"),
    "status": (*FindingStatus, *PROJECT_STATUSES, "ready"),
}
"""Attributes whose values are known but not closed: a text that is almost one of them is doubtful."""

IMPACT_UNKNOWN = "not stated by Studio"
ACTION_UNKNOWN = "Review in Studio"
READY = "ready"
"""The status of every event of type ``report``, as the guide's rules ask for it."""
_SECONDS_A_DAY = 86400


def category_group(category: str, overrides: Mapping[str, str]) -> str:
    """The group of a finding's category: ``security``, ``compliance`` or ``other``, unless overridden."""
    return overrides.get(category) or GROUPS.get(category, "other")


def days_until(due: float, now: float) -> int:
    """Whole days of the calendar (UTC) from ``now`` to ``due``; below 0 once it is overdue."""
    return int(due // _SECONDS_A_DAY) - int(now // _SECONDS_A_DAY)


def finding_attributes(
    finding: Finding,
    *,
    change: Change,
    categories: Mapping[str, str],
    now: float,
    url: str | None = None,
    project: str | None = None,
    score: int | None = None,
) -> dict[str, Attribute]:
    """The attributes of a finding's event; what Studio did not say is absent, never empty or None.

    Args:
        finding: As last observed.
        change: What the event says happened.
        categories: ``categories:`` of rules.yaml, finding category → group.
        now: Unix seconds; ``days_remaining`` counts from here.
        url: The finding's page for people, where it is known.
        project: Its project's name, where it was looked up.
        score: The project's score, where it is known.

    """
    values: dict[str, Attribute | None] = {
        "id": finding.id,
        "type": "finding",
        "source": "studio",
        "change": str(change),
        "category": category_group(finding.category, categories),
        "finding_category": finding.category,
        "severity": str(finding.severity),
        "status": str(finding.status),
        "title": finding.title,
        "description": finding.description,
        "impact": impact(finding),
        "action": finding.recommendation or finding.remediation or ACTION_UNKNOWN,
        "frameworks": finding.frameworks,
        "framework": next(iter(finding.frameworks), None),
        "project": project,
        "project_id": finding.project_id,
        "score": score,
        "assignee": finding.assignee_name or finding.assignee_id,
        "resource": finding.resource,
        "url": url,
        "occurrences": finding.occurrences,
        **_due(finding.due, now),
    }
    return _present(values)


def _present(values: Mapping[str, Attribute | None]) -> dict[str, Attribute]:
    return {name: value for name, value in values.items() if value is not None and value not in ("", ())}


def project_attributes(
    project: Project, *, event_type: str, change: Change, now: float, url: str | None = None
) -> dict[str, Attribute]:
    """The attributes of an event about a project; what Studio did not say is absent.

    Args:
        project: As last observed. Its score is Studio's progress, in per cent.
        event_type: ``report``, whose ``status`` is then ``ready``, or ``update``.
        change: What the event says happened.
        now: Unix seconds; ``days_remaining`` counts from here.
        url: The project's page for people, where it is known.

    """
    return _present(
        {
            "id": project.id,
            "type": event_type,
            "source": "studio",
            "change": str(change),
            "status": READY if event_type == "report" else project.status,
            "title": project.name,
            "frameworks": () if project.framework is None else (project.framework,),
            "framework": project.framework,
            "project": project.name,
            "project_id": project.id,
            "score": project.score,
            "url": url,
            **_due(project.due, now),
        }
    )


def alert_attributes(
    alert: Alert, project: Project | None, *, change: Change, now: float, url: str | None = None
) -> dict[str, Attribute]:
    """The attributes of an event about an alert on a project, which tells no more than its title.

    Args:
        alert: As Studio lists it.
        project: The project it is about, where we know it.
        change: What the event says happened.
        now: Unix seconds; ``days_remaining`` counts from here.
        url: The project's page for people, where it is known.

    """
    known = project or Project(id=alert.entity_id, name="", status="")
    about = project_attributes(known, event_type="update", change=change, now=now, url=url)
    own = {
        "title": alert.title,
        "description": alert.description,
        **_due(alert.due, now),
    }
    return {**about, **_present(own)}


def request_attributes(request: AuditRequest, *, now: float) -> dict[str, Attribute]:
    """The attributes of an event about a request for evidence; what Studio did not say is absent.

    Args:
        request: As last observed.
        now: Unix seconds; ``days_remaining`` counts from here.

    """
    return _present(
        {
            "id": request.id,
            "type": "approval",
            "source": "studio",
            "change": str(Change.REQUESTED),
            "status": request.status,
            "title": request.title,
            "description": request.description,
            "project": request.project_name,
            "project_id": request.project_id,
            **_due(request.due, now),
        }
    )


def impact(finding: Finding) -> str:
    """Affected resource or user, frameworks and controls in words, else that Studio does not say."""
    parts = [
        finding.resource or finding.affected_user or "",
        ", ".join(finding.frameworks),
        ", ".join(finding.controls),
    ]
    return " · ".join(part for part in parts if part) or IMPACT_UNKNOWN


def _due(due: float | None, now: float) -> dict[str, Attribute]:
    if due is None:
        return {}
    day = datetime.fromtimestamp(due, UTC).date().isoformat()
    return {"due": day, "days_remaining": days_until(due, now)}
