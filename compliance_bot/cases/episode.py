"""The life of a case as Studio moves it: opened, taken up, closed, opened again.

Every function here is one cell or row of the table in the contract; each runs inside the transaction
of the observation that caused it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance_bot.audit import chain
from compliance_bot.cases import escalation, posts, proposals
from compliance_bot.cases.moment import Moment
from compliance_bot.messages import wording
from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.events import Cause, Change, Event
from compliance_bot.model.findings import Finding, FindingStatus, Severity
from compliance_bot.rules.attributes import finding_attributes
from compliance_bot.rules.routing import Routing
from compliance_bot.rules.sensitivity import SensitivityClass
from compliance_bot.store import cases as store
from compliance_bot.store import events, objects
from compliance_bot.store.transaction import Transaction

UNSTEADY = 4
"""Moves of one finding within ``UNSTEADY_WITHIN`` that are each said; then only its message follows."""
UNSTEADY_WITHIN = 3600.0
SAME_MESSAGE_WITHIN = 86400.0
"""A case opened again sooner than this after its closing keeps its message."""

_NOT_CLOSED = (CaseState.OPEN, CaseState.ACKNOWLEDGED, CaseState.SNOOZED)
_WAITING = (CaseState.OPEN, CaseState.SNOOZED)
AWAKE: Mapping[str, Any] = {"wake_at": None, "snoozed_by": None, "snoozed_name": None, "snooze_reason": None}
"""The columns of a case that sleeps no more."""
_UNPROMISED = {"fix_by": None, "remind_at": None}
_NOBODY = {
    **AWAKE,
    **_UNPROMISED,
    "acknowledged_by": None,
    "acknowledged_name": None,
    "decision_id": None,
    "sync": StudioSync.NONE,
    "sync_note": None,
}
_NOT_CLOSED_ANY_MORE = {
    "closed_at": None,
    "closed_reason": None,
    "closed_by": None,
    "closed_name": None,
    "risk_until": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What happened to a case: the finding as it is now, and the event that says so."""

    finding: Finding
    event_id: int

    @property
    def key(self) -> str:
        """The word that names this news once."""
        return f"event:{self.event_id}"


def an_event(moment: Moment, finding: Finding, change: Change, cause: Cause = Cause.STUDIO) -> Event:
    """An event of a finding, with everything a rule may ask of it."""
    attributes = finding_attributes(
        finding,
        change=change,
        project=finding.project_name,
        categories=moment.rulebook.rules.categories,
        url=moment.link(finding),
        now=moment.now,
    )
    return Event(type="finding", studio_id=finding.id, change=change, cause=cause, attributes=attributes)


def content_of(moment: Moment, finding: Finding) -> SensitivityClass:
    """How sensitive what can be said of a finding is."""
    if not moment.rulebook.sensitivity.rules:
        return moment.rulebook.sensitivity.internal
    return moment.rulebook.class_of(an_event(moment, finding, Change.NEW))


def record(
    tx: Transaction,
    moment: Moment,
    object_id: int,
    event: Event,
    *,
    was: tuple[str | None, str | None] = (None, None),
    routing: Routing | None = None,
) -> int:
    """Write the event down: what it ``was`` and is, where it was sent and why."""
    trace = () if routing is None else tuple(str(step) for step in routing.trace)
    event_id = events.add(
        tx,
        event,
        object_id=object_id,
        before=was[0],
        after=was[1],
        now=moment.now,
        rules_hash=moment.rulebook.hash,
        trace=trace,
    )
    if routing is not None and moment.routed is not None:
        moment.routed.note(moment.now, event, event_id, routing)
    return event_id


def open_case(
    tx: Transaction,
    moment: Moment,
    object_id: int,
    finding: Finding,
    change: Change,
    *,
    was: tuple[str | None, str | None] = (None, None),
) -> Case | None:
    """Tell a finding for the first time; None where the rules say that its kind is not told.

    What Studio says is already taken up is shown as acknowledged, without a ping.
    """
    event = an_event(moment, finding, change)
    routing = moment.rulebook.route(event, moment.directory)
    event_id = record(tx, moment, object_id, event, was=was, routing=routing)
    if not routing.enabled:
        return None
    taken_up = finding.status.is_worked_on
    state = CaseState.ACKNOWLEDGED if taken_up else CaseState.OPEN
    case = store.open_case(
        tx,
        object_id=object_id,
        state=state,
        severity=finding.severity.value,
        owner=_assignee(finding),
        now=moment.now,
    )
    if not taken_up:
        store.set_ladder(tx, case.id, **escalation.begin(tx, moment, case))
    posts.show_in(tx, moment, case, routing, change=wording.change_words(change), quiet=taken_up)
    _audit(tx, moment, "case.opened", case, News(finding=finding, event_id=event_id))
    return case


def _assignee(finding: Finding) -> str | None:
    return finding.assignee_name or finding.assignee_id


