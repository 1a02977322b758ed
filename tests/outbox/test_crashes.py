"""Whatever dies, and whenever: one visible message for each key, and the channel's pace is kept."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance_bot.model.delivery import (
    Absent,
    CannotTell,
    Done,
    Effect,
    Found,
    Lane,
    Outcome,
    Retry,
    Unknown,
)
from compliance_bot.outbox.effects import plan
from compliance_bot.outbox.lanes import Outbox
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.faults import Fault
from compliance_bot.store import effects as store
from compliance_bot.store.database import Database
from tests.outbox.stage import Scene, a_post, a_rulebook


@contextlib.asynccontextmanager
async def a_life(path: Path, **parts):
    """One life of the process: begins on that file, and is cut off in the end without finishing anything."""
    database = await Database.open(path)
    running = None
    try:
        outbox = Outbox(database=database, **parts)
        running = asyncio.create_task(outbox.run())
        yield database
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await database.close()


async def row_when(database: Database, key: str, state: str):
    """The row of an effect, once it stands in that state."""
    async with asyncio.timeout(20):
        while True:
            row = await database.read(lambda tx: tx.one("SELECT * FROM effect WHERE key = ?", (key,)))
            if row is not None and row["state"] == state:
                return row
            await database.write(lambda _tx: None)


async def test_killed_after_slack_took_it_the_stored_bytes_are_those_slack_holds(
    tmp_path, clock, slack, scene, studio, performer
):
    """Fails if the bytes are stored after sending."""
    parts = {"clock": clock, "slack": performer, "studio": studio, "rulebook": a_rulebook}
    held = slack.faults.lay(Fault(call="chat.postMessage", hold="after", times=1))
    async with a_life(tmp_path / "bot.db", handlers=scene.handlers, **parts) as database:
        await database.write(lambda tx: plan(tx, a_post("p1"), clock.now()))
        await held.reached.wait()
        await slack.until(lambda: bool(slack.messages))
    scene.words["p1"] = "other words, since the template changed"

    async with a_life(tmp_path / "bot.db", handlers=scene.handlers, **parts) as database:
        row = await row_when(database, "post:p1", "done")
    (message,) = slack.messages
    assert message["text"] == json.loads(row["payload"])["arguments"]["text"] == "p1 at version 1"
    assert json.loads(row["result"])["ts"] == message["ts"]


async def test_twenty_restarts_never_make_two_messages_a_second(
    tmp_path, clock, slack, scene, studio, performer
):
    """Fails if limits live in memory."""
    await clock.run_at(5)
    paced = a_rulebook(per_channel=1.0)
    parts = {"clock": clock, "slack": performer, "studio": studio, "rulebook": lambda: paced}
    for life in range(20):
        async with a_life(tmp_path / "bot.db", handlers=scene.handlers, **parts) as database:
            if life == 0:
                await database.write(
                    lambda tx: [plan(tx, a_post(f"p{number}"), clock.now()) for number in range(30)]
                )
            said = len(slack.messages)
            await slack.until(lambda said=said: len(slack.messages) > said)

    times = [at for method, _, at in slack.calls if method == "chat.postMessage"]
    assert all(later - earlier >= 0.95 for earlier, later in itertools.pairwise(times))
    assert max(Counter(slack.texts()).values()) == 1


# ---------------------------------------------------------------- any outcome, any crash

HAPPENINGS = ("done", "lost_before", "lost_after", "busy", "limited", "away", "die_before", "die_after")


class Fate:
    """A side that does what fate says at each call, and keeps what it was really made to say."""

    def __init__(self, fates: Iterator[str], blind: Iterator[bool]) -> None:
        self.said: list[str] = []
        self.died = asyncio.Event()
        self._fates, self._blind = fates, blind

    async def perform(self, effect: Effect) -> Outcome:
        """What fate says; the dead never answer."""
        fate = next(self._fates, "done")
        if fate in ("done", "lost_after", "die_after"):
            self.said.append(effect.key)
        if fate.startswith("die"):
            self.died.set()
            await asyncio.Event().wait()
        return {
            "busy": Retry(reason="busy"),
            "limited": Retry(reason="ratelimited", after=3.0, park=True),
            "away": Retry(reason="unreachable", blocked=True),
            "done": Done(result={"ts": str(len(self.said)), "channel": effect.pace_key}),
        }.get(fate, Unknown(reason="timeout"))

    async def find(self, effects: list[Effect]):
        """What was really said, unless nobody can be asked."""
        if next(self._blind, False):
            return {effect.key: CannotTell(reason="http_503", temporary=True) for effect in effects}
        return {effect.key: Found() if effect.key in self.said else Absent() for effect in effects}


async def live_until_all_is_done(planned, fates, blind) -> list[str]:
    clock = WorldClock(start=1_764_000_000.0, rate=2000.0)
    fate = Fate(iter(fates), iter(blind))
    scene = Scene()
    parts = {"clock": clock, "slack": fate, "studio": fate, "handlers": scene.handlers}
    rulebook = a_rulebook()
    parts |= {"rulebook": lambda: rulebook, "chance": random.Random(1)}  # noqa: S311 - jitter in a test
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bot.db"
        for life in range(100):
            fate.died.clear()
            async with a_life(path, **parts) as database:
                if life == 0:
                    await database.write(lambda tx: [plan(tx, one, clock.now()) for one in planned])
                if await all_done_or_dead(database, fate):
                    return fate.said
    raise AssertionError("it never came to an end")


async def all_done_or_dead(database: Database, fate: Fate) -> bool:
    async with asyncio.timeout(30):
        while not fate.died.is_set():
            counts = await database.read(store.counts)
            if not (counts["pending"] or counts["sending"] or counts["unknown"]):
                return counts["dead"] == 0
            await database.write(lambda _tx: None)
    return False


@st.composite
def some_effects(draw):
    """Up to eight messages in two channels, some of one order."""
    number = draw(st.integers(1, 8))
    return [
        a_post(
            f"p{index}",
            pace_key=draw(st.sampled_from(["C1", "C2"])),
            order_key=draw(st.sampled_from(["o1", "o2", f"alone{index}"])),
            lane=draw(st.sampled_from(Lane)),
        )
        for index in range(number)
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    some_effects(), st.lists(st.sampled_from(HAPPENINGS), max_size=14), st.lists(st.booleans(), max_size=6)
)
def test_whatever_happens_each_message_is_said_once_and_in_its_order(planned, fates, blind):
    said = asyncio.run(live_until_all_is_done(planned, fates, blind))

    assert sorted(said) == sorted(one.key for one in planned)
    for order in ("o1", "o2"):
        wanted = [one.key for one in planned if one.order_key == order]
        assert [key for key in said if key in wanted] == wanted
