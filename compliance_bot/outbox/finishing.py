"""What an outcome makes of an effect. Every function runs inside one transaction, the ``Turn``'s."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from compliance_bot import metrics
from compliance_bot.logs import logger
from compliance_bot.model.delivery import (
    BY_WEBHOOK,
    Done,
    Effect,
    EffectKind,
    EffectState,
    Lane,
    Never,
    Outcome,
    Retry,
    Skip,
    Unknown,
)
from compliance_bot.outbox.contract import Turn
from compliance_bot.outbox.dead_letters import bury
from compliance_bot.outbox.pacing import MAX_ATTEMPTS, back_off
from compliance_bot.store import effects as store
from compliance_bot.store import pace as pace_store
from compliance_bot.store.transaction import concerns_the_file

_log = logger(__name__)

PARK = 30.0
"""Seconds a pace key waits when the other side did not say how long."""


def finish_all(turn: Turn, outcomes: Sequence[tuple[Effect, Outcome]], chance: random.Random) -> None:
    """Record many outcomes. Only when a handler raises is each one guarded by a savepoint of its own."""
    bold = replace(turn, guarded=False)
    turn.tx.execute("SAVEPOINT outcomes")
    try:
        for effect, outcome in outcomes:
            finish(bold, effect, outcome, chance)
    except Exception as error:
        if concerns_the_file(error):
            raise
        turn.tx.execute("ROLLBACK TO outcomes")
        for effect, outcome in outcomes:
            finish(turn, effect, outcome, chance)
    turn.tx.execute("RELEASE outcomes")


def finish(turn: Turn, effect: Effect, outcome: Outcome, chance: random.Random) -> None:
    """Record one outcome of an effect that is ``sending`` or ``unknown``.

    ``chance`` spreads the back-off. What is urgent is never given up for its age; anything else after
    ``MAX_ATTEMPTS`` attempts, which full jitter up to five minutes spreads over more than a day.
    """
    match outcome:
        case Done():
            _done(turn, effect, outcome)
        case Unknown():
            reconcile_after = turn.rulebook.rules.delivery.reconcile_after
            look_at = max(turn.now, (effect.started_at or turn.now) + reconcile_after)
            store.mark_unknown(turn.tx, effect.id, not_before=look_at, error=outcome.reason)
            metrics.effect_settled(effect.kind.value, "unknown")
        case Never() if _has_another_way(turn, effect, outcome):
            _go_by_webhook(turn, effect, outcome)
        case Never():
            give_up(turn, effect, outcome)
        case Retry():
            _retry(turn, effect, outcome, chance)


def _done(turn: Turn, effect: Effect, outcome: Done) -> None:
    if store.close(turn.tx, effect, EffectState.DONE, now=turn.now, result=outcome.result):
        settle(turn, effect, outcome)
        metrics.effect_settled(effect.kind.value, "done")
        metrics.delivered(effect.lane.name.lower(), max(0.0, turn.now - effect.created_at))


def skip(turn: Turn, effect: Effect, reason: Skip) -> None:
    """End an effect that need not be sent any more."""
    if store.close(turn.tx, effect, EffectState.SKIPPED, now=turn.now, error=reason.reason):
        settle(turn, effect, reason)
        metrics.effect_settled(effect.kind.value, "skipped")


def give_up(turn: Turn, effect: Effect, outcome: Never) -> None:
    """End an effect that will never be done: a dead letter, unless its message is only gone.

    A message that is gone is posted afresh by its handler, so nobody need be told of the lost edit.
    """
    if outcome.gone:
        ended = store.close(
            turn.tx, effect, EffectState.SKIPPED, now=turn.now, error=f"gone: {outcome.reason}"
        )
    else:
        ended = bury(turn.tx, effect, reason=outcome.reason, now=turn.now)
    if ended:
        settle(turn, effect, outcome)
        metrics.effect_settled(effect.kind.value, "gone" if outcome.gone else "dead")


def _has_another_way(turn: Turn, effect: Effect, outcome: Never) -> bool:
    """Whether the channel that refused it has a webhook. An answer to a person is not worth that."""
    if not outcome.place or effect.by_webhook or effect.kind is EffectKind.REPLY:
        return False
    return turn.webhook(effect.pace_key) is not None


def _go_by_webhook(turn: Turn, effect: Effect, outcome: Never) -> None:
    """Have a message that its channel does not take from the bot go there by the channel's webhook."""
    _log.info(
        "outbox.effect.goes_by_webhook", effect=effect.id, kind=effect.kind.value, reason=outcome.reason
    )
    metrics.effect_settled(effect.kind.value, "retry")
    store.postpone(turn.tx, effect, not_before=turn.now, now=turn.now, error=outcome.reason)
    store.change_intent(turn.tx, effect.id, {**effect.intent, BY_WEBHOOK: True})


def _retry(turn: Turn, effect: Effect, outcome: Retry, chance: random.Random) -> None:
    metrics.effect_settled(effect.kind.value, "retry")
    if outcome.degrade:
        _degrade(turn, effect, outcome)
        return
    if outcome.park:
        pace_store.park(turn.tx, effect.pace_key, turn.now + _seconds(outcome, PARK), outcome.reason)
    if outcome.park or outcome.blocked:
        unspent = replace(effect, attempt=effect.attempt - 1)
        store.postpone(turn.tx, unspent, not_before=turn.now, now=turn.now, error=outcome.reason)
    elif effect.attempt >= MAX_ATTEMPTS and effect.lane is not Lane.URGENT:
        give_up(turn, effect, Never(reason=f"given_up: {outcome.reason}"))
    else:
        wait = max(_seconds(outcome, 0.0), back_off(effect.attempt, chance))
        store.postpone(turn.tx, effect, not_before=turn.now + wait, now=turn.now, error=outcome.reason)


def _degrade(turn: Turn, effect: Effect, outcome: Retry) -> None:
    if effect.degraded:
        give_up(turn, effect, Never(reason=outcome.reason))
        return
    _log.warning("outbox.effect.degraded", effect=effect.id, kind=effect.kind.value, reason=outcome.reason)
    plain = replace(effect, degraded=True)
    store.postpone(turn.tx, plain, not_before=turn.now, now=turn.now, error=outcome.reason)


def _seconds(outcome: Retry, otherwise: float) -> float:
    return otherwise if outcome.after is None else max(0.0, outcome.after)


def settle(turn: Turn, effect: Effect, end: Outcome | Skip) -> None:
    """Tell an effect's handler how it ended. A handler that raises spoils only its own part.

    The end itself stands, since it is a fact; what the handler would have noted is lost and logged.
    """
    if not turn.guarded:
        turn.handlers[effect.kind].settle(turn.tx, effect, end, turn.now, turn.rulebook)
        return
    turn.tx.execute("SAVEPOINT settling")
    try:
        turn.handlers[effect.kind].settle(turn.tx, effect, end, turn.now, turn.rulebook)
    except Exception as error:
        if concerns_the_file(error):
            raise
        turn.tx.execute("ROLLBACK TO settling")
        _log.exception("outbox.settling.failed", effect=effect.id, kind=effect.kind.value, key=effect.key)
    turn.tx.execute("RELEASE settling")
