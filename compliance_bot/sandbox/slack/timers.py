"""Deeds at moments of the world's clock, all kept by one task."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import Callable

from compliance_bot.clock import Clock, wait_until


class Timers:
    """Calls things when the world's clock has come to their moment."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._sooner = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def after(self, seconds: float, deed: Callable[[], None]) -> None:
        """Call ``deed`` once the clock has moved on by ``seconds``."""
        moment = self._clock.now() + seconds
        if not self._heap or moment < self._heap[0][0]:
            self._sooner.set()
        heapq.heappush(self._heap, (moment, next(self._order), deed))

    def start(self) -> None:
        """Begin to keep time."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="sandbox-slack-timers")

    async def stop(self) -> None:
        """Forget everything that is still to come."""
        self._heap.clear()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        while True:
            if not self._heap:
                await self._sooner.wait()
            self._sooner.clear()
            wait = self._heap[0][0] - self._clock.now() if self._heap else 0.0
            if wait > 0:
                await wait_until(self._clock, self._sooner, wait)
            self._call_what_is_due()

    def _call_what_is_due(self) -> None:
        while self._heap and self._heap[0][0] <= self._clock.now():
            heapq.heappop(self._heap)[2]()
