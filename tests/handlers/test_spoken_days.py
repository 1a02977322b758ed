"""Days as people say them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.handlers.spoken_days import begins_at, day_of, day_words, read_day

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-12-01", date(2026, 12, 1)),
        ("tomorrow", date(2026, 11, 25)),
        ("Today", TUESDAY),
        ("3d", date(2026, 11, 27)),
        ("in 3 days", date(2026, 11, 27)),
        ("1 day", date(2026, 11, 25)),
        ("2w", date(2026, 12, 8)),
        ("monday", date(2026, 11, 30)),
        ("Next Monday", date(2026, 11, 30)),
        ("wed", date(2026, 11, 25)),
        ("tuesday", date(2026, 12, 1)),
        ("on friday.", date(2026, 11, 27)),
    ],
)
def test_a_day_is_read_as_people_say_it(said: str, day: date) -> None:
    assert read_day(said, TUESDAY) == day


@pytest.mark.parametrize(
    "said", ["", "t", "s", "soon", "2026-13-01", "31.12.2026", "0x3d", "99999d", "next", "mondayy"]
)
def test_what_nobody_could_tell_is_no_day(said: str) -> None:
    assert read_day(said, TUESDAY) is None


@given(st.text(max_size=30))
def test_whatever_is_said_it_is_a_day_or_none(said: str) -> None:
    assert isinstance(read_day(said, TUESDAY), date | None)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_weekday_is_always_one_of_the_seven_days_to_come(today: date) -> None:
    for number, name in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    ):
        day = read_day(name, today)
        assert day is not None
        assert day.weekday() == number
        assert timedelta(days=1) <= day - today <= timedelta(days=7)


def test_a_day_begins_at_the_persons_own_midnight() -> None:
    at = begins_at(date(2026, 11, 30), "America/New_York")
    assert at - begins_at(date(2026, 11, 30), "UTC") == 5 * 3600
    assert day_of(at, "America/New_York") == date(2026, 11, 30)
    assert day_of(at - 1, "America/New_York") == date(2026, 11, 29)


def test_a_day_is_echoed_with_its_weekday() -> None:
    assert day_words(date(2026, 11, 30)) == "Monday 30 November 2026"
