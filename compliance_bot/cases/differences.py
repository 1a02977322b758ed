"""What two observations of one finding differ in: what speaks, and what only shows. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from compliance_bot.model.events import Change
from compliance_bot.model.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One speaking difference; ``before`` and ``after`` are Studio's words."""

    change: Change
    before: str | None
    after: str | None

    @property
    def is_status(self) -> bool:
        """True for a status that moved, whichever way."""
        return self.change in (Change.STATUS, Change.REOPENED)

    @property
    def is_worth_a_case(self) -> bool:
        """True where an object that was never told must be told now."""
        return self.change is not Change.STATUS


def between(before: Finding, after: Finding) -> list[Difference]:
    """The speaking differences, most telling first; each is one event."""
    found = []
    if after.status is not before.status:
        reopened = before.status.is_closed and not after.status.is_closed
        change = Change.REOPENED if reopened else Change.STATUS
        found.append(Difference(change=change, before=before.status.value, after=after.status.value))
    if after.severity.rank < before.severity.rank:
        raised = Change.SEVERITY_RAISED
        found.append(Difference(change=raised, before=before.severity.value, after=after.severity.value))
    if after.assignee_id and after.assignee_id != before.assignee_id:
        found.append(Difference(change=Change.ASSIGNED, before=before.assignee_id, after=after.assignee_id))
    return found


def show(before: Finding, after: Finding) -> bool:
    """Whether a message would read differently (bookkeeping fields aside)."""
    same = replace(
        before,
        updated_at=after.updated_at,
        resolved_at=after.resolved_at,
        created_at=after.created_at,
        comments=after.comments,
    )
    return same != after
