"""What the rooms above bring to the outbox, and the moment it hands them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from compliance_bot.model.delivery import Effect, EffectKind, Outcome, Presentation, Skip
from compliance_bot.outbox.pacing import STUDIO
from compliance_bot.rulebook import Rulebook
from compliance_bot.store.transaction import Transaction

Present: TypeAlias = Callable[[Transaction, Effect, float, Rulebook], Presentation]
"""Makes an effect's request from the case as it is now, in the claim's transaction. It only reads."""

Settle: TypeAlias = Callable[[Transaction, Effect, Outcome | Skip, float, Rulebook], None]
"""Takes note of an effect's end (``Done``, ``Never``, ``Skip``), in the transaction that ends it.

``effect.version`` is the version that was rendered, so that is what is shown.
"""


def settles_nothing(
    _tx: Transaction, _effect: Effect, _outcome: Outcome | Skip, _now: float, _rulebook: Rulebook
) -> None:
    """The end of such an effect changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """What one kind of effect is made of and what its end means."""

    present: Present
    settle: Settle = settles_nothing


class Side(StrEnum):
    """Where an effect leaves to."""

    SLACK = "slack"
    STUDIO = "studio"


Webhook: TypeAlias = Callable[[str], str | None]
"""The incoming webhook of a channel id, as the settings spell it; None where it has none."""


def no_webhook(_channel_id: str) -> str | None:
    """No channel has one."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One transaction of the outbox: everything a step in it needs.

    ``guarded``: each settling has a savepoint of its own, so that one which raises spoils only itself.
    ``webhook``: the other way into a channel that takes nothing from the bot.
    """

    tx: Transaction
    now: float
    rulebook: Rulebook
    handlers: Mapping[EffectKind, Handler]
    guarded: bool = True
    webhook: Webhook = no_webhook


def side_of(pace_key: str) -> Side:
    """The side a pace key belongs to."""
    return Side.STUDIO if pace_key == STUDIO else Side.SLACK
