"""When the clocks of a time zone show something. Pure arithmetic on local calendars.

A local time that a clock change skips is the next minute that is shown; of one that comes twice, the first
counts.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MINUTE = timedelta(minutes=1)


@lru_cache(maxsize=256)
def zone_called(name: str) -> ZoneInfo:
    """The time zone of that name; UTC for one that nobody here knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local(at: float, zone: ZoneInfo) -> datetime:
    """What the clocks of ``zone`` show at ``at``, Unix seconds."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone)


def instant(day: date, at: time, zone: ZoneInfo) -> float:
    """When the clocks of ``zone`` show that, Unix seconds; skipped: the next minute that they show."""
    shown = datetime.combine(day, at)
    while not _exists(shown, zone):
        shown += _MINUTE
    return shown.replace(tzinfo=zone).timestamp()


def _exists(shown: datetime, zone: ZoneInfo) -> bool:
    there = shown.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there.replace(tzinfo=None) == shown
