"""Reads Studio's projects and requests every five minutes, and the manager's alerts every minute.

A call that fails changes nothing of what we know, and is made again when its time comes; that Studio is
away is said by whoever reads the findings. The manager sees every project, the auditor their own; without
either, nothing is read, and that is said.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from compliance_bot.cases import projects
from compliance_bot.cases.moment import Moment
from compliance_bot.clock import Clock
from compliance_bot.jobs.approval_poll import ApprovalReader
from compliance_bot.jobs.project_list import list_projects
from compliance_bot.logs import Repeats, logger
from compliance_bot.model.findings import BadRow
from compliance_bot.model.platform import Alert, Project
from compliance_bot.store import studio_users
from compliance_bot.store.database import Database
from compliance_bot.store.projects import name_of
from compliance_bot.store.studio_users import StudioUser
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio.capabilities import Capability, StudioApi
from compliance_bot.studio.failures import StudioCallFailed, StudioQuotaSpent
from compliance_bot.studio.quota import Purpose

_log = logger(__name__)

PROJECTS_EVERY, ALERTS_EVERY = 300.0, 60.0
PART = 20
"""Rows that one transaction takes in, so that a click waits behind no more than these."""

_UNREAD = "No Studio token reads projects: reports that are ready and updates of projects are not told."
_NO_ALERTS = (
    "No Studio token of a manager reads alerts: stalled projects are not told, nor which wait for approval."
)

_SLACK = 1.0
"""Seconds by which a reading may come early, so that a clock's rounding costs no turn."""

Row = TypeVar("Row", Project, Alert)
Rows = Sequence[Row]


class ProjectPoller:
    """Polls until it is cancelled."""

    def __init__(
        self,
        *,
        studio: StudioApi,
        database: Database,
        moment: Callable[[], Moment],
        clock: Clock,
        approvals: ApprovalReader,
    ) -> None:
        self._studio = studio
        self._database = database
        self._moment = moment
        self._clock = clock
        self._approvals = approvals
        self._repeats = Repeats(every=3600.0)
        self._asked_at: dict[str, float] = {}
        self._manages = Capability.MANAGE in studio.capabilities
        self._said = False

    def notes(self) -> tuple[str, ...]:
        """What is not read because no token may, in sentences for ``status``."""
        if self._manages:
            return ()
        return (_NO_ALERTS,) if Capability.AUDIT_READ in self._studio.capabilities else (_UNREAD,)

    async def run(self) -> None:
        """Read whatever is due, every minute."""
        while True:
            await self.turn()
            await self._clock.sleep(ALERTS_EVERY)

    async def turn(self) -> None:
        """Read what is due, the projects first: an alert tells little of its own."""
        await self._when_due("projects", PROJECTS_EVERY, self.read_projects)
        await self._when_due("requests", PROJECTS_EVERY, self._approvals.read_requests)
        if self._manages:
            await self._when_due("alerts", ALERTS_EVERY, self.read_alerts)
        elif not self._said:
            self._said = True
            _log.warning("projects.unread", reason=" ".join(self.notes()))

    async def _when_due(self, what: str, every: float, read: Callable[[], Awaitable[None]]) -> None:
        """Read, unless that was tried a moment ago, by a life of this task that the database ended."""
        now = self._clock.now()
        if now - self._asked_at.get(what, -every) < every - _SLACK:
            return
        self._asked_at[what] = now
        try:
            await read()
        except (StudioCallFailed, StudioQuotaSpent) as failure:
            held_back = self._repeats.once(f"{what}:{type(failure).__name__}", now)
            if held_back is not None:
                _log.warning("projects.not_read", what=what, reason=str(failure), held_back=held_back)

    # ------------------------------------------------------------ projects

    async def read_projects(self) -> None:
        """Take in the list of projects. Raises what Studio's calls raise."""
        listed = await list_projects(self._studio)
        self._manages, reading = listed.by_manager, listed.reading
        if reading is None:
            return
        self._tell_bad_rows(reading.bad_rows)
        for part in _parts(reading.rows):
            await self._database.write(partial(self._take_projects, part, reading.sent_at), weight=PART)
        if not reading.bad_rows:
            rows = len(reading.rows)
            await self._database.write(lambda tx: projects.projects_read(tx, self._moment(), rows=rows))
        await self._approvals.projects(reading, by_manager=listed.by_manager)

    def _take_projects(self, part: Rows[Project], sent_at: float, tx: Transaction) -> int:
        for project in part:
            if project.customer_id and project.customer_name:
                customer = StudioUser(
                    studio_id=project.customer_id, name=project.customer_name, email=project.customer_email
                )
                studio_users.note(tx, customer, at=sent_at)
        return projects.observe_projects(tx, self._moment(), part, sent_at=sent_at)

    # ------------------------------------------------------------ alerts

    async def read_alerts(self) -> None:
        """Take in the manager's alerts. Raises what Studio's calls raise."""
        reading = await self._studio.alerts(purpose=Purpose.POLL)
        self._tell_bad_rows(reading.bad_rows)
        told = projects.told_alerts(reading.rows)
        for part in _parts(told):
            await self._database.write(partial(self._take_alerts, part, reading.sent_at), weight=PART)
        if not reading.bad_rows:
            names = {name_of(alert) for alert in told}
            rows, sent_at = len(reading.rows), reading.sent_at
            await self._database.write(
                lambda tx: projects.alerts_read(tx, self._moment(), names, rows=rows, sent_at=sent_at)
            )
        await self._approvals.alerts(reading)

    def _take_alerts(self, part: Rows[Alert], sent_at: float, tx: Transaction) -> int:
        return projects.observe_alerts(tx, self._moment(), part, sent_at=sent_at)

    def _tell_bad_rows(self, rows: Sequence[BadRow]) -> None:
        for row in rows:
            if self._repeats.once(f"row:{row.studio_id}:{row.reason}", self._clock.now()) is not None:
                _log.warning("projects.row.unreadable", row=row.studio_id, reason=row.reason)


def _parts(rows: Rows[Row]) -> list[Rows[Row]]:
    return [rows[start : start + PART] for start in range(0, len(rows), PART)]
