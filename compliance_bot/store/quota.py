"""Calls spent on Studio in the sliding hour, kept so that a restart does not renew the hour."""

from __future__ import annotations

from compliance_bot.store.transaction import Transaction

HOUR = 3600.0


def spent(tx: Transaction, now: float) -> list[tuple[float, str]]:
    """When each call of the last hour was made and for what, oldest first."""
    rows = tx.all("SELECT at, purpose FROM quota_call WHERE at > ? ORDER BY at", (now - HOUR,))
    return [(row[0], row[1]) for row in rows]


def spend(tx: Transaction, purpose: str, now: float) -> None:
    """Write a call down before it is made, and forget those older than the hour."""
    tx.execute("INSERT INTO quota_call (at, purpose) VALUES (?, ?)", (now, purpose))
    tx.execute("DELETE FROM quota_call WHERE at <= ?", (now - HOUR,))
