"""What will never be delivered: said in the operations channel and in the log, and out of the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compliance_bot.audit import chain
from compliance_bot.clock import iso
from compliance_bot.logs import logger
from compliance_bot.model.delivery import Effect, EffectKind, EffectState
from compliance_bot.outbox.effects import TOPIC
from compliance_bot.outbox.notices import notify_of_effect
from compliance_bot.store import effects as store
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)


def bury(tx: Transaction, effect: Effect, *, reason: str, now: float) -> bool:
    """End an effect for good; what waited behind it goes on. False when it had ended already.

    A notice that can't be delivered makes no other notice: the log is then the last place to say it.
    """
    if not store.close(tx, effect, EffectState.DEAD, now=now, error=reason):
        return False
    tx.touch(TOPIC)
    facts = {"effect": effect.id, "kind": effect.kind.value, "key": effect.key, "place": effect.pace_key}
    if effect.kind is EffectKind.NOTICE:
        _log.critical("outbox.notice.undeliverable", reason=reason, **facts)
        return True
    _log.error("outbox.effect.dead", reason=reason, attempt=effect.attempt, **facts)
    notify_of_effect(tx, effect, about="dead", reason=reason, now=now)
    return True


def listed(tx: Transaction) -> list[dict[str, Any]]:
    """What could not be delivered, newest first, as an operator reads it."""
    return [
        {
            "id": one.id,
            "kind": one.kind.value,
            "place": one.pace_key,
            "at": iso(one.created_at),
            "reason": one.error or "",
        }
        for one in store.dead(tx)
    ]


def revive(tx: Transaction, effect_id: int, now: float) -> bool:
    """Give a dead letter another life, presented afresh; False when it is not dead."""
    return _settle(tx, effect_id, now, "retry", store.revive)


def drop(tx: Transaction, effect_id: int, now: float) -> bool:
    """Take a dead letter off the list; False when it is not dead."""
    return _settle(tx, effect_id, now, "drop", store.drop)


def _settle(
    tx: Transaction,
    effect_id: int,
    now: float,
    what: str,
    settle: Callable[[Transaction, Effect, float], None],
) -> bool:
    effect = store.by_id(tx, effect_id)
    if effect is None or effect.state is not EffectState.DEAD:
        return False
    settle(tx, effect, now)
    chain.append(tx, f"dead_letter.{what}", {"effect": effect.key}, now=now)
    tx.touch(TOPIC)
    return True
