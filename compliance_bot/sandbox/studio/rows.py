"""Rows of Studio's tables in the order and form in which its JSON shows them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from compliance_bot.clock import iso

Row = dict[str, Any]

SEVERITIES = ("critical", "high", "medium", "low", "info")
STATUSES = (
    "open", "investigating", "in_progress", "resolved", "false_positive", "accepted_risk", "dismissed",
)  # fmt: skip
CATEGORIES = (
    "data_leak", "malware", "unauthorized_access", "policy_violation", "compliance_gap", "misconfiguration",
    "anomaly", "suspicious_activity", "vulnerability", "other",
)  # fmt: skip
PROJECT_STATUSES = (
    "pending", "in_progress", "review_pending", "approved", "rejected", "returned", "completed",
)  # fmt: skip

FINDING_FIELDS: Mapping[str, Any] = {
    "id": "", "integrationId": None, "agentId": None, "title": "", "description": "", "alertName": None,
    "severity": "critical", "category": "misconfiguration", "type": "config", "status": "open",
    "notified": False, "assignedToId": None, "affectedResource": None, "affectedUser": None,
    "resourceType": None, "location": None, "cloudService": None, "rawData": None, "evidence": [],
    "frameworks": [], "controls": [], "recommendation": None, "remediationSteps": None, "dueDate": None,
    "resolvedAt": None, "resolvedById": None, "firstSeenAt": "", "lastSeenAt": "", "occurrenceCount": 1,
    "createdAt": "", "updatedAt": "",
}  # fmt: skip
"""Every column of a finding, in Studio's order, with its default."""

TIME_FIELDS = frozenset({"dueDate", "resolvedAt", "firstSeenAt", "lastSeenAt", "createdAt", "updatedAt"})


class BadDate(ValueError):
    """A date that JavaScript's ``Date`` would not take: Studio answers 500."""


def new_id() -> str:
    """A fresh row id, as PostgreSQL gives them."""
    return str(uuid.uuid4())


def seconds(text: str) -> float:
    """Unix seconds of one of our own ``…sssZ`` texts."""
    return datetime.fromisoformat(text).timestamp()


def javascript_date(value: Any) -> str:
    """``new Date(value)`` as JSON shows it; a day alone is midnight UTC."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise BadDate(value)
    try:
        if not isinstance(value, str):
            return iso(value / 1000)
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError) as problem:
        raise BadDate(value) from problem
    return iso((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _written(name: str, value: Any) -> Any:
    is_time = name in TIME_FIELDS and isinstance(value, (int, float)) and not isinstance(value, bool)
    return iso(value) if is_time else value


def written_times(fields: Mapping[str, Any]) -> Row:
    """The fields with Unix seconds in time columns made Studio's texts; all else stands as it is."""
    return {name: _written(name, value) for name, value in fields.items()}


def finding_row(now: float, fields: Mapping[str, Any]) -> Row:
    """A finding created at ``now`` (Unix seconds); ``fields`` win, times may be Unix seconds."""
    stamp = iso(now)
    times = dict.fromkeys(("firstSeenAt", "lastSeenAt", "createdAt", "updatedAt"), stamp)
    row = {
        **FINDING_FIELDS,
        "evidence": [],
        "frameworks": [],
        "controls": [],
        **times,
        **written_times(fields),
    }
    row["id"] = row["id"] or new_id()
    return row
