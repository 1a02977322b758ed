"""Works off the inbox: each row decided once, each answer given once, whatever was killed between.

Rows left over from a stop and rows that came a moment ago go the same way, by their ``kind``.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping

from compliance_bot.clock import Clock, wait_until
from compliance_bot.errors import NotRecorded
from compliance_bot.handlers.replies import Replies
from compliance_bot.logs import logger
from compliance_bot.store import inbox
from compliance_bot.store.database import Database
from compliance_bot.store.inbox import InboxRow

_log = logger(__name__)

AT_ONCE = 16
MOST_TRIES = 6
FIRST_PAUSE = 1.0

Decide = Callable[[InboxRow], Awaitable[None]]
"""Decides a row and, in the same transaction, notes it with ``inbox.decided``."""


class InboxWorker:
    """One task of the app; ``drain`` lets what is under way come to its end."""

    def __init__(
        self, *, database: Database, clock: Clock, deciders: Mapping[str, Decide], replies: Replies
    ) -> None:
        self._database = database
        self._clock = clock
        self._deciders = deciders
        self._replies = replies
        self._came = asyncio.Event()
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._stopping = False
        self._stopped = asyncio.Event()
        database.on_commit("inbox", self._came.set)

    async def run(self) -> None:
        """Work until ``drain``."""
        while not self._stopping:
            self._came.clear()
            rows = await self._database.read(
                lambda tx: inbox.unfinished(tx, now=self._clock.now(), limit=4 * AT_ONCE)
            )
            for row in rows:
                if row.id not in self._busy and len(self._busy) < AT_ONCE:
                    self._start(row)
            await self._rest()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)
        self._stopped.set()

    def _start(self, row: InboxRow) -> None:
        task = asyncio.create_task(self._work(row), name=f"inbox-{row.id}")
        self._busy[row.id] = task

        def done(_: asyncio.Task[None]) -> None:
            self._busy.pop(row.id, None)
            self._came.set()

        task.add_done_callback(done)

    async def _rest(self) -> None:
        if self._came.is_set():
            return
        due = await self._database.read(inbox.next_due)
        if due is None or self._busy:
            await self._came.wait()
        else:
            await wait_until(self._clock, self._came, max(0.05, due - self._clock.now()))

    async def drain(self, seconds: float) -> None:
        """Take no new row; those under way get that many (real) seconds, then wait for the next start."""
        self._stopping = True
        self._came.set()
        try:
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
        except TimeoutError:
            for task in list(self._busy.values()):
                task.cancel()

    # ------------------------------------------------------------ one row

    async def _work(self, row: InboxRow) -> None:
        try:
            if row.state == "received":
                await self._deciders[row.kind](row)
                row = await self._again(row)
            if row.state == "decided":
                await self._replies.give(row)
                await self._database.write(lambda tx: inbox.answered(tx, row.id))
        except NotRecorded as error:
            _log.warning("inbox.put_off", row=row.id, reason=str(error))
            await self._clock.sleep(FIRST_PAUSE)
        except Exception as error:  # noqa: BLE001 - one row must not stop the others; it is logged and retried
            await self._failed(row, error)

    async def _again(self, row: InboxRow) -> InboxRow:
        return await self._database.read(lambda tx: inbox.find(tx, row.id))

    async def _failed(self, row: InboxRow, error: Exception) -> None:
        reference = f"E-{secrets.token_hex(4)}"
        _log.error("inbox.row_failed", row=row.id, kind=row.kind, reference=reference, exc_info=error)
        if row.attempt + 1 < MOST_TRIES:
            pause = FIRST_PAUSE * 4**row.attempt
            until = self._clock.now() + pause
            await self._database.write(lambda tx: inbox.put_off(tx, row.id, until=until))
            return
        now = self._clock.now()
        await self._database.write(lambda tx: inbox.give_up(tx, row.id, now=now))
        await self._replies.say(row, {"say": "internal_error", "reference": reference})
