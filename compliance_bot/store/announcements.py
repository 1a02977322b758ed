"""Where an event's announcements stand or are to stand, by the effects that carry them."""

from __future__ import annotations

from compliance_bot.store.transaction import Transaction

PREFIX = "announcement:"


def key_of(event_id: int, place: str) -> str:
    """The key of an event's announcement in one place."""
    return f"{PREFIX}{event_id}:{place}"


def places(tx: Transaction, event_id: int, *, but: int) -> set[str]:
    """The places of an event's announcements, all but the one that effect ``but`` carries."""
    first = key_of(event_id, "")
    rows = tx.all(
        "SELECT pace_key FROM effect WHERE key >= ? AND key < ? AND id <> ?", (first, first[:-1] + ";", but)
    )
    return {row["pace_key"] for row in rows}
