"""Walks through all of Studio's findings, page by page within the quota, and on after a restart."""

from __future__ import annotations

from collections.abc import Callable

from compliance_bot import metrics
from compliance_bot.cases import baseline, vanish, welcome
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.vanish import Missing
from compliance_bot.clock import Clock
from compliance_bot.config.schema import Rules
from compliance_bot.jobs.naps import Naps
from compliance_bot.jobs.reading import WALK, Reading
from compliance_bot.jobs.troubles import Troubles
from compliance_bot.logs import logger
from compliance_bot.messages import wording
from compliance_bot.store import cursors
from compliance_bot.store.database import BATCH_WEIGHT, Database
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio import walk
from compliance_bot.studio.capabilities import StudioApi
from compliance_bot.studio.failures import FailureKind, StudioCallFailed, StudioQuotaSpent
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.walk import PageRequest, WalkProgress

_log = logger(__name__)

CONCLUDED = "walk:concluded"
"""Cursor with the number of the walk whose conclusions were drawn last."""
TRIES_A_PAGE = 5
BETWEEN_TRIES = 30.0
TROUBLE = "walk"
VANISHED = "vanished"


class Walker:
    """Walks until it is cancelled. ``progress`` is what ``status`` tells of it."""

    def __init__(
        self,
        *,
        studio: StudioApi,
        reading: Reading,
        database: Database,
        moment: Callable[[], Moment],
        clock: Clock,
        rules: Callable[[], Rules],
        troubles: Troubles,
        naps: Naps,
    ) -> None:
        self._studio = studio
        self._reading = reading
        self._database = database
        self._moment = moment
        self._clock = clock
        self._rules = rules
        self._troubles = troubles
        self._naps = naps
        self.progress: WalkProgress | None = None

    async def run(self) -> None:
        """Finish the walk that a stop interrupted, then begin one every ``full_walk_interval``."""
        progress = await self._reading.last_walk()
        if progress is not None and progress.finished and await self._database.read(_is_unconcluded):
            await self._conclude(progress)
        while True:
            if progress is None or progress.finished:
                number = 1 if progress is None else progress.number + 1
                await self._wait_for_next(progress)
                progress = walk.begin(number, self._clock.now())
            progress = await self._walk(progress)
            await self._conclude(progress)

    async def _wait_for_next(self, last: WalkProgress | None) -> None:
        if last is not None:
            await self._naps.until(lambda: last.started_at + self._rules().studio.full_walk_interval)

    async def _walk(self, progress: WalkProgress) -> WalkProgress:
        failures = 0
        while (asked := walk.next_page(progress)) is not None:
            self.progress = progress
            changed = self._naps.next_change
            try:
                progress = await self._step(progress, asked)
                failures = 0
            except StudioQuotaSpent as spent:
                await self._naps.unless(changed, spent.after)
            except StudioCallFailed as failure:
                failures += 1
                if failures >= TRIES_A_PAGE:
                    progress = walk.give_up(progress, str(failure))
                else:
                    await self._clock.sleep(failure.after or BETWEEN_TRIES)
        self.progress = progress
        await self._reading.note_walk(progress)
        return progress

    async def _step(self, progress: WalkProgress, asked: PageRequest) -> WalkProgress:
        try:
            page = await self._studio.list_findings(asked.page, asked.limit, purpose=Purpose.WALK)
        except StudioCallFailed as failure:
            if failure.kind is not FailureKind.TOO_LARGE:
                raise
            smaller = walk.too_large(progress)
            await self._reading.note_walk(smaller)
            return smaller
        further = walk.advance(progress, page)
        await self._reading.walked_page(page, further)
        return further

    async def _conclude(self, progress: WalkProgress) -> None:
        verdict = walk.verdict(progress)
        metrics.walked("counted" if verdict.counts else "incomplete")
        _log.info("studio.walk.ended", number=progress.number, counts=verdict.counts, reason=verdict.reason)
        if not verdict.counts:
            words = wording.notice_walk_incomplete(verdict.reason)
            await self._troubles.begins(TROUBLE, verdict.reason, lambda _since: words)
            return
        await self._troubles.ends(TROUBLE)
        missing = await self._database.write(lambda tx: self._draw(tx, progress), weight=BATCH_WEIGHT)
        await self._note_suspects(missing)
        for studio_id in missing.ask:
            await self._ask(studio_id)

    def _draw(self, tx: Transaction, progress: WalkProgress) -> Missing:
        moment = self._moment()
        cursors.move(tx, CONCLUDED, {"number": progress.number}, moment.now)
        baseline.complete(tx, moment)
        welcome.plan_welcomes(tx, moment)
        return vanish.after_walk(tx, moment, walk=progress.number, started_at=progress.started_at)

    async def _note_suspects(self, missing: Missing) -> None:
        if missing.suspects:
            await self._troubles.begins(VANISHED, wording.trouble_vanished(missing.suspects))
        else:
            await self._troubles.ends(VANISHED)

    async def _ask(self, studio_id: str) -> None:
        """Gone only by Studio's own 404, as JSON, for that very finding."""
        sent_at = self._clock.now()
        try:
            detail = await self._studio.finding(studio_id, purpose=Purpose.POLL)
        except StudioCallFailed as failure:
            if failure.kind is FailureKind.NOT_FOUND:
                await self._reading.gone(studio_id, sent_at)
        except StudioQuotaSpent:
            _log.info("studio.walk.ask_later", finding=studio_id)
        else:
            await self._reading.one(detail, sent_at)


def _is_unconcluded(tx: Transaction) -> bool:
    """True where a stop came between the last page of a walk and the conclusions from it."""
    known, drawn = cursors.read(tx, WALK), cursors.read(tx, CONCLUDED)
    if drawn is None:
        return not baseline.is_complete(tx)
    return known is not None and drawn["number"] < known["number"]
