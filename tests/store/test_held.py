"""What sleeps through quiet hours: counted and listed apart from every other sleeper."""

from __future__ import annotations

import sqlite3

import pytest

from compliance_bot.model.delivery import EffectKind, Lane, PlannedEffect
from compliance_bot.store import effects, held
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

NOW = 1_764_000_000.0
MORNING = NOW + 3_600.0


@pytest.fixture
async def tx(tmp_path):
    """A transaction on a new database, outside the database's own thread."""
    await (await Database.open(tmp_path / "bot.db")).close()
    connection = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
    connection.row_factory = sqlite3.Row
    yield Transaction(connection)
    connection.close()


def put(tx, name, **changes):
    given = {
        "kind": EffectKind.POST,
        "key": name,
        "lane": Lane.NORMAL,
        "order_key": name,
        "pace_key": "C1",
        "intent": {},
    }
    effects.insert(tx, PlannedEffect(**{**given, **changes}), NOW)


def keys(tx, **asked):
    return [one.key for one in held.listed(tx, limit=10, **asked)]


def test_only_notifications_that_are_not_urgent_and_ready_are_put_to_sleep(tx):
    put(tx, "news")
    put(tx, "low", lane=Lane.LOW)
    put(tx, "alert", lane=Lane.URGENT)
    put(tx, "line", kind=EffectKind.THREAD)
    put(tx, "elsewhere", pace_key="C2")
    put(tx, "behind", order_key="news")
    put(tx, "later", not_before=NOW + 5)

    assert held.hold_ready(tx, "C1", until=MORNING) == 2
    assert keys(tx) == ["news", "low"]
    assert effects.ready_keys(tx) == ["C1", "C2"]


def test_so_many_are_put_to_sleep_at_once_as_asked(tx):
    for number in range(5):
        put(tx, f"n{number}")
    assert held.hold_ready(tx, "C1", until=MORNING, limit=3) == 3
    assert held.hold_ready(tx, "C1", until=MORNING, limit=3) == 2


def test_they_are_counted_by_channel(tx):
    for number, place in enumerate(("C1", "C2", "C2")):
        put(tx, f"n{number}", pace_key=place)
    for place in ("C1", "C2"):
        held.hold_ready(tx, place, until=MORNING)

    assert [(there.pace_key, there.count, there.until) for there in held.counted(tx)] == [
        ("C2", 2, MORNING),
        ("C1", 1, MORNING),
    ]


def test_they_wake_at_the_end_and_are_held_no_more(tx):
    put(tx, "news")
    held.hold_ready(tx, "C1", until=MORNING)
    assert effects.next_due(tx) == MORNING
    effects.wake_sleepers(tx, MORNING)

    assert held.counted(tx) == []
    assert effects.ready_keys(tx) == ["C1"]


def test_they_can_be_woken_before_and_no_other_sleeper_with_them(tx):
    put(tx, "news")
    put(tx, "later", not_before=NOW + 5)
    held.hold_ready(tx, "C1", until=MORNING)

    assert held.wake(tx, NOW) == 1
    effects.wake_sleepers(tx, NOW)
    assert [number for _, number in effects.ready_rows(tx, "C1")] == [1]
