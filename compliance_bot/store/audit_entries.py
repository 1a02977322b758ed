"""The audit table: entries are added at the end and read in order; triggers refuse all else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compliance_bot.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One link: ``hash`` covers ``prev`` and the canonical ``body``."""

    seq: int
    hash: str
    prev: str
    body: str


def last_entry(tx: Transaction) -> Entry | None:
    """The newest entry; None while there is none."""
    row = tx.one("SELECT seq, hash, prev, body FROM audit ORDER BY seq DESC LIMIT 1")
    return None if row is None else Entry(**dict(row))


def add_entry(tx: Transaction, entry: Entry) -> None:
    """Write the next entry."""
    tx.insert("audit", seq=entry.seq, hash=entry.hash, prev=entry.prev, body=entry.body)


def entries(tx: Transaction) -> Iterator[Entry]:
    """Every entry, in order, without holding them all in memory."""
    for row in tx.execute("SELECT seq, hash, prev, body FROM audit ORDER BY seq"):
        yield Entry(**dict(row))
