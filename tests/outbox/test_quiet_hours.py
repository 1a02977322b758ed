"""Quiet hours over the outbox: what waits, what never does, and what a backlog of them costs."""

from __future__ import annotations

import random

import pytest

from compliance_bot.model.delivery import EffectKind, Lane, Retry
from compliance_bot.outbox.claims import Pace, Slots, claim
from compliance_bot.outbox.contract import Side, Turn
from compliance_bot.outbox.effects import plan
from compliance_bot.outbox.quiet_hours import wake_held
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.store import held
from tests.outbox.stage import a_post, a_rulebook, a_studio_write, an_edit

FOUR_O_CLOCK = 1_764_000_000.0
"""A Monday in November at 16:00 UTC."""
UNTIL_FIVE = ("15:00", "17:00")
FIVE_O_CLOCK = FOUR_O_CLOCK + 3_600.0
QUIET = {"per_channel": 0, "quiet": UNTIL_FIVE}


@pytest.fixture
def clock() -> WorldClock:
    """It stands still until a test moves it."""
    return WorldClock(start=FOUR_O_CLOCK, rate=0.0)


@pytest.fixture
def asleep(database):
    """Wait until so many messages are held."""

    async def asleep(count):
        while sum(there.count for there in await database.read(held.counted)) != count:
            await database.write(lambda _tx: None)

    return asleep


async def test_a_normal_message_waits_for_the_end_of_quiet_hours(put, start, slack, becomes, asleep, clock):
    start(rules=QUIET)
    await put(a_post("news"))
    await asleep(1)
    await clock.jump(3_599)
    await put(a_post("alert", lane=Lane.URGENT))
    await becomes("post:alert", "done")
    assert [text.split()[0] for text in slack.texts()] == ["alert"]

    await clock.jump(1)
    row = await becomes("post:news", "done")
    assert row["started_at"] >= FIVE_O_CLOCK
    assert row["attempt"] == 1


@pytest.mark.parametrize("kind", [EffectKind.POST, EffectKind.DIGEST, EffectKind.ANNOUNCEMENT])
@pytest.mark.parametrize("lane", [Lane.NORMAL, Lane.LOW])
async def test_every_message_about_what_happened_waits(put, start, asleep, database, kind, lane):
    start(rules=QUIET)
    await put(a_post("news", kind=kind, lane=lane))
    await asleep(1)

    (row,) = await database.read(lambda tx: held.listed(tx, limit=5))
    assert (row.key, row.not_before) == ("post:news", FIVE_O_CLOCK)


async def test_what_follows_a_person_or_stands_already_is_not_held(put, start, becomes):
    start(rules=QUIET)
    kinds = (EffectKind.THREAD, EffectKind.REPLY, EffectKind.NOTICE)
    await put(*(a_post(kind.value, kind=kind) for kind in kinds), a_studio_write())
    await put(an_edit("gone", version=2))

    for kind in kinds:
        await becomes(f"post:{kind.value}", "done")
    await becomes("studio:s1", "done")
    await becomes("edit:gone:2", "skipped")


async def test_what_was_refused_before_the_quiet_began_waits_it_out(
    put, start, becomes, state_of, asleep, clock, studio, database
):
    start(rules={"quiet": ("16:01", "17:00")}, slack=studio)
    studio.answers = [Retry(reason="fatal_error", after=90.0)]
    await put(a_post("news"))
    while (await state_of("post:news"))["error"] != "fatal_error":
        await database.write(lambda _tx: None)
    await clock.jump(90 + 5)
    await asleep(1)
    await clock.jump(3_600)

    assert (await becomes("post:news", "done"))["started_at"] >= FIVE_O_CLOCK
    assert len(studio.performed) == 2


async def test_what_is_held_waits_over_a_restart_and_is_said_once(put, start, slack, becomes, asleep, clock):
    first = start(rules=QUIET)
    await put(a_post("news"))
    await asleep(1)
    await first.drain(1)
    start(rules=QUIET)
    await clock.jump(3_600)

    await becomes("post:news", "done")
    assert len(slack.texts()) == 1


