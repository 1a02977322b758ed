"""Deeds at moments of the world's clock, all kept by one task."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import Callable

from compliance_bot.clock import Clock


class Timers:
    """Calls things when the world's clock has come to their moment."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._sooner = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._due: float | None = None

    @property
    def moment(self) -> float:
        """The moment a deed now under way was due at; else what the clock says.

        A clock that jumps is past it: what follows from the deed is reckoned from here.
        """
        return self._clock.now() if self._due is None else self._due

    def after(self, seconds: float, deed: Callable[[], None], *, since: float | None = None) -> None:
        """Call ``deed`` once the clock has moved on by ``seconds`` from now, or from ``since``."""
        moment = (self._clock.now() if since is None else since) + seconds
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
            if self._heap:
                await self._wait_until(self._heap[0][0])
            self._call_what_is_due()

    async def _wait_until(self, moment: float) -> None:
        """Wait for the moment, or for a deed that comes sooner.

        By the moment and not by the seconds left: the clock may jump before a task begins to wait.
        """
        loop = asyncio.get_running_loop()
        waiting = {loop.create_task(self._sleep_until(moment)), loop.create_task(self._sooner.wait())}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def _sleep_until(self, moment: float) -> None:
        while (left := moment - self._clock.now()) > 0:
            await self._clock.sleep(left)

    def _call_what_is_due(self) -> None:
        while self._heap and self._heap[0][0] <= self._clock.now():
            self._due, _, deed = heapq.heappop(self._heap)
            deed()
        self._due = None
