"""Working days: counted on somebody's own calendar, whatever the clocks do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.config.schema import QuietHours
from compliance_bot.config.units import WEEKDAYS
from compliance_bot.rules.local_time import local
from compliance_bot.rules.working_days import (
    EVENING,
    MORNING,
    add_working_days,
    end_of_working_day,
    holidays_of,
    morning_of,
    next_morning,
    reminder_before,
    works,
)

ZURICH = ZoneInfo("Europe/Zurich")
ZONES = tuple(
    map(
        ZoneInfo,
        (
            "UTC",
            "Europe/Zurich",
            "America/Santiago",
            "Asia/Kathmandu",
            "Australia/Lord_Howe",
            "Africa/Cairo",
            "Pacific/Apia",
        ),
    )
)
"""With and without clock changes: at two, at midnight, of half an hour, of a whole day."""

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 1, 1))
holidays = st.lists(st.sampled_from(WEEKDAYS) | days.map(date.isoformat), max_size=6)
moments = st.floats(min_value=946_684_800, max_value=2_840_140_800)


def at(text: str, zone: ZoneInfo = ZURICH) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def test_a_weekend_is_stepped_over() -> None:
    friday = date(2026, 11, 27)
    assert add_working_days(friday, 1) == date(2026, 11, 30)
    assert add_working_days(friday, 5) == date(2026, 12, 4)
    assert add_working_days(date(2026, 11, 29), 1) == date(2026, 11, 30)
    assert add_working_days(date(2026, 11, 30), -1) == friday


def test_holidays_are_those_of_quiet_hours() -> None:
    section = QuietHours(**{"from": "20:00", "to": "07:00", "holidays": ("fri", "2026-11-30")})
    free = holidays_of(section)
    assert add_working_days(date(2026, 11, 26), 1, free) == date(2026, 12, 1)
    assert holidays_of(None) == ()


def test_a_working_day_ends_in_the_evening_of_the_person() -> None:
    assert end_of_working_day(date(2026, 11, 27), ZURICH) == at("2026-11-27 17:00")
    assert end_of_working_day(date(2026, 11, 27), ZoneInfo("UTC")) == at("2026-11-27 18:00")


def test_the_next_morning_is_that_of_the_next_working_day() -> None:
    assert next_morning(at("2026-11-27 08:00"), ZURICH) == at("2026-11-30 09:00")
    assert next_morning(at("2026-11-30 23:59"), ZURICH) == at("2026-12-01 09:00")


def test_over_a_clock_change_the_morning_stays_the_morning() -> None:
    assert next_morning(at("2026-03-27 10:00"), ZURICH) == at("2026-03-30 09:00")
    assert next_morning(at("2026-03-27 09:00"), ZURICH) - at("2026-03-27 09:00") == 71 * 3600


@pytest.mark.parametrize(
    ("now", "end", "then"),
    [
        ("2026-11-24 12:00", "2026-11-30 17:00", "2026-11-27 09:00"),
        ("2026-11-27 12:00", "2026-11-30 17:00", "2026-11-30 09:00"),
        ("2026-11-30 12:00", "2026-11-30 17:00", None),
        ("2026-11-30 07:00", "2026-11-30 08:00", None),
    ],
)
def test_a_reminder_comes_on_the_working_day_before_else_that_morning(
    now: str, end: str, then: str | None
) -> None:
    assert reminder_before(at(end), at(now), ZURICH) == (then and at(then))


@given(days, st.integers(min_value=1, max_value=60), holidays)
def test_so_many_working_days_lie_between(day: date, count: int, free: list[str]) -> None:
    if not any(works(date(2026, 11, 23) + timedelta(days=one), free) for one in range(5)):
        return
    end = add_working_days(day, count, free)
    between = [day + timedelta(days=one) for one in range(1, (end - day).days + 1)]
    assert sum(works(one, free) for one in between) == count
    assert works(end, free)


@given(days, st.integers(min_value=1, max_value=60), holidays)
def test_steps_may_be_taken_one_by_one(day: date, count: int, free: list[str]) -> None:
    by_one = day
    for _ in range(count):
        by_one = add_working_days(by_one, 1, free)
    assert by_one == add_working_days(day, count, free)


@given(moments, st.sampled_from(ZONES), holidays)
def test_the_next_morning_is_ahead_and_shown_by_the_clocks_there(
    now: float, zone: ZoneInfo, free: list[str]
) -> None:
    morning = next_morning(now, zone, free)
    assert morning > now
    assert local(morning, zone).time() >= MORNING


@given(days, st.sampled_from(ZONES[:-1]))
def test_a_day_begins_before_it_ends(day: date, zone: ZoneInfo) -> None:
    assert morning_of(day, zone) < end_of_working_day(day, zone)
    assert local(end_of_working_day(day, zone), zone).time() >= EVENING


@given(moments, moments, st.sampled_from(ZONES), holidays)
def test_a_reminder_lies_between_now_and_the_end(
    now: float, end: float, zone: ZoneInfo, free: list[str]
) -> None:
    then = reminder_before(end, now, zone, free)
    assert then is None or now < then < end
