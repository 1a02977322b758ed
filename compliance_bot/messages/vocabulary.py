"""The names that templates may use."""

from __future__ import annotations

FINDING_VALUES = frozenset(
    {
        "id",
        "type",
        "category",
        "finding_category",
        "severity",
        "status",
        "title",
        "description",
        "impact",
        "action",
        "frameworks",
        "framework",
        "controls",
        "project",
        "project_id",
        "days_remaining",
        "due",
        "score",
        "assignee",
        "resource",
        "affected_user",
        "account",
        "vendor",
        "url",
        "occurrences",
        "change",
        "source",
        "recommendation",
        "first_seen",
        "last_seen",
    }
)
"""What is known of a finding: the attributes of conditions, and what only a message shows."""

CASE_VALUES = frozenset(
    {"emoji", "issue_type", "issue_id", "issue_url", "update_type", "message", "mentions", "opened_at"}
)
"""What the case adds."""

NOTICE_VALUES = frozenset({"heading", "notice", "mend", "reference", "at"})
"""What a notice to the operations channel says."""

REPORT_VALUES = frozenset({"report_name", "report_url", "period"})
"""What a finished report says of itself."""

DIGEST_VALUES = frozenset(
    {
        "lines",
        "total",
        "handled",
        "more",
        "acknowledge_all",
        "acknowledge_count",
        "acknowledge_words",
    }
)
"""What a digest says; a line of ``lines`` has ref, severity, title, state, standing, acknowledge."""

APPROVAL_VALUES = frozenset(
    {"requester", "requested_at", "scope", "starts", "ends", "age", "deciders", "asked", "needed"}
)
"""What is asked to be approved, besides what a project's event has."""

EVIDENCE_VALUES = frozenset(
    {"control", "evidence_type", "requester", "file_name", "file_hash", "uploader", "uploaded_at"}
)
"""What a request for evidence and a receipt say."""

SUMMARY_VALUES = frozenset(
    {"criticals", "open_tasks", "new_findings", "overdue", "handled", "counts", "lines", "more"}
)
"""What a summary counts; its ``lines`` are sentences."""

AWAY_VALUES = frozenset({"since", "until", "counts", "lines", "more"})
"""What the message after a long silence says; its ``lines`` are sentences."""

WELCOME_VALUES = frozenset({"channel", "counts"})
"""What a channel's welcome says besides: its ``lines`` are sentences."""

KNOWN_VALUES = frozenset().union(
    FINDING_VALUES,
    CASE_VALUES,
    NOTICE_VALUES,
    REPORT_VALUES,
    DIGEST_VALUES,
    APPROVAL_VALUES,
    EVIDENCE_VALUES,
    SUMMARY_VALUES,
    AWAY_VALUES,
    WELCOME_VALUES,
)
"""Every name; another one in a template is an error when it is loaded."""
