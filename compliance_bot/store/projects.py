"""Studio's projects and alerts as we last knew them, in the table that holds the findings too.

There are few of them, so they are compared whole: no fingerprint is kept.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from compliance_bot.model.platform import Alert, Project
from compliance_bot.store.objects import Standing
from compliance_bot.store.transaction import Transaction

SOURCE = "platform"
PROJECT, ALERT = "project", "alert"

_Row = TypeVar("_Row", Project, Alert)
_ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProject:
    """A project as it stands in the store. ``accepted_at``: when its last answer was asked for.

    ``score_said``: the score that was told last, or stood when it was first seen.
    """

    id: int
    project: Project
    score_said: int | None
    accepted_at: float
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAlert:
    """An alert as it stands in the store; ``GONE`` once it left. ``missing``: answers in a row without it."""

    id: int
    alert: Alert
    missing: int
    accepted_at: float
    standing: Standing


def name_of(alert: Alert) -> str:
    """What names an alert, since Studio gives it no id: ``stalled:<project>``."""
    return f"{alert.type}:{alert.entity_id}"


# ---------------------------------------------------------------- projects


def find(tx: Transaction, project_id: str) -> KnownProject | None:
    """The project with that id in Studio, as we know it."""
    return find_many(tx, [project_id]).get(project_id)


def find_many(tx: Transaction, project_ids: Sequence[str]) -> dict[str, KnownProject]:
    """The known ones among these ids."""
    return {studio_id: _project(row) for studio_id, row in _rows(tx, PROJECT, project_ids).items()}


def add(tx: Transaction, project: Project, *, standing: Standing, sent_at: float, now: float) -> int:
    """Write down a project never seen before, with its score as the one to measure from; the row's id."""
    state = _project_state(project, project.score)
    row = {"kind": PROJECT, "studio_id": project.id, "state": state, "status": project.status}
    return _add(tx, row, standing, sent_at, now)


def accept(
    tx: Transaction, known: KnownProject, project: Project, *, score_said: int | None, at: float, now: float
) -> None:
    """Take what an answer says, asked for at ``at``, as what we know."""
    _accept(tx, known.id, _project_state(project, score_said), project.status, at=at, now=now)


def _project_state(project: Project, score_said: int | None) -> str:
    return _to_json({"project": dataclasses.asdict(project), "score_said": score_said})


def _project(row: Any) -> KnownProject:
    state = json.loads(row["state"])
    return KnownProject(
        id=row["id"],
        project=_read(Project, state["project"]),
        score_said=state["score_said"],
        accepted_at=row["accepted_at"],
        standing=Standing(row["standing"]),
    )


# ---------------------------------------------------------------- alerts


def find_alerts(tx: Transaction, names: Sequence[str]) -> dict[str, KnownAlert]:
    """The known ones among these names, also such as have left."""
    return {name: _alert(row) for name, row in _rows(tx, ALERT, names).items()}


def standing_alerts(tx: Transaction) -> dict[str, KnownAlert]:
    """All that have not left, by name."""
    rows = tx.all(
        "SELECT * FROM object WHERE source = ? AND kind = ? AND standing <> 'gone'", (SOURCE, ALERT)
    )
    return {row["studio_id"]: _alert(row) for row in rows}


def add_alert(tx: Transaction, alert: Alert, *, standing: Standing, sent_at: float, now: float) -> int:
    """Write down an alert never seen before; the row's id."""
    state = _to_json(dataclasses.asdict(alert))
    row = {"kind": ALERT, "studio_id": name_of(alert), "state": state, "status": alert.severity}
    return _add(tx, row, standing, sent_at, now)


def accept_alert(tx: Transaction, known: KnownAlert, alert: Alert, *, at: float, now: float) -> None:
    """Take what an answer says, asked for at ``at``, as what we know."""
    _accept(tx, known.id, _to_json(dataclasses.asdict(alert)), alert.severity, at=at, now=now)


def miss_alert(tx: Transaction, known: KnownAlert, *, at: float) -> int:
    """Count one more answer without it, asked for at ``at``; how many there are in a row."""
    tx.execute(
        "UPDATE object SET missing_walks = missing_walks + 1, accepted_at = ? WHERE id = ?", (at, known.id)
    )
    return known.missing + 1


def _alert(row: Any) -> KnownAlert:
    return KnownAlert(
        id=row["id"],
        alert=_read(Alert, json.loads(row["state"])),
        missing=row["missing_walks"],
        accepted_at=row["accepted_at"],
        standing=Standing(row["standing"]),
    )


# ---------------------------------------------------------------- both


def _read(kind: type[_Row], stored: dict[str, Any]) -> _Row:
    """Read one back; a field that another version of this program wrote is passed over."""
    names = {field.name for field in dataclasses.fields(kind)}
    return kind(**{name: value for name, value in stored.items() if name in names})


def _to_json(state: dict[str, Any]) -> str:
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"))


def _rows(tx: Transaction, kind: str, studio_ids: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for start in range(0, len(studio_ids), _ASKED_AT_ONCE):
        part = studio_ids[start : start + _ASKED_AT_ONCE]
        rows = tx.all(
            "SELECT * FROM object WHERE source = ? AND kind = ? AND studio_id IN "
            f"({','.join('?' * len(part))})",
            [SOURCE, kind, *part],
        )
        found.update({row["studio_id"]: row for row in rows})
    return found


def _add(tx: Transaction, row: dict[str, str], standing: Standing, sent_at: float, now: float) -> int:
    return tx.insert(
        "object",
        **row,
        source=SOURCE,
        fingerprint="",
        severity="",
        first_seen=now,
        last_seen=now,
        accepted_at=sent_at,
        standing=standing.value,
    )


def _accept(tx: Transaction, object_id: int, state: str, status: str, *, at: float, now: float) -> None:
    tx.execute(
        "UPDATE object SET state = ?, status = ?, accepted_at = ?, last_seen = ?, missing_walks = 0 "
        "WHERE id = ?",
        (state, status, at, now, object_id),
    )
