"""The outbox's hand in Studio: status, assignment and comment, each looked at before it is done again.

A status is written only while Studio still says what the decision was taken on. A comment carries a
reference that no other comment has, and is looked for whenever it may already stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from compliance_bot.clock import Clock
from compliance_bot.model.delivery import (
    Absent,
    Done,
    Effect,
    Found,
    Never,
    Outcome,
    Retry,
    Sighting,
)
from compliance_bot.model.findings import Comment, Finding, FindingDetail, FindingStatus
from compliance_bot.studio.failures import FailureKind, StudioCallFailed, StudioQuotaSpent
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.write_outcomes import PATIENCE, outcome_of, reason_of, sighting_of


class FindingWrites(Protocol):
    """What the performer needs of Studio."""

    async def finding(self, finding_id: str, *, purpose: Purpose = Purpose.REREAD) -> FindingDetail:
        """One finding with its comments."""
        ...

    async def set_status(self, finding_id: str, status: FindingStatus) -> Finding:
        """Set the status; the row as stored."""
        ...

    async def resolve(self, finding_id: str) -> Finding:
        """Resolve; the row as stored."""
        ...

    async def assign(self, finding_id: str, assignee_id: str) -> Finding:
        """Give it to a Studio user; the row as stored."""
        ...

    async def comment(self, finding_id: str, words: str) -> Comment:
        """Leave a comment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Write:
    """A Studio effect's payload, parsed."""

    operation: str
    studio_id: str
    body: Mapping[str, Any]
    expected: tuple[str, ...]

    def moved_on(self, status: str) -> bool:
        """True once Studio says something else than what the write was decided on."""
        return bool(self.expected) and status not in self.expected

    @property
    def words(self) -> str:
        """The comment, which always carries its reference."""
        words = str(self.body.get("content") or "")
        return (
            words if not self.reference or carries(words, self.reference) else f"{words} ({self.reference})"
        )

    @property
    def reference(self) -> str:
        """What the comment is found again by."""
        return str(self.body.get("ref") or "")


def carries(words: str, reference: str) -> bool:
    """True when ``reference`` stands in ``words`` whole: ``ref CB-12`` is not in ``ref CB-123``."""
    return re.search(rf"(?<![\w-]){re.escape(reference)}(?![\w-])", words) is not None


