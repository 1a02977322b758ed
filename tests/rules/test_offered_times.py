from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.rules.local_time import local, zone_called
from compliance_bot.rules.offered_times import chosen_instant, fix_ends, snooze_ends
from compliance_bot.rules.working_days import add_working_days

ZURICH = ZoneInfo("Europe/Zurich")
ZONES = st.sampled_from(["Europe/Zurich", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "UTC"])


def at(text: str, zone: ZoneInfo = ZURICH) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def shown(now: str, zone: ZoneInfo = ZURICH) -> list[tuple[str, str]]:
    ends = snooze_ends(at(now, zone), zone)
    return [(one.name, local(one.at, zone).strftime("%a %H:%M")) for one in ends]


def test_a_snooze_ends_this_evening_tomorrow_on_monday_or_in_a_week() -> None:
    assert shown("2026-11-24 10:00") == [
        ("evening", "Tue 17:00"),
        ("tomorrow", "Wed 09:00"),
        ("monday", "Mon 09:00"),
        ("week", "Tue 09:00"),
    ]


def test_an_evening_that_is_over_is_not_offered() -> None:
    assert [name for name, _ in shown("2026-11-24 16:50")] == ["tomorrow", "monday", "week"]


def test_on_a_sunday_tomorrow_is_monday_and_on_a_monday_monday_is_in_a_week() -> None:
    assert [name for name, _ in shown("2026-11-29 10:00")] == ["evening", "tomorrow", "week"]
    assert [name for name, _ in shown("2026-11-30 10:00")] == ["evening", "tomorrow", "monday"]


@given(now=st.floats(0, 4e9), name=ZONES)
def test_every_end_that_is_offered_lies_ahead_in_order_and_once(now: float, name: str) -> None:
    ends = [one.at for one in snooze_ends(now, ZoneInfo(name))]
    assert ends == sorted(set(ends))
    assert ends
    assert min(ends) > now
    fixes = [one.at for one in fix_ends(now, ZoneInfo(name), ("wed", "2026-12-25"))]
    assert fixes == sorted(set(fixes))
    assert min(fixes) > now


@pytest.mark.parametrize(
    ("start", "count", "holidays", "end"),
    [
        ("2026-11-24", 1, (), "2026-11-25"),
        ("2026-11-27", 1, (), "2026-11-30"),
        ("2026-11-28", 1, (), "2026-11-30"),
        ("2026-11-24", 5, (), "2026-12-01"),
        ("2026-11-24", 1, ("2026-11-25", "thu"), "2026-11-27"),
    ],
)
def test_working_days_leave_out_weekends_and_holidays(
    start: str, count: int, holidays: tuple[str, ...], end: str
) -> None:
    assert add_working_days(date.fromisoformat(start), count, holidays) == date.fromisoformat(end)


def test_where_every_day_is_a_holiday_the_search_ends() -> None:
    every = ("mon", "tue", "wed", "thu", "fri")
    assert add_working_days(date(2026, 11, 24), 1, every) > date(2027, 11, 24)


def test_a_time_that_the_clocks_skip_is_the_next_one_they_show() -> None:
    assert chosen_instant("2026-03-29", "02:30", ZURICH) == at("2026-03-29 03:00")


@pytest.mark.parametrize(("day", "time"), [("", "09:00"), ("2026-02-30", "09:00"), ("2026-11-30", "25:00")])
def test_what_is_no_time_is_none(day: str, time: str) -> None:
    assert chosen_instant(day, time, ZURICH) is None


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "\x00"])
def test_a_zone_that_nobody_knows_is_utc(name: str) -> None:
    assert zone_called(name).key == "UTC"
