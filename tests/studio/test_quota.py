from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.studio.quota import HOUR, Purpose, all_granted_in, wait_for

PEOPLE = (Purpose.DECISION, Purpose.REREAD, Purpose.COMMAND)
Ledger = list[tuple[float, Purpose]]


def granted(ledger: Ledger, purpose: Purpose, now: float, *, limit: int = 1000) -> bool:
    """Take one call if there is room now."""
    if wait_for(ledger, purpose, limit, now) > 0:
        return False
    ledger.append((now, purpose))
    return True


def drained(ledger: Ledger, purpose: Purpose, now: float, *, limit: int = 1000) -> int:
    count = 0
    while granted(ledger, purpose, now, limit=limit):
        count += 1
    return count


def test_a_burst_goes_at_once() -> None:
    assert drained([], Purpose.DECISION, 0.0) == 1000


def test_polls_and_walk_together_never_take_more_than_half() -> None:
    ledger: Ledger = []
    assert drained(ledger, Purpose.WALK, 0.0) == 240
    assert drained(ledger, Purpose.POLL, 0.0) == 260
    assert not granted(ledger, Purpose.WALK, 1.0)


def test_people_have_their_half_when_polls_and_walk_took_all_they_may() -> None:
    ledger: Ledger = []
    drained(ledger, Purpose.WALK, 0.0)
    drained(ledger, Purpose.POLL, 0.0)
    assert drained(ledger, Purpose.COMMAND, 0.0) == 450
    assert drained(ledger, Purpose.REREAD, 0.0) == 30
    assert drained(ledger, Purpose.DECISION, 0.0) == 20


def test_the_wait_ends_when_the_oldest_call_leaves_the_hour() -> None:
    ledger: Ledger = [(float(second), Purpose.DECISION) for second in range(1000)]
    assert wait_for(ledger, Purpose.DECISION, 1000, 1000.0) == HOUR - 1000.0
    assert wait_for(ledger, Purpose.DECISION, 1000, HOUR) == 0.0


def test_no_limit_never_waits() -> None:
    assert wait_for([(0.0, Purpose.WALK)] * 5000, Purpose.WALK, 0, 0.0) == 0.0


def test_a_clock_set_back_waits_an_hour_at_most() -> None:
    assert wait_for([(9e9, Purpose.WALK)] * 1000, Purpose.WALK, 1000, 0.0) == HOUR


def test_twenty_restarts_in_an_hour_renew_nothing() -> None:
    ledger: Ledger = []
    for restart in range(20):
        ledger = list(ledger)
        for purpose in (Purpose.WALK, Purpose.POLL, *PEOPLE):
            drained(ledger, purpose, restart * 180.0)
    assert len(ledger) == 1000


@given(
    st.lists(st.tuples(st.floats(0, 400), st.sampled_from(list(Purpose))), max_size=120), st.integers(2, 40)
)
def test_no_sliding_hour_ever_holds_more_than_the_limit(
    wishes: list[tuple[float, Purpose]], limit: int
) -> None:
    ledger: Ledger = []
    now = 0.0
    for pause, purpose in wishes:
        now += pause
        granted(ledger, purpose, now, limit=limit)
    for start, _ in ledger:
        hour = [purpose for at, purpose in ledger if start <= at < start + HOUR]
        assert len(hour) <= limit
        assert sum(purpose not in PEOPLE for purpose in hour) <= max(1, limit // 2)


@given(st.lists(st.tuples(st.floats(0, 3599), st.sampled_from(list(Purpose))), max_size=60))
def test_after_the_wait_there_is_room(spent: Ledger) -> None:
    for purpose in Purpose:
        wait = wait_for(spent, purpose, 20, 3599.0)
        assert wait_for(spent, purpose, 20, 3599.0 + wait + 0.001) == 0.0


@given(calls=st.integers(0, 700), before=st.integers(0, 240))
def test_when_so_many_calls_will_have_been_granted_is_foretold(calls: int, before: int) -> None:
    ledger: Ledger = [(-60.0 * number, Purpose.WALK) for number in range(before) if 60.0 * number < HOUR]
    foretold = all_granted_in(ledger, Purpose.WALK, 1000, calls, 0.0)
    now = 0.0
    for _ in range(calls):
        while (wait := wait_for(ledger, Purpose.WALK, 1000, now)) > 0:
            now += wait
        ledger.append((now, Purpose.WALK))
    assert foretold == now
    assert all_granted_in(ledger, Purpose.WALK, 0, calls, 0.0) == 0.0
