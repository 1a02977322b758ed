"""When messages that are not urgent wait, and until when. Pure arithmetic on local calendars.

A window belongs to the day on which it begins. A holiday is the whole local day. A local time that a
clock change skips is the next valid minute; of one that comes twice, the first counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from compliance_bot.config.schema import QuietHours
from compliance_bot.config.units import WEEKDAYS
from compliance_bot.rules.local_time import instant, local

LONGEST = 400
"""Windows that follow one another without a gap, at most: rules that leave no gap end nowhere."""

_DAY = timedelta(days=1)
_MIDNIGHT = time()
_NEAR = (-2, -1, 0, 1)
"""Days whose windows may hold a moment, counted from its local date: a clock change may move a day."""


def held_until(section: QuietHours | None, now: float) -> float | None:
    """When the quiet that holds at ``now`` ends; None while it is not quiet. Unix seconds.

    Windows that meet or overlap (a holiday right after a night) are one quiet with one end.
    """
    if section is None:
        return None
    end = now
    for _ in range(LONGEST):
        later = _end_of(section, end)
        if later is None:
            break
        end = later
    return None if end == now else end


def _end_of(section: QuietHours, at: float) -> float | None:
    """The latest end among the windows that hold ``at``."""
    day = local(at, ZoneInfo(section.timezone)).date()
    ends = [end for near in _NEAR for begin, end in _windows(section, day + near * _DAY) if begin <= at < end]
    return max(ends, default=None)


@lru_cache(maxsize=64)
def _windows(section: QuietHours, day: date) -> tuple[tuple[float, float], ...]:
    """The quiet that begins on ``day``: its own window and, on a holiday, the day itself."""
    return tuple(_each_window(section, day))


def _each_window(section: QuietHours, day: date) -> Iterator[tuple[float, float]]:
    zone, weekday = ZoneInfo(section.timezone), WEEKDAYS[day.weekday()]
    if weekday in section.days:
        begin, end = time.fromisoformat(section.from_), time.fromisoformat(section.to)
        last = day if begin < end else day + _DAY
        yield instant(day, begin, zone), instant(last, end, zone)
    if weekday in section.holidays or day.isoformat() in section.holidays:
        yield instant(day, _MIDNIGHT, zone), instant(day + _DAY, _MIDNIGHT, zone)
