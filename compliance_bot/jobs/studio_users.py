"""Keeps Studio's list of auditors, with the load that each carries: read every five minutes.

A list that can't be read leaves the last one standing; who it names loses rights only when it grows old.
"""

from __future__ import annotations

from compliance_bot.clock import Clock
from compliance_bot.logs import Repeats, logger
from compliance_bot.model.platform import Auditor
from compliance_bot.store import studio_users
from compliance_bot.store.database import Database
from compliance_bot.store.studio_users import StudioUser
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio.calls import Reading
from compliance_bot.studio.capabilities import Capability, StudioApi
from compliance_bot.studio.failures import FailureKind, StudioCallFailed, StudioQuotaSpent
from compliance_bot.studio.quota import Purpose

_log = logger(__name__)

AUDITORS_EVERY = 300.0

_UNREAD = (
    "No Studio token of a manager reads the list of auditors: auditors are those of people.roles.auditor in "
    "rules.yaml alone."
)


class AuditorsReader:
    """Reads until it is cancelled."""

    def __init__(self, *, studio: StudioApi, database: Database, clock: Clock) -> None:
        self._studio = studio
        self._database = database
        self._clock = clock
        self._repeats = Repeats(every=3600.0)
        self._may = Capability.MANAGE in studio.capabilities

    def notes(self) -> tuple[str, ...]:
        """What is not read because no token may, in sentences for ``status``."""
        return () if self._may else (_UNREAD,)

    async def run(self) -> None:
        """Read the list every five minutes; whatever Studio does, go on."""
        while True:
            await self.turn()
            await self._clock.sleep(AUDITORS_EVERY)

    async def turn(self) -> None:
        """Read the list once, where a token may."""
        if Capability.MANAGE not in self._studio.capabilities:
            return
        try:
            listed = await self._studio.auditors(purpose=Purpose.POLL)
        except (StudioCallFailed, StudioQuotaSpent) as failure:
            self._failed(failure)
            return
        self._may = True
        for row in listed.bad_rows:
            _log.warning("auditors.row.unreadable", row=row.studio_id, reason=row.reason)
        await self._database.write(lambda tx: _take(tx, listed))

    def _failed(self, failure: StudioCallFailed | StudioQuotaSpent) -> None:
        refused = isinstance(failure, StudioCallFailed) and failure.kind is FailureKind.REFUSED
        self._may = self._may and not refused
        held_back = self._repeats.once(type(failure).__name__, self._clock.now())
        if held_back is not None:
            _log.warning("auditors.not_read", reason=str(failure), held_back=held_back)


def _take(tx: Transaction, listed: Reading[Auditor]) -> None:
    users = [
        StudioUser(studio_id=one.id, name=one.name, email=one.email, load=one.load) for one in listed.rows
    ]
    studio_users.take_auditors(tx, users, at=listed.sent_at)
