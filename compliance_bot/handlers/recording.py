"""An inbox row before its ack, or the certainty that there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from compliance_bot import metrics
from compliance_bot.errors import NotRecorded
from compliance_bot.logs import logger
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)
T = TypeVar("T")

PATIENCE = 2.0
"""Seconds a row may take to be committed; Slack waits three for the ack."""


SETTLES_WITHIN = 1.6
"""Seconds in which a message that Slack shows already is noted here too, as a rule."""
_LOOK_EVERY = 0.2


class Unrecorded:
    """The database could not commit in time; nothing was written."""


class Unsettled:
    """Something is on its way to that place just now: it may be what is meant."""


async def once_settled(
    database: Database, kind: str, decide: Callable[[Transaction], T | Unsettled]
) -> T | Unsettled | Unrecorded:
    """As ``recorded``, tried again for a moment while ``decide`` answers ``Unsettled``."""
    found = await recorded(database, kind, decide)
    for _ in range(round(SETTLES_WITHIN / _LOOK_EVERY)):
        if not isinstance(found, Unsettled):
            break
        await asyncio.sleep(_LOOK_EVERY)
        found = await recorded(database, kind, decide)
    return found


async def recorded(database: Database, kind: str, decide: Callable[[Transaction], T]) -> T | Unrecorded:
    """What ``decide`` answers, committed within two seconds."""
    try:
        return await database.write(decide, patience=PATIENCE)
    except NotRecorded as error:
        metrics.inbox_failed(kind)
        _log.error("inbox.not_recorded", kind=kind, reason=str(error))
        return Unrecorded()
