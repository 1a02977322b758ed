"""What a look-up's answer makes of an effect whose outcome was unknown.

Found: it is done, with what was found. Absent, and long enough ago that it can't appear any more:
sent again under the same key. Where the other side won't tell: see ``CANNOT_TELL_PATIENCE``; where nobody
can ever tell: see ``BLIND_PAUSES``.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from compliance_bot.logs import logger
from compliance_bot.model.delivery import (
    PERHAPS_SAID,
    Absent,
    CannotTell,
    Done,
    Effect,
    Found,
    Lane,
    Never,
    Sighting,
)
from compliance_bot.outbox.contract import Turn
from compliance_bot.outbox.finishing import finish
from compliance_bot.outbox.notices import notify_of_effect
from compliance_bot.outbox.pacing import back_off
from compliance_bot.store import effects as store
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)

CANNOT_TELL_PATIENCE = 3
"""Refused look-ups before an urgent effect is sent again, marked as a possible duplicate; any other
stays unknown, the operations channel is told once, and it is looked for every ``SELDOM`` seconds."""

BLIND_PAUSES = (0.0, 60.0, 300.0, 900.0, 900.0)
"""Seconds after which what nobody can look for is sent again, attempt by attempt; then it is given up,
since it may have been said each time."""

SELDOM = 900.0
_LONGEST_BREAK = 60.0

POSSIBLE_DUPLICATE = "possible_duplicate"
"""An effect's ``error`` while it is sent again without knowing."""

RecordDoubt = Callable[[Transaction, Effect, float], None]
"""Takes note, in the audit chain, that an effect is sent again without knowing."""


def record_sighting(
    turn: Turn, effect: Effect, sighting: Sighting, *, chance: random.Random, record_doubt: RecordDoubt
) -> None:
    """Move one unknown effect on by what its look-up said."""
    match sighting:
        case Found():
            finish(turn, effect, Done(result=sighting.result), chance)
        case Absent():
            _absent(turn, effect)
        case CannotTell(blind=True):
            _blindly(turn, effect, sighting, chance, record_doubt)
        case CannotTell():
            _cannot_tell(turn, effect, sighting, chance, record_doubt)


def _absent(turn: Turn, effect: Effect) -> None:
    settled_at = (effect.started_at or 0.0) + turn.rulebook.rules.delivery.reconcile_after
    if turn.now < settled_at:
        store.mark_unknown(turn.tx, effect.id, not_before=settled_at, error="may_still_appear")
    else:
        store.postpone(turn.tx, effect, not_before=turn.now, now=turn.now, error="absent")


def _blindly(
    turn: Turn, effect: Effect, said: CannotTell, chance: random.Random, record_doubt: RecordDoubt
) -> None:
    """Send again what is promised at least once, marked."""
    if effect.attempt > len(BLIND_PAUSES):
        finish(turn, effect, Never(reason=f"{said.reason}_unanswered"), chance)
        return
    _send_again(turn, effect, said, record_doubt, pause=BLIND_PAUSES[max(0, effect.attempt - 1)])


def _send_again(
    turn: Turn, effect: Effect, said: CannotTell, record_doubt: RecordDoubt, *, pause: float = 0.0
) -> None:
    """Have it sent without knowing; the chain holds that, and the message says it."""
    _log.warning("outbox.effect.possible_duplicate", effect=effect.id, key=effect.key, reason=said.reason)
    record_doubt(turn.tx, effect, turn.now)
    at = turn.now + pause
    store.postpone(turn.tx, effect, not_before=at, now=turn.now, error=POSSIBLE_DUPLICATE)
    store.change_intent(turn.tx, effect.id, {**effect.intent, PERHAPS_SAID: True})


def _cannot_tell(
    turn: Turn, effect: Effect, said: CannotTell, chance: random.Random, record_doubt: RecordDoubt
) -> None:
    looked = store.looked(turn.tx, effect.id) + (0 if said.temporary else 1)
    if looked < CANNOT_TELL_PATIENCE:
        at = turn.now + 1.0 + back_off(looked + 3, chance, longest=_LONGEST_BREAK)
        store.mark_unknown(turn.tx, effect.id, not_before=at, error=said.reason, looked=looked)
    elif effect.lane is Lane.URGENT:
        _send_again(turn, effect, said, record_doubt)
    else:
        if looked == CANNOT_TELL_PATIENCE and not said.temporary:
            _say_it_stays_unknown(turn, effect, said)
        at = turn.now + SELDOM
        store.mark_unknown(turn.tx, effect.id, not_before=at, error=said.reason, looked=looked)


def _say_it_stays_unknown(turn: Turn, effect: Effect, said: CannotTell) -> None:
    _log.error("outbox.effect.unknown", effect=effect.id, key=effect.key, reason=said.reason)
    if effect.kind.value != "notice":
        notify_of_effect(turn.tx, effect, about="unknown", reason=said.reason, now=turn.now)
