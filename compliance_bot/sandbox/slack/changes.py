"""A number that rises with each change of the world, and ways to wait for a change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Changes:
    """The state number. Followers wait for it; nothing is lost between two looks."""

    def __init__(self) -> None:
        self.number = 0
        self._waiting: list[asyncio.Future[None]] = []

    def note(self) -> None:
        """Something changed."""
        self.number += 1
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for future in waiting:
                if not future.done():
                    future.set_result(None)

    async def beyond(self, number: int) -> int:
        """Return the state number once it is above ``number``."""
        while self.number <= number:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            await future
        return self.number

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return once ``holds()`` is true; it is asked again after each change."""
        while not holds():
            await self.beyond(self.number)
