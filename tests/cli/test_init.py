from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .conftest import Ended

Run = Callable[..., Ended]


def test_everything_to_start_from_is_written(command: Run, tmp_path: Path) -> None:
    ended = command("init", "here")
    assert ended.code == 0
    for name in ("rules.yaml", "templates", "systemd/compliance-bot.service"):
        assert (tmp_path / "here" / name).exists()
        assert name in ended.out


def test_a_file_that_is_there_already_is_left_and_nothing_is_written(command: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("mine")
    ended = command("init", ".")
    assert ended.code == 73
    assert "rules.yaml is there already" in ended.err
    assert (tmp_path / "rules.yaml").read_text() == "mine"
    assert list(tmp_path.iterdir()) == [tmp_path / "rules.yaml"]


def test_a_place_that_cannot_be_written_is_named_in_one_sentence(command: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = command("init", "file/inside")
    assert ended.code == 2
    assert "rules.yaml cannot be written (Not a directory)" in ended.err
    assert "Traceback" not in ended.err
