"""The compliance status: overall and per framework, criticals, open tasks, and as of when.

Studio has no figure per framework, and its two overall figures disagree by design. Ours is the mean
of all projects that are neither pending nor rejected, as Studio's managers list them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from compliance_bot.clock import Clock
from compliance_bot.insight.frameworks import (
    FrameworkScore,
    counted,
    framework_scores,
    mean,
    named,
    nearest,
)
from compliance_bot.messages.status_card import StatusView
from compliance_bot.model.findings import FindingStatus, Severity
from compliance_bot.model.platform import Project
from compliance_bot.studio.calls import Reading
from compliance_bot.studio.capabilities import Capability, StudioApi
from compliance_bot.studio.failures import FailureKind, StudioCallFailed, StudioQuotaSpent
from compliance_bot.studio.quota import Purpose

T = TypeVar("T")

FRESH = 60.0
"""Seconds that whole figures are answered from memory."""

PARTLY_FRESH = 10.0
"""The same for figures with something missing: it may be there again soon."""

UNSOLVED = (FindingStatus.OPEN, FindingStatus.INVESTIGATING, FindingStatus.IN_PROGRESS)
"""Statuses in which a critical finding is an issue. Studio's own statistics count resolved ones too."""

HOW = (
    "Scores: mean progress of projects that are neither pending nor rejected",
    "Critical issues: critical findings that are open, investigating or in progress",
    "Open tasks: requests not yet answered plus projects waiting for approval",
)
"""How each figure is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFigures:
    """What Studio said at ``as_of`` (our clock, when the first question left).

    None is what it did not say; ``missing`` names that, one phrase each.
    """

    overall: int | None
    frameworks: tuple[FrameworkScore, ...]
    projects: int | None
    criticals: int | None
    pending_requests: int | None
    pending_approvals: int | None
    as_of: float
    missing: tuple[str, ...] = ()
    how: tuple[str, ...] = HOW

    @property
    def open_tasks(self) -> int | None:
        """Requests and approvals that wait, as far as they are known."""
        known = [n for n in (self.pending_requests, self.pending_approvals) if n is not None]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownFramework:
    """No project has such a framework; what may have been meant, and all there are."""

    asked: str
    nearest: tuple[str, ...]
    known: tuple[str, ...]


class ComplianceStatus:
    """Answers ``/compliance`` from Studio, at most once a minute, for any number of askers at once.

    Args:
        studio: the calls.
        clock: tells how old an answer is.

    """

    def __init__(self, *, studio: StudioApi, clock: Clock) -> None:
        self._studio = studio
        self._clock = clock
        self._known: StatusFigures | None = None
        self._flight: asyncio.Task[StatusFigures] | None = None

    async def status(self, framework: str | None = None) -> StatusView | UnknownFramework:
        """The figures, all of them or one framework's. Never raises for what Studio does."""
        figures = await self.figures()
        if framework is None or not framework.strip():
            return view_of(figures)
        names = [one.name for one in figures.frameworks]
        meant = named(framework, names)
        if meant is not None:
            return view_of(figures, meant)
        if figures.projects is None:
            return view_of(figures)
        return UnknownFramework(asked=framework, nearest=nearest(framework, names), known=tuple(names))

    async def figures(self) -> StatusFigures:
        """The figures of the last minute, or new ones; all who ask meanwhile wait for the same."""
        known = self._known
        if known is not None and self._age(known) < (PARTLY_FRESH if known.missing else FRESH):
            return known
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._gather(), name="insight.status")
        return await asyncio.shield(self._flight)

    def _age(self, known: StatusFigures) -> float:
        return max(0.0, self._clock.now() - known.as_of)

    async def _gather(self) -> StatusFigures:
        as_of = self._clock.now()
        missing: dict[str, str] = {}
        projects, dashboard, tasks, criticals = await asyncio.gather(
            _asked("the scores", self._projects(), missing),
            _asked("the pending approvals", self._studio.manager_dashboard(), missing),
            _asked("the pending requests", self._studio.auditor_dashboard(), missing),
            _asked("the critical issues", self._criticals(), missing),
        )
        rows = () if projects is None else projects.rows
        self._known = StatusFigures(
            overall=mean(counted(rows)),
            frameworks=framework_scores(rows),
            projects=None if projects is None else len(counted(rows)),
            criticals=criticals,
            pending_requests=None if tasks is None else tasks.pending_requests,
            pending_approvals=None if dashboard is None else dashboard.pending_approvals,
            as_of=as_of,
            missing=(*missing.values(), *self._unseen(projects)),
        )
        return self._known

    def _unseen(self, projects: Reading[Project] | None) -> tuple[str, ...]:
        if projects is None:
            return ()
        assigned_only = Capability.MANAGE not in self._studio.capabilities
        return (
            *(
                (f"{len(projects.bad_rows)} projects in a form this bot can read",)
                if projects.bad_rows
                else ()
            ),
            *(("projects that our auditor is not assigned to",) if assigned_only else ()),
        )

    async def _projects(self) -> Reading[Project]:
        if Capability.MANAGE in self._studio.capabilities:
            return await self._studio.projects(purpose=Purpose.COMMAND)
        return await self._studio.auditor_projects(purpose=Purpose.COMMAND)

    async def _criticals(self) -> int:
        counts = (
            self._studio.count_findings(severity=Severity.CRITICAL, status=status, purpose=Purpose.COMMAND)
            for status in UNSOLVED
        )
        return sum(await asyncio.gather(*counts))


async def _asked(what: str, answer: Awaitable[T], missing: dict[str, str]) -> T | None:
    """The answer, or None and a phrase in ``missing``."""
    try:
        return await answer
    except StudioQuotaSpent:
        missing[what] = f"{what} (this hour's calls are spent)"
    except StudioCallFailed as failure:
        missing[what] = f"{what} ({_WHY.get(failure.kind, 'it answered with an error')})"
    return None


_WHY = {
    FailureKind.AWAY: "it is away",
    FailureKind.REFUSED: "our token may not ask",
    FailureKind.THROTTLED: "its rate limit is reached",
    FailureKind.ROUTE_ABSENT: "this Studio has no such figure",
}


def view_of(figures: StatusFigures, framework: str | None = None) -> StatusView:
    """What the card shows; with ``framework``, that one's score and nothing that is not its own."""
    rows = tuple((one.name, one.score, one.projects) for one in figures.frameworks)
    if framework is None:
        return StatusView(
            overall=figures.overall,
            frameworks=rows,
            criticals=figures.criticals,
            open_tasks=figures.open_tasks,
            as_of=figures.as_of,
            missing=figures.missing,
            how=figures.how,
        )
    own = tuple(row for row in rows if row[0] == framework)
    return StatusView(
        overall=own[0][1] if own else None,
        frameworks=own,
        criticals=None,
        open_tasks=None,
        as_of=figures.as_of,
        missing=(*_shared_figures(figures), *figures.missing),
        filter=framework,
        how=figures.how[:1],
    )


def _shared_figures(figures: StatusFigures) -> tuple[str, ...]:
    """Studio counts criticals and tasks for all frameworks together: said, not passed off as one's."""
    shared = (("critical issues", figures.criticals), ("open tasks", figures.open_tasks))
    return tuple(
        f"the {what} of one framework; of all together there are {count}"
        for what, count in shared
        if count is not None
    )
