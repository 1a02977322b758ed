"""Which project a finding belongs to. Studio's list does not say; its detail does, by the agent.

Looked up before routing, once for each agent, and only where a rule, a template or ``studio.projects``
reads it. A finding without an agent has no project.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from compliance_bot.clock import Clock
from compliance_bot.jobs.project_list import list_projects
from compliance_bot.model.findings import Finding, FindingPage
from compliance_bot.studio.capabilities import StudioApi
from compliance_bot.studio.quota import Purpose

NAMES_FRESH = 300.0
"""Seconds for which the list of projects is trusted."""


class FindingProjects:
    """Remembers agents and names; raises what Studio's calls raise, so that a page is tried again."""

    def __init__(self, *, studio: StudioApi, clock: Clock) -> None:
        self._studio = studio
        self._clock = clock
        self._of_agent: dict[str, str | None] = {}
        self._names: dict[str, str] = {}
        self._named_at: float | None = None

    async def fill(self, page: FindingPage, unplaced: Collection[str]) -> FindingPage:
        """The page with the project of each finding in ``unplaced`` (Studio ids)."""
        findings = [await self._filled(one) if one.id in unplaced else one for one in page.findings]
        return replace(page, findings=tuple(findings))

    async def _filled(self, finding: Finding) -> Finding:
        agent = finding.agent_id
        if agent is None:
            return finding
        if agent not in self._of_agent:
            detail = await self._studio.finding(finding.id, purpose=Purpose.POLL)
            self._of_agent[agent] = detail.finding.project_id
        project = self._of_agent[agent]
        name = None if project is None else await self._name(project)
        return replace(finding, project_id=project, project_name=name)

    async def _name(self, project: str) -> str | None:
        now = self._clock.now()
        stale = self._named_at is None or now - self._named_at > NAMES_FRESH
        if stale:
            listed = (await list_projects(self._studio)).reading
            self._names = {} if listed is None else {one.id: one.name for one in listed.rows}
            self._named_at = now
        return self._names.get(project)
