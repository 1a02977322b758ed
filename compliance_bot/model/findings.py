"""Findings as Studio tells them, reduced to the fields the bot may know.

Source: Studio's ``listFindings``, ``getFinding`` and ``updateFinding``. The detail embeds the
integration with its credentials, so only named fields are ever picked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Studio's five severities, most urgent first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for critical up to 4 for info: lower is more urgent."""
        return list(Severity).index(self)


class FindingStatus(StrEnum):
    """Studio's seven statuses of a finding."""

    OPEN = "open"
    INVESTIGATING = "investigating"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    FALSE_POSITIVE = "false_positive"
    ACCEPTED_RISK = "accepted_risk"
    DISMISSED = "dismissed"

    @property
    def is_closed(self) -> bool:
        """True where Studio asks nobody for anything any more."""
        return self in CLOSED_STATUSES

    @property
    def is_worked_on(self) -> bool:
        """True where Studio says that somebody has taken the finding up."""
        return self in (FindingStatus.INVESTIGATING, FindingStatus.IN_PROGRESS)


CLOSED_STATUSES = frozenset(
    {
        FindingStatus.RESOLVED,
        FindingStatus.FALSE_POSITIVE,
        FindingStatus.ACCEPTED_RISK,
        FindingStatus.DISMISSED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding. Times are Unix seconds, UTC; texts are as Studio wrote them, unescaped."""

    id: str
    title: str
    severity: Severity
    status: FindingStatus
    category: str
    description: str = ""
    type: str = ""
    integration_id: str | None = None
    account: str | None = None
    vendor: str | None = None
    agent_id: str | None = None
    project_id: str | None = None
    project_name: str | None = None
    assignee_id: str | None = None
    assignee_name: str | None = None
    resource: str | None = None
    affected_user: str | None = None
    frameworks: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    recommendation: str | None = None
    remediation: str | None = None
    due: float | None = None
    created_at: float = 0.0
    first_seen: float | None = None
    last_seen: float | None = None
    updated_at: float | None = None
    resolved_at: float | None = None
    occurrences: int = 1
    comments: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment of a finding; ``content`` may carry our reference (``ref CB-…``)."""

    id: str
    content: str
    author: str | None = None
    created_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingDetail:
    """One finding with its comments, newest first; only here Studio tells the assignee's address."""

    finding: Finding
    comments: tuple[Comment, ...] = ()
    assignee_email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that could not be read: counted as present, told to the operator, never guessed."""

    studio_id: str | None
    reason: str
    position: int = 0
    """The row's index on its page or list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingPage:
    """One page of the list. ``offset`` is the index of its first row in Studio's order."""

    findings: tuple[Finding, ...]
    bad_rows: tuple[BadRow, ...]
    total: int
    offset: int
    limit: int
    sent_at: float
    server_time: float | None
    """Studio's ``Date`` header, Unix seconds: the clock that a baseline is measured by."""

    @property
    def row_count(self) -> int:
        """Rows that stood on the page, readable or not."""
        return len(self.findings) + len(self.bad_rows)
