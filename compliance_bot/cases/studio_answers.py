"""What becomes of a case once Studio has answered what was decided: confirmed, learnt, or taken back.

The row that Studio answers becomes what we last knew; so does a later poll, and neither makes an event. A
refusal for good takes the decision back as an undo would, and says so.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from compliance_bot.audit import chain
from compliance_bot.cases import episode, escalation, posts, studio_writes
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import given_since, put_back
from compliance_bot.cases.studio_writes import SHADOW, stands
from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.delivery import DELETED, Done, Effect, EffectKind, Never, Outcome, Skip
from compliance_bot.model.events import Change
from compliance_bot.model.findings import FindingStatus
from compliance_bot.store import cases as store
from compliance_bot.store import effects as stored_effects
from compliance_bot.store import objects
from compliance_bot.store.transaction import Transaction

SAID_AFTER = 60.0
"""Seconds after which a message says that the decision is not yet in Studio."""

OVERTAKEN = "overtaken"
"""Why a closing was never written: the case began anew before it could be."""

_AWAITED = (StudioSync.PENDING, StudioSync.LATE)


def settle_status(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """Take note of what became of the status."""
    case = store.find(tx, effect.intent["case"])
    standing = stands(tx, case, effect)
    decided = effect.intent["decision"] is not None
    if isinstance(outcome, Skip) and outcome.reason == SHADOW and standing:
        store.set_sync(tx, case.id, StudioSync.NONE, since=moment.now)
    elif isinstance(outcome, Skip | Never) and decided and not standing:
        _let_go(tx, moment, case, effect)
    if isinstance(outcome, Never) and outcome.reason == DELETED and case.state is CaseState.CLOSED:
        _found_gone(tx, moment, case)
        return
    if isinstance(outcome, Never) and standing and not decided:
        words = {"reason": outcome.reason}
        posts.say_in_thread(tx, moment, case, "studio_stays_closed", words, key=f"effect:{effect.id}")
    if isinstance(outcome, Never) and standing and decided:
        _take_back(tx, moment, case, effect, outcome.reason)
    if isinstance(outcome, Done):
        if standing and decided and case.sync in _AWAITED:
            confirm(tx, moment, case)
        _learn(tx, moment, case, outcome)


def _let_go(tx: Transaction, moment: Moment, case: Case, effect: Effect) -> None:
    """What will not be written any more is awaited no more; who closed a case that moved on is told."""
    decision = store.find_decision(tx, effect.intent["decision"])
    if case.sync in _AWAITED and store.wanted_by(tx, case.id) == decision["id"]:
        store.change(tx, case, expected=(case.state,), sync=StudioSync.NONE, sync_note=None)
        posts.refresh(tx, moment, store.find(tx, case.id))
    overtaken = case.state is not CaseState.CLOSED and decision["undone_by"] is None
    if decision["outcome"] == CaseState.CLOSED and overtaken:
        _say_refused(tx, moment, case, effect, OVERTAKEN)


def _found_gone(tx: Transaction, moment: Moment, case: Case) -> None:
    """Studio answered a closing that there is no such finding: it is closed as gone, and said."""
    objects.set_gone(tx, case.object_id, at=moment.now)
    finding = episode.known_finding(tx, case)
    event = episode.an_event(moment, finding, Change.GONE)
    news = episode.News(finding=finding, event_id=episode.record(tx, moment, case.object_id, event))
    episode.closed_in_studio(tx, moment, store.find(tx, case.id), news, gone=True)


def settle_comment(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """Have answers asked for before the comment was stored count as stale; say of one that never will be."""
    case = store.find(tx, effect.intent["case"])
    if isinstance(outcome, Done) and "answered_at" in outcome.result:
        known = objects.find_by_row(tx, case.object_id)
        if outcome.result["answered_at"] > known.accepted_at:
            objects.seen_again(
                tx, [known.id], sent_at=outcome.result["answered_at"], now=moment.now, walk=None
            )
    if isinstance(outcome, Never):
        _say_refused(tx, moment, case, effect, outcome.reason)


def settle_assignment(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """What Studio answers is the newest we know; refused for good, it is recorded here only, and says so."""
    case = store.find(tx, effect.intent["case"])
    if isinstance(outcome, Never):
        _say_refused(tx, moment, case, effect, outcome.reason)
    if isinstance(outcome, Done):
        known = objects.find_by_row(tx, case.object_id)
        if outcome.result["written"] and outcome.result["answered_at"] >= known.accepted_at:
            given = effect.intent["assignee"]
            decision = store.find_decision(tx, effect.intent["decision"])
            after = replace(known.finding, assignee_id=given, assignee_name=_name_in(decision))
            objects.accept(tx, known.id, after, at=outcome.result["answered_at"], now=moment.now)


def _name_in(decision: sqlite3.Row) -> str | None:
    name = store.details_of(decision).get("name")
    return str(name) if name else None


def _say_refused(tx: Transaction, moment: Moment, case: Case, effect: Effect, reason: str) -> None:
    """Tell who decided that Studio will never have it."""
    decision = store.find_decision(tx, effect.intent["decision"])
    words = {
        "who": decision["person"],
        "name": decision["person_name"],
        "action": decision["action"],
        "reason": reason,
        "state": case.state.value,
    }
    posts.say_in_thread(tx, moment, case, "refused_by_studio", words, key=f"effect:{effect.id}")
    facts = {"case": case.ref, "decision": decision["id"], "reason": reason}
    chain.append(tx, "decision.refused_by_studio", facts, now=moment.now)


def _learn(tx: Transaction, moment: Moment, case: Case, outcome: Done) -> None:
    """The answer of our write is the newest thing we know; a write not needed taught us nothing new."""
    known = objects.find_by_row(tx, case.object_id)
    if not outcome.result.get("written") or outcome.result["answered_at"] < known.accepted_at:
        return
    after = replace(
        known.finding,
        status=FindingStatus(outcome.result["status"]),
        updated_at=outcome.result.get("updated_at") or known.finding.updated_at,
    )
    objects.accept(tx, known.id, after, at=outcome.result["answered_at"], now=moment.now)
    if after.status is not known.finding.status:
        episode.edit_silently(tx, moment, store.find(tx, case.id), after)


def is_echo(tx: Transaction, moment: Moment, case: Case, status: FindingStatus) -> bool:
    """Whether a status seen by a poll is our own write coming back, before or after its answer.

    Such a one closes the write, and makes no event; nor does one that was taken back while it was on its way.
    """
    if case.sync in _AWAITED and status is _awaited(tx, case):
        confirm(tx, moment, case)
        return True
    flying = stored_effects.under_way(tx, studio_writes.order_key(case), EffectKind.STUDIO_STATUS)
    return any(effect.intent["status"] == status.value for effect in flying)


def is_our_assignment(tx: Transaction, case: Case, assignee_id: str | None) -> bool:
    """Whether an assignee seen by a poll is whom somebody chose here."""
    flying = stored_effects.under_way(tx, studio_writes.order_key(case), EffectKind.STUDIO_ASSIGN)
    return any(effect.intent["assignee"] == assignee_id for effect in flying)


def _awaited(tx: Transaction, case: Case) -> FindingStatus | None:
    """The status that the case's open write is to bring."""
    wanted = store.wanted_status(tx, case.id)
    return None if wanted is None else FindingStatus(wanted)


