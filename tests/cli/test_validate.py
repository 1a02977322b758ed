from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import yaml

from compliance_bot.config.editor_schema import json_schema

from .conftest import Ended

Run = Callable[..., Ended]


def test_the_shipped_rules_are_good_and_are_said_to_be_the_shipped_ones(command: Run) -> None:
    ended = command("validate")
    assert (ended.code, ended.out.splitlines()[-1].endswith("good")) == (0, True), ended.out
    assert "these are the shipped ones" in ended.err


def test_every_problem_is_told_at_once_with_its_place(command: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(
        "slack_config:\n  default_chanel: '#x'\nrouting_rules:\n  x:\n    condition: 'severty == 1'\n"
    )
    ended = command("validate")
    assert ended.code == 2
    places = [line for line in ended.out.splitlines() if re.match(r"rules\.yaml:\d+:\d+ ", line)]
    assert len(places) >= 2, ended.out


def test_json_is_one_document(command: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("nonsense: 1\n")
    ended = command("validate", "mine.yaml", "--json")
    assert ended.code == 2
    told = json.loads(ended.out)
    assert not told["ok"]
    assert told["problems"][0]["line"] == 1


def test_a_missing_file_is_a_problem_and_no_traceback(command: Run) -> None:
    ended = command("validate", "missing.yaml")
    assert ended.code == 2
    assert "missing.yaml" in ended.out
    assert "Traceback" not in ended.err


def test_the_next_three_runs_of_each_job_are_told_and_that_none_comes_yet(
    command: Run, tmp_path: Path
) -> None:
    (tmp_path / "rules.yaml").write_text(
        "schedule:\n  mornings:\n    job: daily_summary\n    timezone: Europe/Zurich\n"
        '    cron: "30 7 * * *"\n'
    )
    ended = command("validate")
    assert ended.code == 0
    (line,) = [line for line in ended.out.splitlines() if line.startswith("mornings would run at ")]
    assert len(re.findall(r"\d{4}-\d\d-\d\d 07:30\+0[12]:00", line)) == 3
    assert "warning: rules.yaml:1:1 schedule: does nothing in this version (no job runs yet)" in ended.out
    told = json.loads(command("validate", "--json").out)
    assert [len(times) for times in told["next_runs"].values()] == [3]


def test_the_schema_of_rules_yaml_comes_as_one_document_for_editors(command: Run) -> None:
    ended = command("validate", "--schema")
    assert ended.code == 0
    assert json.loads(ended.out) == json_schema()


def test_a_rehearsal_in_one_channel_is_good_and_loud(command: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text('delivery:\n  shadow: "#rehearsal"\n')
    ended = command("validate")
    assert ended.code == 0
    assert "delivery.shadow: is on: everything goes to #rehearsal, nobody is pinged" in ended.out


def test_what_init_writes_is_valid(command: Run) -> None:
    command("init", "here")
    assert command("validate", "here/rules.yaml").code == 0


def test_the_manifest_is_the_same_in_yaml_and_json(command: Run) -> None:
    ended = command("manifest", "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == yaml.safe_load(command("manifest").out)
    assert "/evidence" in ended.err
