"""What the operations channel is told, and how it is said there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compliance_bot.messages import wording
from compliance_bot.messages.notice import say, show_notice
from compliance_bot.model.delivery import (
    CHANNEL_UNRESOLVED,
    Effect,
    EffectKind,
    Lane,
    Later,
    PlannedEffect,
    Presentation,
)
from compliance_bot.model.slack import Directory
from compliance_bot.outbox.contract import Handler
from compliance_bot.outbox.effects import plan
from compliance_bot.rulebook import Rulebook
from compliance_bot.rules.sensitivity import clear
from compliance_bot.store import effects as store
from compliance_bot.store.transaction import Transaction

OPERATIONS = "operations"
"""The pace key of a notice until it is known which channel that is."""


def notify_operations(tx: Transaction, *, key: str, text: str, now: float) -> None:
    """Have ``text`` (mrkdwn, already safe) said in the operations channel, once for each ``key``."""
    plan(tx, _planned(f"notice:{key}", f"notice:{key}", {"text": text}), now)


def notify_of_effect(tx: Transaction, effect: Effect, *, about: str, reason: str, now: float) -> None:
    """Say what became of an effect. While such a notice waits, another like it only counts up.

    ``about``: ``dead`` or ``unknown``. Never about a notice itself.
    """
    order_key = f"notice:{about}:{effect.pace_key}:{reason}"
    waiting = store.pending_of(tx, order_key, EffectKind.NOTICE)
    if waiting is not None:
        store.change_intent(tx, waiting.id, {**waiting.intent, "count": waiting.intent["count"] + 1})
        return
    intent = {
        "about": about,
        "kind": effect.kind.value,
        "place": effect.pace_key,
        "reason": reason,
        "reference": effect.id,
        "count": 1,
    }
    plan(tx, _planned(f"notice:{about}:{effect.id}:{effect.attempt}", order_key, intent), now)


def _planned(key: str, order_key: str, intent: dict[str, Any]) -> PlannedEffect:
    return PlannedEffect(
        kind=EffectKind.NOTICE,
        key=key,
        lane=Lane.NORMAL,
        order_key=order_key,
        pace_key=OPERATIONS,
        intent=intent,
    )


def notice_handler(directory: Callable[[], Directory]) -> Handler:
    """The handler of notices. ``directory`` gives the snapshot that knows the channel's id."""

    def present(_tx: Transaction, effect: Effect, _now: float, rulebook: Rulebook) -> Presentation:
        known = directory()
        channel = known.channel(rulebook.operations_channel)
        if channel is None:
            return Later(reason=CHANNEL_UNRESOLVED)
        words = words_of(effect, known)
        message = say(words) if effect.degraded else show_notice(rulebook.templates, words)
        return clear(
            "chat.postMessage",
            rulebook.audience(known, channel.id),
            message.body(),
            content=rulebook.sensitivity.internal,
            instead={"text": wording.notice_withheld()},
        )

    return Handler(present=present)


def words_of(effect: Effect, directory: Directory) -> str:
    """The sentence a notice says."""
    intent = effect.intent
    if "text" in intent:
        return str(intent["text"])
    channel = directory.channel(intent["place"])
    count = intent["count"]
    say_it = wording.notice_dead_letter if intent["about"] == "dead" else wording.notice_outcome_unknown
    return say_it(
        what=intent["kind"] if count == 1 else f"{count} of {intent['kind']}",
        target=f"#{channel.name}" if channel is not None else intent["place"],
        reason=intent["reason"],
        reference=str(intent["reference"]),
    )
