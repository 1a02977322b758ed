"""The engine: claims, performs, records, looks up. The process may die at any line of it.

Three loops share the store and nothing else. *Claiming* marks effects as being sent and commits
before anything leaves. *Finishing* records outcomes, as many as have come, in one commit.
*Reconciling* settles unknown outcomes. What a crash leaves in ``sending`` is unknown at the next start.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from compliance_bot.clock import Clock, wait_until
from compliance_bot.logs import Repeats, logger
from compliance_bot.model.delivery import (
    CannotTell,
    Done,
    Effect,
    EffectKind,
    Outcome,
    Performer,
    Retry,
    Sighting,
    Unknown,
)
from compliance_bot.outbox import pacing
from compliance_bot.outbox.claims import Claim, Pace, Slots, claim
from compliance_bot.outbox.contract import Handler, Side, Turn, side_of
from compliance_bot.outbox.effects import TOPIC
from compliance_bot.outbox.finishing import finish_all
from compliance_bot.outbox.reconcile import RecordDoubt, record_sighting
from compliance_bot.outbox.sides import Gate, Halted
from compliance_bot.store import effects as store
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

if TYPE_CHECKING:
    from compliance_bot.rulebook import Rulebook

_log = logger(__name__)

Answer = TypeVar("Answer")

SLACK_SLOTS, STUDIO_SLOTS, URGENT_SLOTS = 64, 8, 8
"""Requests under way at once; the last are Slack's, beyond the first, for the urgent lane."""

CLAIM_SIZE = 32
"""Effects a claim takes at most: a click that is to be committed waits no longer than that."""

FINISH_SIZE = 64
_READERS = 4
_BREATH = 1.0
"""Seconds between two tries of a transaction that the database refused."""


def no_record(_tx: Transaction, _effect: Effect, _now: float) -> None:
    """The doubt is only logged."""


