"""Studio's other objects: projects, alerts, people, requests, dashboards.

Source: the platform routes of Studio's API (``managerAlerts``, ``managerProjects``, …).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """Studio's roles that a token can carry; they do not overlap."""

    MANAGER = "manager"
    AUDITOR = "auditor"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as the manager's or auditor's list tells it. Times are Unix seconds, UTC.

    Only the manager's list tells the reviewer; ``customer_id``, ``auditor_id`` and ``reviewer_id`` are
    Studio's. Only the auditor's list tells ``role``: what our own account is in the project.
    """

    id: str
    name: str
    status: str
    framework: str | None = None
    score: int | None = None
    due: float | None = None
    customer_name: str | None = None
    customer_email: str | None = None
    customer_id: str | None = None
    auditor_name: str | None = None
    created_at: float | None = None
    controls_total: int | None = None
    controls_done: int | None = None
    starts: float | None = None
    ends: float | None = None
    auditor_id: str | None = None
    reviewer_id: str | None = None
    reviewer_name: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A manager's alert. It has no id: (type, entity_id) names it; one project may have two."""

    type: str
    severity: str
    title: str
    description: str
    entity_id: str
    entity_type: str
    created_at: float | None = None
    due: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditor:
    """A person who may be given a project, with the load they carry."""

    id: str
    name: str
    email: str
    load: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """A request sent to a customer. ``status`` is free text (``Pending``, ``Completed``)."""

    id: str
    title: str
    status: str
    description: str = ""
    customer_id: str | None = None
    customer_name: str | None = None
    project_id: str | None = None
    project_name: str | None = None
    control_id: str | None = None
    due: float | None = None
    created_at: float | None = None
    updated_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerDashboard:
    """The manager's totals; ``compliance`` is the mean over *approved* projects only."""

    projects: int
    pending_approvals: int
    compliance: int
    by_status: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditorDashboard:
    """The auditor's counters; ``pending_requests`` counts status exactly ``Pending``."""

    assigned_customers: int
    active_projects: int
    pending_requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingStats:
    """Counts by severity, status and category; an absent bucket is 0."""

    total: int
    by_severity: dict[str, int] = field(default_factory=dict)
    by_status: dict[str, int] = field(default_factory=dict)
    by_category: dict[str, int] = field(default_factory=dict)
