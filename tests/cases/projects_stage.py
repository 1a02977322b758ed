"""Studio's answers about projects and alerts, told to a stage by hand."""

from __future__ import annotations

from typing import Any

from compliance_bot.cases import projects
from compliance_bot.model.delivery import EffectKind
from compliance_bot.model.platform import Alert, Project
from compliance_bot.store.projects import name_of
from compliance_bot.store.transaction import Transaction
from tests.cases.stage import START, Stage

DAY = 86_400.0


def a_project(project: str = "p-1", /, **changes: Any) -> Project:
    """A project under way, at 60 per cent."""
    given: dict[str, Any] = {
        "id": project,
        "name": f"Audit {project}",
        "status": "in_progress",
        "framework": "SOC 2",
        "score": 60,
        "due": START + 10 * DAY,
    }
    return Project(**{**given, **changes})


def an_alert(project: str = "p-1", **changes: Any) -> Alert:
    """A project that stands still."""
    given: dict[str, Any] = {
        "type": "stalled",
        "severity": "warning",
        "title": f"Stalled Project: Audit {project}",
        "description": "Less than 20% progress - needs attention",
        "entity_id": project,
        "entity_type": "project",
    }
    return Alert(**{**given, **changes})


async def list_projects(
    stage: Stage, *rows: Project, sent_at: float | None = None, whole: bool = True
) -> int:
    """Take in a list of projects; how many events it made. Time moves on by a second."""
    asked = stage.now if sent_at is None else sent_at

    def take(tx: Transaction) -> int:
        made = projects.observe_projects(tx, stage.moment(), rows, sent_at=asked)
        if whole:
            projects.projects_read(tx, stage.moment(), rows=len(rows))
        return made

    made: int = await stage.write(take)
    stage.later(1)
    return made


async def list_alerts(stage: Stage, *rows: Alert, sent_at: float | None = None, whole: bool = True) -> int:
    """Take in the alerts; how many events that made. Time moves on by a second."""
    asked = stage.now if sent_at is None else sent_at

    def take(tx: Transaction) -> int:
        told = projects.told_alerts(rows)
        made = projects.observe_alerts(tx, stage.moment(), told, sent_at=asked)
        if whole:
            names = {name_of(one) for one in told}
            projects.alerts_read(tx, stage.moment(), names, rows=len(rows), sent_at=asked)
        return made

    made: int = await stage.write(take)
    stage.later(1)
    return made


async def begun_with(stage: Stage, *rows: Project, alerts: tuple[Alert, ...] = ()) -> Stage:
    """A stage on which the first answers held these."""
    await list_projects(stage, *rows)
    await list_alerts(stage, *alerts)
    return stage


async def told(stage: Stage) -> list[tuple[str, str]]:
    """Every announcement wanted, as (channel, title and change), in order."""
    rows = await stage.rows(
        "SELECT e.pace_key AS place, v.attributes ->> 'title' || ' ' || v.change AS what"
        " FROM effect e JOIN event v ON v.id = e.intent ->> 'event' WHERE e.kind = 'announcement'"
        " ORDER BY e.id"
    )
    return [(row["place"], row["what"]) for row in rows]


def said(stage: Stage) -> list[dict[str, Any]]:
    """The arguments of the announcements that were performed."""
    return [request["arguments"] for request in stage.said(EffectKind.ANNOUNCEMENT)]
