"""Faults that a test or the page lays on the wire of the embedded Slack or Studio.

A fault names the calls it meets (``chat.postMessage``, ``GET /api/findings``; ``*`` meets all), how
many of them (``times``), and what it does: answer something else, drop the connection before or
after the call took effect, or hold the answer until it is released.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_ids = itertools.count(1)


@dataclass(kw_only=True)
class Fault:
    """One fault. Exactly one of ``status``, ``drop``, ``hold`` says what it does.

    ``status``/``headers``/``body``: answer this instead (``body`` dict: JSON; str: as it stands, HTML
    when it begins with ``<``). ``effect_first``: let the call take effect before answering so.
    ``drop``: ``"before"`` or ``"after"`` the effect the TCP connection is cut.
    ``hold``: ``"before"`` or ``"after"`` the effect the answer waits for ``release()``.
    ``where``: only calls whose arguments this accepts (a dict of the call's parameters).
    """

    call: str
    times: int | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    effect_first: bool = False
    drop: str | None = None
    hold: str | None = None
    where: Callable[[Mapping[str, Any]], bool] | None = None
    id: int = field(default_factory=lambda: next(_ids))
    met: int = 0
    """How many calls it has met."""
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the first call is met: a test waits for it."""
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Let held calls go on, and later ones pass."""
        self._released.set()

    async def wait_released(self) -> None:
        """Wait, as a held call, for ``release()``."""
        await self._released.wait()

    def meets(self, call: str, arguments: Mapping[str, Any]) -> bool:
        """True when this fault is for that call now; counts it."""
        if self.times is not None and self.met >= self.times:
            return False
        if self.hold is not None and self._released.is_set():
            return False
        if self.call not in ("*", call):
            return False
        if self.where is not None and not self.where(arguments):
            return False
        self.met += 1
        self.reached.set()
        return True


class Faults:
    """The faults laid on one side of the world, first laid first met."""

    def __init__(self) -> None:
        self._laid: list[Fault] = []

    def lay(self, fault: Fault) -> Fault:
        """Lay a fault; returns it, so that a test can hold on to it."""
        self._laid.append(fault)
        return fault

    def lift(self, fault: Fault) -> None:
        """Take a fault away (releases what it holds)."""
        fault.release()
        if fault in self._laid:
            self._laid.remove(fault)

    def lift_all(self) -> None:
        """Take every fault away."""
        for fault in list(self._laid):
            self.lift(fault)

    def meet(self, call: str, arguments: Mapping[str, Any]) -> Fault | None:
        """The first fault that meets this call, if any."""
        return next((fault for fault in self._laid if fault.meets(call, arguments)), None)
