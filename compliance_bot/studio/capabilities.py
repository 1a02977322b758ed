"""The seam between the rooms above and whichever of Studio's APIs is spoken below."""

from __future__ import annotations

from enum import Flag, auto
from typing import Protocol

from compliance_bot.errors import Misconfigured
from compliance_bot.model.findings import (
    Comment,
    Finding,
    FindingDetail,
    FindingPage,
    FindingStatus,
    Severity,
)
from compliance_bot.model.platform import (
    Alert,
    Auditor,
    AuditorDashboard,
    AuditRequest,
    FindingStats,
    ManagerDashboard,
    Project,
)
from compliance_bot.studio.calls import Reading
from compliance_bot.studio.quota import Purpose


class Capability(Flag):
    """What an API can do with the tokens it was given."""

    FINDINGS = auto()
    MANAGE = auto()
    AUDIT_READ = auto()
    AUDIT_WRITE = auto()
    CUSTOMER = auto()


class StudioApi(Protocol):
    """What the rooms above use of Studio. Every method raises StudioCallFailed or StudioQuotaSpent."""

    @property
    def capabilities(self) -> Capability:
        """What can be asked at all."""
        ...

    async def list_findings(
        self,
        page: int,
        limit: int,
        *,
        severity: Severity | None = None,
        status: FindingStatus | None = None,
        purpose: Purpose = Purpose.POLL,
    ) -> FindingPage:
        """One page, newest first seen first."""
        ...

    async def count_findings(
        self,
        *,
        severity: Severity | None = None,
        status: FindingStatus | None = None,
        purpose: Purpose = Purpose.COMMAND,
    ) -> int:
        """How many there are."""
        ...

    async def finding(
        self, finding_id: str, *, purpose: Purpose = Purpose.REREAD, once: bool = False
    ) -> FindingDetail:
        """One finding with its comments; ``once``: a failure is not tried again."""
        ...

    async def finding_stats(self, *, purpose: Purpose = Purpose.COMMAND) -> FindingStats:
        """Counts over all statuses."""
        ...

    async def set_status(self, finding_id: str, status: FindingStatus) -> Finding:
        """Set the status; the row as stored."""
        ...

    async def resolve(self, finding_id: str) -> Finding:
        """Resolve; the row as stored."""
        ...

    async def comment(self, finding_id: str, words: str) -> Comment:
        """Leave a comment."""
        ...

    async def alerts(self, *, purpose: Purpose = Purpose.POLL) -> Reading[Alert]:
        """The manager's alerts."""
        ...

    async def projects(self, *, purpose: Purpose = Purpose.POLL) -> Reading[Project]:
        """Every project."""
        ...

    async def project(
        self, project_id: str, *, purpose: Purpose = Purpose.REREAD, once: bool = False
    ) -> Project:
        """One project, without its reviewer; ``once``: a failure is not tried again."""
        ...

    async def auditor_projects(self, *, purpose: Purpose = Purpose.POLL) -> Reading[Project]:
        """The projects our auditor is assigned to."""
        ...

    async def auditors(self, *, purpose: Purpose = Purpose.POLL) -> Reading[Auditor]:
        """The people who may be given a project."""
        ...

    async def requests(self, *, purpose: Purpose = Purpose.POLL) -> Reading[AuditRequest]:
        """The requests our auditor sent."""
        ...

    async def manager_dashboard(self, *, purpose: Purpose = Purpose.COMMAND) -> ManagerDashboard:
        """The manager's totals."""
        ...

    async def auditor_dashboard(self, *, purpose: Purpose = Purpose.COMMAND) -> AuditorDashboard:
        """The auditor's counters."""
        ...

    async def health(self, *, purpose: Purpose = Purpose.POLL) -> bool:
        """True when Studio says it is healthy."""
        ...


def require_supported(api: str) -> None:
    """Refuse an ``api:`` of rules.yaml that cannot be spoken.

    Raises:
        Misconfigured: for anything but ``platform``.

    """
    if api != "platform":
        raise Misconfigured(f"studio.api: {api} is not supported yet; write platform.")
