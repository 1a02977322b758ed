"""What waits: on whom, for what, until when. Read for the lists that people ask for."""

from __future__ import annotations

from collections.abc import Sequence

from compliance_bot.model.approvals import Approval, ApprovalKind
from compliance_bot.model.cases import Case
from compliance_bot.model.findings import Severity
from compliance_bot.store import approvals, cases, proposals
from compliance_bot.store.proposals import Proposal
from compliance_bot.store.transaction import Transaction

_RANKS = " ".join(f"WHEN '{severity}' THEN {severity.rank}" for severity in Severity)
_URGENT_FIRST = f"CASE c.severity {_RANKS} END"


def snoozed(tx: Transaction, *, projects: Sequence[str], limit: int) -> list[Case]:
    """The cases that sleep, the next to wake first; of ``projects`` alone where there are any."""
    within, values = _within(projects)
    rows = tx.all(
        'SELECT c.id FROM "case" c JOIN object o ON o.id = c.object_id'
        f" WHERE c.state = 'snoozed' AND c.wake_at IS NOT NULL{within} ORDER BY c.wake_at, c.id LIMIT ?",
        (*values, limit),
    )
    return [cases.find(tx, row["id"]) for row in rows]


def count_snoozed(tx: Transaction, *, projects: Sequence[str] = ()) -> tuple[int, float | None]:
    """How many cases sleep, and when the first wakes (Unix seconds)."""
    within, values = _within(projects)
    row = tx.one(
        'SELECT count(*) AS n, min(c.wake_at) AS first FROM "case" c JOIN object o ON o.id = c.object_id'
        f" WHERE c.state = 'snoozed' AND c.wake_at IS NOT NULL{within}",
        values,
    )
    return (0, None) if row is None else (int(row["n"]), row["first"])


def count_snoozed_of(tx: Transaction, person: str, *, projects: Sequence[str]) -> int:
    """How many cases sleep that this person put to sleep or owns."""
    within, values = _within(projects)
    row = tx.one(
        'SELECT count(*) AS n FROM "case" c JOIN object o ON o.id = c.object_id'
        f" WHERE c.state = 'snoozed' AND c.wake_at IS NOT NULL AND ? IN (c.owner, c.snoozed_by){within}",
        (person, *values),
    )
    return 0 if row is None else int(row["n"])


def owned(tx: Transaction, owners: Sequence[str], *, projects: Sequence[str]) -> list[Case]:
    """Open and acknowledged cases of these owners: what is due first, then the most severe, the oldest."""
    within, values = _within(projects)
    rows = tx.all(
        'SELECT c.id FROM "case" c JOIN object o ON o.id = c.object_id'
        f" WHERE c.owner IN ({_marks(owners)}) AND c.state IN ('open', 'acknowledged'){within}"
        f" ORDER BY c.fix_by IS NULL, c.fix_by, {_URGENT_FIRST}, c.opened_at, c.id LIMIT 500",
        (*owners, *values),
    )
    return [cases.find(tx, row["id"]) for row in rows]


def proposed(tx: Transaction, actions: Sequence[str]) -> list[Proposal]:
    """Proposals that wait for a second person, of these actions, oldest first."""
    rows = tx.all(
        f"SELECT id FROM proposal WHERE state = 'waiting' AND action IN ({_marks(actions)})"
        " ORDER BY id LIMIT 500",
        tuple(actions),
    )
    return [found for row in rows if (found := proposals.find(tx, row["id"])) is not None]


def asked(tx: Transaction) -> list[Approval]:
    """Approvals that may still be decided, oldest first."""
    found = [one for kind in ApprovalKind for one in approvals.living(tx, kind).values()]
    return sorted((one for one in found if one.state.value == "waiting"), key=lambda one: one.id)


def _within(projects: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    if not projects:
        return "", ()
    return f" AND json_extract(o.state, '$.project_id') IN ({_marks(projects)})", tuple(projects)


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))
