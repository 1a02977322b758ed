"""What Studio's answers about projects and their alerts mean: compared with what we know, news or nothing.

A project's status and score speak; a stalled project speaks when its alert comes. What the first complete
answer of each kind holds is recorded, not told. A project that vanishes says nothing, and neither does one
that is new: its approval is another matter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial

from compliance_bot.cases import announcements, episode
from compliance_bot.cases.moment import Moment
from compliance_bot.logs import logger
from compliance_bot.model.events import Attribute, Cause, Change, Event
from compliance_bot.model.platform import Alert, Project
from compliance_bot.rules.attributes import alert_attributes, project_attributes
from compliance_bot.store import cursors, objects
from compliance_bot.store import projects as store
from compliance_bot.store.objects import Standing
from compliance_bot.store.projects import KnownAlert, KnownProject
from compliance_bot.store.transaction import Transaction, concerns_the_file

_log = logger(__name__)

PROJECTS_LINE, ALERTS_LINE = "baseline:project", "baseline:alert"
SCORE_STEP = 5
"""Points by which a score must have moved since it was last told."""
STALLED = "stalled"
"""The type of alert that is told from here; the others are other events' matter."""
LEFT_AFTER = 2
"""Complete answers in a row without an alert, until it counts as left: one may be a slip of Studio's."""
_READY = {"approved": Change.APPROVED, "completed": Change.COMPLETED}
"""Statuses whose coming means that the report is ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDifference:
    """One speaking difference of a project; ``before`` and ``after`` are Studio's words."""

    type: str
    change: Change
    before: str
    after: str


def between(known: KnownProject, after: Project) -> list[ProjectDifference]:
    """The speaking differences, each one event. Pure."""
    found = []
    before = known.project.status
    if after.status != before:
        ready = _READY.get(after.status)
        kind, change = ("update", Change.STATUS) if ready is None else ("report", ready)
        found.append(ProjectDifference(type=kind, change=change, before=before, after=after.status))
    said, score = known.score_said, after.score
    if said is not None and score is not None and abs(score - said) >= SCORE_STEP:
        moved = ProjectDifference(type="update", change=Change.SCORE, before=str(said), after=str(score))
        found.append(moved)
    return found


# ---------------------------------------------------------------- projects


def observe_projects(tx: Transaction, moment: Moment, projects: Iterable[Project], *, sent_at: float) -> int:
    """Take in what an answer asked for at ``sent_at`` says of projects; how many events that made."""
    given = {project.id: project for project in projects}
    known = store.find_many(tx, list(given))
    line = _is_drawn(tx, PROJECTS_LINE)
    told, unchanged = 0, []
    for project in given.values():
        before = known.get(project.id)
        if before is None:
            standing = Standing.SILENT if line else Standing.BASELINE
            _guarded(tx, project.id, partial(_first_seen, tx, moment, project, standing, sent_at))
        elif sent_at < before.accepted_at:
            continue
        elif project == before.project:
            unchanged.append(before.id)
        else:
            told += _guarded(tx, project.id, partial(_take_in, tx, moment, before, project, sent_at))
    objects.seen_again(tx, unchanged, sent_at=sent_at, now=moment.now, walk=None)
    return told


def _first_seen(tx: Transaction, moment: Moment, project: Project, standing: Standing, sent_at: float) -> int:
    store.add(tx, project, standing=standing, sent_at=sent_at, now=moment.now)
    return 0


def _take_in(tx: Transaction, moment: Moment, known: KnownProject, after: Project, sent_at: float) -> int:
    found = between(known, after)
    moved = known.score_said is None or any(one.change is Change.SCORE for one in found)
    said = after.score if moved else known.score_said
    store.accept(tx, known, after, score_said=said, at=sent_at, now=moment.now)
    for difference in found:
        event = _project_event(moment, after, difference)
        _tell(tx, moment, event, known.id, after.id, (difference.before, difference.after))
    return len(found)


def _project_event(moment: Moment, project: Project, difference: ProjectDifference) -> Event:
    attributes = project_attributes(
        project,
        event_type=difference.type,
        change=difference.change,
        now=moment.now,
        url=moment.project_link(project.id),
    )
    return _event(project.id, difference.type, difference.change, attributes)


def projects_read(tx: Transaction, moment: Moment, *, rows: int) -> None:
    """Note that the list of projects was read whole: from now on what differs is told."""
    if rows:
        _draw(tx, moment, PROJECTS_LINE, rows)