class StudioPerformer:
    """Performs Studio's effects. Never raises for what the wire does.

    Args:
        studio: the calls.
        clock: tells when Studio answered.

    """

    def __init__(self, *, studio: FindingWrites, clock: Clock) -> None:
        self._studio = studio
        self._clock = clock

    async def perform(self, effect: Effect) -> Outcome:
        """Carry out a presented effect."""
        write = _parsed(effect.payload)
        if isinstance(write, Never):
            return write
        try:
            if write.operation == "comment":
                return await self._comment(write, again=effect.attempt > 1)
            if write.operation == "assign":
                return await self._assign(write, attempt=effect.attempt)
            return await self._set_status(write, again=effect.attempt > 1)
        except (StudioQuotaSpent, StudioCallFailed) as failure:
            return outcome_of(failure)

    async def find(self, effects: list[Effect]) -> dict[str, Sighting]:
        """Whether effects of unknown outcome took hold; each finding is read once."""
        details: dict[str, FindingDetail | Sighting] = {}
        sightings: dict[str, Sighting] = {}
        for effect in effects:
            write = _parsed(effect.payload)
            if isinstance(write, Never):
                sightings[effect.key] = Absent()
                continue
            if write.studio_id not in details:
                details[write.studio_id] = await self._look(write.studio_id)
            detail = details[write.studio_id]
            sightings[effect.key] = (
                self._sighted(write, detail) if isinstance(detail, FindingDetail) else detail
            )
        return sightings

    # ------------------------------------------------------------ status

    async def _set_status(self, write: _Write, *, again: bool) -> Outcome:
        wanted = FindingStatus(write.body["status"])
        row = (await self._studio.finding(write.studio_id)).finding
        if row.status is wanted:
            return self._status_done(row, written=again)
        if write.moved_on(row.status):
            return self._status_done(row, written=False)
        try:
            row = await self._put(write.studio_id, wanted)
        except StudioCallFailed as failure:
            if failure.kind is not FailureKind.BROKEN:
                return outcome_of(failure, wrote=True)
            return await self._after_broken_put(write, wanted, failure)
        return self._status_done(row, written=True)

    async def _put(self, finding_id: str, wanted: FindingStatus) -> Finding:
        if wanted is FindingStatus.RESOLVED:
            return await self._studio.resolve(finding_id)
        return await self._studio.set_status(finding_id, wanted)

    async def _after_broken_put(
        self, write: _Write, wanted: FindingStatus, failure: StudioCallFailed
    ) -> Outcome:
        """Studio says 500 for a missing row as for an outage: one read tells which."""
        row = (await self._studio.finding(write.studio_id)).finding
        if row.status is wanted:
            return self._status_done(row, written=True)
        return Retry(reason=reason_of(failure))

    def _status_done(self, row: Finding, *, written: bool) -> Done:
        return Done(result=self._status_facts(row, written=written))

    def _status_facts(self, row: Finding, *, written: bool) -> dict[str, Any]:
        return {
            "status": row.status.value,
            "updated_at": row.updated_at,
            "answered_at": self._clock.now(),
            "written": written,
        }

    # ------------------------------------------------------------ assignment

    async def _assign(self, write: _Write, *, attempt: int) -> Outcome:
        """Give it to somebody, unless it is theirs: Studio answers 500 to a user whom it does not know."""
        wanted = str(write.body["assignee"])
        given = (await self._studio.finding(write.studio_id)).finding.assignee_id
        if given == wanted or write.moved_on(given or ""):
            return self._assigned(written=given == wanted)
        try:
            await self._studio.assign(write.studio_id, wanted)
        except StudioCallFailed as failure:
            if failure.kind is FailureKind.NONSENSE:
                return Never(reason="assignee_not_taken")
            if failure.kind is not FailureKind.BROKEN:
                return outcome_of(failure, wrote=True)
            row = (await self._studio.finding(write.studio_id)).finding
            if row.assignee_id != wanted:
                refused = Never(reason="assignee_not_taken")
                return refused if attempt >= PATIENCE else Retry(reason=reason_of(failure))
        return self._assigned(written=True)

    def _assigned(self, *, written: bool) -> Done:
        return Done(result={"answered_at": self._clock.now(), "written": written})

    # ------------------------------------------------------------ comment

    async def _comment(self, write: _Write, *, again: bool) -> Outcome:
        if again:
            standing = _standing(await self._studio.finding(write.studio_id), write.reference)
            if standing is not None:
                return Done(result=self._comment_facts(standing))
        try:
            comment = await self._studio.comment(write.studio_id, write.words)
        except StudioCallFailed as failure:
            if failure.kind is not FailureKind.BROKEN:
                return outcome_of(failure, wrote=True)
            return await self._after_broken_comment(write, failure)
        return Done(result=self._comment_facts(comment))

    async def _after_broken_comment(self, write: _Write, failure: StudioCallFailed) -> Outcome:
        standing = _standing(await self._studio.finding(write.studio_id), write.reference)
        if standing is not None:
            return Done(result=self._comment_facts(standing))
        return Retry(reason=reason_of(failure))

    def _comment_facts(self, comment: Comment) -> dict[str, Any]:
        return {"comment_id": comment.id, "answered_at": self._clock.now()}

    # ------------------------------------------------------------ look-ups and outcomes

    async def _look(self, finding_id: str) -> FindingDetail | Sighting:
        try:
            return await self._studio.finding(finding_id)
        except (StudioQuotaSpent, StudioCallFailed) as failure:
            return sighting_of(failure)

    def _sighted(self, write: _Write, detail: FindingDetail) -> Sighting:
        if write.operation == "comment":
            standing = _standing(detail, write.reference)
            return Absent() if standing is None else Found(result=self._comment_facts(standing))
        row = detail.finding
        if write.operation == "assign":
            theirs = row.assignee_id == write.body["assignee"]
            settled = theirs or write.moved_on(row.assignee_id or "")
            return Found(result=self._assigned(written=theirs).result) if settled else Absent()
        if row.status == write.body["status"]:
            return Found(result=self._status_facts(row, written=True))
        if not write.moved_on(row.status):
            return Absent()
        return Found(result=self._status_facts(row, written=False))


def _standing(detail: FindingDetail, reference: str) -> Comment | None:
    if not reference:
        return None
    return next((one for one in detail.comments if carries(one.content, reference)), None)


def _expected(stored: Mapping[str, Any]) -> tuple[str, ...]:
    """The statuses a write was decided on; a payload of an older version names one or none."""
    older = stored.get("expected_status")
    return tuple(stored.get("expected") or ([older] if older else []))


def _parsed(payload: bytes | None) -> _Write | Never:
    """The payload as a write; one that can never be carried out is told apart before any call."""
    try:
        stored = json.loads(payload or b"")
        write = _Write(
            operation=stored["operation"],
            studio_id=stored["studio_id"],
            body=stored["body"],
            expected=_expected(stored),
        )
        if write.operation == "set_status":
            FindingStatus(write.body["status"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return Never(reason="unreadable_payload")
    known = ("set_status", "comment", "assign")
    return write if write.operation in known else Never(reason="unknown_operation")
