"""The fixtures of this room."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from compliance_bot import logs
from tests.approvals.stage import Desk, a_desk


@pytest.fixture(autouse=True)
def _plain_logs() -> None:
    """Lines of JSON to nowhere: a traceback drawn for a terminal takes seconds."""
    logs.configure("info", stream=io.StringIO(), pretty=False)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk on which nothing was asked yet."""
    desk = await a_desk(tmp_path)
    yield desk
    await desk.database.close()
