"""Unknown outcomes: looked up before anything is done again. One reading settles a whole channel."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

from compliance_bot.logs import logger
from compliance_bot.model.delivery import CannotTell, Effect, Sighting
from compliance_bot.outbox.contract import Side, side_of
from compliance_bot.outbox.desk import Desk
from compliance_bot.outbox.sightings import RecordDoubt, record_sighting
from compliance_bot.store import effects as store
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)

READERS = 4
"""Channels read at once."""

_WEIGHT = 64


class Reconciler:
    """The loop that settles what is unknown. ``record_doubt``: see ``sightings``."""

    def __init__(self, *, desk: Desk, record_doubt: RecordDoubt) -> None:
        self._desk = desk
        self._record_doubt = record_doubt

    async def run(self) -> None:
        """Look up what is due, for ever. Nothing is read of a side that is halted or pausing."""
        while True:
            self._desk.doubted.clear()
            now = self._desk.clock.now()
            due, later = await self._desk.database.read(partial(store.uncertain_keys, now=now))
            gates = [self._desk.gates[side_of(key)] for key in due]
            keys = [key for key, gate in zip(due, gates, strict=True) if gate.is_open(now)]
            for first in range(0, len(keys), READERS):
                await asyncio.gather(*(self._look(key) for key in keys[first : first + READERS]))
            if not keys:
                pauses = [gate.paused_until for gate in gates if gate.paused_until > now]
                await self._desk.wait(self._desk.doubted, min([*pauses, *later], default=None))

    async def _look(self, key: str) -> None:
        effects = await self._desk.database.read(lambda tx: store.uncertain_rows(tx, key))
        sightings = await self._find(side_of(key), effects)

        def decide(tx: Transaction) -> None:
            turn = self._desk.turn(tx)
            for effect in effects:
                said = sightings.get(effect.key, CannotTell(reason="not_answered"))
                record_sighting(turn, effect, said, chance=self._desk.chance, record_doubt=self._record_doubt)

        await self._desk.write(decide, weight=_WEIGHT)
        self._desk.woken.set()

    async def _find(self, side: Side, effects: list[Effect]) -> Mapping[str, Sighting]:
        try:
            return await self._desk.performers[side].find(effects)
        except Exception:  # noqa: BLE001 - a performer's mistake tells nothing
            _log.exception("outbox.look_up.raised", side=side.value)
            doubt = CannotTell(reason="performer.raised", temporary=True)
            return {effect.key: doubt for effect in effects}
