"""The outbox's rows: what is ready is found without reading what is not."""

from __future__ import annotations

import sqlite3

import pytest

from compliance_bot.model.delivery import EffectKind, EffectState, Lane, PlannedEffect
from compliance_bot.store import effects, pace
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

NOW = 1_764_000_000.0


@pytest.fixture
async def tx(tmp_path):
    """A transaction on a new database, outside the database's own thread."""
    await (await Database.open(tmp_path / "bot.db")).close()
    connection = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
    connection.row_factory = sqlite3.Row
    yield Transaction(connection)
    connection.close()


def an_effect(name, **changes):
    given = {
        "kind": EffectKind.POST,
        "key": name,
        "lane": Lane.NORMAL,
        "order_key": name,
        "pace_key": "C1",
        "intent": {"name": name},
    }
    return PlannedEffect(**{**given, **changes})


def keys_ready(tx, pace_key="C1"):
    return [effects.by_id(tx, number).key for _, number in list(effects.ready_rows(tx, pace_key))]


def steps_of(tx, work):
    """How many hundred steps of SQLite's machine that takes."""
    counted = [0]

    def count():
        counted[0] += 1

    tx._connection.set_progress_handler(count, 100)
    work()
    tx._connection.set_progress_handler(None, 100)
    return counted[0]


def test_a_key_stands_once(tx):
    assert effects.insert(tx, an_effect("a"), NOW) == 1
    assert effects.insert(tx, an_effect("a"), NOW) is None


def test_the_best_lane_goes_first_then_the_oldest(tx):
    for name, lane in (("a", Lane.LOW), ("b", Lane.NORMAL), ("c", Lane.URGENT), ("d", Lane.NORMAL)):
        effects.insert(tx, an_effect(name, lane=lane), NOW)

    assert keys_ready(tx) == ["c", "b", "d", "a"]


def test_only_the_first_of_an_order_is_ready_until_it_ends(tx):
    for name in ("a", "b", "c"):
        effects.insert(tx, an_effect(name, order_key="o"), NOW)
    assert keys_ready(tx) == ["a"]

    effects.close(tx, effects.by_key(tx, "a"), EffectState.DEAD, now=NOW)
    assert keys_ready(tx) == ["b"]


def test_one_behind_that_ends_lets_nobody_pass_the_first(tx):
    for name in ("a", "b", "c"):
        effects.insert(tx, an_effect(name, order_key="o"), NOW)

    effects.close(tx, effects.by_key(tx, "b"), EffectState.SKIPPED, now=NOW)
    assert keys_ready(tx) == ["a"]


def test_a_sleeper_is_ready_once_its_time_has_come(tx):
    effects.insert(tx, an_effect("a", not_before=NOW + 10), NOW)
    effects.wake_sleepers(tx, NOW + 9)
    assert keys_ready(tx) == []
    assert effects.next_due(tx) == NOW + 10

    effects.wake_sleepers(tx, NOW + 10)
    assert keys_ready(tx) == ["a"]


def test_one_that_wakes_behind_another_waits_for_it(tx):
    effects.insert(tx, an_effect("a", order_key="o"), NOW)
    effects.insert(tx, an_effect("b", order_key="o", not_before=NOW + 10), NOW)

    effects.wake_sleepers(tx, NOW + 20)
    assert keys_ready(tx) == ["a"]
    effects.close(tx, effects.by_key(tx, "a"), EffectState.DONE, now=NOW + 5)
    assert keys_ready(tx) == []
    effects.wake_sleepers(tx, NOW + 10)
    assert keys_ready(tx) == ["b"]


def test_what_waits_for_the_readers_of_these_channels_is_ready_once_they_are_known(tx):
    for name, error, after, unread in (
        ("unread", "audience.unread", 1.0, "C1"),
        ("elsewhere", "audience.unread", 1.0, "C11"),
        ("quiet", "quiet_hours", 1.0, None),
        ("later", "audience.unread", 30.0, "C1"),
    ):
        effects.insert(tx, an_effect(name), NOW)
        asleep = effects.by_key(tx, name)
        effects.postpone(tx, asleep, not_before=NOW + after, now=NOW, error=error, unread=unread)
    assert effects.by_key(tx, "elsewhere").error == "audience.unread"
    assert effects.wake_unread(tx, NOW, ["C1", "C2"]) == 1
    assert keys_ready(tx) == ["unread"]


def test_what_was_being_sent_when_the_process_died_is_unknown(tx):
    effects.insert(tx, an_effect("a"), NOW)
    tx.execute("UPDATE effect SET state = 'sending', started_at = ?", (NOW,))

    assert effects.adopt(tx, 15.0) == 1
    assert effects.uncertain_keys(tx, NOW) == ([], [NOW + 15])
    assert effects.uncertain_keys(tx, NOW + 15) == (["C1"], [])


def test_a_park_is_never_shortened(tx):
    pace.park(tx, "C1", NOW + 30, "ratelimited")
    pace.park(tx, "C1", NOW + 10, "ratelimited")

    assert pace.parked(tx, NOW) == {"C1": NOW + 30}
    assert pace.parked(tx, NOW + 30) == {}


def look(tx):
    """What a claim reads when A is parked."""
    effects.expired(tx, NOW)
    effects.wake_sleepers(tx, NOW)
    for key in effects.ready_keys(tx):
        if key != "A":
            next(effects.ready_rows(tx, key))
    effects.next_due(tx)


@pytest.mark.parametrize("waiting", ["parked", "behind", "asleep"])
def test_a_claim_costs_the_same_before_ten_thousand_rows_as_before_two_hundred(tx, waiting):
    changes = {
        "parked": {"pace_key": "A"},
        "behind": {"order_key": "o"},
        "asleep": {"not_before": NOW + 60},
    }[waiting]
    effects.insert(tx, an_effect("b", pace_key="B"), NOW)
    costs = []
    for many in (200, 10_000):
        tx.execute("BEGIN")
        for number in range(many):
            effects.insert(tx, an_effect(f"{many}:{number}", **changes), NOW)
        tx.execute("COMMIT")
        costs.append(steps_of(tx, lambda: look(tx)))

    assert costs[1] <= costs[0] + 1


def test_what_sleeps_for_a_reason_is_looked_at_again_and_nothing_else(tx):
    for name, reason in (("a", "shadow"), ("b", "quiet_hours")):
        number = effects.insert(tx, an_effect(name), NOW)
        effect = effects.by_id(tx, number)
        effects.postpone(tx, effect, not_before=NOW + 3600, now=NOW, error=reason)
    assert effects.look_again(tx, ("shadow",), NOW) == 1
    effects.wake_sleepers(tx, NOW)
    assert keys_ready(tx) == ["a"]
