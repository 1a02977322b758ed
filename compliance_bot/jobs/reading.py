"""Takes in what Studio answers: every page one transaction, with the rules and names of that moment."""

from __future__ import annotations

from collections.abc import Callable

from compliance_bot.cases import observe, vanish
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.observe import Seen
from compliance_bot.logs import logger
from compliance_bot.model.findings import Finding, FindingPage
from compliance_bot.store import cursors
from compliance_bot.store.database import BATCH_WEIGHT, Database
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio.walk import WalkProgress

_log = logger(__name__)
WALK = "walk:finding"


class Reading:
    """The way from an answer of Studio into the store."""

    def __init__(self, *, database: Database, moment: Callable[[], Moment]) -> None:
        self._database = database
        self._moment = moment

    async def page(self, page: FindingPage) -> Seen:
        """Take in a page that was polled."""
        seen = await self._database.write(
            lambda tx: observe.observe_page(tx, self._moment(), page), weight=BATCH_WEIGHT
        )
        _tell_bad_rows(page)
        return seen

    async def walked_page(self, page: FindingPage, progress: WalkProgress) -> Seen:
        """Take in a page of the walk, together with how far the walk is."""

        def decide(tx: Transaction) -> Seen:
            moment = self._moment()
            seen = observe.observe_page(tx, moment, page, walk=progress.number)
            cursors.move(tx, WALK, progress.to_dict(), moment.now)
            return seen

        seen = await self._database.write(decide, weight=BATCH_WEIGHT)
        _tell_bad_rows(page)
        return seen

    async def note_walk(self, progress: WalkProgress) -> None:
        """Note how far the walk is where no page came of it."""
        await self._database.write(lambda tx: cursors.move(tx, WALK, progress.to_dict(), self._moment().now))

    async def last_walk(self) -> WalkProgress | None:
        """The walk that was under way, or the last one that ended."""
        stored = await self._database.read(lambda tx: cursors.read(tx, WALK))
        return None if stored is None else WalkProgress.from_dict(stored)

    async def one(self, finding: Finding, sent_at: float) -> None:
        """Take in one finding that was asked for by itself."""
        await self._database.write(lambda tx: observe.observe_one(tx, self._moment(), finding, sent_at))

    async def gone(self, studio_id: str, sent_at: float) -> None:
        """Take in that Studio has a finding no more."""
        await self._database.write(lambda tx: vanish.gone(tx, self._moment(), studio_id, sent_at=sent_at))


def _tell_bad_rows(page: FindingPage) -> None:
    for row in page.bad_rows:
        _log.warning("studio.row.quarantined", finding=row.studio_id, reason=row.reason)
