"""Puts together what is known of a channel's readers and what waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from compliance_bot.approvals import posts
from compliance_bot.cases import readers
from compliance_bot.cases.moment import Moment
from compliance_bot.clock import Clock
from compliance_bot.logs import logger
from compliance_bot.model.delivery import Effect, EffectKind, Later, Presentation
from compliance_bot.outbox.contract import Handler
from compliance_bot.outbox.effects import TOPIC
from compliance_bot.rulebook import Rulebook
from compliance_bot.store import effects
from compliance_bot.store.database import BATCH_WEIGHT, Database
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)


def asking_readers(
    handlers: Mapping[EffectKind, Handler], want: Callable[[str], None]
) -> Mapping[EffectKind, Handler]:
    """The handlers, and ``want`` called on this loop for each channel whose readers a message waits for.

    So exactly the channels with something to say are asked for first, whatever kind of effect it is.
    """
    loop = asyncio.get_running_loop()

    def noting(handler: Handler) -> Handler:
        def present(tx: Transaction, effect: Effect, now: float, rulebook: Rulebook) -> Presentation:
            presented = handler.present(tx, effect, now, rulebook)
            if isinstance(presented, Later) and presented.unread is not None:
                loop.call_soon_threadsafe(want, presented.unread)
            return presented

        return replace(handler, present=present)

    return {kind: noting(handler) for kind, handler in handlers.items()}


def waking(database: Database, clock: Clock) -> Callable[[tuple[str, ...]], Awaitable[None]]:
    """What lets go, once a channel's readers are known, what waited for that."""

    async def wake(channel_ids: tuple[str, ...]) -> None:
        await database.write(lambda tx: _wake(tx, clock.now(), channel_ids))

    return wake


def _wake(tx: Transaction, now: float, channel_ids: tuple[str, ...]) -> None:
    if effects.wake_unread(tx, now, channel_ids):
        tx.touch(TOPIC)


def showing_anew(
    database: Database, moment: Callable[[], Moment]
) -> Callable[[tuple[str, ...]], Awaitable[None]]:
    """What has the messages of a channel written again once others read it, each channel by itself.

    Hundreds of messages are a heavy write: what people do meanwhile goes in between two channels.
    """

    async def show_anew(channel_ids: tuple[str, ...]) -> None:
        for channel_id in channel_ids:
            shown = await database.write(partial(_show_anew, moment, channel_id), weight=BATCH_WEIGHT)
            _log.info("audience.shown_anew", channel=channel_id, messages=shown)

    return show_anew


def _show_anew(moment: Callable[[], Moment], channel_id: str, tx: Transaction) -> int:
    at = moment()
    return readers.show_anew(tx, at, [channel_id]) + posts.show_anew(tx, at, channel_id)
