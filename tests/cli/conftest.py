from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from compliance_bot import logs
from compliance_bot.cli.ending import carry_out
from compliance_bot.state_directory import hold
from compliance_bot.store.database import DATABASE_FILE, Database


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
    """Runs a command line in an empty directory: none of our settings are there, no secret was read yet."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, logging.raiseExceptions)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logs, "_kept", set())
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


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory in which a bot has run."""
    place = tmp_path / "state"
    monkeypatch.setenv("COMPLIANCE_BOT_STATE", str(place))

    async def make() -> None:
        database = await Database.open(place / DATABASE_FILE)
        await database.close()

    with hold(place):
        asyncio.run(make())
    return place
