from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance_bot import logs
from compliance_bot.state_directory import hold
from compliance_bot.store.database import DATABASE_FILE, Database
from tests.cases.stage import Stage, a_critical

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


@pytest.fixture
def decided(state: Path) -> Path:
    """A state directory in which somebody has acknowledged CB-0001, and Studio has it."""

    async def make() -> None:
        stage = Stage(await Database.open(state / DATABASE_FILE))
        await stage.begin()
        await stage.observe(a_critical(title="Bucket [bold]open[/bold] to \x1b[31mall"))
        await stage.deliver()
        await stage.press()
        await stage.deliver()
        await stage.database.close()

    logs.configure("critical", stream=io.StringIO(), pretty=False)
    asyncio.run(make())
    return state


@pytest.mark.usefixtures("decided")
def test_a_decision_is_a_page_of_plain_lines_for_a_pipe(
    command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    ended = command("audit", "show", "CB-0001-1")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0] == "CB-0001-1 · acknowledge · VERIFIED"
    assert max(map(len, lines)) <= 96
    assert "\x1b" not in ended.out
    assert "“Bucket [bold]open[/bold] to [31mall”" in " ".join(ended.out.split())
    assert "person           Bob (Slack UBOBSMITH)" in lines
    assert any(line.startswith("verdict          VERIFIED") for line in lines)
    assert lines[-1] == "Times are UTC; in brackets Europe/Berlin."


@pytest.mark.usefixtures("decided")
def test_with_json_a_page_is_one_document(command: Run) -> None:
    page = json.loads(command("audit", "show", "CB-0001", "--json").out)
    assert page["verified"] is True
    assert page["subject"]["ref"] == "CB-0001"
    assert [step["seq"] for step in page["steps"] if step["seq"]] == [2, 3]


@pytest.mark.usefixtures("decided")
def test_a_reference_that_nobody_knows_ends_with_1_and_the_near_miss(command: Run) -> None:
    ended = command("audit", "show", "CB-0001-9")
    assert (ended.code, ended.out) == (1, "")
    assert "CB-0001 has no decision 9. Did you mean CB-0001-1?" in ended.err
    told = json.loads(command("audit", "show", "CB-0001-9", "--json").out)
    assert told["near"] == ["CB-0001-1"]


def test_a_record_that_was_changed_ends_with_1(command: Run, decided: Path) -> None:
    with contextlib.closing(sqlite3.connect(decided / DATABASE_FILE)) as database:
        database.execute("UPDATE decision SET reason = 'as told'")
        database.commit()
    ended = command("audit", "show", "CB-0001-1")
    assert ended.code == 1
    assert "NOT VERIFIED" in ended.out.splitlines()[0]
    assert "DOES NOT MATCH: reason and details (by their hash)" in ended.out
