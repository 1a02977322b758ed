"""Every rulebook that was ever in force, by hash: a decision can be read with its rules later."""

from __future__ import annotations

from dataclasses import dataclass

from compliance_bot.clock import iso
from compliance_bot.store import cursors
from compliance_bot.store.transaction import Transaction

_CURSOR = "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The rules that decide now. ``since``: Unix seconds; a restart with the same rules changes it not."""

    hash: str
    since: float

    def as_json(self) -> dict[str, str]:
        """For ``status``."""
        return {"hash": self.hash, "since": iso(self.since)}


def remember(tx: Transaction, rules_hash: str, text: str, now: float) -> None:
    """Keep a rulebook's text, unless it was kept before."""
    tx.execute(
        "INSERT INTO rules (hash, text, first_used) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (rules_hash, text, now),
    )


def put_in_force(tx: Transaction, rules_hash: str, text: str, now: float) -> InForce:
    """Keep a rulebook's text, and note that it decides from now on, unless it did already."""
    remember(tx, rules_hash, text, now)
    known = in_force(tx)
    if known is not None and known.hash == rules_hash:
        return known
    cursors.move(tx, _CURSOR, {"hash": rules_hash, "since": now}, now)
    return InForce(hash=rules_hash, since=now)


def in_force(tx: Transaction) -> InForce | None:
    """The rules that decide, or decided when the bot last ran; None before its first start."""
    known = cursors.read(tx, _CURSOR)
    return None if known is None else InForce(hash=known["hash"], since=float(known["since"]))


def last_in_force(tx: Transaction) -> tuple[str, str] | None:
    """Hash and text of the rules that decided last; None before the first start."""
    known = in_force(tx)
    if known is None:
        return None
    row = tx.one("SELECT text FROM rules WHERE hash = ?", (known.hash,))
    return None if row is None else (known.hash, row["text"])
