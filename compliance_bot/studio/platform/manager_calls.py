"""The manager's routes: alerts, dashboard, projects, auditors; approve, reject, assign.

Source: Studio's ``managerAlerts``, ``managerDashboard``, ``managerProjects``, ``managerAuditors``,
``approveProject``, ``rejectProject``, ``assignProject``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from compliance_bot.clock import iso
from compliance_bot.model.findings import BadRow
from compliance_bot.model.platform import Alert, Auditor, ManagerDashboard, Project
from compliance_bot.studio.accounts import Area
from compliance_bot.studio.calls import Call, Caller, Reading
from compliance_bot.studio.failures import FailureKind, StudioCallFailed
from compliance_bot.studio.platform import parse
from compliance_bot.studio.platform.fields import one
from compliance_bot.studio.platform.paths import path_of
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.transport import Answer, Unreadable, value_of

T = TypeVar("T")
Rows = tuple[tuple[T, ...], tuple[BadRow, ...]]


def reading(answer: Answer[Rows[T]]) -> Reading[T]:
    """A list's rows with the times of its answer."""
    rows, bad_rows = value_of(answer)
    return Reading(rows=rows, bad_rows=bad_rows, sent_at=answer.sent_at, server_time=answer.server_time)


def people(auditor_id: str, reviewer_id: str, due: float | None) -> dict[str, str]:
    """The body that names an auditor and a reviewer, who must differ.

    Raises:
        StudioCallFailed: BAD_REQUEST, unsent, when the two are one person.

    """
    if not auditor_id or not reviewer_id or auditor_id == reviewer_id:
        raise StudioCallFailed(
            FailureKind.BAD_REQUEST,
            "Not sent to Studio: auditor and reviewer must be two people (projects).",
            operation="projects",
            said="Auditor and Reviewer cannot be the same person.",
        )
    body = {"auditorId": auditor_id, "reviewerAuditorId": reviewer_id}
    return body | ({"dueDate": iso(due)} if due is not None else {})


class ManagerCalls:
    """The calls that need a manager's token.

    Args:
        caller: makes the calls.

    """

    def __init__(self, *, caller: Caller) -> None:
        self._caller = caller

    async def alerts(self, *, purpose: Purpose = Purpose.POLL) -> Reading[Alert]:
        """What waits for the manager. A solved alert vanishes without an event."""
        return reading(await self._get("alerts", purpose, parse.rows_answer(parse.alert)))

    async def manager_dashboard(self, *, purpose: Purpose = Purpose.COMMAND) -> ManagerDashboard:
        """The totals; its compliance is the mean over approved projects only."""
        return value_of(await self._get("dashboard", purpose, parse.manager_dashboard))

    async def projects(self, *, purpose: Purpose = Purpose.POLL) -> Reading[Project]:
        """Every project there is."""
        return reading(await self._get("projects", purpose, parse.rows_answer(parse.manager_project)))

    async def auditors(self, *, purpose: Purpose = Purpose.POLL) -> Reading[Auditor]:
        """The people who may be given a project; Studio itself would accept anybody."""
        return reading(await self._get("auditors", purpose, parse.rows_answer(parse.auditor)))

    async def project(
        self, project_id: str, *, purpose: Purpose = Purpose.REREAD, once: bool = False
    ) -> Project:
        """One project. NOT_FOUND: Studio deleted it. ``once``: a failure is not tried again."""
        answer = await self._caller.call(
            Call(
                operation="manager.project",
                method="GET",
                path=path_of("/api/manager/projects/{}", project_id),
                area=Area.MANAGER,
                purpose=purpose,
                parse=lambda body: one(body, parse.manager_project),
                once=once,
            )
        )
        return value_of(answer)

    async def approve(
        self, project_id: str, *, auditor_id: str, reviewer_id: str, due: float | None = None
    ) -> None:
        """Approve a pending project. After a time-out or 500 re-read it: it may be approved."""
        await self._put("approve", project_id, people(auditor_id, reviewer_id, due))

    async def reject(self, project_id: str, reason: str) -> None:
        """Reject a pending project with a reason that is not blank."""
        await self._put("reject", project_id, {"reason": reason})

    async def assign_project(
        self, project_id: str, *, auditor_id: str, reviewer_id: str, due: float | None = None
    ) -> None:
        """Hand a project to other people. The old auditor is told by nobody but us."""
        await self._put("assign", project_id, people(auditor_id, reviewer_id, due))

    async def _get(self, name: str, purpose: Purpose, read: Callable[[Any], T]) -> Answer[T]:
        return await self._caller.call(
            Call(
                operation=f"manager.{name}",
                method="GET",
                path=f"/api/manager/{name}",
                area=Area.MANAGER,
                purpose=purpose,
                parse=read,
                remember=True,
            )
        )

    async def _put(self, verb: str, project_id: str, body: Mapping[str, str]) -> None:
        await self._caller.call(
            Call(
                operation=f"manager.{verb}",
                method="PUT",
                path=path_of("/api/manager/projects/{}/" + verb, project_id),
                area=Area.MANAGER,
                purpose=Purpose.DECISION,
                parse=agreed,
                body=body,
            )
        )


def agreed(answer: Any) -> bool:
    """True for ``{success: true, …}``; anything else is no agreement."""
    if not isinstance(answer, dict) or answer.get("success") is not True:
        raise Unreadable("it does not say success")
    return True
