"""What time does to cases: a snooze ends, a promise passes, a risk is accepted no more, a rung is due.

Every one of them is decided, written down and planned in one transaction, so that each happens exactly once,
however late the house comes to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from compliance_bot.audit import chain
from compliance_bot.cases import calls, climbing, direct, episode, posts, studio_writes
from compliance_bot.cases.episode import News
from compliance_bot.cases.moment import Moment
from compliance_bot.clock import iso
from compliance_bot.logs import logger
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.model.events import Cause, Change
from compliance_bot.model.findings import FindingStatus
from compliance_bot.store import cases as store
from compliance_bot.store import due as stored_due
from compliance_bot.store import objects
from compliance_bot.store.due import next_at
from compliance_bot.store.objects import Standing
from compliance_bot.store.transaction import Transaction, concerns_the_file

__all__ = ["next_at", "run"]

_log = logger(__name__)

POSTPONED = 600.0
"""Seconds until what could not be carried out is tried again."""

Move: TypeAlias = Callable[[Transaction, Moment, Case], None]


def run(tx: Transaction, moment: Moment, limit: int) -> int:
    """Do whatever is due, for so many cases at most; how many there were.

    What opens comes before the reminders: a case is reminded of a promise only before it has passed.
    """
    done = 0
    for column, find, move in _KINDS:
        for case in find(tx, moment.now, limit - done):
            done += 1
            _guarded(tx, moment, case, column, move)
    return done


def _guarded(tx: Transaction, moment: Moment, case: Case, column: str, move: Move) -> None:
    """Let one case that can't be moved hold up no other: it is tried again later."""
    touched = set(tx.touched)
    tx.execute("SAVEPOINT due")
    try:
        move(tx, moment, store.find(tx, case.id))
    except Exception as error:
        if concerns_the_file(error):
            raise
        tx.execute("ROLLBACK TO due")
        tx.touched = touched
        stored_due.postpone(tx, case.id, column, moment.now + POSTPONED)
        _log.exception("due.postponed", case=case.ref, what=column)
    tx.execute("RELEASE due")


# ---------------------------------------------------------------- what opens again


def _snooze_ended(tx: Transaction, moment: Moment, case: Case) -> None:
    opened = _opened(tx, moment, case, "case.snooze_ended", decision=case.decision_id)
    if opened is None:
        return
    fresh, key = opened
    words = {"name": case.snoozed_name, "at": case.wake_at}
    posts.say_where_threads_are(tx, moment, fresh, "snooze_ended", words, key=key)
    _tell(
        tx,
        moment,
        fresh,
        case.snoozed_by,
        "snooze_ended",
        {"reason": case.snooze_reason},
        key,
        CaseState.OPEN,
    )


def _promise_passed(tx: Transaction, moment: Moment, case: Case) -> None:
    opened = _opened(tx, moment, case, "case.fix_by_passed", decision=_promise(tx, case))
    if opened is None:
        return
    fresh, key = opened
    whom = _called_before(tx, fresh) or _markup(_promiser(case))
    calls.call(tx, moment, fresh, "fix_by_passed", {"until": case.fix_by}, key=key, whom=whom)
    _tell(tx, moment, fresh, _promiser(case), "fix_by_passed", {"at": case.fix_by}, key, CaseState.OPEN)


def _opened(
    tx: Transaction, moment: Moment, case: Case, kind: str, *, decision: int | None
) -> tuple[Case, str] | None:
    """Open a case that time took out of a silence, as an event; the word that names that event once."""
    if not store.change(tx, case, expected=(case.state,), **episode.opened_anew(tx, moment, case)):
        return None
    fresh = store.find(tx, case.id)
    event_id = _event(tx, moment, case, fresh.state.value)
    posts.refresh(tx, moment, fresh)
    _audit(tx, moment, kind, fresh, decision=decision, event=event_id)
    return fresh, f"event:{event_id}"


def _event(tx: Transaction, moment: Moment, before: Case, after: str) -> int:
    finding = objects.find_by_row(tx, before.object_id).finding
    event = episode.an_event(moment, finding, Change.REOPENED, Cause.CLOCK)
    return episode.record(tx, moment, before.object_id, event, was=(before.state.value, after))


