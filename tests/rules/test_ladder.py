"""The ladder: which steps an event has, when each is said, and that a case keeps them as chosen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.config.load import load_text
from compliance_bot.rules.compile import compile_sections
from compliance_bot.rules.ladder import Ladder, LadderStep, Rung, from_json, in_time, to_json

STEPS = """
escalation:
  - match: "severity == 'critical'"
    after: 30m
    mentions: ["@security-team"]
    repeat: 2
  - after: 1h
    channel: "#management"
  - match: "score > 50"
    after: 5m
    mentions: ["@manager"]
"""
CRITICAL = {"type": "finding", "severity": "critical"}
MINUTE = 60.0


def ladder(text: str) -> Ladder:
    loaded = load_text(text)
    assert loaded.rules is not None
    return compile_sections(loaded.rules).ladder


def said(rungs: tuple[Rung, ...]) -> list[tuple[float, int, int]]:
    return [(rung.after / MINUTE, rung.step, rung.repetition) for rung in rungs]


def test_steps_whose_condition_holds_are_climbed_in_the_order_of_time() -> None:
    rungs = ladder(STEPS).chosen(CRITICAL)
    assert said(rungs) == [(30, 1, 0), (60, 1, 1), (60, 2, 0), (90, 1, 2)]
    assert [rung.channel for rung in rungs] == [None, None, "#management", None]
    assert rungs[0].mentions == ("@security-team",)


def test_a_step_without_a_condition_is_for_everything() -> None:
    assert said(ladder(STEPS).chosen({"type": "finding", "severity": "low"})) == [(60, 2, 0)]


def test_without_escalation_nothing_is_said_again() -> None:
    assert ladder("escalation: []").chosen(CRITICAL) == ()


def test_what_a_refused_condition_guards_is_no_step() -> None:
    loaded = load_text("escalation: [{match: 'severty == 1', after: 5m, mentions: ['@manager']}]")
    assert loaded.rules is not None
    compiled = compile_sections(loaded.rules)
    assert compiled.ladder.steps == ()
    assert [one.path for one in compiled.complaints] == [("escalation", 0, "match")]


_steps = st.builds(
    LadderStep,
    number=st.just(0),
    after=st.floats(min_value=0.001, max_value=1e7),
    mentions=st.lists(st.text(max_size=8), max_size=3).map(tuple),
    channel=st.none() | st.just("#management"),
    repeat=st.integers(min_value=0, max_value=100),
)


@given(st.lists(_steps, max_size=5))
def test_a_case_keeps_its_ladder_as_it_was_chosen(steps: list[LadderStep]) -> None:
    numbered = [
        LadderStep(
            number=number,
            after=one.after,
            mentions=one.mentions,
            channel=one.channel,
            repeat=one.repeat,
        )
        for number, one in enumerate(steps, 1)
    ]
    rungs = Ladder(steps=tuple(numbered)).chosen({})
    assert from_json(to_json(rungs)) == rungs
    assert in_time(rungs) == rungs
    assert len(rungs) == sum(one.repeat + 1 for one in numbered)
