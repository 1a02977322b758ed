"""Studio's JSON as our frozen rows. Only named fields are picked: a detail embeds credentials.

A row whose identity, severity, status, assignee or creation cannot be read is a ``BadRow``, never a
guess; any other field that makes no sense is merely absent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from compliance_bot.model.findings import (
    BadRow,
    Comment,
    Finding,
    FindingDetail,
    FindingStatus,
    Severity,
)
from compliance_bot.model.platform import (
    Alert,
    Auditor,
    AuditorDashboard,
    AuditRequest,
    FindingStats,
    ManagerDashboard,
    Project,
)
from compliance_bot.studio.platform.fields import (
    Row,
    Wrong,
    enveloped_list,
    enveloped_object,
    identifier,
    many,
    moment,
    needed_moment,
    needed_text,
    one,
    optional_identifier,
    part,
    text,
    texts,
    whole,
)
from compliance_bot.studio.transport import Unreadable

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


def finding(row: Row) -> Finding:
    """A finding from a list, a detail or the answer to a write.

    Raises:
        Wrong: naming the field that it cannot do without.

    """
    integration = part(row, "integration")
    return Finding(
        id=identifier(row),
        title=needed_text(row, "title"),
        severity=_choice(row, "severity", Severity),
        status=_choice(row, "status", FindingStatus),
        category=needed_text(row, "category"),
        description=text(row, "description") or "",
        type=text(row, "type") or "",
        integration_id=text(row, "integrationId"),
        account=text(integration, "name"),
        vendor=text(integration, "vendor"),
        agent_id=text(row, "agentId"),
        project_id=text(part(row, "agent"), "projectId"),
        assignee_id=optional_identifier(row, "assignedToId"),
        assignee_name=text(part(row, "assignedTo"), "name"),
        resource=text(row, "affectedResource"),
        affected_user=text(row, "affectedUser"),
        frameworks=texts(row, "frameworks"),
        controls=texts(row, "controls"),
        recommendation=text(row, "recommendation"),
        remediation=text(row, "remediationSteps"),
        due=moment(row, "dueDate"),
        created_at=needed_moment(row, "createdAt"),
        first_seen=moment(row, "firstSeenAt"),
        last_seen=moment(row, "lastSeenAt"),
        updated_at=moment(row, "updatedAt"),
        resolved_at=moment(row, "resolvedAt"),
        occurrences=max(1, whole(row, "occurrenceCount") or 1),
        comments=_comment_count(row),
    )


def _choice(row: Row, name: str, choices: type[E]) -> E:
    try:
        return choices(needed_text(row, name))
    except ValueError:
        raise Wrong(f"{name} is none of {', '.join(choice.value for choice in choices)}") from None


def _comment_count(row: Row) -> int | None:
    listed = row.get("comments")
    return len(listed) if isinstance(listed, list) else whole(part(row, "_count"), "comments")


def comment(row: Row) -> Comment:
    """A comment of a finding."""
    return Comment(
        id=identifier(row),
        content=text(row, "content") or "",
        author=text(part(row, "author"), "name"),
        created_at=moment(row, "createdAt"),
    )


def finding_answer(answer: Any) -> Finding:
    """The finding under ``data``."""
    return one(answer, finding)


def comment_answer(answer: Any) -> Comment:
    """The comment under ``data``."""
    return one(answer, comment)


def detail_answer(answer: Any) -> FindingDetail:
    """The finding under ``data`` with those of its comments that can be read."""
    row = enveloped_object(answer)
    listed = row.get("comments")
    comments, _ = many(listed if isinstance(listed, list) else [], comment)
    email = text(part(row, "assignedTo"), "email")
    return FindingDetail(finding=finding_answer(answer), comments=comments, assignee_email=email)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBody:
    """One page of the list as its body tells it; ``page`` and ``limit`` are Studio's echo."""

    findings: tuple[Finding, ...]
    bad_rows: tuple[BadRow, ...]
    total: int
    page: int | None
    limit: int | None


def page_answer(answer: Any) -> PageBody:
    """A page of findings; its pagination must hold a total."""
    findings, bad_rows = many(enveloped_list(answer), finding)
    pagination = enveloped_object(answer, "pagination")
    total = whole(pagination, "total")
    if total is None or total < 0:
        raise Unreadable("its pagination has no total")
    return PageBody(
        findings=findings,
        bad_rows=bad_rows,
        total=total,
        page=whole(pagination, "page"),
        limit=whole(pagination, "limit"),
    )


def stats_answer(answer: Any) -> FindingStats:
    """Counts of findings; an absent bucket stays absent and means 0."""
    row = enveloped_object(answer)
    return FindingStats(
        total=_count(row, "total"),
        by_severity=_counts(part(row, "bySeverity")),
        by_status=_counts(part(row, "byStatus")),
        by_category=_counts(part(row, "byCategory")),
    )


