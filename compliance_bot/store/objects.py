"""Studio's objects as we last knew them: the other half of every comparison."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from compliance_bot.model.findings import Finding, FindingStatus, Severity
from compliance_bot.store.transaction import Transaction

FINDINGS = ("platform", "finding")
"""Source and kind of the objects of this file's first user."""

_LISTS = ("frameworks", "controls")
_NAMES = tuple(field.name for field in dataclasses.fields(Finding))
_VALUES = operator.attrgetter(*_NAMES)
_LISTED_VALUES = operator.attrgetter(*(name for name in _NAMES if not name.startswith("project_")))


class Standing(StrEnum):
    """Why an object has, or has not, a case."""

    TOLD = "told"
    BASELINE = "baseline"
    HELD = "held"
    SILENT = "silent"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFinding:
    """A finding as it stands in the store. ``accepted_at``: when its last answer was asked for."""

    id: int
    finding: Finding
    fingerprint: str
    accepted_at: float
    seen_walk: int
    missing_walks: int
    standing: Standing


def to_state(finding: Finding) -> str:
    """Write a finding down as JSON."""
    # Not ``asdict``, which copies every value and costs a page of 500 rows five times as much.
    fields = dict(zip(_NAMES, _VALUES(finding), strict=True))
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def from_state(state: str) -> Finding:
    """Read a finding back; a field that another version of this program wrote is passed over."""
    stored: dict[str, Any] = json.loads(state)
    fields = {name: stored[name] for name in _NAMES if name in stored}
    fields["severity"] = Severity(fields["severity"])
    fields["status"] = FindingStatus(fields["status"])
    for name in _LISTS:
        fields[name] = tuple(fields.get(name) or ())
    return Finding(**fields)


