"""A clock that follows the embedded world's, so that the demo and the journeys run days in seconds.

Source: the world's ``GET /clock``, a stream of JSON lines ``{"now": seconds, "rate": factor}``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Coroutine
from typing import Any

import aiohttp

RECONNECT_AFTER = 0.2


class FollowedClock:
    """Reckons on from the last line heard; sleepers wake when the world jumps."""

    def __init__(self, *, url: str) -> None:
        self._url = url
        self._now = time.time()
        self._anchor = time.monotonic()
        self._rate = 1.0
        self._moved = asyncio.Event()
        self._heard = asyncio.Event()

    def now(self) -> float:
        """Unix seconds of the world."""
        return self._now + (time.monotonic() - self._anchor) * self._rate

    def sleep(self, seconds: float) -> Coroutine[Any, Any, None]:
        """Return once the world's clock has moved on by ``seconds``, reckoned from this call."""
        return self._sleep_until(self.now() + seconds)

    async def _sleep_until(self, moment: float) -> None:
        while True:
            # Taken before the time is read: a move after that sets this very event.
            moved = self._moved
            left = moment - self.now()
            if left <= 0:
                return
            # Not wait_for: in 3.11 it takes back a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left / self._rate if self._rate > 0 else None):
                    await moved.wait()

    async def heard(self) -> None:
        """Return once the world has told its time."""
        await self._heard.wait()

    async def follow(self) -> None:
        """Listen for ever; where the world is away, reckon on and try again."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                try:
                    async with session.get(self._url) as answer:
                        async for line in answer.content:
                            self._set(json.loads(line))
                except (aiohttp.ClientError, OSError, ValueError, KeyError):
                    pass
                await asyncio.sleep(RECONNECT_AFTER)

    def _set(self, told: dict[str, float]) -> None:
        self._now, self._anchor, self._rate = float(told["now"]), time.monotonic(), float(told["rate"])
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        self._heard.set()
