"""The world's clock: it can run fast, jump, or stand still, and tells its followers at once.

Followers read ``GET /clock`` as a stream of JSON lines ``{"now": seconds, "rate": factor}``: one at
once and one whenever the clock is changed. Between two lines a follower reckons on by ``rate``.
"""

from __future__ import annotations

import asyncio
import json
import time

from aiohttp import web


class WorldClock:
    """Unix seconds that move at ``rate`` times real time (0: stands still)."""

    def __init__(self, *, start: float | None = None, rate: float = 1.0) -> None:
        self._now = time.time() if start is None else start
        self._anchor = time.monotonic()
        self._rate = rate
        self._changed = asyncio.Condition()

    def now(self) -> float:
        """Unix seconds of the world."""
        return self._now + (time.monotonic() - self._anchor) * self._rate

    @property
    def rate(self) -> float:
        """How many world seconds pass in one real second."""
        return self._rate

    async def jump(self, seconds: float) -> None:
        """Move on (or, below zero, back) by ``seconds`` at once."""
        await self._set(self.now() + seconds, self._rate)

    async def run_at(self, rate: float) -> None:
        """Change the speed from now on."""
        await self._set(self.now(), rate)

    async def _set(self, now: float, rate: float) -> None:
        self._now, self._anchor, self._rate = now, time.monotonic(), rate
        async with self._changed:
            self._changed.notify_all()

    async def sleep(self, seconds: float) -> None:
        """Return once the world's clock has moved on by ``seconds``."""
        until = self.now() + seconds
        while (left := until - self.now()) > 0:
            real = left / self._rate if self._rate > 0 else None
            async with self._changed:
                try:
                    await asyncio.wait_for(self._changed.wait(), real)
                except TimeoutError:
                    continue

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """``GET /clock``: the lines that a follower lives by."""
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        while True:
            line = json.dumps({"now": self.now(), "rate": self._rate})
            await response.write(line.encode() + b"\n")
            async with self._changed:
                await self._changed.wait()
