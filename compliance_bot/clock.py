"""Time, from one place. Wall time is Unix seconds, UTC; nothing else of ours asks the system."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, Protocol


class Clock(Protocol):
    """What the rooms need of time. Tests and the embedded world bring their own."""

    def now(self) -> float:
        """Unix seconds, UTC."""
        ...

    def sleep(self, seconds: float) -> Coroutine[Any, Any, None]:
        """Return once this clock has moved on by ``seconds``, reckoned from the call, not from the await.

        A clock that can jump must not miss a jump between the two.
        """
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Unix seconds, UTC."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Sleep on the event loop."""
        await asyncio.sleep(max(0.0, seconds))


async def wait_until(clock: Clock, event: asyncio.Event, seconds: float) -> bool:
    """Wait for ``event`` at most ``seconds`` of ``clock``; True when the event came.

    The moment to give up stands before anything else runs: a jump right after the call counts.
    """
    if event.is_set():
        return True
    sleeper = asyncio.ensure_future(clock.sleep(seconds))
    waiter = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({sleeper, waiter}, return_when=asyncio.FIRST_COMPLETED)
        return event.is_set()
    finally:
        sleeper.cancel()
        waiter.cancel()


def iso(seconds: float) -> str:
    """``2026-11-24T09:00:00.000Z``: how times stand in audit entries and JSON output."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
