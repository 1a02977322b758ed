"""What a decision writes into Studio: the status, then a comment that names who decided.

Both share one order, so they go one after another. The row that Studio answers becomes what we last
knew; a refusal for good takes the decision back as an undo would, and says so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace

from compliance_bot.audit import chain
from compliance_bot.cases import episode, posts
from compliance_bot.cases.moment import Moment
from compliance_bot.messages import wording
from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.delivery import (
    Done,
    Effect,
    EffectKind,
    EffectState,
    Lane,
    Never,
    Outcome,
    PlannedEffect,
    Presentation,
    Skip,
    StudioWrite,
)
from compliance_bot.model.findings import FindingStatus
from compliance_bot.outbox import effects
from compliance_bot.outbox.pacing import STUDIO
from compliance_bot.store import cases as store
from compliance_bot.store import effects as stored_effects
from compliance_bot.store import objects
from compliance_bot.store.transaction import Transaction

ACKNOWLEDGED = FindingStatus.INVESTIGATING
"""What an acknowledgement makes of an open finding in Studio; seen while it is awaited, it is our echo."""

_SHADOW = "delivery.shadow"
"""Why nothing is written to Studio while the rules are only tried out."""

SAID_AFTER = 60.0
"""Seconds after which a message says that the decision is not yet in Studio."""


def plan_status(tx: Transaction, moment: Moment, case: Case, decision_id: int, was: CaseState) -> None:
    """Plan that Studio shows the acknowledgement of what ``was`` open or snoozed; it is awaited from now."""
    store.set_sync(tx, case.id, StudioSync.PENDING, since=moment.now)
    intent = {"decision": decision_id, "case": case.id, "status": ACKNOWLEDGED.value, "was": was.value}
    _plan(tx, moment, case, EffectKind.STUDIO_STATUS, f"decision:{decision_id}:status", intent)


def plan_comment(tx: Transaction, moment: Moment, case: Case, decision_id: int, reference: str) -> None:
    """Plan the comment that names the person, findable by its reference."""
    intent = {"decision": decision_id, "case": case.id, "reference": reference}
    _plan(tx, moment, case, EffectKind.STUDIO_COMMENT, f"decision:{decision_id}:comment", intent)


def _plan(
    tx: Transaction, moment: Moment, case: Case, kind: EffectKind, key: str, intent: Mapping[str, object]
) -> None:
    effects.plan(
        tx,
        PlannedEffect(
            kind=kind,
            key=key,
            lane=Lane.URGENT if kind is EffectKind.STUDIO_STATUS else Lane.NORMAL,
            order_key=f"studio:{case.object_id}",
            pace_key=STUDIO,
            intent=intent,
        ),
        moment.now,
    )


def present_status(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """The write as it stands now; a decision that was overtaken is not written any more."""
    if moment.rulebook.rules.delivery.shadow is not None:
        return Skip(reason=_SHADOW)
    case = store.find(tx, effect.intent["case"])
    decision = store.find_decision(tx, effect.intent["decision"])
    if not _stands(case, decision):
        return Skip(reason="decision.overtaken")
    finding = objects.find_by_row(tx, case.object_id).finding
    return StudioWrite(
        operation="set_status",
        studio_id=finding.id,
        body={"status": effect.intent["status"]},
        expected=(FindingStatus.OPEN.value,),
    )


def _stands(case: Case, decision: sqlite3.Row) -> bool:
    """Whether the case is still acknowledged by that very decision."""
    return (
        case.state is CaseState.ACKNOWLEDGED
        and case.episode == decision["episode"]
        and (case.acknowledged_by, case.acknowledged_at) == (decision["person"], decision["at"])
    )


def present_comment(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """The comment, unless the step before it failed for good."""
    if moment.rulebook.rules.delivery.shadow is not None:
        return Skip(reason=_SHADOW)
    decision = store.find_decision(tx, effect.intent["decision"])
    before = stored_effects.by_key(tx, f"decision:{decision['id']}:status")
    if before is not None and before.state is EffectState.DEAD:
        return Skip(reason="predecessor.failed")
    case = store.find(tx, effect.intent["case"])
    reference = effect.intent["reference"]
    words = wording.studio_comment(decision["person_name"], decision["person_email"], reference)
    finding = objects.find_by_row(tx, case.object_id).finding
    return StudioWrite(operation="comment", studio_id=finding.id, body={"content": words, "ref": reference})


def settle_status(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """Take note of what became of the status."""
    case = store.find(tx, effect.intent["case"])
    stands = _stands(case, store.find_decision(tx, effect.intent["decision"]))
    if isinstance(outcome, Skip) and outcome.reason == _SHADOW and stands:
        store.set_sync(tx, case.id, StudioSync.NONE, since=moment.now)
    if isinstance(outcome, Never) and stands:
        _take_back(tx, moment, case, effect, outcome.reason)
    if isinstance(outcome, Done):
        if stands and case.sync in (StudioSync.PENDING, StudioSync.LATE):
            confirm(tx, moment, case)
        _learn(tx, moment, case, outcome)


def settle_comment(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """Have answers asked for before the comment was stored count as stale."""
    if isinstance(outcome, Done) and "answered_at" in outcome.result:
        case = store.find(tx, effect.intent["case"])
        known = objects.find_by_row(tx, case.object_id)
        if outcome.result["answered_at"] > known.accepted_at:
            objects.seen_again(
                tx, [known.id], sent_at=outcome.result["answered_at"], now=moment.now, walk=None
            )


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
    changed = store.change(
        tx,
        case,
        expected=(CaseState.ACKNOWLEDGED,),
        state=CaseState(effect.intent["was"]),
        owner=None if case.owner == decision["person"] else case.owner,
        acknowledged_by=None,
        acknowledged_name=None,
        acknowledged_at=None,
        sync=StudioSync.REFUSED,
        sync_since=moment.now,
        sync_note=reason,
    )
    if not changed:
        return
    fresh = store.find(tx, case.id)
    posts.refresh(tx, moment, fresh)
    words = {"who": decision["person"], "name": decision["person_name"], "reason": reason}
    posts.say_in_thread(tx, moment, fresh, "refused_by_studio", words, key=f"effect:{effect.id}")
    facts = {"case": case.ref, "decision": decision["id"], "reason": reason}
    chain.append(tx, "decision.refused_by_studio", facts, now=moment.now)
