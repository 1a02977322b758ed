"""Working days on somebody's own calendar. Pure arithmetic, whatever the clocks do.

A working day is Monday to Friday and none of ``holidays``: dates and days of the week, as ``quiet_hours``
names them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from compliance_bot.config.schema import QuietHours
from compliance_bot.config.units import WEEKDAYS
from compliance_bot.rules.local_time import instant, local

MORNING, EVENING = time(9), time(17)
"""When a working day begins and ends, as far as promises go."""

LONGEST = 400
"""Days in a row that may be free; more are taken for a slip, and the day after them works."""

_DAY = timedelta(days=1)
_WEEKEND = ("sat", "sun")


def holidays_of(section: QuietHours | None) -> tuple[str, ...]:
    """The days that nobody works, besides weekends."""
    return () if section is None else section.holidays


def works(day: date, holidays: Collection[str] = ()) -> bool:
    """Whether that is a working day."""
    weekday = WEEKDAYS[day.weekday()]
    return weekday not in _WEEKEND and weekday not in holidays and day.isoformat() not in holidays


def add_working_days(day: date, count: int, holidays: Collection[str] = ()) -> date:
    """The working day that is so many of them after ``day``; below zero: before it; 0: ``day`` itself."""
    step = _DAY if count > 0 else -_DAY
    for _ in range(abs(count)):
        day = _next(day, step, holidays)
    return day


def _next(day: date, step: timedelta, holidays: Collection[str]) -> date:
    for _ in range(LONGEST):
        day += step
        if works(day, holidays):
            break
    return day


def end_of_working_day(day: date, zone: ZoneInfo) -> float:
    """When that day's work ends, Unix seconds."""
    return instant(day, EVENING, zone)


def morning_of(day: date, zone: ZoneInfo) -> float:
    """When that day's work begins, Unix seconds."""
    return instant(day, MORNING, zone)


def next_morning(now: float, zone: ZoneInfo, holidays: Collection[str] = ()) -> float:
    """The morning of the next working day after today's, Unix seconds."""
    return morning_of(add_working_days(local(now, zone).date(), 1, holidays), zone)


def reminder_before(end: float, now: float, zone: ZoneInfo, holidays: Collection[str] = ()) -> float | None:
    """When somebody is to be reminded of an ``end``: the morning of the working day before it.

    Once that is past, the morning of the day itself; None where that is past too. Unix seconds.
    """
    day = local(end, zone).date()
    mornings = (morning_of(one, zone) for one in (add_working_days(day, -1, holidays), day))
    return next((at for at in mornings if now < at < end), None)
