from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import yaml

from compliance_bot.cli.init import HEADING
from compliance_bot.config.editor_schema import json_schema
from compliance_bot.config.load import load_text
from compliance_bot.config.schema import Rules

from .conftest import Ended

Run = Callable[..., Ended]


def test_everything_to_start_from_is_written(command: Run, tmp_path: Path) -> None:
    ended = command("init", "here")
    assert ended.code == 0
    for name in ("rules.yaml", "rules.schema.json", "templates", "systemd/compliance-bot.service"):
        assert (tmp_path / "here" / name).exists()
        assert name in ended.out


def test_a_file_that_is_there_already_is_left_and_nothing_is_written(command: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("mine")
    ended = command("init", ".")
    assert ended.code == 73
    assert "rules.yaml is there already" in ended.err
    assert (tmp_path / "rules.yaml").read_text() == "mine"
    assert list(tmp_path.iterdir()) == [tmp_path / "rules.yaml"]


def test_an_editor_finds_the_schema_by_the_first_line_and_it_takes_the_file(
    command: Run, tmp_path: Path
) -> None:
    command("init", "here")
    text = (tmp_path / "here" / "rules.yaml").read_text()
    schema = json.loads((tmp_path / "here" / "rules.schema.json").read_text())
    assert text.splitlines()[0] == "# yaml-language-server: $schema=rules.schema.json"
    assert schema == json_schema()
    jsonschema.validate(yaml.safe_load(text), schema)
    assert command("validate", "here/rules.yaml").out.splitlines()[-1] == "here/rules.yaml: good"


def test_a_schema_that_is_there_already_is_left_too(command: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.schema.json").write_text("mine")
    assert command("init", ".").code == 73
    assert list(tmp_path.iterdir()) == [tmp_path / "rules.schema.json"]


def test_every_section_stands_in_the_file_that_teaches(command: Run, tmp_path: Path) -> None:
    command("init", "here")
    lines = (tmp_path / "here" / "rules.yaml").read_text().splitlines()
    taught = {line.removeprefix("# ").split(":")[0] for line in lines if re.match(r"(# )?[a-z_]+:", line)}
    assert set(Rules.model_fields) <= taught


def test_what_is_commented_out_is_right_when_it_is_commented_in(command: Run, tmp_path: Path) -> None:
    command("init", "here")
    file = tmp_path / "here" / "rules.yaml"
    file.write_text(commented_in(file.read_text().removeprefix(HEADING)))
    ended = command("validate", "here/rules.yaml")
    assert ended.code == 0, ended.out
    warned = [line for line in ended.out.splitlines() if line.startswith("warning: ")]
    assert all("does nothing in this version" in line or "delivery.shadow: is on" in line for line in warned)


def test_what_is_commented_out_without_being_an_example_is_the_default(command: Run, tmp_path: Path) -> None:
    command("init", "here")
    file = tmp_path / "here" / "rules.yaml"
    given = load_text(commented_in(file.read_text().removeprefix(HEADING))).rules
    assert given is not None
    usual = Rules()
    assert (given.access, given.grouping, given.approvals) == (usual.access, usual.grouping, usual.approvals)
    assert given.delivery.model_copy(update={"shadow": None}) == usual.delivery
    assert given.studio.model_copy(update={"links": usual.studio.links}) == usual.studio
    assert given.sensitivity.ceilings == usual.sensitivity.ceilings
    assert given.debug_config.model_copy(update={"api_timeout": None}) == usual.debug_config


def commented_in(text: str) -> str:
    """Every example and default that is commented out, as if somebody took the marks away."""
    lines = []
    for line in text.splitlines():
        bare = re.sub(r"^( *)# ", r"\1", line)
        sentence = not re.match(r" *(- )?[\w#/\"@.-]+:( |$)| *- ", bare)
        lines.append(line if line == bare or sentence else bare)
    return "\n".join(lines) + "\n"


def test_a_place_that_cannot_be_written_is_named_in_one_sentence(command: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = command("init", "file/inside")
    assert ended.code == 2
    assert "rules.yaml cannot be written (Not a directory)" in ended.err
    assert "Traceback" not in ended.err
