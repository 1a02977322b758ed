"""Takes in what Studio answers, in small transactions, with the rules and names of that moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from compliance_bot.cases import observe, vanish
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.observe import Seen
from compliance_bot.jobs.projects import FindingProjects
from compliance_bot.logs import logger
from compliance_bot.model.findings import FindingDetail, FindingPage
from compliance_bot.store import cursors, objects, studio_users
from compliance_bot.store.database import Database
from compliance_bot.store.studio_users import StudioUser
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio.walk import WalkProgress

_log = logger(__name__)
WALK = "walk:finding"


PART = 20
"""Rows of a page that one transaction takes in, so that a click waits behind no more than these."""


class _ProjectsLacking(Exception):
    """Rules that came into force a moment ago read projects, and those of a page were not looked up."""


class Reading:
    """The way from an answer of Studio into the store.

    A page is taken in part by part; each part is whole by itself, and only the last moves the walk on, so
    a page interrupted between two parts is read again and its rows are then known.
    """

    def __init__(
        self, *, database: Database, moment: Callable[[], Moment], projects: FindingProjects
    ) -> None:
        self._database = database
        self._moment = moment
        self._projects = projects

    async def page(self, page: FindingPage) -> Seen:
        """Take in a page that was polled."""
        return await self._take_in(page, None)

    async def walked_page(self, page: FindingPage, progress: WalkProgress) -> Seen:
        """Take in a page of the walk, then note how far the walk is."""
        return await self._take_in(page, progress)

    async def _take_in(self, page: FindingPage, progress: WalkProgress | None) -> Seen:
        looked_up = self._moment().rulebook.reads_project
        filled = await self._with_projects(page) if looked_up else page
        seen = Seen()
        parts = _parts(filled)
        for part in parts:
            moved = progress if part is parts[-1] else None
            walk = None if progress is None else progress.number
            seen.add(await self._take_part(part, walk, moved, looked_up=looked_up))
        _tell_bad_rows(page)
        if seen.stale:
            _log.info("studio.rows.stale", rows=seen.stale, offset=page.offset)
        return seen

    async def _take_part(
        self, part: FindingPage, walk: int | None, moved: WalkProgress | None, *, looked_up: bool
    ) -> Seen:
        """Take in a part; where the rules were reloaded meanwhile and read projects now, with them."""
        try:
            observing = partial(self._observe, part, walk, moved, looked_up=looked_up)
            return await self._database.write(observing, weight=PART)
        except _ProjectsLacking:
            filled = await self._with_projects(part)
            observing = partial(self._observe, filled, walk, moved, looked_up=True)
            return await self._database.write(observing, weight=PART)

    def _observe(
        self,
        part: FindingPage,
        walk: int | None,
        moved: WalkProgress | None,
        tx: Transaction,
        *,
        looked_up: bool,
    ) -> Seen:
        moment = self._moment()
        if moment.rulebook.reads_project and not looked_up:
            raise _ProjectsLacking
        seen = observe.observe_page(tx, moment, part, walk=walk)
        if moved is not None:
            cursors.move(tx, WALK, moved.to_dict(), moment.now)
        return seen

    async def _with_projects(self, page: FindingPage) -> FindingPage:
        return await self._projects.fill(page, await self._database.read(lambda tx: _unplaced(tx, page)))

    async def note_walk(self, progress: WalkProgress) -> None:
        """Note how far the walk is where no page came of it."""
        await self._database.write(lambda tx: cursors.move(tx, WALK, progress.to_dict(), self._moment().now))

    async def last_walk(self) -> WalkProgress | None:
        """The walk that was under way, or the last one that ended."""
        stored = await self._database.read(lambda tx: cursors.read(tx, WALK))
        return None if stored is None else WalkProgress.from_dict(stored)

    async def one(self, detail: FindingDetail, sent_at: float) -> None:
        """Take in one finding that was asked for by itself, and who its assignee is."""
        await self._database.write(lambda tx: self._take_one(tx, detail, sent_at))

    def _take_one(self, tx: Transaction, detail: FindingDetail, sent_at: float) -> None:
        finding = detail.finding
        if finding.assignee_id and finding.assignee_name:
            assignee = StudioUser(
                studio_id=finding.assignee_id, name=finding.assignee_name, email=detail.assignee_email
            )
            studio_users.note(tx, assignee, at=sent_at)
        observe.observe_one(tx, self._moment(), finding, sent_at)

    async def gone(self, studio_id: str, sent_at: float) -> None:
        """Take in that Studio has a finding no more."""
        await self._database.write(lambda tx: vanish.gone(tx, self._moment(), studio_id, sent_at=sent_at))


def _unplaced(tx: Transaction, page: FindingPage) -> set[str]:
    """The ids of what is new, or changed and stored without a project, as by rules that read none.

    Only of what is new or changed an event can come.
    """
    marks = objects.fingerprints(tx, [finding.id for finding in page.findings])
    return {
        one.id
        for one in page.findings
        if (mark := marks.get(one.id)) is None
        or (mark.fingerprint != objects.fingerprint(one) and not _has_project(tx, one.id))
    }


def _has_project(tx: Transaction, studio_id: str) -> bool:
    known = objects.find(tx, studio_id)
    return known is not None and known.finding.project_id is not None


def _parts(page: FindingPage) -> list[FindingPage]:
    """The page in parts of ``PART`` rows; what could not be read goes with the last."""
    starts = range(0, max(1, len(page.findings)), PART)
    parts = [replace(page, findings=page.findings[start : start + PART], bad_rows=()) for start in starts]
    parts[-1] = replace(parts[-1], bad_rows=page.bad_rows)
    return parts


def _tell_bad_rows(page: FindingPage) -> None:
    for row in page.bad_rows:
        _log.warning("studio.row.quarantined", finding=row.studio_id, reason=row.reason)
