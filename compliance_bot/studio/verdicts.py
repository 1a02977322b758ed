"""The outbox's hand in Studio for verdicts: approve, reject, a report's status, a request's status.

Each is read before it is done, since Studio knows no idempotency keys, approving is not atomic, and two who
approve at once are told nonsense: whatever was answered, what stands then is the truth. Nothing is written
once what was approved has changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from compliance_bot.clock import Clock
from compliance_bot.model.approvals import facts_of
from compliance_bot.model.delivery import (
    Absent,
    Done,
    Effect,
    Found,
    Never,
    Outcome,
    Retry,
    Sighting,
    Unknown,
)
from compliance_bot.model.platform import AuditRequest, Project
from compliance_bot.studio.calls import Reading
from compliance_bot.studio.capabilities import Capability
from compliance_bot.studio.failures import FailureKind, StudioCallFailed, StudioQuotaSpent
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.write_outcomes import PATIENCE, outcome_of, reason_of, sighting_of

T = TypeVar("T", Project, AuditRequest)

CHANGED, BROKEN = "changed", "broken"
"""Why a verdict will never be written: what was approved has changed; Studio answers it with errors only."""

APPROVED, REJECTED = "in_progress", "rejected"
OPERATIONS = frozenset({"approve", "reject", "project_status", "request_status"})


class VerdictWrites(Protocol):
    """What this performer needs of Studio."""

    @property
    def capabilities(self) -> Capability:
        """What our tokens can do."""
        ...

    async def project(self, project_id: str, *, purpose: Purpose = Purpose.REREAD) -> Project:
        """One project, without its reviewer."""
        ...

    async def projects(self, *, purpose: Purpose = Purpose.POLL) -> Reading[Project]:
        """Every project, with its reviewer."""
        ...

    async def auditor_projects(self, *, purpose: Purpose = Purpose.POLL) -> Reading[Project]:
        """The projects of our auditor."""
        ...

    async def requests(self, *, purpose: Purpose = Purpose.POLL) -> Reading[AuditRequest]:
        """The requests our auditor sent."""
        ...

    async def approve(
        self, project_id: str, *, auditor_id: str, reviewer_id: str, due: float | None = None
    ) -> None:
        """Approve a pending project."""
        ...

    async def reject(self, project_id: str, reason: str) -> None:
        """Reject a pending project."""
        ...

    async def set_project_status(self, project_id: str, status: str) -> None:
        """Move a project through its review."""
        ...

    async def set_request_status(self, request_id: str, status: str) -> AuditRequest:
        """Set a request's status."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Write:
    """A verdict's payload, parsed."""

    operation: str
    studio_id: str
    body: Mapping[str, Any]
    expected: tuple[str, ...]

    @property
    def wanted(self) -> str:
        """The status that Studio is to have by it."""
        if self.operation == "approve":
            return APPROVED
        return REJECTED if self.operation == "reject" else str(self.body["status"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What Studio says of the object now. ``as_decided``: it is as this verdict wants it."""

    status: str
    as_decided: bool
    waits: bool
    who: str | None = None
    facts: str | None = None


class VerdictPerformer:
    """Performs verdicts. Never raises for what the wire does.

    Args:
        studio: the calls.
        clock: tells when Studio answered.

    """

    def __init__(self, *, studio: VerdictWrites, clock: Clock) -> None:
        self._studio = studio
        self._clock = clock

    async def perform(self, effect: Effect) -> Outcome:
        """Carry out a presented verdict."""
        write = _parsed(effect.payload)
        if isinstance(write, Never):
            return write
        try:
            return await self._perform(write, effect.attempt)
        except (StudioQuotaSpent, StudioCallFailed) as failure:
            return outcome_of(failure)

    async def find(self, effects: list[Effect]) -> dict[str, Sighting]:
        """Whether verdicts of unknown outcome took hold."""
        return {effect.key: await self._sighting(effect) for effect in effects}

    async def _sighting(self, effect: Effect) -> Sighting:
        write = _parsed(effect.payload)
        if isinstance(write, Never):
            return Absent()
        try:
            seen = await self._look(write)
        except (StudioQuotaSpent, StudioCallFailed) as failure:
            return sighting_of(failure)
        return Absent() if seen.waits else Found(result=self._facts(seen, written=True))

    # ------------------------------------------------------------ one verdict

    async def _perform(self, write: _Write, attempt: int) -> Outcome:
        seen = await self._look(write)
        if not seen.waits:
            return Done(result=self._facts(seen, written=attempt > 1))
        if seen.facts is not None and write.body.get("facts") not in (None, seen.facts):
            return Never(reason=CHANGED)
        try:
            await self._put(write)
        except StudioCallFailed as failure:
            if failure.uncertain and failure.status is None:
                return Unknown(reason=reason_of(failure))
            return await self._after_failure(write, failure, attempt)
        return await self._confirmed(write)

    async def _confirmed(self, write: _Write) -> Outcome:
        """Studio said yes. A second look tells of whose decision: nothing else is worth a doubt."""
        seen = _Seen(status=write.wanted, as_decided=True, waits=False)
        return Done(result=self._facts(seen, written=True))

    async def _after_failure(self, write: _Write, failure: StudioCallFailed, attempt: int) -> Outcome:
        """Whatever Studio answered, one look tells what stands."""
        if failure.kind in (FailureKind.AWAY, FailureKind.THROTTLED, FailureKind.ROUTE_ABSENT):
            return outcome_of(failure, wrote=True)
        seen = await self._look(write)
        if not seen.waits:
            return Done(result=self._facts(seen, written=True))
        if failure.kind is FailureKind.BROKEN:
            return Never(reason=BROKEN) if attempt >= PATIENCE else Retry(reason=reason_of(failure))
        if failure.kind is FailureKind.REFUSED and failure.said:
            return Never(reason=failure.said)
        return outcome_of(failure, wrote=True)

    async def _put(self, write: _Write) -> None:
        body, studio = write.body, self._studio
        if write.operation == "approve":
            await studio.approve(
                write.studio_id,
                auditor_id=str(body["auditor"]),
                reviewer_id=str(body["reviewer"]),
                due=body.get("due"),
            )
        elif write.operation == "reject":
            await studio.reject(write.studio_id, str(body["reason"]))
        elif write.operation == "project_status":
            await studio.set_project_status(write.studio_id, write.wanted)
        else:
            await studio.set_request_status(write.studio_id, write.wanted)

    def _facts(self, seen: _Seen, *, written: bool) -> dict[str, Any]:
        return {
            "status": seen.status,
            "as_decided": seen.as_decided,
            "who": seen.who,
            "written": written,
            "answered_at": self._clock.now(),
        }

    # ------------------------------------------------------------ looking

    async def _look(self, write: _Write) -> _Seen:
        if write.operation == "request_status":
            request = _row(await self._studio.requests(purpose=Purpose.REREAD), write)
            done = request.status == write.wanted
            return _Seen(status=request.status, as_decided=done, waits=not done)
        project = await self._project(write)
        waits = not write.expected or project.status in write.expected
        facts = facts_of(project).hash if write.operation in ("approve", "reject") else None
        return _Seen(
            status=project.status,
            as_decided=project.status == write.wanted and _by_these(project, write),
            waits=waits and project.status != write.wanted,
            who=project.auditor_name if project.status == APPROVED else None,
            facts=facts,
        )

    async def _project(self, write: _Write) -> Project:
        """The project; with its reviewer where the reviewer matters."""
        if Capability.MANAGE not in self._studio.capabilities:
            return _row(await self._studio.auditor_projects(purpose=Purpose.REREAD), write)
        project = await self._studio.project(write.studio_id)
        if write.operation != "approve" or project.status != APPROVED or project.reviewer_id is not None:
            return project
        listed = await self._studio.projects(purpose=Purpose.REREAD)
        return next((one for one in listed.rows if one.id == project.id), project)


def _row(reading: Reading[T], write: _Write) -> T:
    """The object in a list; a list without it says what a 404 says."""
    found = next((one for one in reading.rows if one.id == write.studio_id), None)
    if found is None:
        raise StudioCallFailed(
            FailureKind.NOT_FOUND, "Studio does not list this object.", operation=write.operation
        )
    return found


def _by_these(project: Project, write: _Write) -> bool:
    """Whether an approved project has the people who were chosen, as far as Studio tells."""
    if write.operation != "approve":
        return True
    auditor = project.auditor_id in (None, write.body["auditor"])
    return auditor and project.reviewer_id in (None, write.body["reviewer"])


def _parsed(payload: bytes | None) -> _Write | Never:
    """The payload as a write; one that can never be carried out is told apart before any call."""
    try:
        stored = json.loads(payload or b"")
        write = _Write(
            operation=stored["operation"],
            studio_id=stored["studio_id"],
            body=stored["body"],
            expected=tuple(stored.get("expected") or ()),
        )
        _ = write.wanted
        if write.operation == "approve":
            _ = (write.body["auditor"], write.body["reviewer"])
        elif write.operation == "reject":
            _ = write.body["reason"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return Never(reason="unreadable_payload")
    return write if write.operation in OPERATIONS else Never(reason="unknown_operation")
