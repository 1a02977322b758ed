"""Quiet hours over the outbox: messages about what happened wait, unless they are urgent.

Thread lines, edits, answers, notices and writes to Studio are never held: they follow what a person does
now, or what stands in a channel already. What is held sleeps in the store until the quiet ends.
"""

from __future__ import annotations

from compliance_bot.clock import iso
from compliance_bot.logs import logger
from compliance_bot.model.delivery import Effect, Lane
from compliance_bot.outbox.contract import Turn
from compliance_bot.outbox.effects import TOPIC
from compliance_bot.rules.quiet_hours import held_until
from compliance_bot.store import effects as store
from compliance_bot.store import held
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)


def quiet_until(turn: Turn, effect: Effect) -> float | None:
    """When an effect that the quiet of now holds may go, Unix seconds; None for one that it doesn't hold."""
    if effect.lane is Lane.URGENT or not effect.kind.is_notification:
        return None
    return held_until(turn.rulebook.rules.quiet_hours, turn.now)


def hold(turn: Turn, effect: Effect, until: float) -> None:
    """Put an effect to sleep, and with it all of its sort that is ready for the same channel."""
    store.postpone(turn.tx, effect, not_before=until, now=turn.now, error=held.HELD)
    others = held.hold_ready(turn.tx, effect.pace_key, until=until)
    _log.info("outbox.quiet_hours.held", place=effect.pace_key, messages=1 + others, until=iso(until))


def hurry(tx: Transaction, key: str, lane: Lane, now: float) -> None:
    """Let an effect that waits go in a better lane: what has become urgent is held no more."""
    if held.hurry(tx, key, lane, now):
        tx.touch(TOPIC)


def wake_held(tx: Transaction, now: float) -> int:
    """Look at every held message again, as after new rules; how many there are."""
    woken = held.wake(tx, now)
    if woken:
        tx.touch(TOPIC)
    return woken
