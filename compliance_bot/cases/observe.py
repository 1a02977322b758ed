"""What an answer of Studio means: compared with what we know, it is news, an echo, or nothing.

An answer asked for before the last one we accepted, or before a write to that object was answered, is
stale and dropped. Everything a page leads to is one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import structlog

from compliance_bot.cases import baseline, episode, studio_writes
from compliance_bot.cases.baseline import Baseline
from compliance_bot.cases.episode import News
from compliance_bot.cases.moment import Moment
from compliance_bot.model.cases import Case, StudioSync
from compliance_bot.model.events import Change
from compliance_bot.model.findings import Finding, FindingPage
from compliance_bot.store import cases as store
from compliance_bot.store import cursors, objects
from compliance_bot.store.objects import KnownFinding, Standing
from compliance_bot.store.transaction import Transaction

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
    known_ids: set[str] = field(default_factory=set)


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
        suspects=frozenset((cursors.read(tx, SUSPECTS) or {}).get("integrations", ())),
        sent_at=page.sent_at,
        walk=walk,
    )
    seen = Seen()
    unchanged: list[int] = []
    findings = {finding.id: finding for finding in page.findings}
    known = objects.fingerprints(tx, list(findings))
    for finding in findings.values():
        before = known.get(finding.id)
        if before is None:
            _first_seen(tx, moment, reading, finding, seen)
            continue
        seen.known_ids.add(finding.id)
        object_id, fingerprint, accepted_at = before
        if page.sent_at < accepted_at:
            seen.stale += 1
        elif objects.fingerprint(objects.to_state(finding)) == fingerprint:
            unchanged.append(object_id)
        else:
            seen.changed += 1
            take_in(tx, moment, finding, page.sent_at)
    objects.seen_again(tx, unchanged, sent_at=page.sent_at, now=moment.now, walk=walk)
    if walk is not None:
        bad = [row.studio_id for row in page.bad_rows if row.studio_id]
        objects.mark_walk(tx, [*findings, *bad], walk)
    return seen


def observe_one(tx: Transaction, moment: Moment, finding: Finding, sent_at: float) -> None:
    """Take in one finding asked for by itself; an unknown one is left to the page it comes with."""
    known = objects.find(tx, finding.id)
    if known is not None and sent_at >= known.accepted_at:
        take_in(tx, moment, finding, sent_at)


def _first_seen(tx: Transaction, moment: Moment, reading: _Reading, finding: Finding, seen: Seen) -> None:
    standing = baseline.standing_of(moment, reading.line, finding)
    if standing is Standing.TOLD and finding.integration_id in reading.suspects:
        standing = Standing.HELD
    if standing is Standing.TOLD and _outside_projects(moment, finding):
        standing = Standing.SILENT
    object_id = objects.add(
        tx, finding, standing=standing, sent_at=reading.sent_at, now=moment.now, walk=reading.walk
    )
    seen.new += 1
    if standing is Standing.TOLD:
        seen.told += 1
        tell(tx, moment, object_id, finding, Change.NEW)
    elif standing is Standing.SILENT:
        episode.record(tx, moment, object_id, episode.an_event(moment, finding, Change.NEW))


def tell(tx: Transaction, moment: Moment, object_id: int, finding: Finding, change: Change) -> Case | None:
    """Open a finding's case; where its kind isn't told, note that it stays silent."""
    case = episode.open_case(tx, moment, object_id, finding, change)
    objects.set_standing(tx, object_id, Standing.SILENT if case is None else Standing.TOLD)
    return case


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
        assignee_name=after.assignee_name or (before.assignee_name if same_person else None),
        comments=before.comments if after.comments is None else after.comments,
    )


def _compare(tx: Transaction, moment: Moment, known: KnownFinding, after: Finding, case: Case) -> None:
    """The speaking differences of a told finding, most telling first; else a silent edit."""
    before = known.finding
    spoke = False
    if after.status is not before.status and not _is_echo(tx, moment, case, after):
        spoke = True
        _status_changed(tx, moment, known, after, case)
    if after.severity.rank < before.severity.rank:
        spoke = True
        event = episode.an_event(moment, after, Change.SEVERITY_RAISED)
        was: tuple[str | None, str | None] = (before.severity.value, after.severity.value)
        news = News(finding=after, event_id=episode.record(tx, moment, known.id, event, was=was))
        episode.severity_raised(tx, moment, store.find(tx, case.id), news, before.severity)
    if after.assignee_id and after.assignee_id != before.assignee_id:
        spoke = True
        event = episode.an_event(moment, after, Change.ASSIGNED)
        was = (before.assignee_id, after.assignee_id)
        news = News(finding=after, event_id=episode.record(tx, moment, known.id, event, was=was))
        episode.assigned(tx, moment, store.find(tx, case.id), news)
    if not spoke and _shows_differently(before, after):
        episode.edit_silently(tx, moment, store.find(tx, case.id))


def _is_echo(tx: Transaction, moment: Moment, case: Case, after: Finding) -> bool:
    """Our own write coming back by a poll, before or after its answer: no event."""
    if case.sync not in (StudioSync.PENDING, StudioSync.LATE) or not after.status.is_worked_on:
        return False
    studio_writes.confirm(tx, moment, case)
    return True


def _status_changed(tx: Transaction, moment: Moment, known: KnownFinding, after: Finding, case: Case) -> None:
    before = known.finding.status
    reopened = before.is_closed and not after.status.is_closed
    change = Change.REOPENED if reopened else Change.STATUS
    event = episode.an_event(moment, after, change)
    was = (before.value, after.status.value)
    news = News(finding=after, event_id=episode.record(tx, moment, known.id, event, was=was))
    if after.status.is_closed:
        episode.closed_in_studio(tx, moment, case, news)
    elif case.closed_at is not None and reopened:
        episode.new_episode(tx, moment, case, news, Change.REOPENED)
    elif after.status.is_worked_on:
        episode.taken_up_in_studio(tx, moment, case, news)
    else:
        episode.opened_again_in_studio(tx, moment, case, news)


def _shows_differently(before: Finding, after: Finding) -> bool:
    """Whether a message would read differently (bookkeeping fields aside)."""
    same = replace(
        before,
        updated_at=after.updated_at,
        resolved_at=after.resolved_at,
        created_at=after.created_at,
        comments=after.comments,
    )
    return same != after


def _compare_untold(tx: Transaction, moment: Moment, known: KnownFinding, after: Finding) -> None:
    """An object without a case gets one only when opened again, made more severe, or newly assigned."""
    before = known.finding
    change = _change_worth_a_case(before, after)
    if change is not None and not after.status.is_closed:
        tell(tx, moment, known.id, after, change)
    elif after.status is not before.status:
        event = episode.an_event(moment, after, Change.STATUS)
        was = (before.status.value, after.status.value)
        episode.record(tx, moment, known.id, event, was=was)


def _change_worth_a_case(before: Finding, after: Finding) -> Change | None:
    if before.status.is_closed and not after.status.is_closed:
        return Change.REOPENED
    if after.severity.rank < before.severity.rank:
        return Change.SEVERITY_RAISED
    if after.assignee_id and after.assignee_id != before.assignee_id:
        return Change.ASSIGNED
    return None


def _back_again(
    tx: Transaction, moment: Moment, known: KnownFinding, after: Finding, case: Case | None
) -> None:
    """A finding that was gone stands in Studio again."""
    objects.set_standing(tx, known.id, Standing.SILENT if case is None else Standing.TOLD)
    if case is None or after.status.is_closed:
        return
    event = episode.an_event(moment, after, Change.REOPENED)
    was = ("gone", after.status.value)
    news = News(finding=after, event_id=episode.record(tx, moment, known.id, event, was=was))
    episode.new_episode(tx, moment, case, news, Change.REOPENED)