class Outbox:
    """Delivers what stands in the store. ``run`` returns after ``drain``; it needs no other care.

    ``handlers``: who presents and settles each kind. ``record_doubt``: see ``reconcile``. ``chance``
    spreads the back-offs.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        rulebook: Callable[[], Rulebook],
        handlers: Mapping[EffectKind, Handler],
        slack: Performer,
        studio: Performer,
        record_doubt: RecordDoubt = no_record,
        chance: random.Random | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._rulebook = rulebook
        self._handlers = handlers
        self._performers = {Side.SLACK: slack, Side.STUDIO: studio}
        self._record_doubt = record_doubt
        self._chance = chance or random.Random()  # noqa: S311 - jitter, not a secret
        self._gates = {
            Side.SLACK: Gate(side=Side.SLACK, capacity=SLACK_SLOTS, chance=self._chance),
            Side.STUDIO: Gate(side=Side.STUDIO, capacity=STUDIO_SLOTS, chance=self._chance),
        }
        self._booted = clock.now()
        self._woken, self._came, self._doubted = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._outcomes: list[tuple[Effect, Outcome]] = []
        self._flights: set[asyncio.Task[None]] = set()
        self._next_start: dict[str, float] = {}
        self._stopping = False
        self._ended = asyncio.Event()
        self._refusals = Repeats(every=60.0)
        self.last_delivery: float | None = None
        """When Slack last took a message, Unix seconds."""
        database.on_commit(TOPIC, self.wake)

    # ------------------------------------------------------------ what app and health see

    def wake(self) -> None:
        """Look for something to send now."""
        self._woken.set()

    def halt(self, reason: str, *, side: Side = Side.SLACK) -> None:
        """Send nothing more to that side until ``resume``; rows keep coming in."""
        gate = self._gates[side]
        if gate.halted is None:
            _log.error("outbox.side.halted", side=side.value, reason=reason)
        gate.halted = Halted(reason=reason, since=self._clock.now())

    def resume(self, *, side: Side = Side.SLACK) -> None:
        """Send to that side again."""
        gate = self._gates[side]
        if gate.halted is not None:
            _log.info("outbox.side.resumed", side=side.value, reason=gate.halted.reason)
        gate.halted = None
        gate.answered()
        self._woken.set()
        self._doubted.set()

    @property
    def halted(self) -> Mapping[Side, Halted]:
        """The sides to which nothing is sent, and why."""
        return {side: gate.halted for side, gate in self._gates.items() if gate.halted is not None}

    @property
    def under_way(self) -> int:
        """Requests that have left and whose outcome is not yet recorded."""
        return sum(gate.under_way for gate in self._gates.values())

    async def counts(self) -> dict[str, int]:
        """How many effects are pending, sending, unknown, dead."""
        return await self._database.read(store.counts)

    # ------------------------------------------------------------ life

    async def run(self) -> None:
        """Deliver until ``drain``. Begins with what a stopped process left behind."""
        left = await self._patiently(lambda tx: store.adopt(tx, self._reconcile_after()))
        if left:
            _log.info("outbox.interrupted.found", effects=left)
        try:
            async with asyncio.TaskGroup() as group:
                reconciling = group.create_task(self._reconciling(), name="outbox-reconciling")
                claiming = group.create_task(self._claiming(), name="outbox-claiming")
                claiming.add_done_callback(lambda _: self._came.set())
                group.create_task(self._finishing(claiming), name="outbox-finishing")
                await claiming
                reconciling.cancel()
        finally:
            for flight in self._flights:
                flight.cancel()
            self._ended.set()

    async def drain(self, seconds: float) -> None:
        """Take no new row; give requests under way that many (real) seconds, then let go of them.

        What is let go of stays ``sending`` and is looked up at the next start.
        """
        self._stopping = True
        self._woken.set()
        self._came.set()
        try:
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        except TimeoutError:
            _log.warning("outbox.drain.cut_short", under_way=len(self._flights))
            for flight in self._flights:
                flight.cancel()
            self._came.set()
            await self._ended.wait()

    # ------------------------------------------------------------ claiming

    async def _claiming(self) -> None:
        while not self._stopping:
            self._woken.clear()
            now = self._clock.now()
            claimed = await self._claim(self._slots(now))
            for effect in claimed.effects:
                self._launch(effect)
            await self._rest(now, claimed.due)

    def _slots(self, now: float) -> Slots:
        gates = [gate for gate in self._gates.values() if gate.is_open(now)]
        free = {gate.side: min(CLAIM_SIZE, gate.room()) if gate.freed() else 0 for gate in gates}
        slack = self._gates[Side.SLACK]
        urgent = (
            0 if slack.refusals else max(0, slack.room() + URGENT_SLOTS - max(0, free.get(Side.SLACK, 0)))
        )
        return Slots(free=free, urgent=min(URGENT_SLOTS, urgent))

    async def _claim(self, slots: Slots) -> Claim:
        def decide(tx: Transaction) -> Claim:
            return claim(self._turn(tx), slots, self._pace(), self._chance)

        return await self._patiently(decide, weight=CLAIM_SIZE)

    def _launch(self, effect: Effect) -> None:
        self._gates[side_of(effect.pace_key)].under_way += 1
        flight = asyncio.get_running_loop().create_task(self._fly(effect))
        self._flights.add(flight)
        flight.add_done_callback(self._landed)

    def _landed(self, flight: asyncio.Task[None]) -> None:
        self._flights.discard(flight)
        self._came.set()

    def _turn(self, tx: Transaction) -> Turn:
        return Turn(tx=tx, now=self._clock.now(), rulebook=self._rulebook(), handlers=self._handlers)

    def _pace(self) -> Pace:
        return Pace(per_channel=self._rulebook().rules.delivery.per_channel, booted=self._booted)

    def _reconcile_after(self) -> float:
        return self._rulebook().rules.delivery.reconcile_after

    async def _patiently(self, decide: Callable[[Transaction], Answer], weight: int = 1) -> Answer:
        """Write until the database takes it: an outcome that is known is never thrown away."""
        while True:
            try:
                return await self._database.write(decide, weight=weight)
            except Exception as error:  # noqa: BLE001 - full, failing or busy: the store comes back, or the end
                if self._refusals.once("write", self._clock.now()) is not None:
                    _log.exception("outbox.write.refused", error=str(error))
                await asyncio.sleep(_BREATH)

    async def _rest(self, looked_at: float, due: float | None) -> None:
        """Wait for a wake, for ``due``, or for the end of a pause that stood when gates were looked at."""
        pauses = [gate.paused_until for gate in self._gates.values() if gate.paused_until > looked_at]
        await self._wait(self._woken, min([*pauses, *([] if due is None else [due])], default=None))

    async def _wait(self, event: asyncio.Event, due: float | None) -> None:
        if due is None:
            await event.wait()
        elif not event.is_set():
            await wait_until(self._clock, event, max(0.0, due - self._clock.now()))

    # ------------------------------------------------------------ performing

    async def _fly(self, effect: Effect) -> None:
        side = side_of(effect.pace_key)
        await self._keep_distance(effect)
        try:
            outcome = await self._performers[side].perform(effect)
        except Exception:  # noqa: BLE001 - a performer's mistake leaves its effect's outcome unknown
            _log.exception("outbox.performer.raised", effect=effect.id, kind=effect.kind.value)
            outcome = Unknown(reason="performer.raised")
        if isinstance(outcome, Retry) and outcome.blocked:
            self._gates[side].refused(self._clock.now(), outcome.after)
        elif not isinstance(outcome, Unknown):
            self._gates[side].answered()
        self._outcomes.append((effect, outcome))

    async def _keep_distance(self, effect: Effect) -> None:
        """Hold a request back until its channel's second has passed since the last one really left."""
        limit = pacing.limit_of(effect.pace_key, self._rulebook().rules.delivery.per_channel)
        if limit is None or limit.starts > 1:
            return
        now = self._clock.now()
        at = min(max(now, self._next_start.get(effect.pace_key, now)), now + limit.window)
        self._next_start[effect.pace_key] = at + limit.window - pacing.MARGIN / 2
        if at > now:
            await self._clock.sleep(at - now)

    # ------------------------------------------------------------ finishing

    async def _finishing(self, claiming: asyncio.Task[None]) -> None:
        while not (claiming.done() and not self._flights and not self._outcomes):
            if not self._outcomes:
                await self._came.wait()
            self._came.clear()
            batch = self._outcomes[:FINISH_SIZE]
            if batch:
                await self._record(batch)
                del self._outcomes[: len(batch)]

    async def _record(self, batch: list[tuple[Effect, Outcome]]) -> None:
        def decide(tx: Transaction) -> None:
            finish_all(self._turn(tx), batch, self._chance)

        await self._patiently(decide, weight=len(batch))
        for effect, outcome in batch:
            gate = self._gates[side_of(effect.pace_key)]
            gate.under_way -= 1
            if isinstance(outcome, Done) and gate.side is Side.SLACK:
                self.last_delivery = self._clock.now()
            if isinstance(outcome, Unknown):
                self._doubted.set()
        if any(gate.freed() for gate in self._gates.values()):
            self._woken.set()

    # ------------------------------------------------------------ reconciling

    async def _reconciling(self) -> None:
        while True:
            self._doubted.clear()
            now = self._clock.now()
            due, later = await self._database.read(partial(store.uncertain_keys, now=now))
            gates = [self._gates[side_of(key)] for key in due]
            keys = [key for key, gate in zip(due, gates, strict=True) if gate.is_open(now)]
            for first in range(0, len(keys), _READERS):
                await asyncio.gather(*(self._look(key) for key in keys[first : first + _READERS]))
            if not keys:
                pauses = [gate.paused_until for gate in gates if gate.paused_until > now]
                await self._wait(self._doubted, min([*pauses, *later], default=None))

    async def _look(self, key: str) -> None:
        effects = await self._database.read(lambda tx: store.uncertain_rows(tx, key))
        sightings = await self._find(side_of(key), effects)

        def decide(tx: Transaction) -> None:
            turn = self._turn(tx)
            for effect in effects:
                said = sightings.get(effect.key, CannotTell(reason="not_answered"))
                record_sighting(turn, effect, said, chance=self._chance, record_doubt=self._record_doubt)

        await self._patiently(decide, weight=FINISH_SIZE)
        self._woken.set()

    async def _find(self, side: Side, effects: list[Effect]) -> Mapping[str, Sighting]:
        try:
            return await self._performers[side].find(effects)
        except Exception:  # noqa: BLE001 - a performer's mistake tells nothing
            _log.exception("outbox.look_up.raised", side=side.value)
            doubt = CannotTell(reason="performer.raised", temporary=True)
            return {effect.key: doubt for effect in effects}