def confirm(tx: Transaction, moment: Moment, case: Case) -> None:
    """Studio has it; a message that said "not yet in Studio" is edited."""
    if case.sync is StudioSync.LATE:
        if store.change(tx, case, expected=(case.state,), sync=StudioSync.CONFIRMED, sync_note=None):
            posts.refresh(tx, moment, store.find(tx, case.id))
        return
    store.set_sync(tx, case.id, StudioSync.CONFIRMED, since=moment.now)


def say_late(tx: Transaction, moment: Moment) -> int:
    """Have the messages of decisions that Studio lacks for a minute say so; how many there were."""
    late = store.awaiting_studio(tx, moment.now - SAID_AFTER)
    for case in late:
        if store.change(tx, case, expected=(case.state,), sync=StudioSync.LATE):
            posts.refresh(tx, moment, store.find(tx, case.id))
    return len(late)


def _take_back(tx: Transaction, moment: Moment, case: Case, effect: Effect, reason: str) -> None:
    """Studio will never have it: the state goes back, the thread says why, the clicker is told."""
    decision = store.find_decision(tx, effect.intent["decision"])
    if case.state is CaseState.SNOOZED:
        _take_back_asleep(tx, moment, case, effect, reason)
        return
    severity = episode.known_finding(tx, case).severity.value
    sync = {"severity": severity, "sync": StudioSync.REFUSED, "sync_since": moment.now, "sync_note": reason}
    if not store.change(
        tx, case, expected=(case.state,), **{**_as_before(tx, moment, case, decision, effect), **sync}
    ):
        return
    fresh = store.find(tx, case.id)
    posts.refresh(tx, moment, fresh)
    _say_refused(tx, moment, fresh, effect, reason)


def _take_back_asleep(tx: Transaction, moment: Moment, case: Case, effect: Effect, reason: str) -> None:
    """What sleeps goes on sleeping: only that it was acknowledged is taken back."""
    nobody = {"acknowledged_by": None, "acknowledged_name": None, "acknowledged_at": None}
    refused = {"sync": StudioSync.REFUSED, "sync_since": moment.now, "sync_note": reason}
    if store.change(tx, case, expected=(CaseState.SNOOZED,), **nobody, **refused):
        fresh = store.find(tx, case.id)
        posts.refresh(tx, moment, fresh)
        _say_refused(tx, moment, fresh, effect, reason)


def _as_before(
    tx: Transaction, moment: Moment, case: Case, decision: sqlite3.Row, effect: Effect
) -> dict[str, object]:
    """The case's columns as the decision found them; a decision of an older version kept only the state.

    Its ladder goes on with the time that was left.
    """
    if decision["before"] is not None:
        values = put_back(decision["before"])
        if given_since(tx, case, decision):
            values["owner"] = case.owner
        return {**values, **escalation.resumed(values["next_step_at"], decision["at"], moment.now)}
    return {
        "state": CaseState(effect.intent["was"]),
        "owner": None if case.owner == decision["person"] else case.owner,
        "acknowledged_by": None,
        "acknowledged_name": None,
        "acknowledged_at": None,
        "decision_id": None,
    }
