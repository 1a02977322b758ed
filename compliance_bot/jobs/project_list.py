"""Studio's list of projects, by whichever identity may read it."""

from __future__ import annotations

from dataclasses import dataclass

from compliance_bot.model.platform import Project
from compliance_bot.studio.calls import Reading
from compliance_bot.studio.capabilities import Capability, StudioApi
from compliance_bot.studio.failures import FailureKind, StudioCallFailed
from compliance_bot.studio.quota import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectList:
    """What was read. ``reading`` is None where no token may read projects at all."""

    reading: Reading[Project] | None
    by_manager: bool


async def list_projects(studio: StudioApi) -> ProjectList:
    """The manager's list, which is whole; the auditor's own where there is no manager, or a refused one.

    Raises what Studio's calls raise.
    """
    held = studio.capabilities
    if Capability.MANAGE in held:
        try:
            return ProjectList(reading=await studio.projects(purpose=Purpose.POLL), by_manager=True)
        except StudioCallFailed as failure:
            if failure.kind is not FailureKind.REFUSED:
                raise
    if Capability.AUDIT_READ not in held:
        return ProjectList(reading=None, by_manager=False)
    return ProjectList(reading=await studio.auditor_projects(purpose=Purpose.POLL), by_manager=False)
