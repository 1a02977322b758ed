"""How the rooms above put something into the outbox."""

from __future__ import annotations

from compliance_bot.model.delivery import EffectState, PlannedEffect
from compliance_bot.store import effects as store
from compliance_bot.store.transaction import Transaction

TOPIC = "effect"
"""What a transaction touches when it puts something in."""


def plan(tx: Transaction, planned: PlannedEffect, now: float) -> int | None:
    """Put an effect in; its id, or None when there is nothing to add.

    A key that stands already, whatever became of it, is not written twice. An edit is not added while
    one for the same ``order_key`` is still unsent: that one shows the state of the moment it leaves,
    and only takes over the better lane and the earlier time.
    """
    if planned.kind.is_edit:
        unsent = store.pending_of(tx, planned.order_key, planned.kind)
        if unsent is not None:
            store.hasten(tx, unsent, planned, now)
            tx.touch(TOPIC)
            return None
    number = store.insert(tx, planned, now)
    if number is not None:
        tx.touch(TOPIC)
    return number


def cancel(tx: Transaction, effect_id: int, reason: str, now: float) -> bool:
    """End an effect that has not left; True where it never will, False where it left or is leaving."""
    effect = store.by_id(tx, effect_id)
    if effect is None or effect.state in (EffectState.SKIPPED, EffectState.DEAD):
        return True
    return effect.state is EffectState.PENDING and store.close(
        tx, effect, EffectState.SKIPPED, now=now, error=reason
    )
