"""The ladder under any order of clicks, news and jumps of the clock, against a model that knows only times.

A rung is never said while the case is not open, never twice, and none is lost: what fell due while the case
was open is in a line, alone or with others that fell due with it.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_bot.model.cases import CaseState
from compliance_bot.model.findings import FindingStatus
from tests.cases.clock_stage import HOUR, MINUTE, run_clock, with_ladder
from tests.cases.stage import Stage, a_critical, a_stage

RULES = """
escalation:
  - {after: 10m, mentions: ["@manager"], repeat: 2}
  - {after: 25m, mentions: ["@security-team"]}
"""
GAPS = (10 * MINUTE, 10 * MINUTE, 5 * MINUTE, 5 * MINUTE)
"""From the opening, and from rung to rung: at 10, 20, 25 and 30 minutes."""

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.sampled_from([1, 240, 299, 301, 600, 1500, 5000])),
        st.tuples(st.just("acknowledge"), st.just(0)),
        st.tuples(st.just("undo"), st.just(0)),
        st.tuples(st.just("snooze"), st.sampled_from([300, 900, 4000])),
        st.tuples(st.just("wake"), st.just(0)),
        st.tuples(st.just("close"), st.just(0)),
        st.tuples(st.just("reopen"), st.just(0)),
        st.tuples(st.just("fix_by"), st.sampled_from([400, 2000])),
    ),
    max_size=14,
)


@dataclass
class Expected:
    """What the ladder does, told by times alone: how many rungs are climbed, and when the next is due."""

    climbed: int = 0
    next_at: float | None = None
    said: int = 0
    rungs: int = 0

    def begin(self, now: float) -> None:
        """From the first rung."""
        self.climbed, self.next_at = 0, now + GAPS[0]

    def pause(self) -> None:
        """Nothing is due any more."""
        self.next_at = None

    def climb(self, now: float) -> None:
        """What is due is said, all in one line."""
        if self.next_at is None or self.next_at > now:
            return
        self.said += 1
        while self.next_at is not None and self.next_at <= now:
            self.climbed, self.rungs = self.climbed + 1, self.rungs + 1
            self.next_at = None if self.climbed == len(GAPS) else self.next_at + GAPS[self.climbed]


async def _state(stage: Stage) -> Any:
    case = await stage.case()
    assert case is not None
    return case


async def _do(stage: Stage, step: str, number: int) -> None:
    """One click or piece of news; what can't be done in that state is refused, and changes nothing."""
    case = await _state(stage)
    if step == "wait":
        stage.later(number)
    elif step == "undo" and case.decision_id is not None:
        await stage.do("undo", ref=f"{case.ref} {case.decision_id}")
    elif step == "snooze":
        await stage.do("snooze", reason="Later", until=stage.now + number)
    elif step == "close":
        await stage.do("resolve", reason="Mended")
    elif step == "reopen":
        await stage.observe(a_critical(status=FindingStatus.RESOLVED))
        await stage.observe(a_critical())
    elif step == "fix_by":
        await stage.do("fix_by", until=stage.now + number)
    elif step in ("acknowledge", "wake"):
        await stage.do(step)


async def _said(stage: Stage) -> tuple[int, int]:
    """How many lines were planned, and how many rungs they stand for."""
    rows = await stage.rows(
        "SELECT intent -> 'words' ->> 'missed' AS missed FROM effect WHERE kind = 'thread' "
        "AND intent ->> 'line' = 'escalated'"
    )
    return len(rows), sum(row["missed"] for row in rows)


async def _journey(place: Path, steps: list[tuple[str, int]]) -> None:
    stage = await a_stage(place, rulebook=with_ladder(RULES))
    expected = Expected()
    try:
        await stage.begin()
        opened = stage.now
        await stage.observe(a_critical())
        expected.begin(opened)
        await stage.deliver()
        for step, number in steps:
            before, now = await _state(stage), stage.now
            await _do(stage, step, number)
            after = await _state(stage)
            _follow(expected, before, after, now)
            while await run_clock(stage):
                pass
            moved = await _state(stage)
            if moved.state is CaseState.OPEN and after.state is not CaseState.OPEN:
                expected.begin(stage.now)
            expected.climb(stage.now)
            assert await _said(stage) == (expected.said, expected.rungs)
            assert (moved.next_step_at is None) == (expected.next_at is None)
            assert moved.state is CaseState.OPEN or moved.next_step_at is None
    finally:
        await stage.database.close()


def _follow(expected: Expected, before: Any, after: Any, now: float) -> None:
    """What a step means for the ladder: stopped, begun anew, or (an undo) gone on with."""
    if after.state is not CaseState.OPEN:
        expected.pause()
    elif (after.episode, after.state) != (before.episode, before.state):
        expected.climbed, expected.next_at = after.ladder_step, after.next_step_at
        assert after.next_step_at is None or after.next_step_at >= now + MINUTE or after.ladder_step == 0


@settings(max_examples=30)
@given(STEPS)
def test_no_order_of_clicks_and_jumps_says_a_rung_twice_or_loses_one(steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(_journey(Path(place), steps))


def test_what_is_undone_just_before_a_rung_loses_none() -> None:
    """Acknowledged, undone, and then left alone for hours: every rung is in one line."""
    steps = [("wait", 599), ("acknowledge", 0), ("undo", 0), ("wait", 5000), ("wait", int(HOUR))]
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(_journey(Path(place), steps))
