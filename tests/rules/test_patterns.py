import pytest

from compliance_bot.rules.conditions import ConditionRefused, compile_condition
from compliance_bot.rules.patterns import refuse_patterns

NEVER_ENDING = [
    r"(a+)+b",
    r"(a|a)*$",
    r"(\w+\s?)*",
    r"(?:(?:x*)y)*",
    r"(?=(a+)+)b",
    r"(a?){50}b",
    r"((a{1,4}){4}){4}b",
    r"(a)(\1*)+",
    r".*a.*b.*c.*d",
]
HARMLESS = [
    r"prod-.*",
    r"^(prod|stage)-[a-z]+-\d{1,3}$",
    r"(\d{1,3}\.){3}\d{1,3}",
    r"([0-9a-f]{2}:){5}[0-9a-f]{2}",
    r"(?i:root) account( of .+)?",
    r"(ab)+",
    r"a++b",
]


@pytest.mark.parametrize("pattern", NEVER_ENDING)
def test_pattern_that_a_text_can_make_slow_is_refused(pattern: str) -> None:
    with pytest.raises(ConditionRefused, match="pattern"):
        compile_condition(f"title =~ '{pattern}'")


@pytest.mark.parametrize("pattern", HARMLESS)
def test_pattern_of_everyday_is_taken(pattern: str) -> None:
    assert refuse_patterns(f"title =~ '{pattern}'") is None


def test_pattern_between_literals_is_refused_before_it_is_tried() -> None:
    with pytest.raises(ConditionRefused, match="more than one way"):
        compile_condition(f"'{'a' * 60}' =~ '(a+)+b'")


@pytest.mark.parametrize("condition", ["title =~ description", "title !~~ ('x')", "title =~"])
def test_pattern_that_would_come_from_studio_is_refused(condition: str) -> None:
    with pytest.raises(ConditionRefused, match="no pattern in quotes"):
        compile_condition(condition)


@pytest.mark.parametrize("condition", ["title == 'x =~ (a+)+'", "title == 'a' # =~ (a+)+"])
def test_pattern_in_a_text_or_a_comment_is_none(condition: str) -> None:
    assert refuse_patterns(condition) is None


def test_condition_may_not_count_to_a_billion() -> None:
    with pytest.raises(ConditionRefused, match=r"reads \$range"):
        compile_condition("$any([x == 1 for x in $range(1000000000)])")