def fingerprint(finding: Finding) -> str:
    """The short word by which two answers are compared: of what Studio's list tells, so no project."""
    told = json.dumps(_LISTED_VALUES(finding), ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def find(tx: Transaction, studio_id: str) -> KnownFinding | None:
    """The finding with that id in Studio, as we know it."""
    return find_many(tx, [studio_id]).get(studio_id)


def find_by_row(tx: Transaction, object_id: int) -> KnownFinding:
    """The finding behind a row's id; the row must exist."""
    row = tx.one("SELECT * FROM object WHERE id = ?", (object_id,))
    if row is None:
        raise LookupError(f"no object {object_id}")
    return _known(row)


def find_many(tx: Transaction, studio_ids: Sequence[str]) -> dict[str, KnownFinding]:
    """The known ones among these ids (at most 500 at a time cost one question)."""
    found: dict[str, KnownFinding] = {}
    for start in range(0, len(studio_ids), 500):
        part = studio_ids[start : start + 500]
        rows = tx.all(
            "SELECT * FROM object WHERE source = ? AND kind = ? AND studio_id IN "
            f"({','.join('?' * len(part))})",
            [*FINDINGS, *part],
        )
        found.update({row["studio_id"]: _known(row) for row in rows})
    return found


def _known(row: Any) -> KnownFinding:
    return KnownFinding(
        id=row["id"],
        finding=from_state(row["state"]),
        fingerprint=row["fingerprint"],
        accepted_at=row["accepted_at"],
        seen_walk=row["seen_walk"],
        missing_walks=row["missing_walks"],
        standing=Standing(row["standing"]),
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """Enough of a known finding to pass over it when nothing changed."""

    id: int
    fingerprint: str
    accepted_at: float
    standing: str


def begin_with(tx: Transaction, start: str, limit: int = 2) -> list[str]:
    """Studio's ids of findings that begin so, in their order."""
    rows = tx.all(
        "SELECT studio_id FROM object WHERE source = ? AND kind = ? AND studio_id >= ? AND studio_id < ? "
        "ORDER BY studio_id LIMIT ?",
        (*FINDINGS, start, start + "\U0010ffff", limit),
    )
    return [row["studio_id"] for row in rows]


def fingerprints(tx: Transaction, studio_ids: Sequence[str]) -> dict[str, Mark]:
    """The marks of the known ones among these ids."""
    found: dict[str, Mark] = {}
    for start in range(0, len(studio_ids), 500):
        part = studio_ids[start : start + 500]
        rows = tx.all(
            "SELECT id, studio_id, fingerprint, accepted_at, standing FROM object "
            "WHERE source = ? AND kind = ? "
            f"AND studio_id IN ({','.join('?' * len(part))})",
            [*FINDINGS, *part],
        )
        found.update({row[1]: Mark(row[0], row[2], row[3], row[4]) for row in rows})
    return found


def add(
    tx: Transaction, finding: Finding, *, standing: Standing, sent_at: float, now: float, walk: int | None
) -> int:
    """Write down a finding never seen before; returns the row's id."""
    state = to_state(finding)
    source, kind = FINDINGS
    return tx.insert(
        "object",
        source=source,
        kind=kind,
        studio_id=finding.id,
        grouping=finding.integration_id,
        state=state,
        fingerprint=fingerprint(finding),
        status=finding.status.value,
        severity=finding.severity.value,
        first_seen=now,
        last_seen=now,
        accepted_at=sent_at,
        seen_walk=walk or 0,
        standing=standing.value,
    )


def accept(tx: Transaction, object_id: int, finding: Finding, *, at: float, now: float) -> None:
    """Take what an answer says as what we know; ``at``: when it was asked for (or a write answered)."""
    state = to_state(finding)
    tx.execute(
        "UPDATE object SET state = ?, fingerprint = ?, status = ?, severity = ?, grouping = ?, "
        "accepted_at = ?, last_seen = ?, missing_walks = 0 WHERE id = ?",
        (
            state,
            fingerprint(finding),
            finding.status.value,
            finding.severity.value,
            finding.integration_id,
            at,
            now,
            object_id,
        ),
    )


def seen_again(
    tx: Transaction, object_ids: Iterable[int], *, sent_at: float, now: float, walk: int | None
) -> None:
    """Note that these stood, unchanged, in an answer asked for at ``sent_at``."""
    marks = [(sent_at, now, walk or 0, object_id) for object_id in object_ids]
    tx.execute_many(
        "UPDATE object SET accepted_at = max(accepted_at, ?), last_seen = ?, missing_walks = 0, "
        "seen_walk = max(seen_walk, ?) WHERE id = ?",
        marks,
    )


def mark_walk(tx: Transaction, studio_ids: Sequence[str], walk: int) -> None:
    """Note that these were present in that walk, whatever their answer said."""
    source, kind = FINDINGS
    tx.execute_many(
        "UPDATE object SET seen_walk = max(seen_walk, ?), missing_walks = 0 "
        "WHERE source = ? AND kind = ? AND studio_id = ?",
        [(walk, source, kind, studio_id) for studio_id in studio_ids],
    )


def set_standing(tx: Transaction, object_id: int, standing: Standing) -> None:
    """Change why an object has, or has not, a case."""
    tx.update("object", object_id, standing=standing.value)


def set_gone(tx: Transaction, object_id: int, *, at: float) -> None:
    """Note that Studio has it no more, by an answer asked for at ``at``: older answers are stale."""
    tx.execute(
        "UPDATE object SET standing = 'gone', accepted_at = max(accepted_at, ?) WHERE id = ?", (at, object_id)
    )


def count(tx: Transaction) -> dict[str, int]:
    """How many findings stand in each standing."""
    rows = tx.all(
        "SELECT standing, count(*) AS n FROM object WHERE source = ? AND kind = ? GROUP BY standing", FINDINGS
    )
    return {row["standing"]: row["n"] for row in rows}


def count_by_severity(tx: Transaction, standing: Standing) -> dict[str, int]:
    """How many findings of that standing there are of each severity."""
    rows = tx.all(
        "SELECT severity, count(*) AS n FROM object WHERE source = ? AND kind = ? AND standing = ?"
        " GROUP BY severity",
        (*FINDINGS, standing.value),
    )
    return {row["severity"]: row["n"] for row in rows}


def count_outside(tx: Transaction, projects: Sequence[str]) -> int:
    """How many findings are kept silent that belong to none of these projects."""
    source, kind = FINDINGS
    row = tx.one(
        "SELECT count(*) FROM object WHERE source = ? AND kind = ? AND standing = 'silent' "
        "AND coalesce(json_extract(state, '$.project_id'), '') NOT IN "
        f"({','.join('?' * len(projects))})",
        (source, kind, *projects),
    )
    return 0 if row is None else int(row[0])


# ---------------------------------------------------------------- who is missing


def mark_missing(tx: Transaction, *, walk: int, started_at: float) -> None:
    """Count one more walk for every finding that this one, which counted, did not see."""
    tx.execute(
        "UPDATE object SET missing_walks = missing_walks + 1 WHERE source = ? AND kind = ? "
        "AND seen_walk < ? AND last_seen < ? AND standing <> 'gone'",
        (*FINDINGS, walk, started_at),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """How one integration's open findings fared in a walk: how many there were, how many it missed.

    What came since the moment asked about and stands is ``new``; all else was there before.
    """

    name: str
    open: int
    missing: int
    new: int


def by_integration(tx: Transaction, *, since: float) -> list[Integration]:
    """Every integration with open findings missing from the last walk."""
    rows = tx.all(
        "SELECT grouping, count(*) FILTER (WHERE first_seen <= ? OR missing_walks > 0) AS open, "
        "count(*) FILTER (WHERE missing_walks > 0) AS missing, "
        "count(*) FILTER (WHERE first_seen > ? AND missing_walks = 0) AS new "
        "FROM object WHERE grouping IS NOT NULL AND standing <> 'gone' "
        "AND status IN ('open', 'investigating', 'in_progress') GROUP BY grouping",
        (since, since),
    )
    return [
        Integration(name=row["grouping"], open=row["open"], missing=row["missing"], new=row["new"])
        for row in rows
    ]


def missing(tx: Transaction, *, walks: int, grouping: str | None = None) -> list[tuple[int, str, str | None]]:
    """Row id, Studio id and integration of those unseen in at least so many walks."""
    rows = tx.all(
        "SELECT id, studio_id, grouping FROM object WHERE source = ? AND kind = ? AND missing_walks >= ? "
        "AND standing <> 'gone' AND (? IS NULL OR grouping = ?)",
        (*FINDINGS, walks, grouping, grouping),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def of_standing(tx: Transaction, standing: Standing, grouping: str) -> list[tuple[int, Finding]]:
    """The findings of one integration in that standing."""
    rows = tx.all(
        "SELECT id, state FROM object WHERE standing = ? AND grouping = ?", (standing.value, grouping)
    )
    return [(row["id"], from_state(row["state"])) for row in rows]