def taken_up_in_studio(tx: Transaction, moment: Moment, case: Case, news: News) -> None:
    """Somebody in Studio works on it: whatever waited → acknowledged; else only the message follows."""
    if case.state is CaseState.CLOSED:
        new_episode(tx, moment, case, news, Change.REOPENED)
        return
    if case.state is CaseState.ACKNOWLEDGED:
        edit_silently(tx, moment, case, news.finding)
        return
    changed = store.change(
        tx,
        case,
        expected=_WAITING,
        state=CaseState.ACKNOWLEDGED,
        **_NOBODY,
        **escalation.paused(),
        acknowledged_at=moment.now,
    )
    if changed:
        _say(tx, moment, case, "taken_up_in_studio", {"status": news.finding.status.value}, news.key)
        _audit(tx, moment, "case.taken_up_in_studio", case, news)


def closed_in_studio(
    tx: Transaction, moment: Moment, case: Case, news: News, *, gone: bool = False, quietly: bool = False
) -> None:
    """Studio closed it (or has it no more): whatever stood → closed, said.

    Closed here otherwise, and not yet there: what Studio says counts.
    """
    reason = "gone" if gone else news.finding.status.value
    overruled = case.state is CaseState.CLOSED and case.sync is StudioSync.LATE
    changed = store.change(
        tx,
        case,
        expected=(*_NOT_CLOSED, CaseState.CLOSED) if overruled else _NOT_CLOSED,
        state=CaseState.CLOSED,
        **{**_NOT_CLOSED_ANY_MORE, "closed_at": moment.now, "closed_reason": reason},
        **AWAKE,
        **_UNPROMISED,
        **escalation.paused(),
        decision_id=None,
        sync=StudioSync.NONE,
        sync_note=None,
    )
    if changed:
        proposals.overtake(tx, moment, case)
        line = None if quietly else "closed_in_studio"
        _say(tx, moment, case, line, {"reason": reason}, news.key)
        _audit(tx, moment, "case.closed_in_studio", case, news)


def opened_again_in_studio(tx: Transaction, moment: Moment, case: Case, news: News) -> None:
    """Studio says open again: acknowledged → open, snoozed stays, closed begins an episode."""
    if case.state is CaseState.CLOSED:
        new_episode(tx, moment, case, news, Change.REOPENED)
    elif case.state is CaseState.OPEN:
        edit_silently(tx, moment, case, news.finding)
    elif case.state is CaseState.SNOOZED:
        if store.change(tx, case, expected=(CaseState.SNOOZED,), state=CaseState.SNOOZED):
            _say(tx, moment, case, "opened_again", {}, news.key)
            _audit(tx, moment, "case.opened_again", case, news)
    elif store.change(tx, case, expected=(CaseState.ACKNOWLEDGED,), **opened_anew(tx, moment, case)):
        _say(tx, moment, case, "opened_again", {}, news.key)
        _audit(tx, moment, "case.opened_again", store.find(tx, case.id), news)


def opened_anew(tx: Transaction, moment: Moment, case: Case) -> dict[str, Any]:
    """Open, and nobody's who only had acknowledged it; a write not yet sent is overtaken.

    Its ladder is chosen anew.
    """
    owner = None if case.owner == case.acknowledged_by else case.owner
    ladder = escalation.begin(tx, moment, case)
    return {"state": CaseState.OPEN, **_NOBODY, "acknowledged_at": None, "owner": owner, **ladder}


def new_episode(
    tx: Transaction,
    moment: Moment,
    case: Case,
    news: News,
    change: Change,
    *,
    said: tuple[str, dict[str, Any]] | None = None,
) -> None:
    """Begin again what was closed: soon after in the same message, later in a new one that links it.

    ``said``: the line that says why, and its words, where time did it; who gives it writes the audit entry.
    """
    state = CaseState.ACKNOWLEDGED if news.finding.status.is_worked_on else CaseState.OPEN
    soon = moment.now - (case.closed_at or 0.0) < SAME_MESSAGE_WITHIN
    old_posts = store.posts_of(tx, case)
    changed = store.change(
        tx,
        case,
        expected=(CaseState.CLOSED,),
        episode=case.episode + 1,
        state=state,
        severity=news.finding.severity.value,
        opened_at=moment.now,
        owner=_assignee(news.finding),
        **_NOBODY,
        **_NOT_CLOSED_ANY_MORE,
        **(escalation.begin(tx, moment, case) if state is CaseState.OPEN else escalation.paused()),
        acknowledged_at=None,
    )
    if not changed:
        return
    proposals.overtake(tx, moment, case)
    fresh = store.find(tx, case.id)
    if said is None:
        _audit(tx, moment, "case.new_episode", fresh, news)
    if soon and posts.is_shown(old_posts):
        for post in old_posts:
            store.change_post(tx, post.id, episode=fresh.episode)
        _say_begun_again(tx, moment, fresh, news, said)
        if change is not Change.SEVERITY_RAISED:
            return
    routing = _route_again(tx, moment, news, change)
    quiet = state is CaseState.ACKNOWLEDGED
    earlier = None if soon else posts.thread_owner(old_posts)
    words = wording.change_words(change)
    posts.show_in(tx, moment, fresh, routing, change=words, quiet=quiet, earlier=earlier)


