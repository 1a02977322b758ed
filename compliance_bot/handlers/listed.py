"""What people decide about is of a project that ``studio.projects`` lists, whatever stood there before."""

from __future__ import annotations

import secrets

from compliance_bot.approvals.listed import is_listed
from compliance_bot.cases import press
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Press, Reply
from compliance_bot.handlers.deciders import Rule
from compliance_bot.store import approvals, cases, objects
from compliance_bot.store.transaction import Transaction


def decide(tx: Transaction, moment: Moment, rule: Rule, kind: str, pressed: Press) -> Reply | None:
    """Have it decided as the rule says; of what is of no listed project it is refused, on record."""
    named = pressed.ref.partition(" ")[0]
    if not is_outside(tx, moment, named):
        return rule.decide(tx, moment, pressed)
    reference = f"R-{secrets.token_hex(4)}"
    reason = "project_not_listed"
    press.refuse(
        tx, moment, person=pressed.person, action=kind, ref=named, reason=reason, reference=reference
    )
    return {"say": reason, "ref": named, "reference": reference}


def is_outside(tx: Transaction, moment: Moment, ref: str) -> bool:
    """Whether a case or an approval is of no listed project; False of what nobody knows."""
    projects = moment.rulebook.rules.studio.projects
    if not projects:
        return False
    case = cases.find_by_ref(tx, ref)
    if case is not None:
        return objects.find_by_row(tx, case.object_id).finding.project_id not in projects
    approval = approvals.find_by_ref(tx, ref)
    return approval is not None and not is_listed(tx, moment, approval)
