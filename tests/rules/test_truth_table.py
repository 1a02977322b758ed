"""The table of conditions: every operator, with the attribute there and without. It prints in the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from compliance_bot.model.events import Attribute
from compliance_bot.rules.conditions import compile_condition
from compliance_bot.rules.grammar import rule_engine

EVENT: Mapping[str, Attribute] = {
    "type": "finding",
    "category": "security",
    "severity": "critical",
    "title": "this AND that",
    "score": 7,
    "days_remaining": 2,
    "frameworks": ("SOC 2", "ISO 27001"),
    "due": "2026-12-01",
}

COMPARISONS = [
    # each reads an attribute that may be missing, and holds while it is there
    "score == 7",
    "score != 5",
    "score > 5",
    "score >= 7",
    "score < 9",
    "score <= 7",
    "5 < score",
    "score in [7, 8]",
    "score IN [7, 8]",
    "score not in [1, 2]",
    "score NOT IN [1, 2]",
    "score + 1 == 8",
    "score - 1 == 6",
    "score * 2 == 14",
    "score / 2 == 3.5",
    "score // 2 == 3",
    "score % 2 == 1",
    "score ** 2 == 49",
    "-score == -7",
    "(score & 3) == 3",
    "(score | 8) == 15",
    "(score ^ 1) == 6",
    "(score << 1) == 14",
    "(score >> 1) == 3",
    "(score ?? 99) < 50",
    "$abs(score) == 7",
    "$min([score, 9]) == 7",
    "category == 'security'",
    "category != 'x'",
    "category < 'z'",
    "category >= 'a'",
    "'sec' in category",
    "'xyz' not in category",
    "title =~ 'this.*'",
    "title !~ 'that.*'",
    "title =~~ 'that'",
    "title !~~ 'nothing'",
    "title.length == 13",
    "title.starts_with('this')",
    "title.as_upper == 'THIS AND THAT'",
    "title[0] == 't'",
    "title + '!' == 'this AND that!'",
    "title&.length > 3",
    "due <= '2026-12-31'",
    "'SOC 2' in frameworks",
    "'PCI' not in frameworks",
    "frameworks == ['SOC 2', 'ISO 27001']",
    "frameworks != ['PCI']",
    "frameworks.length == 2",
    "frameworks.length != 5",
    "frameworks.is_empty == false",
    "frameworks[0] == 'SOC 2'",
    "$any([name =~ 'SOC.*' for name in frameworks])",
    "$all([name != 'PCI' for name in frameworks])",
    "$any([true for name in frameworks if name == 'SOC 2'])",
]
CONNECTED = [
    # condition, with everything there, with nothing there
    ("NOT (score > 5)", False, True),
    ("not (score > 5)", False, True),
    ("NOT NOT (score > 5)", True, False),
    ("NOT score IN [7]", False, True),
    ("NOT (score NOT IN [1])", False, True),
    ("NOT title.starts_with('this')", False, True),
    ("score > 5 AND severity == 'critical'", True, False),
    ("score > 5 and NOT (severity == 'low')", True, False),
    ("score > 5 OR severity == 'low'", True, False),
    ("score < 5 or severity == 'critical'", True, False),
    ("type == 'finding' AND score != 5", True, False),
    ("type == 'finding' OR score > 5", True, True),
    ("score > 5 ? severity == 'critical' : severity == 'low'", True, False),
    ("score > 5 ? type == 'report' : type == 'finding'", False, True),
]
TABLE = [(text, True, False) for text in COMPARISONS] + CONNECTED
BARE = {"type": "finding"}
"""An event that lacks whatever may be missing."""


@pytest.mark.parametrize("text", COMPARISONS)
def test_a_missing_attribute_makes_its_comparison_false_whatever_the_operator(text: str) -> None:
    condition = compile_condition(text)
    assert condition.holds(EVENT)
    assert not condition.holds(BARE)
    assert compile_condition(f"NOT ({text})").holds(BARE)


@pytest.mark.parametrize(("text", "there", "missing"), CONNECTED)
def test_and_or_not_and_a_choice_connect_plain_truths(text: str, there: bool, missing: bool) -> None:
    condition = compile_condition(text)
    assert condition.holds(EVENT) is there
    assert condition.holds(BARE) is missing


def test_no_operator_is_left_out_of_the_table() -> None:
    written = " ".join(text.lower() for text, _, _ in TABLE)
    known = {*rule_engine.parser.Parser.op_names, "not in", "?", "[", "$any", ".length"}
    assert [operator for operator in sorted(known) if operator not in written] == []


def plain(text: str, default: dict[str, object]) -> str:
    """What rule-engine alone says of an event that lacks the attribute."""
    context = rule_engine.Context(**default)
    try:
        return str(rule_engine.Rule(_small(text), context=context).matches(BARE))
    except (rule_engine.errors.EngineError, TypeError):
        return "error"


def _small(text: str) -> str:
    for word in (" AND ", " OR ", " NOT ", " IN "):
        text = text.replace(word, word.lower())
    return text.replace("NOT ", "not ")


def test_the_table_prints(record_property: Callable[[str, object], None]) -> None:
    heading = f"{'condition':<56} there  missing   rule-engine alone: missing, with a default of null"
    lines = [heading]
    for text, _, _ in TABLE:
        condition = compile_condition(text)
        alone, with_default = plain(text, {}), plain(text, {"default_value": None})
        lines.append(
            f"{text:<56} {condition.holds(EVENT)!s:<6} {condition.holds(BARE)!s:<9} {alone:<7} {with_default}"
        )
    record_property("printed", "\n".join(lines))
    assert len(lines) == len(TABLE) + 1
    assert any(line.endswith("error   True") for line in lines)
