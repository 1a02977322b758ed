"""What an answer of Studio means: compared with what we know, it is news, an echo, or nothing.

An answer asked for before the last one we accepted, or before a write to that object was answered, is
stale and dropped. Everything a part of a page leads to is one transaction; a row that cannot be taken in is
quarantined, so that it takes no other with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from compliance_bot.cases import baseline, differences, episode, studio_answers
from compliance_bot.cases.baseline import Baseline
from compliance_bot.cases.differences import Difference
from compliance_bot.cases.episode import News
from compliance_bot.cases.moment import Moment
from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.events import Change
from compliance_bot.model.findings import Finding, FindingPage
from compliance_bot.store import cases as store
from compliance_bot.store import cursors, objects
from compliance_bot.store.objects import KnownFinding, Mark, Standing
from compliance_bot.store.transaction import Transaction, concerns_the_file

_log = structlog.get_logger(__name__)

SUSPECTS = "vanished:finding"
"""Cursor with the integrations most of whose findings vanished: their new ones wait for the verdict."""


@dataclass(slots=True)
class Seen:
    """What a page came to; counts for the log and the metrics."""

    new: int = 0
    told: int = 0
    changed: int = 0
    stale: int = 0
    quarantined: int = 0
    known_ids: set[str] = field(default_factory=set)

    def add(self, other: Seen) -> None:
        """Count another part of the same page too."""
        self.new += other.new
        self.told += other.told
        self.changed += other.changed
        self.stale += other.stale
        self.quarantined += other.quarantined
        self.known_ids |= other.known_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What every row of one page is judged by."""

    line: Baseline
    suspects: frozenset[str]
    sent_at: float
    walk: int | None


def observe_page(tx: Transaction, moment: Moment, page: FindingPage, *, walk: int | None = None) -> Seen:
    """Take in a page of the list; ``walk``: the number of the full walk it belongs to."""
    reading = _Reading(
        line=baseline.of_page(tx, moment, page),
        suspects=frozenset((cursors.read(tx, SUSPECTS) or {}).get("undecided", ())),
        sent_at=page.sent_at,
        walk=walk,
    )
    seen = Seen()
    findings = {finding.id: finding for finding in page.findings}
    known = objects.fingerprints(tx, list(findings))
    seen.known_ids.update(known)
    unchanged: list[int] = []
    present = [row.studio_id for row in page.bad_rows if row.studio_id]
    for finding in findings.values():
        mark = known.get(finding.id)
        if mark is None:
            _guarded(tx, seen, finding, partial(_first_seen, tx, moment, reading, finding, seen))
        elif _is_unchanged(mark, finding, page.sent_at):
            unchanged.append(mark.id)
        else:
            present.append(finding.id)
            _known_row(tx, moment, mark, finding, page.sent_at, seen)
    objects.seen_again(tx, unchanged, sent_at=page.sent_at, now=moment.now, walk=walk)
    if walk is not None:
        objects.mark_walk(tx, present, walk)
    return seen


def _is_unchanged(mark: Mark, finding: Finding, sent_at: float) -> bool:
    fresh = sent_at >= mark.accepted_at and mark.standing != Standing.GONE
    return fresh and objects.fingerprint(finding) == mark.fingerprint


def _known_row(
    tx: Transaction, moment: Moment, mark: Mark, finding: Finding, sent_at: float, seen: Seen
) -> None:
    if sent_at < mark.accepted_at:
        seen.stale += 1
        return
    seen.changed += 1
    _guarded(tx, seen, finding, partial(take_in, tx, moment, finding, sent_at))


def _guarded(tx: Transaction, seen: Seen, finding: Finding, take: Callable[[], None]) -> None:
    touched = set(tx.touched)
    tx.execute("SAVEPOINT finding")
    try:
        take()
    except Exception as error:
        if concerns_the_file(error):
            raise
        tx.execute("ROLLBACK TO finding")
        tx.touched = touched
        seen.quarantined += 1
        _log.exception("observe.row.quarantined", finding=finding.id)
    tx.execute("RELEASE finding")


def observe_one(tx: Transaction, moment: Moment, finding: Finding, sent_at: float) -> None:
    """Take in one finding asked for by itself; an unknown one is left to the page it comes with."""
    known = objects.find(tx, finding.id)
    if known is not None and sent_at >= known.accepted_at:
        take_in(tx, moment, finding, sent_at)


def _first_seen(tx: Transaction, moment: Moment, reading: _Reading, finding: Finding, seen: Seen) -> None:
    standing = baseline.standing_of(moment, reading.line, finding)
    if standing is Standing.TOLD and finding.integration_id in reading.suspects:
        standing = Standing.HELD
    object_id = objects.add(
        tx, finding, standing=standing, sent_at=reading.sent_at, now=moment.now, walk=reading.walk
    )
    if standing in (Standing.TOLD, Standing.SILENT):
        tell(tx, moment, object_id, finding, Change.NEW, stands=standing)
    seen.new += 1
    seen.told += standing is Standing.TOLD


def tell(
    tx: Transaction,
    moment: Moment,
    object_id: int,
    finding: Finding,
    change: Change,
    was: tuple[str | None, str | None] = (None, None),
    stands: Standing | None = None,
) -> None:
    """Open a finding's case; what is closed, or of a kind or project not told, is only recorded.

    ``stands``: how its row stands already, where the caller knows.
    """
    if finding.status.is_closed or _outside_projects(moment, finding):
        episode.record(tx, moment, object_id, episode.an_event(moment, finding, change), was=was)
        standing = Standing.SILENT
    else:
        case = episode.open_case(tx, moment, object_id, finding, change, was=was)
        standing = Standing.SILENT if case is None else Standing.TOLD
    if standing is not stands:
        objects.set_standing(tx, object_id, standing)


