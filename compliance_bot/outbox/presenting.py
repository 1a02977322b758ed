"""One effect made ready to leave: presented, its bytes fixed, marked as being sent."""

from __future__ import annotations

import random
from dataclasses import replace

from compliance_bot.logs import logger
from compliance_bot.model.delivery import (
    Cleared,
    Effect,
    Later,
    Never,
    Presentation,
    Skip,
    StudioWrite,
)
from compliance_bot.model.slack import WEBHOOK as WEBHOOK_PLACE
from compliance_bot.outbox.contract import Turn
from compliance_bot.outbox.finishing import give_up, skip
from compliance_bot.outbox.pacing import back_off
from compliance_bot.outbox.payloads import POST_MESSAGE, hash_of, payload_of, webhook_payload
from compliance_bot.outbox.quiet_hours import hold, quiet_until
from compliance_bot.store import effects as store
from compliance_bot.store.transaction import concerns_the_file

_log = logger(__name__)

PATIENCE = 5
"""How often presenting an effect may raise before it is a dead letter."""

_LONGEST_NAP = 60.0
_SHORTEST_WAIT = 1.0


def prepare(turn: Turn, effect: Effect, chance: random.Random) -> Effect | None:
    """The effect with its bytes, marked ``sending``; None when it does not go now."""
    if effect.expires_at is not None and effect.expires_at <= turn.now:
        skip(turn, effect, Skip(reason="expired"))
        return None
    quiet = quiet_until(turn, effect)
    if quiet is not None:
        hold(turn, effect, quiet)
        return None
    try:
        presented = turn.handlers[effect.kind].present(turn.tx, effect, turn.now, turn.rulebook)
        payload = _payload(turn, effect, presented)
    except Exception as error:
        if concerns_the_file(error):
            raise
        _stumble(turn, effect, error, chance)
        return None
    return _take(turn, effect, presented, payload)


def _payload(turn: Turn, effect: Effect, presented: Presentation) -> bytes:
    """The request's bytes; none where nothing is to be sent, or there is no way to send it."""
    if isinstance(presented, Cleared) and presented.method == POST_MESSAGE:
        only_by_webhook = presented.channel_id.startswith(WEBHOOK_PLACE)
        webhook = turn.webhook(presented.channel_id) if only_by_webhook or effect.by_webhook else None
        if webhook is not None:
            return webhook_payload(presented, webhook, perhaps_said=effect.perhaps_said)
        if only_by_webhook:
            return b""
    if isinstance(presented, Cleared | StudioWrite):
        return payload_of(presented, effect.key, perhaps_said=effect.perhaps_said)
    return b""


def _take(turn: Turn, effect: Effect, presented: Presentation, payload: bytes) -> Effect | None:
    match presented:
        case Skip():
            skip(turn, effect, presented)
        case Later():
            _wait(turn, effect, presented)
        case Cleared() if presented.method == POST_MESSAGE and presented.channel_id != effect.pace_key:
            store.move(turn.tx, effect.id, presented.channel_id)
        case Cleared() if not payload:
            give_up(turn, effect, Never(reason="webhook_unset"))
        case _:
            return _send(turn, effect, payload, presented.version if isinstance(presented, Cleared) else None)
    return None


def _wait(turn: Turn, effect: Effect, later: Later) -> None:
    at = turn.now + max(_SHORTEST_WAIT, later.after)
    store.postpone(turn.tx, effect, not_before=at, now=turn.now, error=later.reason, unread=later.unread)


def _send(turn: Turn, effect: Effect, payload: bytes, version: int | None) -> Effect:
    sent = replace(effect, attempt=effect.attempt + 1, started_at=turn.now, payload=payload, version=version)
    store.mark_sending(
        turn.tx,
        sent,
        payload=payload,
        payload_hash=hash_of(payload),
        rules_hash=turn.rulebook.hash,
        version=version,
    )
    return sent


def _stumble(turn: Turn, effect: Effect, error: Exception, chance: random.Random) -> None:
    """Push a row whose presenter raised into the future; said once, buried in the end."""
    stumbled = store.looked(turn.tx, effect.id) + 1
    if stumbled == 1:
        _log.error("outbox.presenting.failed", effect=effect.id, kind=effect.kind.value, exc_info=error)
    if stumbled >= PATIENCE:
        give_up(turn, effect, Never(reason=f"presenter: {type(error).__name__}"))
        return
    at = turn.now + _SHORTEST_WAIT + back_off(stumbled, chance, longest=_LONGEST_NAP)
    store.postpone(
        turn.tx,
        effect,
        not_before=at,
        now=turn.now,
        error=f"presenter: {type(error).__name__}",
        looked=stumbled,
    )
