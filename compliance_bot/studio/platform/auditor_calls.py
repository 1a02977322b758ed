"""The auditor's and the customer's routes: dashboard, projects, requests.

Source: Studio's ``auditorDashboard``, ``auditorProjects``, ``auditorRequests``,
``createAuditorRequest``, ``updateAuditorRequest``, ``setProjectStatus``, ``customerRequests``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from compliance_bot.clock import iso
from compliance_bot.model.platform import AuditorDashboard, AuditRequest, Project
from compliance_bot.studio.accounts import Area
from compliance_bot.studio.calls import Call, Caller, Reading
from compliance_bot.studio.platform import parse
from compliance_bot.studio.platform.fields import one
from compliance_bot.studio.platform.manager_calls import agreed, reading
from compliance_bot.studio.platform.paths import path_of
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.transport import Answer, value_of

T = TypeVar("T")


class AuditorCalls:
    """The calls of an auditor (a manager may read), and a customer's list of requests.

    Args:
        caller: makes the calls.

    """

    def __init__(self, *, caller: Caller) -> None:
        self._caller = caller

    async def auditor_dashboard(self, *, purpose: Purpose = Purpose.COMMAND) -> AuditorDashboard:
        """The caller's counters; its payload stands under ``stats``."""
        return value_of(await self._list("dashboard", purpose, parse.auditor_dashboard))

    async def auditor_projects(self, *, purpose: Purpose = Purpose.POLL) -> Reading[Project]:
        """The projects of the calling auditor."""
        return reading(await self._list("projects", purpose, parse.rows_answer(parse.auditor_project)))

    async def requests(self, *, purpose: Purpose = Purpose.POLL) -> Reading[AuditRequest]:
        """The requests that our auditor account sent."""
        return reading(await self._list("requests", purpose, parse.rows_answer(parse.audit_request)))

    async def customer_requests(self, *, purpose: Purpose = Purpose.POLL) -> Reading[AuditRequest]:
        """The requests addressed to our customer account."""
        read = parse.rows_answer(parse.audit_request)
        return reading(await self._list("requests", purpose, read, side="customer"))

    async def create_request(
        self,
        *,
        customer_id: str,
        title: str,
        description: str = "",
        project_id: str | None = None,
        control_id: str | None = None,
        due: float | None = None,
    ) -> AuditRequest:
        """Ask a customer for something. ``control_id`` is a project-control's id."""
        wanted = {
            "customerId": customer_id,
            "title": title,
            "description": description,
            "projectId": project_id,
            "controlId": control_id,
            "dueDate": None if due is None else iso(due),
        }
        body = {name: value for name, value in wanted.items() if value}
        return await self._write("create_request", "POST", "/api/auditor/requests", body)

    async def set_request_status(self, request_id: str, status: str) -> AuditRequest:
        """Set a request's status, which is free text (``Pending``, ``Completed``)."""
        path = path_of("/api/auditor/requests/{}", request_id)
        return await self._write("set_request_status", "PUT", path, {"status": status})

    async def set_project_status(self, project_id: str, status: str) -> None:
        """Move a project through its review; ``approved`` and ``returned`` only as its reviewer.

        BAD_REQUEST: a report without a flag or a note on some control can't be returned.
        """
        await self._caller.call(
            Call(
                operation="auditor.set_project_status",
                method="PUT",
                path=path_of("/api/auditor/projects/{}/status", project_id),
                area=Area.AUDITOR_WRITE,
                purpose=Purpose.DECISION,
                parse=agreed,
                body={"status": status},
            )
        )

    async def _write(self, name: str, method: str, path: str, body: dict[str, str]) -> AuditRequest:
        answer = await self._caller.call(
            Call(
                operation=f"auditor.{name}",
                method=method,
                path=path,
                area=Area.AUDITOR_WRITE,
                purpose=Purpose.DECISION,
                parse=lambda read: one(read, parse.audit_request),
                body=body,
            )
        )
        return value_of(answer)

    async def _list(
        self, name: str, purpose: Purpose, read: Callable[[Any], T], *, side: str = "auditor"
    ) -> Answer[T]:
        return await self._caller.call(
            Call(
                operation=f"{side}.{name}",
                method="GET",
                path=f"/api/{side}/{name}",
                area=Area.CUSTOMER if side == "customer" else Area.AUDITOR_READ,
                purpose=purpose,
                parse=read,
                remember=True,
            )
        )
