"""How long Studio's hourly allowance makes decisions wait."""

from __future__ import annotations

from compliance_bot.cases.moment import Moment
from compliance_bot.store import quota as ledger
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio.quota import Purpose, all_granted_in

CALLS_EACH = 3
"""Calls that one decision costs: read again, write the status, write the comment."""


def seconds_for(tx: Transaction, moment: Moment, decisions: int) -> float:
    """Seconds until Studio has so many decisions, as far as its allowance alone delays them."""
    limit = moment.rulebook.rules.studio.quota_per_hour
    spent = [(at, Purpose(used_for)) for at, used_for in ledger.spent(tx, moment.now)]
    return all_granted_in(spent, Purpose.DECISION, limit, CALLS_EACH * decisions, moment.now)
