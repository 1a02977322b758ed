from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import click
import pytest

from compliance_bot import __version__, errors
from compliance_bot.cli import commands
from compliance_bot.cli.ending import WouldOverwrite

from .conftest import Ended

Run = Callable[..., Ended]


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Makes ``status`` raise."""

    def put(error: BaseException) -> None:
        @click.command()
        def status() -> None:
            raise error

        monkeypatch.setattr(commands.CommandsOnDemand, "get_command", lambda *_: status)

    return put


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.Misconfigured("STUDIO_URL is missing"), 78),
        (errors.DatabaseUnusable("newer"), 78),
        (errors.AlreadyRunning("process 7"), 75),
        (WouldOverwrite("there already"), 73),
        (errors.UserMistake("no such file"), 2),
        (errors.StudioError("away"), 1),
        (ExceptionGroup("tasks", [errors.Misconfigured("inside a group")]), 78),
    ],
)
def test_each_error_of_ours_is_one_sentence_and_its_exit_code(
    command: Run, fails: Callable[[BaseException], None], error: Exception, code: int
) -> None:
    fails(error)
    ended = command("status")
    inner = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
    assert (ended.code, ended.out, ended.err) == (code, "", f"compliance-bot: {inner}\n")


def test_a_fault_of_ours_is_logged_with_its_place_and_ends_with_1(
    command: Run, fails: Callable[[BaseException], None]
) -> None:
    fails(ZeroDivisionError("xoxb-1-2-canary"))
    ended = command("status")
    assert ended.code == 1
    assert "ZeroDivisionError" in ended.err
    assert "canary" not in ended.err


def test_no_sentence_shows_a_secret(command: Run, fails: Callable[[BaseException], None]) -> None:
    fails(errors.Misconfigured("Slack refuses xoxb-1-2-canary"))
    assert "canary" not in command("status").err


def test_an_unknown_command_is_answered_with_the_known_ones(command: Run) -> None:
    ended = command("frobnicate")
    assert ended.code == 2
    for name in commands.COMMANDS:
        assert name in ended.err


def test_an_unknown_option_ends_with_2(command: Run) -> None:
    assert command("init", "--frobnicate").code == 2


def test_the_version_is_told_both_ways() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "compliance_bot", "--version"], capture_output=True, text=True, check=True
    )
    assert re.search(rf"\b{re.escape(__version__)}$", answer.stdout.strip())


def test_the_version_costs_no_heavy_import() -> None:
    heavy = ("aiohttp", "pydantic", "slack_sdk", "jinja2", "rule_engine", "aiosqlite")
    program = (
        "import sys; from compliance_bot.cli.ending import carry_out; carry_out(['--version']);"
        f"print(sorted(set({heavy}) & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]"
