"""What waits on one person: approvals, decisions that need a second person, findings in their hands.

Of those who are away and named them, too; rights stay one's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compliance_bot.approvals.listed import is_listed
from compliance_bot.approvals.present import content_of
from compliance_bot.approvals.quorum import account_of, by_human, handed_by, has_voted, takes_place_of
from compliance_bot.cases.moment import Moment
from compliance_bot.config.schema import Action
from compliance_bot.insight.visible import may_be_told
from compliance_bot.messages.waiting import ApprovalLine, CaseLine, ConsentLine, QueueView
from compliance_bot.messages.waiting_words import approval_kind
from compliance_bot.model.approvals import Approval
from compliance_bot.model.cases import Case
from compliance_bot.model.findings import Finding
from compliance_bot.model.slack import Person
from compliance_bot.people.identity import same_human, studio_user_of
from compliance_bot.store import approvals, away, cases, objects, waiting
from compliance_bot.store.proposals import Proposal
from compliance_bot.store.transaction import Transaction

CONSENT_NEEDS: Mapping[str, Action] = {
    "accept_risk": "accept_risk",
    "resolve": "resolve",
    "false_positive": "resolve",
}
"""Each action that may need a second person, with the right that the second person needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, which rights they have (of ``approve`` and those of ``CONSENT_NEEDS``), and where."""

    person: Person
    rights: frozenset[str]
    asked_in: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owner:
    """Whose a case is that has such an owner. ``whose``: the name of who is away; ``studio_id``: to match."""

    whose: str | None = None
    studio_id: str | None = None


def queue(tx: Transaction, moment: Moment, asker: Asker) -> QueueView:
    """All that waits on whoever asks, as far as they may see it there."""
    rules, person = moment.rulebook.rules, asker.person
    absent = _stood_in_for(tx, moment, person.id)
    user = studio_user_of(tx, rules, person.email)
    owners = {person.id: _Owner(), **{one: _Owner(whose=name) for one, name in absent.items()}}
    if user is not None:
        owners[user.name] = _Owner(studio_id=user.studio_id)
    projects = rules.studio.projects
    found = waiting.owned(tx, list(owners), projects=projects)
    return QueueView(
        approvals=_approvals(tx, moment, asker),
        consents=_consents(tx, moment, asker),
        cases=tuple(line for case in found if (line := _case(tx, moment, asker, case, owners)) is not None),
        stands_in_for=tuple(absent.values()),
        snoozed=waiting.count_snoozed_of(tx, person.id, projects=projects),
        known_in_studio=user is not None,
    )


def _stood_in_for(tx: Transaction, moment: Moment, person: str) -> dict[str, str]:
    """Slack id and name of everyone whose place came to this person, by whatever way."""
    found: dict[str, str] = {}
    ahead = list(away.stood_in_for(tx, person, moment.now))
    while ahead:
        one = ahead.pop(0)
        reached = away.deputy_of(tx, one.person, moment.now)
        if one.person not in found and reached is not None and reached.person == person:
            found[one.person] = one.person_name
            ahead += away.stood_in_for(tx, one.person, moment.now)
    return found


# ---------------------------------------------------------------- findings


def _case(
    tx: Transaction, moment: Moment, asker: Asker, case: Case, owners: Mapping[str, _Owner]
) -> CaseLine | None:
    owner = owners[case.owner or ""]
    finding = objects.find_by_row(tx, case.object_id).finding
    if owner.studio_id is not None and finding.assignee_id != owner.studio_id:
        return None  # somebody else of that name
    return CaseLine(
        ref=case.ref,
        title=_title(tx, moment, asker, case, finding),
        severity=case.severity,
        state=case.state.value,
        fix_by=case.fix_by,
        whose=owner.whose,
    )


def _title(tx: Transaction, moment: Moment, asker: Asker, case: Case, finding: Finding) -> str | None:
    return finding.title if may_be_told(tx, moment, case, finding, asked_in=asker.asked_in) else None


# ---------------------------------------------------------------- what needs a second person


def _consents(tx: Transaction, moment: Moment, asker: Asker) -> tuple[ConsentLine, ...]:
    actions = [action for action, right in CONSENT_NEEDS.items() if right in asker.rights]
    others = [one for one in waiting.proposed(tx, actions) if not _is_asker(moment, asker, one)]
    return tuple(line for one in others if (line := _consent(tx, moment, asker, one)) is not None)


def _is_asker(moment: Moment, asker: Asker, proposal: Proposal) -> bool:
    first, second = (proposal.person, proposal.person_email), (asker.person.id, asker.person.email)
    return same_human(moment.rulebook.rules, first, second)


def _consent(tx: Transaction, moment: Moment, asker: Asker, proposal: Proposal) -> ConsentLine | None:
    case = cases.find(tx, proposal.case_id)
    finding = objects.find_by_row(tx, case.object_id).finding
    projects = moment.rulebook.rules.studio.projects
    if projects and finding.project_id not in projects:
        return None
    return ConsentLine(
        ref=case.ref,
        title=_title(tx, moment, asker, case, finding),
        action=proposal.action,
        who=proposal.person_name,
        at=proposal.proposed_at,
    )


# ---------------------------------------------------------------- approvals


def _approvals(tx: Transaction, moment: Moment, asker: Asker) -> tuple[ApprovalLine, ...]:
    if "approve" not in asker.rights:
        return ()
    theirs = [one for one in waiting.asked(tx) if _is_theirs(tx, moment, one, asker.person)]
    internal = moment.rulebook.sensitivity.internal.rank
    return tuple(
        ApprovalLine(
            ref=one.ref,
            what=approval_kind(one.kind.value),
            name=one.facts.name if content_of(tx, moment, one).rank <= internal else None,
            requester=one.facts.requester_name,
            at=one.requested_at or one.asked_at,
            due=one.facts.due,
        )
        for one in theirs
    )


def _is_theirs(tx: Transaction, moment: Moment, approval: Approval, asker: Person) -> bool:
    """Whether this person may still speak: they neither asked for it, nor spoke, nor handed it on."""
    if not is_listed(tx, moment, approval):
        return False
    rules, said = moment.rulebook.rules, approvals.votes_of(tx, approval.id)
    votes, person = by_human(rules, said), account_of(rules, said, (asker.id, asker.email))
    spoken = has_voted(votes, person) or takes_place_of(votes, person) is not None
    return approval.requester_id != asker.id and not spoken and person not in handed_by(votes)
