"""Reads Studio on a schedule: the newest page often, all of it by walks, what lives by itself.

A call that fails changes nothing of what we know: the cursor stays, it is said once, and it is tried
again. Nothing here decides; ``reading`` takes each answer in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from compliance_bot import metrics
from compliance_bot.clock import Clock
from compliance_bot.config.schema import Rules
from compliance_bot.jobs.naps import Naps
from compliance_bot.jobs.reading import Reading
from compliance_bot.jobs.troubles import Troubles
from compliance_bot.logs import Repeats, logger
from compliance_bot.messages import wording
from compliance_bot.model.findings import FindingPage
from compliance_bot.store import cases as stored_cases
from compliance_bot.store.database import Database
from compliance_bot.studio.capabilities import StudioApi
from compliance_bot.studio.failures import FailureKind, StudioCallFailed, StudioQuotaSpent
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.walk import LARGEST_PAGE

_log = logger(__name__)

SIZES = (LARGEST_PAGE, 250, 125, 25, 5, 1)
"""Rows a page: each divides the one before, so that a smaller page begins at the same row."""
GROW_EVERY = 15
"""Polls after which a first page that had to shrink is tried whole again."""
MOST_PAGES = 20
"""Pages that one poll reads on through while every row on them is new (a burst)."""
LIVING_DAYS = 7 * 86400.0
LIVING_MOST = 200
LIVING_EVERY = 36.0
"""Seconds between two details of living objects: a hundred an hour."""
TROUBLE = "studio"


class Poller:
    """Polls until it is cancelled.

    ``last_complete``: when a poll last came to its end. ``busy_since``: when the one under way began, event
    loop's seconds.
    """

    def __init__(
        self,
        *,
        studio: StudioApi,
        reading: Reading,
        database: Database,
        clock: Clock,
        rules: Callable[[], Rules],
        troubles: Troubles,
        naps: Naps,
    ) -> None:
        self._studio = studio
        self._reading = reading
        self._database = database
        self._clock = clock
        self._rules = rules
        self._troubles = troubles
        self._naps = naps
        self._first_size = LARGEST_PAGE
        self._polls = 0
        self._repeats = Repeats(every=600.0)
        self.last_complete: float | None = None
        self.busy_since: float | None = None

    async def newest(self) -> None:
        """Read page 1 every ``poll_interval``, and on through a burst until something is known."""
        while True:
            await self._guarded(self._poll)
            ended = self._clock.now()
            await self._naps.until(lambda: ended + self._rules().studio.poll_interval)  # noqa: B023 - awaited here

    async def _guarded(self, poll: Callable[[], Awaitable[None]]) -> None:
        changed = self._naps.next_change
        try:
            await self._watched(poll)
        except StudioQuotaSpent as spent:
            if self._repeats.once("quota", self._clock.now()) is not None:
                _log.warning("studio.quota.spent", wait=round(spent.after))
            await self._naps.unless(changed, spent.after)
        except StudioCallFailed as failure:
            metrics.polled("failed")
            await self._fails(failure)
        else:
            metrics.polled("complete")
            first, self.last_complete = self.last_complete is None, self._clock.now()
            await self._troubles.ends(TROUBLE, wording.notice_studio_recovered)
            if first:
                _log.info("studio.first_poll")

    async def _watched(self, poll: Callable[[], Awaitable[None]]) -> None:
        self.busy_since = asyncio.get_running_loop().time()
        try:
            await poll()
        finally:
            self.busy_since = None

    async def _fails(self, failure: StudioCallFailed) -> None:
        reason = str(failure)
        await self._troubles.begins(
            TROUBLE, reason, lambda since: wording.notice_studio_degraded(reason, since)
        )

    async def _poll(self) -> None:
        self._polls += 1
        if self._polls % GROW_EVERY == 0:
            self._first_size = LARGEST_PAGE
        offset = 0
        for _ in range(MOST_PAGES):
            page = await self._page(offset)
            if page is None:
                offset += 1
                continue
            seen = await self._reading.page(page)
            offset = page.offset + page.row_count
            if offset >= page.total or seen.known_ids or not seen.told:
                return

    async def _page(self, offset: int) -> FindingPage | None:
        """The page that begins there, with fewer rows where it is too large to read; None for one row."""
        largest = LARGEST_PAGE if offset else self._first_size
        for size in (fitting for fitting in SIZES if fitting <= largest and offset % fitting == 0):
            try:
                return await self._studio.list_findings(offset // size + 1, size, purpose=Purpose.POLL)
            except StudioCallFailed as failure:
                if failure.kind is not FailureKind.TOO_LARGE:
                    raise
                if not offset:
                    self._first_size = max(one for one in (*SIZES, 1) if one < size or one == 1)
        return None

    async def living(self) -> None:
        """Ask for the details of what was told and is not closed, a hundred an hour, in rounds.

        What Studio has no more is left to the walk, which alone can tell a deletion from a re-import.
        """
        waiting: list[str] = []
        while True:
            await self._clock.sleep(LIVING_EVERY)
            if not waiting:
                waiting = await self._database.read(
                    lambda tx: stored_cases.living_objects(
                        tx, since=self._clock.now() - LIVING_DAYS, limit=LIVING_MOST
                    )
                )
                waiting.reverse()
            if waiting:
                await self._look_at(waiting.pop())

    async def _look_at(self, studio_id: str) -> None:
        sent_at = self._clock.now()
        try:
            detail = await self._studio.finding(studio_id, purpose=Purpose.POLL, once=True)
        except (StudioCallFailed, StudioQuotaSpent) as failure:
            _log.debug("studio.living.unread", finding=studio_id, reason=str(failure))
            return
        await self._reading.one(detail, sent_at)
