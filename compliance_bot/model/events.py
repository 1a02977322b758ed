"""Events: a difference worth a row, and the attributes that rules and templates may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Attribute: TypeAlias = str | int | float | bool | tuple[str, ...]
"""A value a condition can compare: text, number, truth, or a list of texts."""


class Cause(StrEnum):
    """Who made an event."""

    STUDIO = "studio"
    DECISION = "decision"
    CLOCK = "clock"


class Change(StrEnum):
    """What an event says happened: to a finding, or to a project (from ``SCORE`` on, and ``STATUS``)."""

    NEW = "new"
    STATUS = "status"
    SEVERITY_RAISED = "severity_raised"
    REOPENED = "reopened"
    ASSIGNED = "assigned"
    GONE = "gone"
    SCORE = "score"
    STALLED = "stalled"
    APPROVED = "approved"
    COMPLETED = "completed"
    REQUESTED = "requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. ``attributes`` lacks the names it has no value for; it never holds None."""

    type: str
    studio_id: str
    change: Change
    cause: Cause
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
