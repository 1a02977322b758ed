"""Everything that Studio's database holds beside the findings, and how rows embed one another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from compliance_bot.sandbox.studio.calls import mean
from compliance_bot.sandbox.studio.rows import Row
from compliance_bot.sandbox.studio.store import FindingStore


@dataclass(kw_only=True)
class Records:
    """Studio's tables by id. ``now`` is the world's clock, Unix seconds."""

    now: Callable[[], float]
    people: dict[str, Row] = field(default_factory=dict)
    frameworks: dict[str, Row] = field(default_factory=dict)
    controls: dict[str, Row] = field(default_factory=dict)
    """Template controls of the frameworks."""
    projects: dict[str, Row] = field(default_factory=dict)
    project_controls: dict[str, Row] = field(default_factory=dict)
    requests: dict[str, Row] = field(default_factory=dict)
    integrations: dict[str, Row] = field(default_factory=dict)
    agents: dict[str, Row] = field(default_factory=dict)
    findings: FindingStore = field(init=False)

    def __post_init__(self) -> None:
        self.findings = FindingStore(self.now, self.list_item)

    def empty(self) -> None:
        """No findings, projects or requests any more; people and frameworks stay."""
        self.findings.clear()
        for table in (self.projects, self.project_controls, self.requests):
            table.clear()

    def list_item(self, row: Row, comment_count: int) -> Row:
        """A finding as it stands in the list."""
        integration = self.integrations.get(row["integrationId"])
        assignee = self.people.get(row["assignedToId"])
        return {
            **row,
            "integration": integration and {"name": integration["name"], "vendor": integration["vendor"]},
            "assignedTo": assignee and {"name": assignee["name"]},
            "_count": {"comments": comment_count},
        }

    def detail(self, finding_id: str) -> Row:
        """A finding as its detail shows it: the integration whole, with its credentials."""
        row = self.findings.get(finding_id)
        if row is None:
            raise KeyError(finding_id)
        assignee = self.people.get(row["assignedToId"])
        resolver = self.people.get(row["resolvedById"])
        return {
            **row,
            "integration": self.integrations.get(row["integrationId"]),
            "agent": self.agents.get(row["agentId"]),
            "assignedTo": assignee and {"name": assignee["name"], "email": assignee["email"]},
            "resolvedBy": resolver and {"name": resolver["name"]},
            "comments": self.findings.comments(finding_id),
        }

    def person(self, user_id: str | None, *fields: str) -> Row | None:
        """The named fields of a person, or None where there is nobody."""
        row = self.people.get(user_id) if user_id else None
        return {name: row[name] for name in fields} if row else None

    def framework_name(self, project: Row) -> str:
        """The name of a project's framework."""
        return str(self.frameworks[project["frameworkId"]]["name"])

    def controls_of(self, project_id: str) -> list[Row]:
        """The project's own controls."""
        return [row for row in self.project_controls.values() if row["projectId"] == project_id]

    def progress(self, project_id: str) -> int:
        """The mean progress of the project's controls, 0 to 100."""
        return mean([row["progress"] for row in self.controls_of(project_id)])

    def complete_count(self, project_id: str) -> int:
        """How many of the project's controls stand at 100."""
        return sum(row["progress"] >= 100 for row in self.controls_of(project_id))  # noqa: PLR2004 (per cent)
