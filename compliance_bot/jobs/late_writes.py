"""Once in a while: the decisions that Studio has not got yet are marked so on their messages."""

from __future__ import annotations

from collections.abc import Callable

from compliance_bot.approvals import execute
from compliance_bot.cases import studio_answers
from compliance_bot.cases.moment import Moment
from compliance_bot.clock import Clock
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

EVERY = 5.0


async def mark_late_writes(database: Database, clock: Clock, moment: Callable[[], Moment]) -> None:
    """Mark them every five seconds until cancelled."""
    while True:
        await clock.sleep(EVERY)
        await database.write(lambda tx: _mark(tx, moment()))


def _mark(tx: Transaction, moment: Moment) -> None:
    studio_answers.say_late(tx, moment)
    execute.say_late(tx, moment)
