"""Quiet hours on local calendars: nights, working days, holidays, zones and their clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from compliance_bot.config.schema import QuietHours
from compliance_bot.config.units import WEEKDAYS
from compliance_bot.rules.quiet_hours import held_until

ZURICH = "Europe/Zurich"
ZONES = (
    "UTC",
    ZURICH,
    "America/New_York",
    "America/Santiago",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Pacific/Apia",
)
"""With and without clock changes: at two, at midnight, of half an hour."""


def quiet(begin="20:00", end="07:00", **given):
    return QuietHours(from_=begin, to=end, **given)


def at(text, zone="UTC", *, second_time=False):
    """A local time as Unix seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=int(second_time)).timestamp()


def shown(moment, zone="UTC"):
    """What the clocks of a zone show then."""
    return datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(zone)).strftime("%a %d %H:%M")


def test_without_quiet_hours_nothing_waits():
    assert held_until(None, at("2026-11-24 23:00")) is None


def test_a_night_lasts_over_midnight_until_the_morning():
    night = quiet()
    assert shown(held_until(night, at("2026-11-24 20:00"))) == "Wed 25 07:00"
    assert shown(held_until(night, at("2026-11-25 06:59:59"))) == "Wed 25 07:00"


def test_the_first_minute_is_quiet_and_the_last_is_not():
    night = quiet()
    assert held_until(night, at("2026-11-24 19:59:59")) is None
    assert held_until(night, at("2026-11-25 07:00")) is None


def test_hours_within_one_day_end_on_it():
    lunch = quiet("12:00", "13:30")
    assert shown(held_until(lunch, at("2026-11-24 12:15"))) == "Tue 24 13:30"
    assert held_until(lunch, at("2026-11-24 11:59")) is None


def test_a_night_belongs_to_the_day_on_which_it_begins():
    working = quiet(days=("mon", "tue", "wed", "thu", "fri"))
    saturday_morning, saturday_evening = at("2026-11-28 03:00"), at("2026-11-28 21:00")
    monday_morning = at("2026-11-30 03:00")
    assert shown(held_until(working, saturday_morning)) == "Sat 28 07:00"
    assert held_until(working, saturday_evening) is None
    assert held_until(working, monday_morning) is None


def test_a_holiday_is_quiet_all_day_and_the_nights_around_it_are_one_with_it():
    christmas = quiet(holidays=("2026-12-25",))
    assert shown(held_until(christmas, at("2026-12-25 12:00"))) == "Sat 26 07:00"
    assert shown(held_until(christmas, at("2026-12-24 20:00"))) == "Sat 26 07:00"
    assert held_until(christmas, at("2026-12-24 12:00")) is None


def test_a_holiday_that_no_night_follows_ends_at_midnight():
    daily = quiet("12:00", "13:00", holidays=("2026-12-25",))
    assert shown(held_until(daily, at("2026-12-25 09:00"))) == "Sat 26 00:00"


def test_days_of_the_week_may_be_holidays_so_that_only_working_days_are_loud():
    weekends = quiet(holidays=("sat", "sun"))
    assert shown(held_until(weekends, at("2026-11-27 20:30"))) == "Mon 30 07:00"
    assert shown(held_until(weekends, at("2026-11-28 12:00"))) == "Mon 30 07:00"
    assert held_until(weekends, at("2026-11-27 12:00")) is None


def test_the_hours_are_those_of_their_zone():
    night = quiet(timezone=ZURICH)
    assert held_until(night, at("2026-11-24 18:59")) is None
    assert shown(held_until(night, at("2026-11-24 19:00")), ZURICH) == "Wed 25 07:00"


def test_a_holiday_is_a_day_of_its_zone():
    day = quiet("12:00", "13:00", timezone="Asia/Kathmandu", holidays=("2026-12-25",))
    assert held_until(day, at("2026-12-24 18:14")) is None
    assert held_until(day, at("2026-12-24 18:15")) == at("2026-12-25 18:15")


def test_an_end_that_a_clock_change_skips_is_the_next_valid_minute():
    night = quiet("20:00", "02:30", timezone=ZURICH)
    end = held_until(night, at("2026-03-28 23:00", ZURICH))
    assert end == at("2026-03-29 03:00", ZURICH)
    assert held_until(night, end) is None


def test_an_end_that_comes_twice_ends_it_the_first_time():
    night = quiet("20:00", "02:30", timezone=ZURICH)
    assert held_until(night, at("2026-10-24 23:00", ZURICH)) == at("2026-10-25 02:30", ZURICH)
    assert held_until(night, at("2026-10-25 02:15", ZURICH, second_time=True)) is None


def test_a_night_with_a_clock_change_inside_still_ends_in_the_morning():
    night = quiet(timezone=ZURICH)
    for evening in ("2026-03-28 22:00", "2026-10-24 22:00"):
        assert shown(held_until(night, at(evening, ZURICH)), ZURICH).endswith("07:00")


