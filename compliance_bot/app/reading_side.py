"""Puts together what reads Studio: poll, walk, the living, projects, and what takes the answers in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from compliance_bot.cases.moment import Moment
from compliance_bot.clock import Clock
from compliance_bot.config.schema import Rules
from compliance_bot.jobs.approval_poll import ApprovalReader, ByEmail, WhoMay
from compliance_bot.jobs.naps import Naps
from compliance_bot.jobs.poll import Poller
from compliance_bot.jobs.project_poll import ProjectPoller
from compliance_bot.jobs.projects import FindingProjects
from compliance_bot.jobs.reading import Reading
from compliance_bot.jobs.studio_users import AuditorsReader
from compliance_bot.jobs.troubles import Troubles
from compliance_bot.jobs.walks import Walker
from compliance_bot.store.database import Database
from compliance_bot.studio.platform.client import PlatformStudio


@dataclass(frozen=True, kw_only=True)
class ReadingSide:
    """Everything that asks Studio by itself."""

    reading: Reading
    poller: Poller
    walker: Walker
    projects: ProjectPoller
    auditors: AuditorsReader


def reading_side(
    *,
    studio: PlatformStudio,
    database: Database,
    clock: Clock,
    moment: Callable[[], Moment],
    rules: Callable[[], Rules],
    troubles: Troubles,
    naps: Naps,
    who_may_approve: WhoMay,
    person_by_email: ByEmail,
) -> ReadingSide:
    """Construct it; ``naps`` are ended when other rules come into force."""
    approvals = ApprovalReader(
        studio=studio,
        database=database,
        moment=moment,
        who_may=who_may_approve,
        by_email=person_by_email,
    )
    finding_projects = FindingProjects(studio=studio, clock=clock)
    reading = Reading(database=database, moment=moment, projects=finding_projects)
    shared: dict[str, Any] = {
        "studio": studio,
        "reading": reading,
        "database": database,
        "clock": clock,
        "rules": rules,
        "troubles": troubles,
        "naps": naps,
    }
    return ReadingSide(
        reading=reading,
        poller=Poller(**shared),
        walker=Walker(**shared, moment=moment),
        projects=ProjectPoller(
            studio=studio, database=database, moment=moment, clock=clock, approvals=approvals
        ),
        auditors=AuditorsReader(studio=studio, database=database, clock=clock),
    )
