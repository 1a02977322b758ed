"""WATCHDOG=1 is said of progress only: the database takes a row, and no loop hangs."""

import asyncio
import socket
import sqlite3

import pytest

from compliance_bot import metrics
from compliance_bot.app.heartbeat import HANGS_AFTER, Heartbeat
from compliance_bot.clock import SystemClock
from compliance_bot.model.delivery import EffectKind, Lane, PlannedEffect
from compliance_bot.store import away, effects, held
from compliance_bot.store.database import Database
from tests.cases.stage import Stage, a_finding


@pytest.fixture
async def database(tmp_path):
    database = await Database.open(tmp_path / "bot.db")
    yield database
    await database.close()


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    """A socket in systemd's place."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield line


async def one_beat(database, busy=lambda: None):
    """Let a heartbeat look once at a loop; the heartbeat."""
    looked = asyncio.Event()
    heartbeat = Heartbeat(database=database, clock=SystemClock(), loops={"poll": busy}, look=looked.set)
    beating = asyncio.create_task(heartbeat.run())
    await asyncio.wait_for(looked.wait(), 10)
    await database.write(lambda _: None)
    await asyncio.sleep(0)
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
    return heartbeat


async def test_progress_is_told(database, systemd):
    heartbeat = await one_beat(database)
    assert systemd.recv(100) == b"WATCHDOG=1"
    assert heartbeat.complaints() == []


async def test_a_loop_that_hangs_is_no_progress_and_is_named(database, systemd):
    since = asyncio.get_running_loop().time() - HANGS_AFTER - 1
    heartbeat = await one_beat(database, lambda: since)
    with pytest.raises(BlockingIOError):
        systemd.recv(100)
    assert heartbeat.complaints() == ["The loop 'poll' hangs: start the service again."]


async def test_a_loop_that_is_at_work_is_progress(database, systemd):
    now = asyncio.get_running_loop().time()
    await one_beat(database, lambda: now)
    assert systemd.recv(100) == b"WATCHDOG=1"


async def test_a_table_that_is_gone_ends_the_heartbeat(database, tmp_path):
    with sqlite3.connect(tmp_path / "bot.db") as foreign:
        foreign.execute("DROP TABLE cursor")
    heartbeat = Heartbeat(database=database, clock=SystemClock(), loops={}, look=lambda: None)
    with pytest.raises(sqlite3.OperationalError):
        await asyncio.wait_for(heartbeat.run(), 10)


async def test_the_depth_of_each_lane_stands_in_the_figures(database):
    def plan(tx):
        for number in range(3):
            effects.insert(
                tx,
                PlannedEffect(
                    kind=EffectKind.NOTICE,
                    key=f"n{number}",
                    lane=Lane.LOW,
                    order_key=f"n{number}",
                    pace_key="C1",
                    intent={},
                ),
                1.0,
            )

    await database.write(plan)
    await one_beat(database)
    assert b'compliance_bot_outbox_depth{lane="low"} 3.0' in metrics.render()
    assert b'compliance_bot_outbox_depth{lane="urgent"} 0.0' in metrics.render()


async def test_what_waits_through_quiet_hours_stands_in_the_figures(database):
    def plan(tx):
        news = PlannedEffect(
            kind=EffectKind.POST, key="p", lane=Lane.NORMAL, order_key="p", pace_key="C1", intent={}
        )
        effects.insert(tx, news, 1.0)
        held.hold_ready(tx, "C1", until=9.0)

    await database.write(plan)
    await one_beat(database)
    assert b"compliance_bot_outbox_held 1.0" in metrics.render()


async def test_what_is_silent_by_intent_is_told_to_prometheus(database, systemd):
    stage = Stage(database=database)
    await stage.begin()
    await stage.observe(a_finding("a", created_at=stage.now), a_finding("b", created_at=stage.now))
    await stage.deliver()
    await stage.do("snooze", studio_id="a", until=stage.now + 3_600, reason="vendor")
    until = SystemClock().now() + 3_600
    gone = {"person": "UANN00001", "person_name": "Ann", "until": until, "deputy": None}
    await database.write(lambda tx: away.begin(tx, **gone, now=until - 7_200))
    await one_beat(database)
    told = metrics.render().decode()
    assert "compliance_bot_cases_snoozed 1.0" in told
    assert "compliance_bot_people_away 1.0" in told