# ---------------------------------------------------------------- alerts


def told_alerts(alerts: Iterable[Alert]) -> list[Alert]:
    """Those among the alerts that are told from here, each once."""
    return list({store.name_of(alert): alert for alert in alerts if alert.type == STALLED}.values())


def observe_alerts(tx: Transaction, moment: Moment, alerts: Iterable[Alert], *, sent_at: float) -> int:
    """Take in alerts that stand in an answer asked for at ``sent_at``; how many events that made."""
    given = {store.name_of(alert): alert for alert in alerts}
    known = store.find_alerts(tx, list(given))
    told, unchanged = 0, []
    for name, alert in given.items():
        before = known.get(name)
        if before is None or before.standing is Standing.GONE:
            if before is None or sent_at >= before.accepted_at:
                told += _guarded(tx, name, partial(_enters, tx, moment, before, alert, sent_at))
        elif sent_at >= before.accepted_at:
            unchanged.append(before.id)
    objects.seen_again(tx, unchanged, sent_at=sent_at, now=moment.now, walk=None)
    return told


def _enters(tx: Transaction, moment: Moment, before: KnownAlert | None, alert: Alert, sent_at: float) -> int:
    told = _is_drawn(tx, ALERTS_LINE)
    standing = Standing.SILENT if told else Standing.BASELINE
    if before is None:
        object_id = store.add_alert(tx, alert, standing=standing, sent_at=sent_at, now=moment.now)
    else:
        object_id = before.id
        store.accept_alert(tx, before, alert, at=sent_at, now=moment.now)
        objects.set_standing(tx, object_id, standing)
    if told:
        known = store.find(tx, alert.entity_id)
        attributes = alert_attributes(
            alert,
            None if known is None else known.project,
            change=Change.STALLED,
            now=moment.now,
            url=moment.project_link(alert.entity_id),
        )
        event = _event(alert.entity_id, "update", Change.STALLED, attributes)
        _tell(tx, moment, event, object_id, alert.entity_id, (None, None))
    return int(told)


def alerts_read(
    tx: Transaction, moment: Moment, names: Collection[str], *, rows: int, sent_at: float
) -> None:
    """Note that the alerts were read whole: whichever is not among ``names`` is missing, or has left.

    ``rows``: how many alerts there were of every type. None at all is believed at first only of a Studio
    that has shown us projects.
    """
    for name, known in store.standing_alerts(tx).items():
        if name in names or sent_at < known.accepted_at:
            continue
        if store.miss_alert(tx, known, at=sent_at) >= LEFT_AFTER:
            objects.set_standing(tx, known.id, Standing.GONE)
    if rows or _is_drawn(tx, PROJECTS_LINE):
        _draw(tx, moment, ALERTS_LINE, rows)


# ---------------------------------------------------------------- both


def _event(project_id: str, kind: str, change: Change, attributes: dict[str, Attribute]) -> Event:
    return Event(type=kind, studio_id=project_id, change=change, cause=Cause.STUDIO, attributes=attributes)


def _tell(
    tx: Transaction,
    moment: Moment,
    event: Event,
    object_id: int,
    project_id: str,
    was: tuple[str | None, str | None],
) -> None:
    """Record an event, and announce it unless it is of a project that ``studio.projects`` leaves out."""
    allowed = moment.rulebook.rules.studio.projects
    if allowed and project_id not in allowed:
        episode.record(tx, moment, object_id, event, was=was)
        return
    announcements.announce(tx, moment, event, object_id=object_id, was=was)
    objects.set_standing(tx, object_id, Standing.TOLD)


def _is_drawn(tx: Transaction, line: str) -> bool:
    return cursors.read(tx, line) is not None


def _draw(tx: Transaction, moment: Moment, line: str, rows: int) -> None:
    if not _is_drawn(tx, line):
        cursors.move(tx, line, {"complete": True, "rows": rows}, moment.now)
        _log.info("baseline.complete", line=line, rows=rows)


def _guarded(tx: Transaction, name: str, take: Callable[[], int]) -> int:
    """Take one row in; one that cannot be is said, and takes no other with it."""
    tx.execute("SAVEPOINT project")
    events = 0
    try:
        events = take()
    except Exception as error:
        if concerns_the_file(error):
            raise
        tx.execute("ROLLBACK TO project")
        _log.exception("projects.row.quarantined", row=name)
    tx.execute("RELEASE project")
    return events
