"""What somebody proposed and a second person has to confirm."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance_bot.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One proposal. ``state``: waiting, confirmed, declined, withdrawn, overtaken. ``severity``: as shown."""

    id: int
    case_id: int
    episode: int
    severity: str
    inbox_id: int
    action: str
    person: str
    person_name: str
    person_email: str | None
    right: str
    rules_hash: str
    version_shown: int | None
    reason: str
    details: Mapping[str, Any]
    proposed_at: float
    state: str
    ended_by: str | None
    ended_name: str | None
    ended_at: float | None


def add(tx: Transaction, **values: Any) -> int:
    """Write a proposal that waits; its id."""
    values = {f'"{name}"' if name == "right" else name: value for name, value in values.items()}
    return tx.insert("proposal", state="waiting", **values)


def find(tx: Transaction, proposal_id: int) -> Proposal | None:
    """The proposal with that id."""
    row = tx.one("SELECT * FROM proposal WHERE id = ?", (proposal_id,))
    return None if row is None else _proposal(row)


def has_ended(tx: Transaction, proposal_id: int | None) -> bool:
    """Whether that proposal waits no more; False where there is none."""
    proposal = None if proposal_id is None else find(tx, proposal_id)
    return proposal is not None and proposal.state != "waiting"


def waiting(tx: Transaction, case_id: int) -> Proposal | None:
    """The proposal that waits on a case; there is one at most."""
    row = tx.one("SELECT * FROM proposal WHERE case_id = ? AND state = 'waiting'", (case_id,))
    return None if row is None else _proposal(row)


def end(
    tx: Transaction, proposal_id: int, state: str, *, by: str | None, name: str | None, now: float
) -> bool:
    """End one that waits; False where somebody did before."""
    cursor = tx.execute(
        "UPDATE proposal SET state = ?, ended_by = ?, ended_name = ?, ended_at = ? "
        "WHERE id = ? AND state = 'waiting'",
        (state, by, name, now, proposal_id),
    )
    return cursor.rowcount == 1


def _proposal(row: Any) -> Proposal:
    values = dict(row)
    values["details"] = json.loads(values["details"])
    return Proposal(**values)