def _count(row: Row, name: str) -> int:
    value = whole(row, name)
    if value is None or value < 0:
        raise Unreadable(f"its {name} is not a count")
    return value


def _counts(row: Row) -> dict[str, int]:
    numbers = ((name, whole(row, name)) for name in row)
    return {name: number for name, number in numbers if number is not None}


def rows_answer(read: Callable[[Row], T]) -> Callable[[Any], tuple[tuple[T, ...], tuple[BadRow, ...]]]:
    """A parser of ``{success, data: […]}`` that reads each row with ``read``."""
    return lambda answer: many(enveloped_list(answer), read)


def alert(row: Row) -> Alert:
    """A manager's alert; without an id of its own."""
    return Alert(
        type=needed_text(row, "type"),
        severity=text(row, "severity") or "",
        title=text(row, "title") or "",
        description=text(row, "description") or "",
        entity_id=identifier(row, "entityId"),
        entity_type=text(row, "entityType") or "project",
        created_at=moment(row, "createdAt"),
        due=moment(row, "dueDate"),
    )


def manager_project(row: Row) -> Project:
    """A project of the manager's list, or of its detail (where the framework is an object)."""
    named = text(part(row, "framework"), "name")
    customer = part(row, "customer")
    return Project(
        id=identifier(row),
        name=needed_text(row, "name"),
        status=needed_text(row, "status"),
        framework=named or text(row, "framework"),
        score=whole(row, "progress"),
        due=moment(row, "dueDate"),
        customer_name=text(customer, "name"),
        customer_email=text(customer, "email"),
        customer_id=text(customer, "id"),
        auditor_name=text(part(row, "auditor"), "name"),
        created_at=moment(row, "createdAt"),
        controls_total=whole(row, "controlsTotal"),
        controls_done=whole(row, "controlsComplete"),
        starts=moment(row, "startDate"),
        ends=moment(row, "endDate"),
        auditor_id=text(part(row, "auditor"), "id"),
        reviewer_id=text(part(row, "reviewer"), "id"),
        reviewer_name=text(part(row, "reviewer"), "name"),
    )


def auditor_project(row: Row) -> Project:
    """A project of the auditor's list."""
    metrics = part(row, "metrics")
    return Project(
        id=identifier(row),
        name=needed_text(row, "name"),
        status=needed_text(row, "status"),
        framework=text(row, "frameworkName"),
        score=whole(metrics, "progress"),
        due=moment(row, "dueDate"),
        customer_name=text(row, "customerName") or text(part(row, "customer"), "name"),
        controls_total=whole(metrics, "totalControls"),
        controls_done=whole(metrics, "completedControls"),
        starts=moment(row, "startDate"),
        ends=moment(row, "endDate"),
        role=text(row, "role"),
    )


def auditor(row: Row) -> Auditor:
    """A person who may be given a project."""
    return Auditor(
        id=identifier(row),
        name=needed_text(row, "name"),
        email=needed_text(row, "email"),
        load=whole(part(row, "_count"), "auditorProjects") or 0,
    )


def audit_request(row: Row) -> AuditRequest:
    """A request to a customer, as its auditor or its customer sees it."""
    return AuditRequest(
        id=identifier(row),
        title=needed_text(row, "title"),
        status=needed_text(row, "status"),
        description=text(row, "description") or "",
        customer_id=text(row, "customerId"),
        customer_name=text(part(row, "customer"), "name"),
        project_id=text(row, "projectId"),
        project_name=text(part(row, "project"), "name"),
        control_id=text(row, "controlId"),
        due=moment(row, "dueDate"),
        created_at=moment(row, "createdAt"),
        updated_at=moment(row, "updatedAt"),
    )


def manager_dashboard(answer: Any) -> ManagerDashboard:
    """The manager's totals."""
    row = enveloped_object(answer)
    totals = part(row, "totals")
    listed = row.get("projectsByStatus")
    pairs = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    by_status = {text(entry, "status"): whole(entry, "count") for entry in pairs}
    return ManagerDashboard(
        projects=_count(totals, "projects"),
        pending_approvals=_count(totals, "pendingApprovals"),
        compliance=_count(row, "compliance"),
        by_status={name: count for name, count in by_status.items() if name and count is not None},
    )


def auditor_dashboard(answer: Any) -> AuditorDashboard:
    """The auditor's counters, which stand under ``stats``."""
    row = enveloped_object(answer, "stats")
    return AuditorDashboard(
        assigned_customers=_count(row, "assignedCustomers"),
        active_projects=_count(row, "activeProjects"),
        pending_requests=_count(row, "pendingRequests"),
    )
