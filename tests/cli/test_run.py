from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from compliance_bot.config.places import packaged_place
from compliance_bot.state_directory import hold

SETTINGS = {
    "SLACK_BOT_TOKEN": "xoxb-1-2-canary",
    "SLACK_APP_TOKEN": "xapp-1-2-canary",
    "STUDIO_URL": "http://127.0.0.1:9",
    "STUDIO_TOKEN": "studio-canary",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
    "COMPLIANCE_BOT_LISTEN": "",
    "COMPLIANCE_BOT_RULES": str(packaged_place("rules.yaml")),
    "COMPLIANCE_BOT_TEMPLATES": str(packaged_place("templates")),
}


def ended(place: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "COMPLIANCE_BOT_STATE": str(place / "state"), **settings}
    command = [sys.executable, "-m", "compliance_bot", "run"]
    paths = {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        command,
        cwd=place,
        env={**environment, **paths},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "STUDIO_URL", "STUDIO_TOKEN"])
def test_a_missing_setting_is_one_sentence_and_78(tmp_path: Path, name: str) -> None:
    settings = {key: value for key, value in SETTINGS.items() if key != name}
    process = ended(tmp_path, **settings)
    assert process.returncode == 78
    (sentence,) = process.stderr.splitlines()
    assert sentence.startswith(f"compliance-bot: {name} is missing: ")
    assert "canary" not in process.stderr


def test_a_second_instance_is_refused_with_75(tmp_path: Path) -> None:
    with hold(tmp_path / "state"):
        process = ended(tmp_path, **SETTINGS)
    assert process.returncode == 75
    assert f"process {os.getpid()}" in process.stderr


def test_broken_rules_end_with_78_and_their_place(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("nonsense: 1\n")
    process = ended(tmp_path, **{**SETTINGS, "COMPLIANCE_BOT_RULES": "rules.yaml"})
    assert process.returncode == 78
    assert "rules.yaml:1:1" in process.stderr