async def test_a_thread_line_stays_behind_the_message_that_is_held(put, start, slack, becomes, asleep, clock):
    start(rules=QUIET)
    await put(a_post("news", order_key="o"), a_post("line", kind=EffectKind.THREAD, order_key="o"))
    await asleep(1)
    await clock.jump(3_600)

    await becomes("post:line", "done")
    assert [text.split()[0] for text in slack.texts()] == ["news", "line"]


async def test_new_rules_wake_what_is_held_and_hold_it_as_they_say(put, start, database, becomes, asleep):
    rules = [a_rulebook(quiet=UNTIL_FIVE)]
    start(rulebook=lambda: rules[0])
    await put(a_post("news"))
    await asleep(1)

    rules[0] = a_rulebook(quiet=("15:00", "18:00"))
    assert await database.write(lambda tx: wake_held(tx, FOUR_O_CLOCK)) == 1
    await _until_held(database, FIVE_O_CLOCK + 3_600.0)

    rules[0] = a_rulebook()
    await database.write(lambda tx: wake_held(tx, FOUR_O_CLOCK))
    await becomes("post:news", "done")


async def _until_held(database, until):
    while [there.until for there in await database.read(held.counted)] != [until]:
        await database.write(lambda _tx: None)


async def test_at_the_end_one_message_a_second_goes_and_an_urgent_one_passes_them_all(
    put, start, slack, becomes, asleep, clock
):
    await put(*(a_post(f"n{number}") for number in range(30)))
    start(rules={"per_channel": 1, "quiet": UNTIL_FIVE})
    await asleep(30)
    await clock.jump(3_600)
    await becomes("post:n0", "done")
    await put(a_post("alert", lane=Lane.URGENT))

    for key in ("post:alert", "post:n1", "post:n2"):
        await clock.jump(1.1)
        await becomes(key, "done")
    assert [text.split()[0] for text in slack.texts()] == ["n0", "alert", "n1", "n2"]


# ---------------------------------------------------------------- what it costs


async def _claims(database, scene, now, times=1):
    """So many claims of an outbox in quiet hours: the keys of what goes, and SQLite's steps of the last."""
    turn_of = {"now": now, "rulebook": a_rulebook(quiet=UNTIL_FIVE), "handlers": scene.handlers}
    slots, pace = Slots(free={Side.SLACK: 16}), Pace(per_channel=0.0, booted=now)

    def decide(tx):
        counted = [0]

        def step():
            counted[0] += 1

        tx._connection.set_progress_handler(step, 100)
        claimed = claim(Turn(tx=tx, **turn_of), slots, pace, random.Random(1))  # noqa: S311 - jitter
        tx._connection.set_progress_handler(None, 100)
        return [effect.key for effect in claimed.effects], counted[0]

    sent, steps = [], 0
    for _ in range(times):
        keys, steps = await database.write(decide)
        sent += keys
    return sent, steps


async def _put_many(database, count):
    await database.write(lambda tx: [plan(tx, a_post(f"n{number}"), FOUR_O_CLOCK) for number in range(count)])


async def test_ten_thousand_held_messages_make_a_claim_no_slower(database, scene, put):
    await put(a_post("alert0", lane=Lane.URGENT))
    _, steps_without = await _claims(database, scene, FOUR_O_CLOCK)
    await _put_many(database, 10_000)
    await _claims(database, scene, FOUR_O_CLOCK, times=25)
    (there,) = await database.read(held.counted)
    assert there.count == 10_000

    await put(a_post("alert1", lane=Lane.URGENT))
    sent, steps_with = await _claims(database, scene, FOUR_O_CLOCK)
    assert sent == ["post:alert1"]
    assert steps_with <= steps_without + 3


async def test_a_backlog_is_put_to_sleep_by_the_hundred(database, scene):
    await _put_many(database, 2_000)
    await _claims(database, scene, FOUR_O_CLOCK)

    (there,) = await database.read(held.counted)
    assert there.count >= 2_000
