from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance_bot.state_directory import hold

from .conftest import Ended

Run = Callable[..., Ended]


@pytest.mark.usefixtures("state")
def test_without_a_daemon_the_database_itself_is_verified(command: Run) -> None:
    ended = command("audit", "verify", "--json")
    assert ended.code == 0
    told = json.loads(ended.out)
    assert told["whole"]
    assert told["entries"] == 0


def test_a_cut_tail_ends_with_1(command: Run, state: Path) -> None:
    (state / "audit.head").write_text(json.dumps({"seq": 3, "hash": "f" * 64}))
    ended = command("audit", "verify")
    assert ended.code == 1
    assert "broken at entry 1" in ended.out


def test_a_database_that_another_process_holds_is_not_opened(command: Run, state: Path) -> None:
    with hold(state):
        ended = command("audit", "verify")
    assert ended.code == 75
    assert "another compliance-bot" in ended.err


def test_a_directory_without_a_database_is_said(command: Run) -> None:
    ended = command("audit", "verify")
    assert ended.code == 2
    assert "COMPLIANCE_BOT_STATE" in ended.err
