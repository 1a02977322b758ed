"""People by pseudonym: the audit chain never holds a person's id, so erasing leaves it whole."""

from __future__ import annotations

import secrets

from compliance_bot.store.transaction import Transaction


def pseudonym(tx: Transaction, slack_id: str, now: float, name: str | None = None) -> str:
    """The word that stands for a person in the audit chain; made at first meeting, random."""
    row = tx.one("SELECT pseudonym, name FROM person WHERE slack_id = ?", (slack_id,))
    if row is None:
        word = f"P-{secrets.token_hex(8)}"
        tx.insert("person", slack_id=slack_id, pseudonym=word, name=name, first_met=now)
        return word
    if name and name != row["name"]:
        tx.execute("UPDATE person SET name = ? WHERE slack_id = ?", (name, slack_id))
    return str(row["pseudonym"])