def _audit(
    tx: Transaction, moment: Moment, kind: str, case: Case, *, decision: int | None, **facts: Any
) -> None:
    """One entry of the chain. ``decision``: the person's by which it had stood so, or that time was for."""
    about = {"case": case.ref, "episode": case.episode, "decision": decision}
    chain.append(tx, kind, {**about, **facts, "rules": moment.rulebook.hash}, now=moment.now)


def _promise(tx: Transaction, case: Case) -> int | None:
    """The decision that promised it."""
    newest = store.newest_decision(tx, case.id, ("fix_by",))
    return None if newest is None else int(newest["id"])


def _promiser(case: Case) -> str | None:
    """Who has it: its owner where that is somebody in Slack, else who took it."""
    return case.owner if case.owner and direct.is_slack_id(case.owner) else case.acknowledged_by


def _called_before(tx: Transaction, case: Case) -> Sequence[str]:
    """Whom its messages called, each once."""
    return tuple(dict.fromkeys(word for post in store.posts_of(tx, case) for word in post.mentions))


def _markup(person: str | None) -> Sequence[str]:
    return (f"<@{person}>",) if person and direct.is_slack_id(person) else ()


def _tell(
    tx: Transaction,
    moment: Moment,
    case: Case,
    person: str | None,
    sentence: str,
    words: dict[str, Any],
    key: str,
    only_in: CaseState,
) -> None:
    direct.tell(
        tx,
        moment,
        person=person or "",
        sentence=sentence,
        words=words,
        key=f"{case.ref}:{key}",
        case=case,
        only_in=(only_in,),
    )


# ---------------------------------------------------------------- a reminder, once


def _remind(tx: Transaction, moment: Moment, case: Case) -> None:
    stored_due.reminded(tx, case.id)
    key = f"remind:{case.episode}:{case.fix_by}"
    person = _promiser(case)
    words = {"name": _name_of(moment, case, person), "until": case.fix_by}
    posts.say_where_threads_are(tx, moment, case, "fix_by_near", words, key=key)
    _tell(tx, moment, case, person, "fix_by_near", {"at": case.fix_by}, key, CaseState.ACKNOWLEDGED)
    until = iso(case.fix_by or moment.now)
    _audit(tx, moment, "case.reminded", case, decision=_promise(tx, case), fix_by=until)


def _name_of(moment: Moment, case: Case, person: str | None) -> str | None:
    known = moment.directory.people_by_id.get(person or "")
    if known is not None:
        return known.name
    return case.acknowledged_name if person == case.acknowledged_by else None


# ---------------------------------------------------------------- a risk that is accepted no more


def _risk_ended(tx: Transaction, moment: Moment, case: Case) -> None:
    known = objects.find_by_row(tx, case.object_id)
    said = known.finding.status
    if known.standing is Standing.GONE or (said.is_closed and said is not FindingStatus.ACCEPTED_RISK):
        stored_due.risk_is_past(tx, case.id)  # closed otherwise since: nothing is left to be accepted
        return
    event_id = _event(tx, moment, case, CaseState.OPEN.value)
    news = News(finding=known.finding, event_id=event_id)
    words = {"name": case.closed_name, "until": case.risk_until}
    episode.new_episode(tx, moment, case, news, Change.REOPENED, said=("risk_ended", words))
    fresh = store.find(tx, case.id)
    if fresh.episode == case.episode:
        return
    if said is FindingStatus.ACCEPTED_RISK:
        studio_writes.plan_opening(tx, moment, fresh)
    until = iso(case.risk_until or moment.now)
    _audit(tx, moment, "case.risk_ended", fresh, decision=case.decision_id, until=until, event=event_id)
    _tell(tx, moment, fresh, case.closed_by, "risk_ended", {"at": case.risk_until}, news.key, CaseState.OPEN)


# ---------------------------------------------------------------- rungs


def _climb(tx: Transaction, moment: Moment, case: Case) -> None:
    climbing.climb(tx, moment, case)


_KINDS: Sequence[tuple[str, Callable[[Transaction, float, int], list[Case]], Move]] = (
    ("wake_at", stored_due.snoozes, _snooze_ended),
    ("fix_by", stored_due.promises, _promise_passed),
    ("risk_until", stored_due.risks, _risk_ended),
    ("remind_at", stored_due.reminders, _remind),
    ("next_step_at", stored_due.rungs, _climb),
)
"""What time does: the column that says when, who is concerned, and how."""
