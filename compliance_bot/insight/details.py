"""All that is known of a finding and of what was decided about it, for one reader."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from compliance_bot.cases.moment import Moment
from compliance_bot.messages.case_forms import Head
from compliance_bot.messages.details import CommentTold, DecisionTold, DetailsView
from compliance_bot.messages.values import Moment as Time
from compliance_bot.messages.wording import category_words, severity_words, status_words
from compliance_bot.model.cases import Case
from compliance_bot.model.findings import Comment, Finding
from compliance_bot.store import objects, trail
from compliance_bot.store.transaction import Transaction


def details(
    tx: Transaction, moment: Moment, case: Case, head: Head, comments: Sequence[Comment] | None
) -> DetailsView:
    """What "Show details" shows. ``head``: as the reader may see it; a title in it opens all else."""
    known = objects.find_by_row(tx, case.object_id)
    told = head.title is not None
    return DetailsView(
        head=head,
        told=told,
        facts=_facts(known.finding, case) if told else {},
        description=known.finding.description if told else "",
        action=(known.finding.recommendation or known.finding.remediation or "") if told else "",
        url=moment.link(known.finding),
        as_of=known.accepted_at,
        opened_at=case.opened_at,
        comments=None if comments is None else [_comment(one) for one in comments],
        decisions=[_decision(row) for row in trail.decisions_of(tx, case.id)],
    )


def _facts(finding: Finding, case: Case) -> dict[str, str | Time]:
    words = {
        "severity": severity_words(finding.severity),
        "status": status_words(finding.status).capitalize(),
        "category": category_words(finding.category),
        "resource": finding.resource,
        "affected_user": finding.affected_user,
        "account": finding.account,
        "vendor": finding.vendor,
        "project": finding.project_name,
        "frameworks": ", ".join(finding.frameworks),
        "controls": ", ".join(finding.controls),
        "assignee": finding.assignee_name,
        "occurrences": str(finding.occurrences),
    }
    times = {
        "first_seen": finding.first_seen,
        "last_seen": finding.last_seen,
        "due": finding.due,
        "resolved_at": finding.resolved_at,
        "fix_by": case.fix_by,
        "wake_at": case.wake_at,
        "risk_until": case.risk_until,
    }
    said: dict[str, str | Time] = {name: value for name, value in words.items() if value}
    return said | {name: Time(at) for name, at in times.items() if at is not None}


def _comment(comment: Comment) -> CommentTold:
    return CommentTold(words=comment.content, author=comment.author, at=comment.created_at)


def _decision(row: sqlite3.Row) -> DecisionTold:
    return DecisionTold(
        at=row["at"],
        name=row["person_name"],
        action=row["action"],
        reason=row["reason"],
        undone=row["undone_by"] is not None,
    )
