"""How fast the outbox went: which pace keys are parked, and when the last attempts began."""

from __future__ import annotations

from compliance_bot.store.transaction import Transaction


def parked(tx: Transaction, now: float) -> dict[str, float]:
    """The pace keys that may not go now, and until when."""
    rows = tx.execute("SELECT pace_key, parked_until FROM pace WHERE parked_until > ?", (now,))
    return {row["pace_key"]: row["parked_until"] for row in rows}


def park(tx: Transaction, pace_key: str, until: float, reason: str) -> None:
    """Have a whole pace key wait until then; never shortens a wait."""
    tx.execute(
        "INSERT INTO pace (pace_key, parked_until, reason) VALUES (?, ?, ?) ON CONFLICT (pace_key) DO UPDATE"
        " SET parked_until = excluded.parked_until, reason = excluded.reason"
        " WHERE excluded.parked_until > parked_until",
        (pace_key, until, reason),
    )


def recent_starts(tx: Transaction, pace_key: str, *, since: float, limit: int) -> tuple[float, ...]:
    """When the newest attempts under that key began, oldest first."""
    rows = tx.all(
        "SELECT started_at FROM effect WHERE pace_key = ? AND started_at IS NOT NULL AND started_at > ?"
        " ORDER BY started_at DESC LIMIT ?",
        (pace_key, since, limit),
    )
    return tuple(row["started_at"] for row in reversed(rows))
