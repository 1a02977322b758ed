"""The fixtures of this room."""

from __future__ import annotations

import contextlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from compliance_bot import logs
from tests.jobs.stage import Reader, Town, a_reader, a_town


@pytest.fixture(autouse=True)
def _plain_logs() -> None:
    """Lines of JSON to nowhere: a traceback drawn for a terminal takes seconds."""
    logs.configure("info", stream=io.StringIO(), pretty=False)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """A Studio that nobody has read yet."""
    async with a_town(tmp_path) as town:
        yield town


Live = Callable[..., Awaitable[Reader]]


@pytest.fixture
async def live(town: Town) -> AsyncIterator[Live]:
    """Begin a life of the reading process; the last one is ended with the test."""
    readers: list[Reader] = []

    async def begin(rules: str | None = None) -> Reader:
        readers.append(await a_reader(town, rules))
        return readers[-1]

    yield begin
    town.faults.lift_all()
    with contextlib.suppress(ValueError):
        await readers[-1].kill()
