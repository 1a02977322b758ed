"""The world's clock: it can run fast, jump, or stand still, and tells its followers at once.

Followers read ``GET /clock`` as a stream of JSON lines ``{"now": seconds, "rate": factor}``: one at
once and one whenever the clock is changed. Between two lines a follower reckons on by ``rate``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Coroutine
from typing import Any

from aiohttp import web


class WorldClock:
    """Unix seconds that move at ``rate`` times real time (0: stands still)."""

    def __init__(self, *, start: float | None = None, rate: float = 1.0) -> None:
        self._now = time.time() if start is None else start
        self._anchor = time.monotonic()
        self._rate = rate
        self._changed = asyncio.Event()

    def now(self) -> float:
        """Unix seconds of the world."""
        return self._now + (time.monotonic() - self._anchor) * self._rate

    @property
    def rate(self) -> float:
        """How many world seconds pass in one real second."""
        return self._rate

    async def jump(self, seconds: float) -> None:
        """Move on (or, below zero, back) by ``seconds`` at once."""
        self._set(self.now() + seconds, self._rate)

    async def run_at(self, rate: float) -> None:
        """Change the speed from now on."""
        self._set(self.now(), rate)

    def _set(self, now: float, rate: float) -> None:
        self._now, self._anchor, self._rate = now, time.monotonic(), rate
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def sleep(self, seconds: float) -> Coroutine[Any, Any, None]:
        """Return once the world's clock has moved on by ``seconds``, reckoned from this call."""
        return self._sleep_until(self.now() + seconds)

    async def _sleep_until(self, moment: float) -> None:
        while True:
            # Taken before the time is read: a change after that sets this very event.
            changed = self._changed
            left = moment - self.now()
            if left <= 0:
                return
            # Not wait_for: in 3.11 it takes back a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left / self._rate if self._rate > 0 else None):
                    await changed.wait()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """``GET /clock``: the lines that a follower lives by."""
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        while True:
            changed = self._changed
            line = json.dumps({"now": self.now(), "rate": self._rate})
            await response.write(line.encode() + b"\n")
            await changed.wait()
