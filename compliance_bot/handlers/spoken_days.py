"""Days as people say them: ``2026-12-01``, ``monday``, ``3d``, ``tomorrow``; and what a day is called."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_AFTER = re.compile(r"(?:in )?(\d{1,4}) ?(d|w|days?|weeks?)")
_SHORTEST_DAY = 2


def read_day(said: str, today: date) -> date | None:
    """The day that is meant, reckoned from ``today``; None where nobody could tell.

    A day of the week is the next one to come; the same as today's is in a week.
    """
    words = " ".join(said.lower().split()).rstrip(".,").removeprefix("on ").removeprefix("next ")
    near = {"today": 0, "tomorrow": 1}.get(words)
    try:
        if near is not None:
            return today + timedelta(days=near)
        if (after := _AFTER.fullmatch(words)) is not None:
            return today + timedelta(days=int(after[1]) * (7 if after[2].startswith("w") else 1))
        return _weekday(words, today) or date.fromisoformat(words)
    except (ValueError, OverflowError):
        return None


def _weekday(words: str, today: date) -> date | None:
    if len(words) < _SHORTEST_DAY:
        return None
    meant = [number for number, name in enumerate(DAYS) if name.lower().startswith(words)]
    if len(meant) != 1:
        return None
    return today + timedelta(days=(meant[0] - today.weekday() - 1) % 7 + 1)


def begins_at(day: date, zone: str | None) -> float:
    """When a day begins for somebody in that time zone, Unix seconds."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone or "UTC")).timestamp()


def day_of(at: float, zone: str | None) -> date:
    """Which day it is for somebody in that time zone at ``at`` (Unix seconds)."""
    return datetime.fromtimestamp(at, tz=ZoneInfo(zone or "UTC")).date()


def day_words(day: date) -> str:
    """``Monday 30 November 2026``. Plain text."""
    return f"{DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"
