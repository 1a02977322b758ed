"""The fixtures of this room."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from compliance_bot import logs
from tests.cases.stage import Stage, a_stage


@pytest.fixture(autouse=True)
def _plain_logs() -> None:
    """Lines of JSON to nowhere: a traceback drawn for a terminal takes seconds."""
    logs.configure("info", stream=io.StringIO(), pretty=False)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage before anything was observed."""
    stage = await a_stage(tmp_path)
    yield stage
    await stage.database.close()


@pytest.fixture
async def begun(stage: Stage) -> Stage:
    """A stage whose baseline is over: whatever is new is told."""
    await stage.begin()
    return stage
