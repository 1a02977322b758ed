"""One connection, one owner: every read, decision and write is a plain function run on its thread.

Writers queue; a commit takes what queued while the last one ran and never waits for more. Each
function runs in a savepoint of its own, so one that fails does not take the others with it. A caller
that gave up before the commit is rolled back: the transaction looks last, just before COMMIT.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import aiosqlite
import structlog

from compliance_bot import failpoints
from compliance_bot.errors import DatabaseUnusable, NotRecorded
from compliance_bot.store import migrations
from compliance_bot.store.transaction import Transaction, concerns_the_file

_log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

DATABASE_FILE = "compliance-bot.db"
BUSY_TIMEOUT_MS = 1000
CLOSE_WITHIN = 5.0
BATCH_WEIGHT = 32
"""How much one commit takes on: a click weighs 1, a page of a walk as much as a whole batch."""
URGENT_WEIGHT = 256
"""The same for what came from a person, which is one small row each: a flood of clicks takes few commits."""

_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": BUSY_TIMEOUT_MS,
    "trusted_schema": 0,
    "wal_autocheckpoint": 1000,
    "journal_size_limit": 67108864,
    "cell_size_check": 1,
}
_SEALED, _OPEN, _ABANDONED = "sealed", "open", "abandoned"


@dataclass(eq=False)
class _Job(Generic[Answer]):
    """A function waiting for its transaction, and whether its caller still waits for it."""

    decide: Callable[[Transaction], Answer]
    future: asyncio.Future[Answer]
    urgent: bool
    weight: int
    fate: str = _OPEN
    lock: threading.Lock = field(default_factory=threading.Lock)
    answer: Any = None
    error: Exception | None = None

    def settle_fate(self, fate: str) -> bool:
        """Seal or abandon, whichever comes first; True when this call's word holds."""
        with self.lock:
            if self.fate == _OPEN:
                self.fate = fate
            return self.fate == fate


