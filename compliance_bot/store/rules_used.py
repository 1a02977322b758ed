"""Every rulebook that was ever in force, by hash: a decision can be read with its rules later."""

from __future__ import annotations

from compliance_bot.store.transaction import Transaction


def remember(tx: Transaction, rules_hash: str, text: str, now: float) -> bool:
    """Keep a rulebook's text; True where it was not known yet."""
    cursor = tx.execute(
        "INSERT INTO rules (hash, text, first_used) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (rules_hash, text, now),
    )
    return cursor.rowcount == 1
