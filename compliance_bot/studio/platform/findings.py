"""Findings: list, detail, stats, status, assignee, comments.

Source: Studio's ``listFindings``, ``getFinding``, ``updateFinding``, ``resolveFinding``,
``commentFinding``. What Studio would answer with 500 (an unknown filter, page 0) is refused here.
"""

from __future__ import annotations

from compliance_bot.clock import iso
from compliance_bot.model.findings import (
    Comment,
    Finding,
    FindingDetail,
    FindingPage,
    FindingStatus,
    Severity,
)
from compliance_bot.model.platform import FindingStats
from compliance_bot.studio.accounts import Area
from compliance_bot.studio.calls import Call, Caller
from compliance_bot.studio.failures import FailureKind, StudioCallFailed
from compliance_bot.studio.platform.parse import (
    PageBody,
    comment_answer,
    detail_answer,
    finding_answer,
    page_answer,
    stats_answer,
)
from compliance_bot.studio.platform.paths import path_of
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.transport import MEGABYTE, Answer, value_of

LARGEST_PAGE = 500
DETAIL_CAP = 8 * MEGABYTE
LONGEST_COMMENT = 20_000
"""Characters; Studio answers a body over 100 kB with an HTML 413."""


class FindingCalls:
    """The calls of findings, made as auditor, else customer.

    Args:
        caller: makes the calls.

    """

    def __init__(self, *, caller: Caller) -> None:
        self._caller = caller

    async def list_findings(
        self,
        page: int,
        limit: int,
        *,
        severity: Severity | None = None,
        status: FindingStatus | None = None,
        purpose: Purpose = Purpose.POLL,
    ) -> FindingPage:
        """Page ``page`` (from 1) of at most ``limit`` rows (1 to 500), newest first seen first.

        Raises:
            StudioCallFailed: also when Studio answered with another page than was asked for.

        """
        if page < 1 or not 1 <= limit <= LARGEST_PAGE:
            raise _never_sent("findings.list", f"page {page} of {limit} rows cannot be asked for")
        query = {"page": str(page), "limit": str(limit)}
        query |= {"severity": severity.value} if severity else {}
        query |= {"status": status.value} if status else {}
        answer = await self._caller.call(
            Call(
                operation="findings.list",
                method="GET",
                path="/api/findings",
                area=Area.FINDINGS,
                purpose=purpose,
                parse=page_answer,
                query=query,
                remember=page == 1,
            )
        )
        return _page(answer, page, limit)

    async def count_findings(
        self,
        *,
        severity: Severity | None = None,
        status: FindingStatus | None = None,
        purpose: Purpose = Purpose.COMMAND,
    ) -> int:
        """How many findings have that severity and status, by the total of a page of one row."""
        page = await self.list_findings(1, 1, severity=severity, status=status, purpose=purpose)
        return page.total

    async def finding(
        self, finding_id: str, *, purpose: Purpose = Purpose.REREAD, once: bool = False
    ) -> FindingDetail:
        """One finding with its comments. NOT_FOUND: Studio deleted it.

        ``once``: a failure is not tried again.
        """
        answer = await self._caller.call(
            Call(
                operation="findings.detail",
                method="GET",
                path=path_of("/api/findings/{}", finding_id),
                area=Area.FINDINGS,
                purpose=purpose,
                parse=detail_answer,
                once=once,
                cap=DETAIL_CAP,
            )
        )
        return value_of(answer)

    async def finding_stats(self, *, purpose: Purpose = Purpose.COMMAND) -> FindingStats:
        """Counts over *all* statuses: the criticals here include the resolved ones."""
        answer = await self._caller.call(
            Call(
                operation="findings.stats",
                method="GET",
                path="/api/findings/stats",
                area=Area.FINDINGS,
                purpose=purpose,
                parse=stats_answer,
            )
        )
        return value_of(answer)

    async def set_status(self, finding_id: str, status: FindingStatus) -> Finding:
        """Set the status; returns the row Studio stored, which really has it.

        Raises:
            StudioCallFailed: NONSENSE when Studio said 200 and changed nothing.

        """
        row = await self._update(finding_id, {"status": status.value})
        if row.status is not status:
            raise _unchanged("findings.update", "status")
        return row

    async def assign(self, finding_id: str, assignee_id: str, *, due: float | None = None) -> Finding:
        """Give the finding to a Studio user, with a due date (Unix seconds) if wanted."""
        body = {"assignedToId": assignee_id} | ({"dueDate": iso(due)} if due is not None else {})
        row = await self._update(finding_id, body)
        if row.assignee_id != assignee_id:
            raise _unchanged("findings.update", "assignee")
        return row

    async def resolve(self, finding_id: str) -> Finding:
        """Resolve and stamp who did it. Repeated, it overwrites the resolver: re-read first."""
        answer = await self._caller.call(
            Call(
                operation="findings.resolve",
                method="POST",
                path=path_of("/api/findings/{}/resolve", finding_id),
                area=Area.FINDINGS,
                purpose=Purpose.DECISION,
                parse=finding_answer,
                body={},
            )
        )
        row = value_of(answer)
        if row.status is not FindingStatus.RESOLVED:
            raise _unchanged("findings.resolve", "status")
        return row

    async def comment(self, finding_id: str, words: str) -> Comment:
        """Leave a comment. Studio keeps every repetition, so look before doing it again."""
        if not words.strip() or len(words) > LONGEST_COMMENT:
            raise _never_sent("findings.comment", "a comment has 1 to 20,000 characters")
        answer = await self._caller.call(
            Call(
                operation="findings.comment",
                method="POST",
                path=path_of("/api/findings/{}/comments", finding_id),
                area=Area.FINDINGS,
                purpose=Purpose.DECISION,
                parse=comment_answer,
                body={"content": words},
            )
        )
        return value_of(answer)

    async def _update(self, finding_id: str, body: dict[str, str]) -> Finding:
        answer = await self._caller.call(
            Call(
                operation="findings.update",
                method="PUT",
                path=path_of("/api/findings/{}", finding_id),
                area=Area.FINDINGS,
                purpose=Purpose.DECISION,
                parse=finding_answer,
                body=body,
            )
        )
        return value_of(answer)


def _page(answer: Answer[PageBody], page: int, limit: int) -> FindingPage:
    body = value_of(answer)
    if body.page is not None and body.page != page:
        raise StudioCallFailed(
            FailureKind.NONSENSE,
            f"Studio answered with page {body.page} where page {page} was asked for (findings.list).",
            operation="findings.list",
        )
    told = body.limit if body.limit and 0 < body.limit < limit else limit
    return FindingPage(
        findings=body.findings,
        bad_rows=body.bad_rows,
        total=body.total,
        offset=(page - 1) * told,
        limit=told,
        sent_at=answer.sent_at,
        server_time=answer.server_time,
    )


def _never_sent(operation: str, why: str) -> StudioCallFailed:
    return StudioCallFailed(
        FailureKind.BAD_REQUEST, f"Not sent to Studio: {why} ({operation}).", operation=operation, said=why
    )


def _unchanged(operation: str, field: str) -> StudioCallFailed:
    return StudioCallFailed(
        FailureKind.NONSENSE,
        f"Studio said yes but its row still has the old {field} ({operation}).",
        operation=operation,
        said=f"the {field} did not change",
    )
