"""The ends that a form offers, in the zone of whoever chooses. Pure arithmetic on local calendars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from compliance_bot.rules.local_time import instant, local
from compliance_bot.rules.working_days import EVENING, MORNING, add_working_days, end_of_working_day

WORKING_DAYS = (1, 2, 5, 10, 20)
"""So many working days are offered to mend something in."""

__all__ = ["EVENING", "MORNING", "Offered", "chosen_instant", "fix_ends", "snooze_ends"]

_DAY = timedelta(days=1)
_SOON = 900.0
"""Seconds: an end that is nearer than this is not worth offering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One end. ``name`` stays the same whenever it is offered: ``tomorrow``. ``at``: Unix seconds."""

    name: str
    at: float


def snooze_ends(now: float, zone: ZoneInfo) -> tuple[Offered, ...]:
    """Ends this evening, tomorrow morning, on Monday, in a week; each moment once, in order."""
    today = local(now, zone).date()
    monday = today + (7 - today.weekday()) * _DAY
    named = {
        "evening": instant(today, EVENING, zone),
        "tomorrow": instant(today + _DAY, MORNING, zone),
        "monday": instant(monday, MORNING, zone),
        "week": instant(today + 7 * _DAY, MORNING, zone),
    }
    first: dict[float, str] = {}
    for name, at in named.items():
        if at > now + _SOON:
            first.setdefault(at, name)
    return tuple(Offered(name=name, at=at) for at, name in sorted(first.items()))


def fix_ends(now: float, zone: ZoneInfo, holidays: Sequence[str] = ()) -> tuple[Offered, ...]:
    """The evenings of working days to come; ``days_5``: of the fifth. ``holidays``: as ``quiet_hours``."""
    today = local(now, zone).date()
    days = [(count, add_working_days(today, count, holidays)) for count in WORKING_DAYS]
    return tuple(Offered(name=f"days_{count}", at=end_of_working_day(day, zone)) for count, day in days)


def chosen_instant(day: str, at: str, zone: ZoneInfo) -> float | None:
    """When that is (``2026-11-30``, ``09:00``), Unix seconds; None for what is no date or no time."""
    try:
        return instant(date.fromisoformat(day), time.fromisoformat(at), zone)
    except (ValueError, OverflowError):
        return None
