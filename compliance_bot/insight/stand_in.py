"""The finding that an event's attributes speak of, for events that somebody wrote down by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from compliance_bot.config.near_miss import did_you_mean_or_list
from compliance_bot.model.events import Attribute, Event
from compliance_bot.model.findings import Finding, FindingStatus, Severity
from compliance_bot.rules.attributes import GROUPS

NAMELESS = "00000000-0000-0000-0000-000000000000"
"""Studio's id of what has none given."""

_DAY = 86_400.0
_FARTHEST = 36_525
"""Days, about a century."""
_STATUSES = tuple(status.value for status in FindingStatus)


class Implausible(ValueError):
    """No finding of Studio has such attributes; ``faults`` says why, one sentence each."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def finding_like(
    event: Event, *, categories: Mapping[str, str], now: float
) -> tuple[Finding, tuple[str, ...]]:
    """The finding of which ``event`` would tell, and in words what had to be taken for granted.

    Args:
        event: Of type ``finding``; its attributes of the kinds that the table names.
        categories: ``categories:`` of rules.yaml.
        now: Unix seconds; ``days_remaining`` counts from here.

    Raises:
        Implausible: with every fault.

    """
    given, faults = event.attributes, list[str]()
    assumed: list[str] = []
    severity = _choice(given, "severity", tuple(Severity), None, faults)
    status = _choice(given, "status", _STATUSES, FindingStatus.OPEN.value, faults)
    category = _category(given, categories, faults, assumed)
    due = _due(given, now, faults)
    if faults:
        raise Implausible(*faults)
    missing = (("status", "open"), ("title", "A finding"))
    assumed += [f"{name} is taken to be {taken!r}" for name, taken in missing if name not in given]
    name = _text(given, "assignee")
    finding = Finding(
        id=event.studio_id,
        title=_text(given, "title") or "A finding",
        severity=Severity(severity),
        status=FindingStatus(status),
        category=category,
        description=_text(given, "description") or "",
        resource=_text(given, "resource"),
        frameworks=_frameworks(given),
        recommendation=_text(given, "action"),
        project_name=_text(given, "project"),
        project_id=_text(given, "project_id"),
        assignee_id=name,
        assignee_name=name,
        due=due,
        created_at=now,
        occurrences=_whole(given.get("occurrences"), 1),
    )
    return finding, tuple(assumed)


def _choice(
    given: Mapping[str, Attribute],
    name: str,
    allowed: tuple[str, ...],
    default: str | None,
    faults: list[str],
) -> str:
    value = given.get(name, default)
    if value is None:
        faults.append(f"{name} is missing: every finding has one ({', '.join(allowed)})")
    elif value not in allowed:
        hint = did_you_mean_or_list(str(value), allowed)
        faults.append(f"a finding's {name} is never {str(value)!r} ({hint})")
    return str(value)


def _frameworks(given: Mapping[str, Attribute]) -> tuple[str, ...]:
    named = given.get("frameworks")
    if isinstance(named, tuple) and named:
        return named
    return (str(given["framework"]),) if "framework" in given else ()


def _text(given: Mapping[str, Attribute], name: str) -> str | None:
    value = given.get(name)
    return value if isinstance(value, str) else None


def _whole(value: Attribute | None, otherwise: int) -> int:
    return int(value) if isinstance(value, int | float) else otherwise


def _category(
    given: Mapping[str, Attribute], categories: Mapping[str, str], faults: list[str], assumed: list[str]
) -> str:
    """Studio's category: as given, else one of the group that is given."""
    if "finding_category" in given:
        return str(given["finding_category"])
    group = str(given.get("category", "other"))
    known = {**GROUPS, **categories, "other": categories.get("other", "other")}
    found = next((name for name, meant in known.items() if meant == group), None)
    if found is None:
        hint = did_you_mean_or_list(group, sorted(set(known.values())))
        faults.append(f"category is a group of categories, and none is called {group!r} ({hint})")
        return ""
    assumed.append(f"finding_category is taken to be {found!r}")
    return found


def _due(given: Mapping[str, Attribute], now: float, faults: list[str]) -> float | None:
    """Midnight (UTC) of the day that ``due`` or ``days_remaining`` names."""
    if "due" in given:
        try:
            day = date.fromisoformat(str(given["due"]))
        except ValueError:
            faults.append("due must be a day such as 2026-12-31")
            return None
        return datetime.combine(day, time(), UTC).timestamp()
    if "days_remaining" in given:
        days = _whole(given["days_remaining"], 0)
        if abs(days) > _FARTHEST:
            faults.append("days_remaining is farther away than anybody plans")
            return None
        return (now // _DAY + days) * _DAY
    return None