def test_a_holiday_whose_midnight_is_skipped_ends_with_the_first_minute_that_is_shown():
    day = quiet("12:00", "13:00", timezone="Africa/Cairo", holidays=("2026-04-23",))
    end = held_until(day, at("2026-04-23 10:00", "Africa/Cairo"))
    assert shown(end, "Africa/Cairo") == "Fri 24 01:00"


def test_hours_that_a_clock_change_skips_whole_are_not_quiet_that_day():
    hour = quiet("02:10", "02:50", timezone=ZURICH)
    assert held_until(hour, at("2026-03-29 03:00", ZURICH)) is None
    assert held_until(hour, at("2026-03-29 01:59", ZURICH)) is None


def test_rules_that_leave_no_gap_still_give_an_answer():
    always = quiet(holidays=WEEKDAYS)
    now = at("2026-11-24 12:00")
    assert held_until(always, now) > now + 300 * 86_400


# ---------------------------------------------------------------- what holds for all of them

_times = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
_days = st.lists(st.sampled_from(WEEKDAYS), unique=True).map(tuple)
_dates = st.dates(date(2025, 12, 28), date(2027, 1, 3)).map(date.isoformat)
_holidays = st.lists(_dates | st.sampled_from(WEEKDAYS[4:]), max_size=5, unique=True).map(tuple)
_moments = st.integers(int(at("2026-01-01")), int(at("2026-12-31"))).map(float)
_CHANGES = (
    "2026-03-08 06:30",
    "2026-03-29 00:30",
    "2026-04-05 03:00",
    "2026-04-23 21:30",
    "2026-10-25 00:30",
)
_near_changes = st.builds(
    lambda change, minutes: at(change) + minutes * 60.0,
    st.sampled_from(_CHANGES),
    st.integers(-1_500, 1_500),
)


whatever_the_machine = settings(max_examples=200, deadline=None)


@st.composite
def sections(draw, zones=ZONES):
    begin, end = draw(_times), draw(_times)
    assume(begin != end)
    zone = draw(st.sampled_from(zones))
    return quiet(begin, end, days=draw(_days), holidays=draw(_holidays), timezone=zone)


@whatever_the_machine
@given(sections(), _moments | _near_changes)
def test_the_end_is_later_and_not_quiet(section, now):
    end = held_until(section, now)
    if end is not None:
        assert end > now
        assert held_until(section, end) is None


@whatever_the_machine
@given(sections(), _moments | _near_changes, st.integers(0, 999))
def test_all_that_lies_before_the_end_waits_for_the_same_end(section, now, part):
    end = held_until(section, now)
    if end is not None:
        assert held_until(section, now + (end - now) * part / 1_000) == end


@whatever_the_machine
@given(sections(), _moments | _near_changes, st.integers(0, 4 * 86_400))
def test_what_comes_later_never_goes_out_earlier(section, now, later):
    first, second = (held_until(section, moment) or moment for moment in (now, now + later))
    assert first <= second


@whatever_the_machine
@given(sections(), _moments | _near_changes)
def test_quiet_ends_at_a_time_that_the_rules_name_or_at_midnight_or_as_clocks_jump(section, now):
    end = held_until(section, now)
    if end is not None:
        zone = ZoneInfo(section.timezone)
        before, after = (datetime.fromtimestamp(end - less, UTC).astimezone(zone) for less in (60, 0))
        jumped = after.utcoffset() != before.utcoffset()
        assert after.strftime("%H:%M") in (section.to, "00:00") or jumped


def is_quiet_by_the_words(section, local):
    """The rules read word by word, where no clock changes."""
    clock, today = local.strftime("%H:%M"), WEEKDAYS[local.weekday()]
    yesterday = WEEKDAYS[local.weekday() - 1]
    begins = today in section.days and clock >= section.from_
    if section.from_ < section.to:
        window = begins and clock < section.to
    else:
        window = begins or (yesterday in section.days and clock < section.to)
    return window or today in section.holidays or local.date().isoformat() in section.holidays


@whatever_the_machine
@given(sections(zones=("UTC", "Asia/Kathmandu")), _moments)
def test_where_no_clock_changes_it_is_quiet_exactly_when_the_words_say_so(section, now):
    local = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(section.timezone))
    end = held_until(section, now)
    assert (end is not None) is is_quiet_by_the_words(section, local)
    if end is not None:
        minutes = (end - now) // 60
        steps = (local + timedelta(minutes=minute) for minute in range(0, int(minutes), 7))
        assert all(is_quiet_by_the_words(section, step) for step in steps)


@pytest.mark.parametrize("zone", ZONES)
def test_every_night_of_a_year_ends_once(zone):
    night = quiet("22:00", "02:30", timezone=zone)
    moment, ends = at("2026-01-01 12:00", zone), []
    while moment < at("2027-01-01 12:00", zone):
        if (end := held_until(night, moment)) is not None:
            ends.append(end)
        moment = (end or moment) + 900.0
    days = {datetime.fromtimestamp(end, UTC).astimezone(ZoneInfo(zone)).date() for end in ends}
    assert len(days) == len(ends) == 365
