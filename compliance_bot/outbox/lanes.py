"""The engine: claims, performs, records, looks up. The process may die at any line of it.

Three loops share the store and little else. *Claiming* marks effects as being sent and commits
before anything leaves. ``flights`` performs them and records outcomes, as many as have come, in one
commit. ``reconcile`` settles unknown outcomes. What a crash leaves in ``sending`` is unknown at the
next start.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping

from compliance_bot.clock import Clock
from compliance_bot.logs import logger
from compliance_bot.model.delivery import Effect, EffectKind, Performer
from compliance_bot.outbox.claims import Claim, Pace, Slots, claim
from compliance_bot.outbox.contract import Handler, Side, Webhook, no_webhook
from compliance_bot.outbox.desk import Desk
from compliance_bot.outbox.effects import TOPIC
from compliance_bot.outbox.flights import Flights
from compliance_bot.outbox.reconcile import Reconciler
from compliance_bot.outbox.sides import Gate, Halted
from compliance_bot.outbox.sightings import RecordDoubt
from compliance_bot.rulebook import Rulebook
from compliance_bot.store import effects as store
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)

SLACK_SLOTS, STUDIO_SLOTS, URGENT_SLOTS = 64, 8, 8
"""Requests under way at once; the last are Slack's, beyond the first, for the urgent lane."""

CLAIM_SIZE = 16
"""Effects a claim takes at most: a click that is to be committed waits no longer than that."""


def no_record(_tx: Transaction, _effect: Effect, _now: float) -> None:
    """The doubt is only logged."""


class Outbox:
    """Delivers what stands in the store. ``run`` returns after ``drain``; it needs no other care.

    ``handlers``: who presents and settles each kind. ``record_doubt``: see ``sightings``. ``webhook``: the
    other way into a channel. ``chance`` spreads the back-offs.
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
        webhook: Webhook = no_webhook,
        chance: random.Random | None = None,
    ) -> None:
        chance = chance or random.Random()  # noqa: S311 - jitter, not a secret
        self._desk = Desk(
            database=database,
            clock=clock,
            rulebook=rulebook,
            handlers=handlers,
            performers={Side.SLACK: slack, Side.STUDIO: studio},
            gates={
                Side.SLACK: Gate(side=Side.SLACK, capacity=SLACK_SLOTS, chance=chance),
                Side.STUDIO: Gate(side=Side.STUDIO, capacity=STUDIO_SLOTS, chance=chance),
            },
            webhook=webhook,
            chance=chance,
        )
        self._flights = Flights(desk=self._desk)
        self._reconciler = Reconciler(desk=self._desk, record_doubt=record_doubt)
        self._booted = clock.now()
        self._stopping = False
        self._ended = asyncio.Event()
        self._ended.set()
        self.busy_since: float | None = None
        """When the claim under way began, event loop's seconds; None between two."""
        database.on_commit(TOPIC, self.wake)

    # ------------------------------------------------------------ what app and health see

    def wake(self) -> None:
        """Look for something to send now."""
        self._desk.woken.set()

    def halt(self, reason: str, *, side: Side = Side.SLACK) -> None:
        """Send nothing more to that side until ``resume``; rows keep coming in."""
        gate = self._desk.gates[side]
        if gate.halted is None:
            _log.error("outbox.side.halted", side=side.value, reason=reason)
            gate.halted = Halted(reason=reason, since=self._desk.clock.now())

    def resume(self, *, side: Side = Side.SLACK) -> None:
        """Send to that side again."""
        gate = self._desk.gates[side]
        if gate.halted is not None:
            _log.info("outbox.side.resumed", side=side.value, reason=gate.halted.reason)
        gate.halted = None
        gate.answered()
        self._desk.woken.set()
        self._desk.doubted.set()

    @property
    def halted(self) -> Mapping[Side, Halted]:
        """The sides to which nothing is sent, and why."""
        return {side: gate.halted for side, gate in self._desk.gates.items() if gate.halted is not None}

    @property
    def under_way(self) -> int:
        """Requests that have left and whose outcome is not yet recorded."""
        return sum(gate.under_way for gate in self._desk.gates.values())

    @property
    def last_delivery(self) -> float | None:
        """When Slack last took something, Unix seconds."""
        return self._flights.last_delivery

    async def counts(self) -> dict[str, int]:
        """How many effects are pending, sending, unknown, dead."""
        return await self._desk.database.read(store.counts)

    # ------------------------------------------------------------ life

    async def run(self) -> None:
        """Deliver until ``drain``. Begins with what a stopped process left behind."""
        self._ended.clear()
        reconcile_after = self._desk.rulebook().rules.delivery.reconcile_after
        try:
            left = await self._desk.write(lambda tx: store.adopt(tx, reconcile_after))
            if left:
                _log.info("outbox.interrupted.found", effects=left)
            async with asyncio.TaskGroup() as group:
                reconciling = group.create_task(self._reconciler.run(), name="outbox-reconciling")
                claiming = group.create_task(self._claim_for_ever(), name="outbox-claiming")
                group.create_task(self._flights.record_until(claiming), name="outbox-finishing")
                await claiming
                reconciling.cancel()
        finally:
            self._flights.cancel()
            self._ended.set()

    async def drain(self, seconds: float) -> None:
        """Take no new row; give requests under way that many (real) seconds, then let go of them.

        What is let go of stays ``sending`` and is looked up at the next start.
        """
        self._stopping = True
        self._desk.woken.set()
        try:
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        except TimeoutError:
            _log.warning("outbox.drain.cut_short", under_way=self._flights.cancel())
            await self._ended.wait()

    # ------------------------------------------------------------ claiming

    async def _claim_for_ever(self) -> None:
        while not self._stopping:
            self._desk.woken.clear()
            now = self._desk.clock.now()
            self.busy_since = asyncio.get_running_loop().time()
            claimed = await self._claim(self._slots(now))
            self.busy_since = None
            for effect in claimed.effects:
                self._flights.launch(effect)
            await self._rest(now, claimed.due)

    def _slots(self, now: float) -> Slots:
        gates = [gate for gate in self._desk.gates.values() if gate.is_open(now)]
        free = {gate.side: min(CLAIM_SIZE, gate.room()) if gate.freed() else 0 for gate in gates}
        slack = self._desk.gates[Side.SLACK]
        beyond = slack.room() + URGENT_SLOTS - max(0, free.get(Side.SLACK, 0))
        return Slots(free=free, urgent=0 if slack.refusals else max(0, min(URGENT_SLOTS, beyond)))

    async def _claim(self, slots: Slots) -> Claim:
        def decide(tx: Transaction) -> Claim:
            turn = self._desk.turn(tx)
            pace = Pace(per_channel=turn.rulebook.rules.delivery.per_channel, booted=self._booted)
            return claim(turn, slots, pace, self._desk.chance)

        return await self._desk.write(decide, weight=CLAIM_SIZE)

    async def _rest(self, looked_at: float, due: float | None) -> None:
        """Wait for a wake, for ``due``, or for the end of a pause that stood when gates were looked at."""
        pauses = [gate.paused_until for gate in self._desk.gates.values() if gate.paused_until > looked_at]
        await self._desk.wait(self._desk.woken, min([*pauses, *([] if due is None else [due])], default=None))
