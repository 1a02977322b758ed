"""What was written into the outbox under one name, and what came of it."""

from __future__ import annotations

import json
from typing import Any

from compliance_bot.model.delivery import Effect
from compliance_bot.store.effects import read
from compliance_bot.store.transaction import Transaction


def written_below(tx: Transaction, prefix: str) -> list[Effect]:
    """The effects whose key begins so, in the order they were written; there should be few."""
    above = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    rows = tx.all("SELECT * FROM effect WHERE key >= ? AND key < ? ORDER BY id", (prefix, above))
    return [read(row) for row in rows]


def is_being_sent(tx: Transaction, place: str) -> bool:
    """Whether something is on its way to that place whose outcome is not noted yet."""
    found = tx.one("SELECT 1 FROM effect WHERE state = 'sending' AND pace_key = ? LIMIT 1", (place,))
    return found is not None


def result_of(tx: Transaction, effect_id: int) -> dict[str, Any] | None:
    """What came of an effect that is done; None where nothing did."""
    row = tx.one("SELECT result FROM effect WHERE id = ? AND state = 'done'", (effect_id,))
    result: dict[str, Any] | None = json.loads(row["result"]) if row and row["result"] else None
    return result
