"""Where each reading of Studio stands, so that a restart goes on instead of beginning anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from compliance_bot.store.transaction import Transaction


def read(tx: Transaction, name: str) -> dict[str, Any] | None:
    """What was noted under that name; None where nothing was."""
    row = tx.one("SELECT value FROM cursor WHERE name = ?", (name,))
    return None if row is None else json.loads(row["value"])


def move(tx: Transaction, name: str, value: Mapping[str, Any], now: float) -> None:
    """Note where the reading stands."""
    tx.execute(
        "INSERT INTO cursor (name, value, moved_at) VALUES (?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value, moved_at = excluded.moved_at",
        (name, json.dumps(dict(value)), now),
    )
