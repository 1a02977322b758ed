"""What waits for a channel's readers has them asked for, and goes as soon as they are known."""

import asyncio
from dataclasses import replace

import pytest
import structlog

from compliance_bot.app.audience_side import asking_readers, showing_anew, waking
from compliance_bot.clock import SystemClock
from compliance_bot.errors import NotRecorded
from compliance_bot.model.delivery import Effect, EffectKind, EffectState, Lane, Later, PlannedEffect, Skip
from compliance_bot.outbox.contract import Handler
from compliance_bot.outbox.effects import TOPIC, plan
from compliance_bot.slack.answers import with_channel
from compliance_bot.store import effects
from compliance_bot.store.database import Database
from tests.cases.stage import Stage, a_critical, a_finding

EDIT = Effect(
    id=1,
    kind=EffectKind.EDIT,
    key="edit:1",
    lane=Lane.NORMAL,
    order_key="post:1",
    pace_key="edits",
    intent={},
    state=EffectState.PENDING,
    attempt=0,
    created_at=0.0,
    not_before=0.0,
)


@pytest.fixture
async def database(tmp_path):
    database = await Database.open(tmp_path / "bot.db")
    yield database
    await database.close()


async def wanted_after(database, presented):
    """The channels that are asked for after an effect was presented so, on the database's thread."""
    wanted = []
    handler = Handler(present=lambda *_: presented, settle=lambda *_: None)
    present = asking_readers({EffectKind.EDIT: handler}, wanted.append)[EffectKind.EDIT].present
    assert await database.read(lambda tx: present(tx, EDIT, 0.0, None)) is presented
    return wanted


async def test_a_message_that_waits_for_its_readers_has_them_asked_for_on_the_loop(database):
    waits = Later(reason="audience.unread", unread="C1")
    assert await wanted_after(database, waits) == ["C1"]


@pytest.mark.parametrize("presented", [Later(reason="channel.unresolved"), Skip(reason="expired")])
async def test_whatever_waits_for_something_else_asks_for_nobody(database, presented):
    assert await wanted_after(database, presented) == []


async def test_once_the_readers_are_known_what_waited_is_ready_and_the_outbox_is_woken(database):
    clock, woken = SystemClock(), asyncio.Event()
    planned = PlannedEffect(
        kind=EffectKind.POST, key="post:1", lane=Lane.NORMAL, order_key="1", pace_key="C1", intent={}
    )

    def wait(tx):
        plan(tx, planned, clock.now())
        asleep = effects.by_key(tx, "post:1")
        later = clock.now() + 1.0
        effects.postpone(tx, asleep, not_before=later, now=clock.now(), error="audience.unread", unread="C1")

    await database.write(wait)
    database.on_commit(TOPIC, woken.set)
    await waking(database, clock)(("C2",))
    assert await database.read(effects.ready_keys) == []
    await waking(database, clock)(("C1",))
    assert await database.read(effects.ready_keys) == ["C1"]
    assert woken.is_set()


async def test_a_message_that_was_presented_too_early_is_woken_by_its_own_channel_alone(database):
    stage = Stage(database)
    await stage.begin()
    known = stage.directory.channels_by_id["CCOMPLIANCE"]
    unread = replace(known, guests=None)
    stage.directory = with_channel(stage.directory, unread)
    await stage.observe(a_finding())
    assert await stage.claim(only=EffectKind.POST) == []

    def woken_by(channel_id):
        return database.write(lambda tx: effects.wake_unread(tx, stage.now, [channel_id]))

    assert [await woken_by("CELSEWHERE"), await woken_by("CCOMPLIANCE")] == [0, 1]
    stage.directory = with_channel(stage.directory, known)
    assert len(await stage.claim(only=EffectKind.POST)) == 1


async def test_where_nothing_waited_nobody_is_woken(database):
    woken = asyncio.Event()
    database.on_commit(TOPIC, woken.set)
    await waking(database, SystemClock())(("C1",))
    assert not woken.is_set()


async def test_each_channel_with_other_readers_is_written_by_itself_and_logged(database):
    """Fails if people wait for their clicks while the messages of every channel are gone through at once."""
    stage, calls = Stage(database), []
    await stage.begin()
    await stage.observe(a_critical())
    await stage.deliver()
    first, *others = {post.channel_id: None for post in await stage.posts()}

    def moment():
        calls.append(stage.moment())
        if len(calls) > 1:
            raise NotRecorded("the disk is full")
        return calls[0]

    with structlog.testing.capture_logs() as logs, pytest.raises(NotRecorded):
        await showing_anew(database, moment)((first, *others))
    assert [(one["event"], one["channel"], one["messages"]) for one in logs] == [
        ("audience.shown_anew", first, 1)
    ]
    edits = await stage.rows("SELECT 1 FROM effect WHERE kind = 'edit' AND state = 'pending'")
    assert edits