def _say_begun_again(
    tx: Transaction, moment: Moment, case: Case, news: News, said: tuple[str, dict[str, Any]] | None
) -> None:
    if said is not None:
        _say(tx, moment, case, *said, news.key)
    elif case.state is CaseState.ACKNOWLEDGED:
        words = {"status": news.finding.status.value}
        _say(tx, moment, case, "taken_up_in_studio", words, news.key)
    else:
        _say(tx, moment, case, "opened_again", {}, news.key)


def severity_raised(tx: Transaction, moment: Moment, case: Case, news: News, was: Severity) -> None:
    """Route anew: new channels get it, the thread says it; to critical it is open again."""
    if case.state is CaseState.CLOSED:
        if news.finding.status is FindingStatus.OPEN:
            new_episode(tx, moment, case, news, Change.SEVERITY_RAISED)
        return
    wakes = case.state is CaseState.SNOOZED or news.finding.severity is Severity.CRITICAL
    opened = wakes and case.state is not CaseState.OPEN
    values: dict[str, Any] = {"state": case.state}
    if opened:
        values = opened_anew(tx, moment, case)
    elif case.state is CaseState.OPEN:
        values.update(escalation.begin(tx, moment, case))
    if not store.change(tx, case, expected=_NOT_CLOSED, severity=news.finding.severity.value, **values):
        return
    proposals.overtake(tx, moment, case)
    words = {"before": was.value, "after": news.finding.severity.value}
    _say(tx, moment, case, "severity_raised", words, news.key)
    fresh = store.find(tx, case.id)
    routing = _route_again(tx, moment, news, Change.SEVERITY_RAISED)
    change = wording.change_words(Change.SEVERITY_RAISED)
    posts.show_in(tx, moment, fresh, routing, change=change, quiet=fresh.state is CaseState.ACKNOWLEDGED)
    _audit(tx, moment, "case.severity_raised", fresh, news)


def _route_again(tx: Transaction, moment: Moment, news: News, change: Change) -> Routing:
    """Where what happened to a told finding goes; the event that says so keeps why."""
    event = an_event(moment, news.finding, change)
    routing = moment.rulebook.route(event, moment.directory)
    events.keep_trace(tx, news.event_id, [str(step) for step in routing.trace])
    if moment.routed is not None:
        moment.routed.note(moment.now, event, news.event_id, routing)
    return routing


def assigned(tx: Transaction, moment: Moment, case: Case, news: News) -> None:
    """Somebody was made its owner in Studio: said, in any state but closed."""
    name = _assignee(news.finding)
    if case.state is not CaseState.CLOSED and store.change(tx, case, expected=_NOT_CLOSED, owner=name):
        _say(tx, moment, case, "assigned", {"name": name}, news.key)
        _audit(tx, moment, "case.assigned", case, news)


def edit_silently(tx: Transaction, moment: Moment, case: Case, finding: Finding) -> None:
    """Have the message follow a difference that is not worth a word."""
    if store.change(tx, case, expected=_NOT_CLOSED, severity=finding.severity.value):
        posts.refresh(tx, moment, store.find(tx, case.id), silent=True)


def _say(
    tx: Transaction, moment: Moment, case: Case, line: str | None, words: dict[str, Any], key: str
) -> None:
    """Edit every copy, and say it in the thread where the rules have threads.

    A finding that goes to and fro is said to do so, once; then its message alone follows.
    """
    fresh = store.find(tx, case.id)
    posts.refresh(tx, moment, fresh)
    owner = posts.thread_owner(store.posts_of(tx, fresh))
    if line is None or owner is None or not owner.threading:
        return
    moves = events.moves_since(tx, case.object_id, moment.now - UNSTEADY_WITHIN)
    if moves <= UNSTEADY:
        posts.say_in_thread(tx, moment, fresh, line, {"at": moment.now, **words}, key=key)
    elif moves == UNSTEADY + 1:
        posts.say_in_thread(tx, moment, fresh, "unsteady", {"at": moment.now}, key=key)


def _audit(tx: Transaction, moment: Moment, kind: str, case: Case, news: News) -> None:
    chain.append(
        tx,
        kind,
        {
            "case": case.ref,
            "episode": case.episode,
            "finding": news.finding.id,
            "status": news.finding.status.value,
            "severity": news.finding.severity.value,
            "event": news.event_id,
            "rules": moment.rulebook.hash,
        },
        now=moment.now,
    )


def known_finding(tx: Transaction, case: Case) -> Finding:
    """The finding a case is about, as we last knew it."""
    return objects.find_by_row(tx, case.object_id).finding
