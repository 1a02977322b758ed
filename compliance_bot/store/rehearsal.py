"""An empty store in memory, in which something is done to see what comes of it; nothing of it stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache

from compliance_bot.model.delivery import Effect
from compliance_bot.store import migrations
from compliance_bot.store.effects import read
from compliance_bot.store.transaction import Transaction


@contextmanager
def rehearsing() -> Iterator[Transaction]:
    """One transaction on a store of this program's version that nobody else sees and that ends with it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.deserialize(_empty())
        connection.row_factory = sqlite3.Row
        yield Transaction(connection)


@lru_cache(maxsize=1)
def _empty() -> bytes:
    """An empty store as the bytes of its file: to make it anew for each of many events takes seconds."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrations.migrate(connection)
        return connection.serialize()


def planned(tx: Transaction) -> list[Effect]:
    """Every effect that was planned, in the order of planning."""
    return [read(row) for row in tx.all("SELECT * FROM effect ORDER BY id")]


def an_object(tx: Transaction, studio_id: str, now: float) -> int:
    """A row for whatever an event is about, of which nothing else is known; its id."""
    return tx.insert(
        "object",
        source="rehearsal",
        kind="rehearsal",
        studio_id=studio_id,
        state="{}",
        fingerprint="",
        status="",
        severity="",
        first_seen=now,
        last_seen=now,
        accepted_at=now,
        standing="silent",
    )
