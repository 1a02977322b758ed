"""Every file in ``testdata`` breaks the rule it is named after; ``NAME.said`` is all that is said of it."""

from pathlib import Path

import pytest

from compliance_bot.config.nodes import dotted
from compliance_bot.config.not_yet import DOES_NOTHING
from compliance_bot.rulebook import RulesRefused, compile_rulebook

TESTDATA = Path(__file__).parent / "testdata"
NOT_YET = "what_is_not_there_yet"
"""Broken by no rule: its warnings shrink with every part of this bot that comes to be."""
NAMES = sorted(file.stem for file in TESTDATA.glob("*.yaml") if file.stem != NOT_YET)


def said_of(name: str, templates: Path) -> list[str]:
    try:
        _, problems = compile_rulebook(TESTDATA / f"{name}.yaml", templates)
    except RulesRefused as refused:
        problems = refused.problems
    return [
        ("warning " if problem.warning else "")
        + str(problem).removeprefix(f"{name}.yaml").lstrip(":").removeprefix(" ")
        for problem in problems
    ]


@pytest.mark.parametrize("name", NAMES)
def test_broken_file_is_told_with_line_path_and_mend(name: str, templates: Path) -> None:
    assert said_of(name, templates) == (TESTDATA / f"{name}.said").read_text().splitlines()


def test_not_over_one_megabyte(tmp_path: Path, templates: Path) -> None:
    file = tmp_path / "not_over_one_megabyte.yaml"
    file.write_text("#" * 1_000_001)
    with pytest.raises(RulesRefused, match=r"is larger than 1 MB \(1,000,001 bytes\)"):
        compile_rulebook(file, templates)


def test_every_broken_file_has_its_words_and_none_is_left_over() -> None:
    assert sorted(file.stem for file in TESTDATA.glob("*.said")) == NAMES
    assert len(NAMES) > 50


def test_whatever_does_nothing_yet_is_warned_of_and_what_works_is_not(templates: Path) -> None:
    said = {line.split(" ", 2)[2] for line in said_of(NOT_YET, templates)}
    assert said == {
        f"{dotted(path)}: does nothing in this version ({instead})" for path, instead in DOES_NOTHING.items()
    }


def test_no_secret_is_repeated(templates: Path) -> None:
    words = "\n".join(said_of("no_secrets", templates))
    for secret in ("xoxb-your", "xapp-your", "your-signing", "hooks.slack.com", "xoxb-123"):
        assert secret not in words
