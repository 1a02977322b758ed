"""An inbox row before its ack, or the certainty that there is none."""

from __future__ import annotations

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


class Unrecorded:
    """The database could not commit in time; nothing was written."""


async def recorded(database: Database, kind: str, decide: Callable[[Transaction], T]) -> T | Unrecorded:
    """What ``decide`` answers, committed within two seconds."""
    try:
        return await database.write(decide, patience=PATIENCE)
    except NotRecorded as error:
        metrics.inbox_failed(kind)
        _log.error("inbox.not_recorded", kind=kind, reason=str(error))
        return Unrecorded()