class Database:
    """The store's only door. Open with ``await Database.open(path)``, leave with ``close``."""

    def __init__(self, *, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._urgent: deque[_Job[Any]] = deque()
        self._normal: deque[_Job[Any]] = deque()
        self._work = asyncio.Event()
        self._listeners: dict[str, list[Callable[[], None]]] = {}
        self._closing = False
        self._writer = asyncio.create_task(self._write_for_ever(), name="database-writer")

    @classmethod
    async def open(cls, path: Path) -> Database:
        """Open or create the file, check that it is ours, and bring its schema up to date.

        Raises ``DatabaseUnusable`` with the mend, leaving the file as it was.
        """
        try:
            # aiosqlite's thread outlives a connection that cannot be had, so it is tried without one first.
            sqlite3.connect(path).close()
        except sqlite3.Error as error:
            raise DatabaseUnusable(_unusable(path, error)) from error
        connection = await aiosqlite.connect(path, isolation_level=None, cached_statements=512)
        try:
            await _run(connection, lambda: _prepare(_raw(connection), path))
        except DatabaseUnusable:
            await connection.close()
            raise
        except sqlite3.Error as error:
            await connection.close()
            raise DatabaseUnusable(_unusable(path, error)) from error
        return cls(connection=connection)

    def on_commit(self, topic: str, callback: Callable[[], None]) -> None:
        """Have ``callback`` called on the loop after each commit that touched ``topic``."""
        self._listeners.setdefault(topic, []).append(callback)

    async def read(self, ask: Callable[[Transaction], Answer]) -> Answer:
        """Run a function that only reads, and return what it returns."""
        return await _run(self._connection, lambda: ask(Transaction(_raw(self._connection))))

    async def write(
        self, decide: Callable[[Transaction], Answer], *, patience: float | None = None, weight: int = 1
    ) -> Answer:
        """Run ``decide`` in a transaction and return its answer once it is committed.

        ``patience`` (seconds, real time): past it ``NotRecorded`` is raised and nothing was written;
        such callers go first. ``weight``: how much of a batch this takes. ``decide`` may run twice.
        """
        if self._closing:
            raise NotRecorded("the database is closing")
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        job = _Job(decide, future, patience is not None, weight)
        (self._urgent if job.urgent else self._normal).append(job)
        self._work.set()
        if patience is None:
            return await asyncio.shield(future)
        return await self._wait_patiently(job, patience)

    async def _wait_patiently(self, job: _Job[Answer], patience: float) -> Answer:
        done, _ = await asyncio.wait({job.future}, timeout=patience)
        if not done and job.settle_fate(_ABANDONED):
            raise NotRecorded("the database did not take it in time")
        return await asyncio.shield(job.future)

    async def serve(self) -> None:
        """Return or raise when the writer ends: without it every write would wait for ever."""
        await asyncio.shield(self._writer)

    async def close(self, within: float = CLOSE_WITHIN) -> None:
        """Finish what is queued, checkpoint, and let go of the file.

        What the file does not take ``within`` seconds (another process holds it) is dropped, as by a kill.
        """
        self._closing = True
        self._work.set()
        await asyncio.wait({self._writer}, timeout=within)
        if not self._writer.done():
            _log.error("database.close.cut_short", waiting=len(self._urgent) + len(self._normal))
            self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
        await _run(self._connection, lambda: _checkpoint(_raw(self._connection)))
        await self._connection.close()

    # ------------------------------------------------------------ the writer

    async def _write_for_ever(self) -> None:
        after_urgent = False
        while True:
            await self._work.wait()
            batch = self._next_batch(prefer_normal=after_urgent)
            if batch:
                after_urgent = batch[0].urgent
                await self._commit(batch)
            elif self._closing:
                return
            else:
                self._work.clear()

    def _next_batch(self, *, prefer_normal: bool) -> list[_Job[Any]]:
        urgent_first = self._urgent and not (prefer_normal and self._normal)
        queue, most = (self._urgent, URGENT_WEIGHT) if urgent_first else (self._normal, BATCH_WEIGHT)
        batch: list[_Job[Any]] = []
        weight = 0
        while queue and (not batch or weight + queue[0].weight <= most):
            job = queue.popleft()
            if job.fate != _ABANDONED:
                batch.append(job)
                weight += job.weight
        return batch

    async def _commit(self, batch: list[_Job[Any]]) -> None:
        while batch:
            try:
                touched = await self._run_on_thread(batch)
            except sqlite3.OperationalError as error:
                if not _is_busy(error):
                    return self._fail(batch, error)
                _log.warning("database.busy", waiting=len(batch))
                batch = [job for job in batch if job.fate != _ABANDONED]
                continue
            except Exception as error:  # noqa: BLE001 - whatever it was, the callers must hear of it
                return self._fail(batch, error)
            return self._announce(batch, touched)
        return None

    async def _run_on_thread(self, batch: list[_Job[Any]]) -> set[str]:
        return await _run(self._connection, lambda: _run_batch(_raw(self._connection), batch))

    def _announce(self, batch: list[_Job[Any]], touched: set[str]) -> None:
        for job in batch:
            if job.future.done() or job.fate == _ABANDONED:
                continue
            if job.error is not None:
                job.future.set_exception(job.error)
            elif job.fate == _SEALED:
                job.future.set_result(job.answer)
        for topic in touched:
            for callback in self._listeners.get(topic, ()):
                callback()

    def _fail(self, batch: list[_Job[Any]], error: Exception) -> None:
        _log.error("database.commit_failed", error=str(error), jobs=len(batch))
        for job in batch:
            if not job.future.done() and job.fate != _ABANDONED:
                job.future.set_exception(NotRecorded(f"the database refused the transaction: {error}"))


def _run_batch(connection: sqlite3.Connection, batch: list[_Job[Any]]) -> set[str]:
    """Run every job in one transaction; begin anew without those whose callers gave up meanwhile."""
    while True:
        connection.execute("BEGIN IMMEDIATE")
        try:
            touched = _run_jobs(connection, batch)
            left = [job for job in batch if job.error is None and not job.settle_fate(_SEALED)]
            if not left:
                failpoints.reach("commit.before")
                connection.execute("COMMIT")
                failpoints.reach("commit.after")
                return touched
        except BaseException:
            _roll_back(connection)
            raise
        _roll_back(connection)
        for job in left:
            batch.remove(job)
        if not batch:
            return set()


def _run_jobs(connection: sqlite3.Connection, batch: list[_Job[Any]]) -> set[str]:
    touched: set[str] = set()
    for job in batch:
        job.error = None
        transaction = Transaction(connection)
        connection.execute("SAVEPOINT job")
        try:
            job.answer = job.decide(transaction)
        except Exception as error:
            if concerns_the_file(error):
                raise
            job.error = error
            connection.execute("ROLLBACK TO job")
        else:
            touched |= transaction.touched
        connection.execute("RELEASE job")
    return touched


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _checkpoint(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.row_factory = sqlite3.Row
    migrations.refuse_foreign(connection, path)
    for name, value in _PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")
    for name, value in _PRAGMAS.items():
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != value:
            raise DatabaseUnusable(f"{path}: PRAGMA {name} is {found!r}, not {value!r}: SQLite refused it.")
    migrations.migrate(connection)


def _unusable(path: Path, error: sqlite3.Error) -> str:
    return (
        f"{path} cannot be used as a database ({error}). The file was left as it is: move it aside or put "
        "a backup in its place, then start again."
    )


def _raw(connection: aiosqlite.Connection) -> sqlite3.Connection:
    return connection._conn  # noqa: SLF001 - only ever touched on the thread that owns it


async def _run(connection: aiosqlite.Connection, work: Callable[[], Answer]) -> Answer:
    """The one call of aiosqlite's private ``_execute``: run ``work`` on the database thread.

    0.22.1 has no public way to run a function there; the version is pinned and a test watches it.
    """
    answer: Answer = await connection._execute(work)  # type: ignore[no-untyped-call]  # noqa: SLF001 - see above
    return answer
