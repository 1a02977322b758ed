"""Who asked, by e-mail, of what Studio tells no address with: it may have named the customer elsewhere.

Only for reports and requests: a new project's facts are compared with Studio's own words before they are
written there.
"""

from __future__ import annotations

from dataclasses import replace

from compliance_bot.model.approvals import Approval, Facts, request_facts_of, review_facts_of
from compliance_bot.model.platform import AuditRequest, Project
from compliance_bot.store import studio_users
from compliance_bot.store.studio_users import plain
from compliance_bot.store.transaction import Transaction

UNKNOWN = "requester unknown"
"""Stands in a vote's details where nobody could tell whether that person had asked for it themselves."""


def review_facts(tx: Transaction, project: Project, before: Approval | None = None) -> Facts:
    """What a reviewer approves of a report, with the address of who asked; ``before``: as it stood."""
    return _filled(tx, review_facts_of(project), project.customer_id, before)


def request_facts(tx: Transaction, request: AuditRequest, before: Approval | None = None) -> Facts:
    """What is called complete of a request, with the customer's address."""
    return _filled(tx, request_facts_of(request), request.customer_id, before)


def _filled(tx: Transaction, facts: Facts, customer_id: str | None, before: Approval | None) -> Facts:
    """One answer tells the address and the next does not: that alone is no change."""
    customer = None if customer_id is None else studio_users.find(tx, customer_id)
    named = None if customer is None else customer.email
    stood = None if before is None else before.facts.requester_email
    return replace(facts, requester_email=plain(facts.requester_email) or named or stood)


def is_unknown(approval: Approval) -> bool:
    """Whether nobody can be refused as who asked for it."""
    return approval.requester_id is None and not approval.facts.requester_email
