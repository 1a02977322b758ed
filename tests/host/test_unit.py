"""Needs systemd-analyze (Debian: systemd); fails with one line where it is missing."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "systemd" / "compliance-bot.service"


def directives() -> list[str]:
    lines = UNIT.read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "["))]


def test_the_unit_exposes_no_more_than_it_must() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.fail("systemd-analyze is missing: install Debian's package systemd")
    answer = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", answer.stdout)
    assert found is not None, answer.stdout
    assert float(found[1]) <= 1.2


def test_a_configuration_error_is_not_started_again() -> None:
    assert "RestartPreventExitStatus=78" in directives()


def test_no_directive_carries_a_secret() -> None:
    for directive in directives():
        assert "xoxb-" not in directive
        assert "SetCredential" not in directive


def test_each_directive_has_its_own_line() -> None:
    for directive in directives():
        assert len(re.findall(r"(?:^|\s)[A-Z][A-Za-z]+=", directive)) == 1 or directive.startswith(
            "Environment="
        )


def test_a_reload_is_a_sighup_to_the_bot_itself() -> None:
    assert "ExecReload=/bin/kill -HUP $MAINPID" in directives()


def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    """The program is put where it is on this machine; nothing else is changed."""
    if shutil.which("systemd-analyze") is None:
        pytest.fail("systemd-analyze is missing: install Debian's package systemd")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/compliance-bot/venv/bin/python", sys.executable))
    answer = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert UNIT.name not in answer.stderr, answer.stderr
    assert answer.returncode == 0, answer.stderr
