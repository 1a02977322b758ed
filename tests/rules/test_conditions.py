import contextlib
import random
import string
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.model.events import Attribute
from compliance_bot.rules.attributes import ATTRIBUTES, KNOWN_VALUES, Kind
from compliance_bot.rules.conditions import ConditionRefused, compile_condition

CRITICAL_LEAK: Mapping[str, Attribute] = {
    "type": "finding",
    "category": "security",
    "severity": "critical",
    "title": "this AND that",
    "score": 7,
    "days_remaining": 2,
    "frameworks": ("SOC 2", "ISO 27001"),
    "due": "2026-12-01",
}


def test_two_attributes_of_which_one_is_missing() -> None:
    both = compile_condition("category != 'x' AND days_remaining <= 3")
    either = compile_condition("category != 'x' OR days_remaining <= 3")
    assert not both.holds({"category": "security"})
    assert either.holds({"category": "security"})
    assert not either.holds({})


@pytest.mark.parametrize(
    "literal",
    ["this AND that", "a OR b", "NOT a", "x NOT IN y", "it IN there", 'say "AND"', "NOT"],
)
def test_capital_words_inside_a_literal_stay_untouched(literal: str) -> None:
    quote = "'" if '"' in literal else '"'
    condition = compile_condition(f"title == {quote}{literal}{quote} AND NOT (status == 'x')")
    assert condition.holds({"title": literal})
    assert not condition.holds({"title": literal.lower() + " "})


def test_escaped_quote_does_not_end_a_literal() -> None:
    assert compile_condition(r"title == 'it\'s AND so'").holds({"title": "it's AND so"})


def test_small_words_work_as_well() -> None:
    condition = compile_condition("severity == 'critical' and not (category == 'other')")
    assert condition.holds(CRITICAL_LEAK)


def test_names_read_are_known() -> None:
    condition = compile_condition("category == 'security' AND 'SOC 2' IN frameworks")
    assert condition.names == {"category", "frameworks"}


def test_not_over_what_may_be_missing_is_doubtful() -> None:
    assert compile_condition("NOT (score > 5)").doubts == (
        "NOT over score also holds for events that have no score",
    )
    for text in ("NOT (type == 'report')", "score > 5", "NOT NOT (score > 5)", "score NOT IN [1]"):
        assert compile_condition(text).doubts == (), text


REFUSED = [
    ("severty == 'x'", "reads severty, which no event has", "did you mean severity?"),
    ("severity == critical", "reads critical, which no event has", "a text stands in quotes: 'critical'"),
    (
        "severity == 'crtical'",
        "compares severity with 'crtical', which it never is",
        "did you mean critical?",
    ),
    ("severity IN ['hgh']", "compares severity with 'hgh', which it never is", "did you mean high?"),
    (
        "'finding' != type AND 'findng' == type",
        "compares type with 'findng', which it never is",
        "did you mean finding?",
    ),
    ("severity = 'x'", "is not understood at \"= 'x'\"", "compare with =="),
    ("severity", "is not a yes or no", "compare severity with something"),
    ("score > 5 AND severity", "is not a yes or no", "compare severity with something"),
    ("1", "is not a yes or no", "compare it with something"),
    ("score > 'x'", "compares things of different kinds", "score is a number"),
    ("score == '5'", "compares things of different kinds", "score is a number"),
    (
        "frameworks == 'SOC 2'",
        "compares things of different kinds",
        "frameworks is a list of texts; write 'SOC 2' in frameworks",
    ),
    (
        "score == null",
        "compares with null, which no attribute ever is",
        "a missing attribute makes its comparison false",
    ),
    ("(severity == 'high'", "ends too early", "a value, a bracket or a quote is missing"),
    ("severity == 'high' AND", "ends too early", "a value, a bracket or a quote is missing"),
    ("title =~ '('", "invalid regular expression", "title is text"),
    ("$now > d'2020-01-01'", "reads $now, and a condition may only read the event", ""),
    ("score > 5 / 0", "arithmetic error: division by zero", "score is a number"),
    ("title == 'x" + "x" * 3000 + "'", "is longer than 2000 characters", ""),
]


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED)
def test_condition_that_cannot_be_meant_is_refused_at_load(text: str, message: str, hint: str) -> None:
    with pytest.raises(ConditionRefused) as caught:
        compile_condition(text)
    assert str(caught.value) == message
    assert caught.value.hint == hint


VALUES = st.one_of(
    st.text(max_size=5),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.lists(st.text(max_size=3), max_size=3).map(tuple),
)
EVENTS = st.dictionaries(st.sampled_from(sorted(ATTRIBUTES)), VALUES)
LITERALS = {Kind.TEXT: "'x'", Kind.NUMBER: "3", Kind.TEXTS: "['x']"}
OPERATORS = {
    Kind.TEXT: ("==", "!=", "<", ">=", "=~", "!~", "=~~", "!~~"),
    Kind.NUMBER: ("==", "!=", "<", "<=", ">", ">="),
    Kind.TEXTS: ("==", "!="),
}


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, str]:
    """A comparison of one attribute, and that attribute's name."""
    name = draw(st.sampled_from(sorted(ATTRIBUTES.keys() - KNOWN_VALUES.keys())))
    kind = ATTRIBUTES[name]
    operator = draw(st.sampled_from(OPERATORS[kind]))
    return f"{name} {operator} {LITERALS[kind]}", name


@given(comparisons(), EVENTS)
def test_comparison_without_its_attribute_is_false_and_its_denial_true(
    comparison: tuple[str, str], event: dict[str, Attribute]
) -> None:
    text, name = comparison
    lacking = {key: value for key, value in event.items() if key != name}
    assert not compile_condition(text).holds(lacking)
    assert compile_condition(f"NOT ({text})").holds(lacking)


@given(st.lists(comparisons(), min_size=1, max_size=4), st.randoms(use_true_random=False), EVENTS)
def test_condition_never_fails_whatever_the_event_holds(
    parts: list[tuple[str, str]], chance: random.Random, event: dict[str, Attribute]
) -> None:
    text = " ".join(
        f"{chance.choice(['AND', 'OR'])} {chance.choice(['', 'NOT '])}({part})" for part, _ in parts
    )
    condition = compile_condition(text.split(" ", 1)[1])
    assert condition.holds(event) in (True, False)


@given(comparisons(), comparisons(), EVENTS)
def test_and_or_not_work_on_plain_truths(
    first: tuple[str, str], second: tuple[str, str], event: dict[str, Attribute]
) -> None:
    one, two = compile_condition(first[0]).holds(event), compile_condition(second[0]).holds(event)
    assert compile_condition(f"({first[0]}) AND ({second[0]})").holds(event) is (one and two)
    assert compile_condition(f"({first[0]}) OR ({second[0]})").holds(event) is (one or two)
    assert compile_condition(f"NOT ({first[0]}) AND ({second[0]})").holds(event) is (not one and two)


@given(st.text(alphabet=string.printable, max_size=60))
def test_any_text_compiles_or_is_refused(text: str) -> None:
    with contextlib.suppress(ConditionRefused):
        assert compile_condition(text).holds({}) in (True, False)
