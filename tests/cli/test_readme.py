"""The README is checked against the program: a command or setting it leaves out is a fault."""

from __future__ import annotations

import re
from pathlib import Path

from compliance_bot.cli.commands import COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ONE_LINERS = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)


def test_the_table_of_commands_names_each_one_once() -> None:
    for name in COMMANDS:
        assert len(re.findall(rf"^\| `compliance-bot {name}\b", README, re.MULTILINE)) == 1, name


def test_there_are_two_one_line_commands_and_both_install_what_is_locked() -> None:
    demo, tests = ONE_LINERS
    assert demo.endswith("compliance-bot demo")
    assert tests.endswith("python -m pytest")
    for line in (demo, tests):
        assert "--require-hashes -r requirements.lock" in line


def test_every_locked_package_has_hashes_and_no_place_to_get_it_from() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"^\s*--(?!hash)|https?://", lock, re.MULTILINE)
    packages = re.findall(
        r"^[a-z0-9][^\n]*==[^\n]*\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", lock, re.MULTILINE
    )
    assert len(packages) == len(re.findall(r"^[a-z0-9]", lock, re.MULTILINE))


def test_the_readme_says_why_three_things_of_the_guide_are_not_needed() -> None:
    for words in ("No request URL", "No signing secret", "No `interactive:write`"):
        assert words in README