def _outside_projects(moment: Moment, finding: Finding) -> bool:
    allowed = moment.rulebook.rules.studio.projects
    return bool(allowed) and finding.project_id not in allowed


def take_in(tx: Transaction, moment: Moment, finding: Finding, sent_at: float) -> None:
    """Accept what Studio says of a known finding, and say of it what is worth saying."""
    known = objects.find(tx, finding.id)
    if known is None:
        return
    after = _keep_what_it_left_out(known.finding, finding)
    objects.accept(tx, known.id, after, at=sent_at, now=moment.now)
    case = store.find_by_object(tx, known.id)
    if known.standing is Standing.GONE:
        _back_again(tx, moment, known, after, case)
    elif known.standing is Standing.TOLD and case is not None:
        _compare(tx, moment, known, after, case)
    elif known.standing is not Standing.HELD:
        _compare_untold(tx, moment, known, after)


def _keep_what_it_left_out(before: Finding, after: Finding) -> Finding:
    """A write's answer has no relations: the names it left out are those we knew."""
    same_person = after.assignee_id == before.assignee_id
    return replace(
        after,
        account=after.account or before.account,
        vendor=after.vendor or before.vendor,
        project_id=after.project_id or before.project_id,
        project_name=after.project_name or before.project_name,
        assignee_name=after.assignee_name or (before.assignee_name if same_person else None),
        comments=before.comments if after.comments is None else after.comments,
    )


def _compare(tx: Transaction, moment: Moment, known: KnownFinding, after: Finding, case: Case) -> None:
    """The speaking differences of a told finding, most telling first; else a silent edit."""
    spoke = False
    for difference in differences.between(known.finding, after):
        if _is_echo(tx, moment, case, after, difference):
            continue
        spoke = True
        if difference.is_status and _closing_is_under_way(case, after):
            _record(tx, moment, known.id, after, difference)
            continue
        _say(tx, moment, known, after, case, difference)
    if not spoke and differences.show(known.finding, after):
        episode.edit_silently(tx, moment, store.find(tx, case.id), after)


def _say(
    tx: Transaction, moment: Moment, known: KnownFinding, after: Finding, case: Case, difference: Difference
) -> None:
    """Move a told case as the table of a case's life says."""
    case = store.find(tx, case.id)
    news = News(finding=after, event_id=_record(tx, moment, known.id, after, difference))
    if difference.change is Change.SEVERITY_RAISED:
        episode.severity_raised(tx, moment, case, news, known.finding.severity)
    elif difference.change is Change.ASSIGNED:
        episode.assigned(tx, moment, case, news)
    elif after.status.is_closed:
        episode.closed_in_studio(tx, moment, case, news)
    elif after.status.is_worked_on:
        episode.taken_up_in_studio(tx, moment, case, news)
    else:
        episode.opened_again_in_studio(tx, moment, case, news)


def _record(tx: Transaction, moment: Moment, object_id: int, after: Finding, difference: Difference) -> int:
    event = episode.an_event(moment, after, difference.change)
    return episode.record(tx, moment, object_id, event, was=(difference.before, difference.after))


def _is_echo(tx: Transaction, moment: Moment, case: Case, after: Finding, difference: Difference) -> bool:
    """Our own write coming back by a poll, before or after its answer: no event."""
    if difference.change is Change.ASSIGNED:
        return studio_answers.is_our_assignment(tx, case, after.assignee_id)
    return difference.is_status and studio_answers.is_echo(tx, moment, case, after.status)


def _closing_is_under_way(case: Case, after: Finding) -> bool:
    """Studio still moves what was closed here and is not closed there yet: the write will follow."""
    return case.state is CaseState.CLOSED and case.sync is StudioSync.LATE and not after.status.is_closed


def _compare_untold(tx: Transaction, moment: Moment, known: KnownFinding, after: Finding) -> None:
    """An object without a case gets one only when opened again, made more severe, or newly assigned."""
    opened = after.status.is_closed
    for difference in differences.between(known.finding, after):
        if difference.is_worth_a_case and not opened:
            opened = True
            was = (difference.before, difference.after)
            tell(tx, moment, known.id, after, difference.change, was)
        else:
            _record(tx, moment, known.id, after, difference)


def _back_again(
    tx: Transaction, moment: Moment, known: KnownFinding, after: Finding, case: Case | None
) -> None:
    """A finding that was gone stands in Studio again."""
    objects.set_standing(tx, known.id, Standing.SILENT if case is None else Standing.TOLD)
    if case is None:
        _compare_untold(tx, moment, known, after)
        return
    found = differences.between(known.finding, after)
    if after.status.is_closed:
        for difference in found:
            _record(tx, moment, known.id, after, difference)
        return
    back = Difference(change=Change.REOPENED, before="gone", after=after.status.value)
    news = News(finding=after, event_id=_record(tx, moment, known.id, after, back))
    episode.new_episode(tx, moment, case, news, Change.REOPENED)
    for difference in (one for one in found if not one.is_status):
        _say(tx, moment, known, after, case, difference)
