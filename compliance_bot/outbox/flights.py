"""Requests under way: each performed in a task of its own, their outcomes recorded together."""

from __future__ import annotations

import asyncio

from compliance_bot.logs import logger
from compliance_bot.model.delivery import Done, Effect, Outcome, Retry, Unknown
from compliance_bot.outbox import pacing
from compliance_bot.outbox.contract import Side, side_of
from compliance_bot.outbox.desk import Desk
from compliance_bot.outbox.finishing import finish_all
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)

FINISH_SIZE = 32
"""Outcomes recorded in one transaction at most."""


class Flights:
    """What has been claimed and whose outcome is not yet recorded."""

    def __init__(self, *, desk: Desk) -> None:
        self._desk = desk
        self._outcomes: list[tuple[Effect, Outcome]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._next_start: dict[str, float] = {}
        self._came = asyncio.Event()
        self.last_delivery: float | None = None

    def launch(self, effect: Effect) -> None:
        """Perform a claimed effect."""
        self._desk.gates[side_of(effect.pace_key)].under_way += 1
        task = asyncio.get_running_loop().create_task(self._fly(effect))
        self._tasks.add(task)
        task.add_done_callback(self._landed)

    def cancel(self) -> int:
        """Let go of what is under way; how many there were. It stays ``sending`` in the store."""
        for task in self._tasks:
            task.cancel()
        return len(self._tasks)

    async def record_until(self, claiming: asyncio.Task[None]) -> None:
        """Record outcomes as they come, until nothing is claimed any more and all have come."""
        claiming.add_done_callback(lambda _: self._came.set())
        while not (claiming.done() and not self._tasks and not self._outcomes):
            if not self._outcomes:
                await self._came.wait()
            self._came.clear()
            batch = self._outcomes[:FINISH_SIZE]
            if batch:
                await self._record(batch)
                del self._outcomes[: len(batch)]

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._came.set()

    async def _fly(self, effect: Effect) -> None:
        side = side_of(effect.pace_key)
        await self._keep_distance(effect)
        try:
            outcome = await self._desk.performers[side].perform(effect)
        except Exception:  # noqa: BLE001 - a performer's mistake leaves its effect's outcome unknown
            _log.exception("outbox.performer.raised", effect=effect.id, kind=effect.kind.value)
            outcome = Unknown(reason="performer.raised")
        if isinstance(outcome, Retry) and outcome.blocked:
            self._desk.gates[side].refused(self._desk.clock.now(), outcome.after)
        elif not isinstance(outcome, Unknown):
            self._desk.gates[side].answered()
        self._outcomes.append((effect, outcome))

    async def _keep_distance(self, effect: Effect) -> None:
        """Hold a request back until its channel's second has passed since the last one really left."""
        limit = pacing.limit_of(effect.pace_key, self._desk.rulebook().rules.delivery.per_channel)
        if limit is None or limit.starts > 1:
            return
        now = self._desk.clock.now()
        at = min(max(now, self._next_start.get(effect.pace_key, now)), now + limit.window)
        self._next_start[effect.pace_key] = at + limit.window - pacing.MARGIN / 2
        if at > now:
            await self._desk.clock.sleep(at - now)

    async def _record(self, batch: list[tuple[Effect, Outcome]]) -> None:
        def decide(tx: Transaction) -> None:
            finish_all(self._desk.turn(tx), batch, self._desk.chance)

        await self._desk.write(decide, weight=len(batch))
        for effect, outcome in batch:
            gate = self._desk.gates[side_of(effect.pace_key)]
            gate.under_way -= 1
            if isinstance(outcome, Done) and gate.side is Side.SLACK:
                self.last_delivery = self._desk.clock.now()
            if isinstance(outcome, Unknown):
                self._desk.doubted.set()
        if any(gate.freed() for gate in self._desk.gates.values()):
            self._desk.woken.set()
