"""The arithmetic of pace and back-off, without a clock."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.model.delivery import Lane
from compliance_bot.outbox.pacing import (
    EDITS,
    LONGEST,
    MAX_ATTEMPTS,
    REACTIONS,
    STUDIO,
    as_remembered,
    back_off,
    free,
    limit_of,
    next_free,
)

MOMENTS = st.lists(st.floats(0, 200), max_size=80)


def test_slack_alone_decides_where_no_pace_is_set():
    assert limit_of("C1", 0) is None
    assert limit_of(STUDIO, 1) is None
    assert limit_of(EDITS, 0) is not None
    assert limit_of(REACTIONS, 0) is not None


def test_a_channel_reaches_97_in_a_hundred_of_one_a_second():
    limit = limit_of("C1", 1)

    assert limit is not None
    assert limit.starts == 1
    assert 1.0 < limit.window <= 1 / 0.97


@given(MOMENTS, st.sampled_from(Lane))
def test_no_window_ever_holds_more_edits_than_fifty_a_minute(wishes, lane):
    limit = limit_of(EDITS, 1)
    starts: list[float] = []
    for wish in sorted(wishes):
        if free(limit, starts, now=wish, lane=lane):
            starts.append(wish)

    for start in starts:
        assert sum(1 for other in starts if start <= other < start + 60) <= 50


@given(MOMENTS, st.sampled_from(Lane), st.sampled_from([EDITS, "C1"]))
def test_at_the_time_it_names_the_next_may_go_and_not_before(moments, lane, key):
    limit = limit_of(key, 1)
    starts: list[float] = []
    for moment in sorted(moments):
        if free(limit, starts, now=moment):
            starts.append(moment)
    now = max(starts, default=0.0)

    at = next_free(limit, starts, now=now, lane=lane)
    assert free(limit, starts, now=at + 0.001, lane=lane) >= 1
    if at > now:
        assert free(limit, starts, now=at - 0.001, lane=lane) == 0


def test_silent_edits_leave_room_for_decisions():
    limit = limit_of(EDITS, 1)
    starts = [float(number) / 10 for number in range(40)]

    assert free(limit, starts, now=4.0, lane=Lane.LOW) == 0
    assert free(limit, starts, now=4.0, lane=Lane.NORMAL) == 10


@given(st.floats(0, 100), st.floats(0, 100))
def test_after_a_restart_a_start_counts_as_late_as_it_may_have_been(start, booted):
    (remembered,) = as_remembered((start,), booted=booted, now=100.0)

    assert start <= remembered <= 100.0
    if start < booted:
        assert remembered == min(booted, start + 5.0)


def test_a_clock_set_back_does_not_hold_a_channel_for_longer_than_its_window():
    limit = limit_of("C1", 1)
    starts = as_remembered((90_000.0,), booted=0.0, now=10.0)

    assert next_free(limit, starts, now=10.0) == 10.0 + limit.window


@given(st.integers(1, 2000), st.integers())
def test_back_off_stays_between_nothing_and_five_minutes(attempt, seed):
    chance = random.Random(seed)  # noqa: S311 - jitter, not a secret
    assert 0 <= back_off(attempt, chance) <= min(LONGEST, 2.0 ** (min(attempt, 20) - 1))


def test_what_is_not_urgent_is_given_up_only_after_a_day_of_trying():
    for seed in range(20):
        chance = random.Random(seed)  # noqa: S311 - jitter, not a secret
        assert sum(back_off(attempt, chance) for attempt in range(1, MAX_ATTEMPTS)) > 86_400
