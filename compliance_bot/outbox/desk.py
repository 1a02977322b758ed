"""What the outbox's loops share: the store, the clock, the rules of the moment, and both sides' gates."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from compliance_bot.clock import Clock, wait_until
from compliance_bot.logs import Repeats, logger
from compliance_bot.model.delivery import EffectKind, Performer
from compliance_bot.outbox.contract import Handler, Side, Turn, Webhook
from compliance_bot.outbox.sides import Gate
from compliance_bot.rulebook import Rulebook
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)

Answer = TypeVar("Answer")

_BREATH = 1.0
"""Real seconds between two tries of a transaction that the database refused."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where the loops meet. ``woken``: look for something to send; ``doubted``: something to look up."""

    database: Database
    clock: Clock
    rulebook: Callable[[], Rulebook]
    handlers: Mapping[EffectKind, Handler]
    performers: Mapping[Side, Performer]
    gates: Mapping[Side, Gate]
    webhook: Webhook
    chance: random.Random
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    doubted: asyncio.Event = field(default_factory=asyncio.Event)
    _refusals: Repeats = field(default_factory=lambda: Repeats(every=60.0))

    def turn(self, tx: Transaction) -> Turn:
        """One transaction, now."""
        return Turn(
            tx=tx,
            now=self.clock.now(),
            rulebook=self.rulebook(),
            handlers=self.handlers,
            webhook=self.webhook,
        )

    async def write(self, decide: Callable[[Transaction], Answer], weight: int = 1) -> Answer:
        """Write until the database takes it: an outcome that is known is never thrown away."""
        while True:
            try:
                return await self.database.write(decide, weight=weight)
            except Exception as error:  # noqa: BLE001 - full, failing or busy: the store comes back, or the end
                if self._refusals.once("write", self.clock.now()) is not None:
                    _log.exception("outbox.write.refused", error=str(error))
                await asyncio.sleep(_BREATH)

    async def wait(self, event: asyncio.Event, due: float | None) -> None:
        """Return when the event is set, or at ``due`` (Unix seconds), if that is known."""
        if due is None:
            await event.wait()
        elif not event.is_set():
            await wait_until(self.clock, event, max(0.0, due - self.clock.now()))
