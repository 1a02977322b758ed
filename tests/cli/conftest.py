from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from compliance_bot.cli.ending import carry_out


@dataclass(frozen=True)
class Ended:
    """What a command came to."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ended]]:
    """Runs a command line in an empty directory, with none of our settings in the environment."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, logging.raiseExceptions)
    monkeypatch.chdir(tmp_path)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "STUDIO_URL", "STUDIO_TOKEN", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Ended:
        code = carry_out(list(arguments))
        told = capsys.readouterr()
        return Ended(code, told.out, told.err)

    yield run
    root.handlers[:], root.level, sys.excepthook, logging.raiseExceptions = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
