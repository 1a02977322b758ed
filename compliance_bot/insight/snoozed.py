"""What sleeps: every snoozed case with until when, by whom and why, as far as the asker may see it."""

from __future__ import annotations

from compliance_bot.cases.moment import Moment
from compliance_bot.insight.visible import may_be_told
from compliance_bot.messages.waiting import MOST_LISTED, SnoozedLine, SnoozedView
from compliance_bot.model.cases import Case
from compliance_bot.store import objects, waiting
from compliance_bot.store.transaction import Transaction


def listed(tx: Transaction, moment: Moment, *, asked_in: str | None) -> SnoozedView:
    """What sleeps, the next to wake first; of ``studio.projects`` alone where they are listed."""
    projects = moment.rulebook.rules.studio.projects
    total, _ = waiting.count_snoozed(tx, projects=projects)
    found = waiting.snoozed(tx, projects=projects, limit=MOST_LISTED)
    return SnoozedView(lines=tuple(_line(tx, moment, case, asked_in) for case in found), total=total)


def counted(tx: Transaction, moment: Moment) -> tuple[int, float] | None:
    """How many sleep, and when the first wakes (Unix seconds); None where none does."""
    total, first = waiting.count_snoozed(tx, projects=moment.rulebook.rules.studio.projects)
    return (total, first) if total and first is not None else None


def _line(tx: Transaction, moment: Moment, case: Case, asked_in: str | None) -> SnoozedLine:
    finding = objects.find_by_row(tx, case.object_id).finding
    shown = may_be_told(tx, moment, case, finding, asked_in=asked_in)
    return SnoozedLine(
        ref=case.ref,
        title=finding.title if shown else None,
        until=case.wake_at,
        who=case.snoozed_name,
        reason=case.snooze_reason if shown else None,
    )
