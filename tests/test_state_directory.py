from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from compliance_bot import state_directory
from compliance_bot.errors import AlreadyRunning, Misconfigured

HOLD_UNTIL_TOLD = """
import sys
from pathlib import Path
from compliance_bot import state_directory
with state_directory.hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_missing_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    state_directory.prepare(tmp_path / "deep" / "state")
    assert stat.S_IMODE((tmp_path / "deep" / "state").stat().st_mode) == 0o700


def test_a_directory_others_could_enter_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)
    state_directory.prepare(tmp_path / "state")
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_a_directory_that_others_share_is_neither_used_nor_closed(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    (shared / "theirs").touch()
    with pytest.raises(Misconfigured, match="holds what is not the bot's"):
        state_directory.prepare(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755


def test_a_file_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(Misconfigured, match="COMPLIANCE_BOT_STATE"):
        state_directory.prepare(tmp_path / "state")


def test_a_directory_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: real + 1)
    with pytest.raises(Misconfigured, match="run it as the directory's owner"):
        state_directory.prepare(tmp_path)


def test_a_second_instance_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD_UNTIL_TOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunning, match=f"process {first.pid}"), state_directory.hold(tmp_path):
            pass
        first.kill()
        first.wait()
        with state_directory.hold(tmp_path):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_the_lock_is_free_again_after_use(tmp_path: Path) -> None:
    with state_directory.hold(tmp_path):
        pass
    with state_directory.hold(tmp_path):
        assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600


def test_a_link_planted_as_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Misconfigured), state_directory.hold(tmp_path):
        pass
    assert not (tmp_path / "elsewhere").exists()
