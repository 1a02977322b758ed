"""What ``compliance-bot demo`` does before it starts anything, and the lines it prints."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from compliance_bot.cli.demonstration.lines import short_line
from compliance_bot.cli.demonstration.place import furnish
from compliance_bot.cli.ending import WouldOverwrite
from compliance_bot.rulebook import compile_rulebook
from compliance_bot.store.database import DATABASE_FILE


def test_the_demo_runs_on_the_shipped_rules_and_names_people_and_looks_more_often(tmp_path: Path) -> None:
    place = furnish(tmp_path / "demo", speed=1)
    rulebook, warnings = compile_rulebook(place.rules, place.templates)
    assert rulebook.rules.studio.poll_interval == 2
    assert rulebook.rules.studio.quota_per_hour == 0
    assert rulebook.rules.slack_config.acknowledge_reaction == "eyes"
    assert rulebook.rules.routing_rules["patient_portal"].channels == ("#shared-with-partner",)
    assert rulebook.rules.people.roles.manager == ("manager@example.com", "omar@example.com")
    assert [step.after for step in rulebook.rules.escalation] == [900, 3600]
    assert warnings == ()
    assert "compliance-bot demo" in place.rules.read_text(encoding="utf-8")


def test_on_a_fast_clock_it_looks_as_often_in_real_time(tmp_path: Path) -> None:
    place = furnish(tmp_path / "demo", speed=60)
    rulebook, _ = compile_rulebook(place.rules, place.templates)
    assert rulebook.rules.studio.poll_interval == 120


def test_the_record_of_an_earlier_world_is_not_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / DATABASE_FILE).touch()
    with pytest.raises(WouldOverwrite, match="name a new directory"):
        furnish(tmp_path, speed=1)


def test_a_taken_port_is_one_sentence(command: Callable[..., Any]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = command("demo", "--no-browser", "--port", port)
    assert ended.code == 2
    assert ended.err.count("\n") == 1
    assert f"port {port} cannot be used" in ended.err


def test_a_log_entry_becomes_a_short_line() -> None:
    entry = {
        "at": "2026-11-24T11:14:17.123Z",
        "level": "warning",
        "room": "slack.socket",
        "event": "socket.lost",
        "reason": "cut",
        "tries": 3,
        "exception": "Traceback\n  …\nOSError: gone",
    }
    line = click.unstyle(short_line(json.dumps(entry).encode() + b"\n"))
    assert line == "bot  11:14:17 warning socket.lost reason=cut tries=3 OSError: gone"


def test_a_line_that_is_no_entry_is_shown_as_it_came() -> None:
    assert click.unstyle(short_line(b"Segmentation fault\n")) == "bot  Segmentation fault"


def test_a_long_entry_stays_one_line_of_a_terminal() -> None:
    line = short_line(json.dumps({"at": "2026-11-24T11:14:17Z", "event": "x", "body": "y" * 9000}).encode())
    assert len(click.unstyle(line)) < 180
