"""Where an event's announcements stand or are to stand: alone, or as a line of a digest."""

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
        "SELECT pace_key AS place FROM effect WHERE key >= ? AND key < ? AND id <> ? "
        "UNION SELECT channel_id FROM digest_event JOIN digest ON digest.id = digest_id "
        "WHERE event_id = ? AND state <> 'dead'",
        (first, first[:-1] + ";", but, event_id),
    )
    return {row["place"] for row in rows}
