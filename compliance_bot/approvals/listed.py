"""Whether what is asked belongs to a project that ``studio.projects`` lists; where it lists none, all do."""

from __future__ import annotations

from compliance_bot.cases.moment import Moment
from compliance_bot.model.approvals import Approval, ApprovalKind
from compliance_bot.store import approvals as store
from compliance_bot.store import requests
from compliance_bot.store.transaction import Transaction


def is_listed(tx: Transaction, moment: Moment, approval: Approval) -> bool:
    """True where that project may be told of and decided about; a request is of its own project."""
    projects = moment.rulebook.rules.studio.projects
    return not projects or _project_of(tx, approval) in projects


def _project_of(tx: Transaction, approval: Approval) -> str | None:
    if approval.kind is ApprovalKind.REQUEST:
        return requests.project_of(tx, approval.object_id)
    return store.studio_id_of(tx, approval)
