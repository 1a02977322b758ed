"""What a decision writes into Studio: status, assignment, and a comment that names who decided.

All of one finding share one order, so they go one after another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import put_back
from compliance_bot.messages import wording
from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.delivery import (
    Effect,
    EffectKind,
    EffectState,
    Lane,
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
"""What an acknowledgement makes of an open finding in Studio."""

NOT_CLOSED = tuple(status for status in FindingStatus if not status.is_closed)

OVERTAKEN, UNDONE = "decision.overtaken", "decision.undone"
_NOT_WRITTEN = (OVERTAKEN, UNDONE)
"""Why a status was never written, so that the words about it are not either."""

SHADOW = "delivery.shadow"
"""Why nothing is written to Studio while the rules are only tried out."""


def plan_status(
    tx: Transaction,
    moment: Moment,
    case: Case,
    decision_id: int,
    wants: FindingStatus,
    *,
    expected: Sequence[FindingStatus],
    stands_by: int | None = None,
    undoes: bool = False,
    said_at_once: bool = False,
    lane: Lane = Lane.NORMAL,
) -> None:
    """Plan that Studio shows what was decided, if it still says one of ``expected``; it is awaited from now.

    The write stands as long as the case stands by that decision, or, for an Undo, by ``stands_by`` again.
    ``said_at_once``: the message says "not yet in Studio" from the first.
    """
    sync = StudioSync.LATE if said_at_once else StudioSync.PENDING
    store.set_sync(tx, case.id, sync, since=moment.now)
    intent = {
        "decision": decision_id,
        "case": case.id,
        "status": wants.value,
        "expected": [status.value for status in expected],
        "stands_by": stands_by if undoes else decision_id,
    }
    lane = lane if lane is Lane.LOW else Lane.URGENT
    _plan(tx, moment, case, EffectKind.STUDIO_STATUS, status_key(decision_id), intent, lane)


def plan_opening(tx: Transaction, moment: Moment, case: Case) -> None:
    """Plan that Studio shows as open what time opened here, if it still says that the risk is accepted.

    Nobody decided it, so nobody waits for it, and nothing is taken back where Studio refuses.
    """
    intent = {
        "decision": None,
        "case": case.id,
        "episode": case.episode,
        "status": FindingStatus.OPEN.value,
        "expected": [FindingStatus.ACCEPTED_RISK.value],
    }
    key = f"case:{case.id}:{case.episode}:open"
    _plan(tx, moment, case, EffectKind.STUDIO_STATUS, key, intent, Lane.NORMAL)


def status_key(decision_id: int) -> str:
    """The key of the effect that writes a decision's status."""
    return f"decision:{decision_id}:status"


def order_key(case: Case) -> str:
    """All writes about one finding go one after another."""
    return f"studio:{case.object_id}"


def comment_key(decision_id: int) -> str:
    """The key of the effect that writes a decision's comment."""
    return f"decision:{decision_id}:comment"


def assignment_key(decision_id: int) -> str:
    """The key of the effect that writes an assignment."""
    return f"decision:{decision_id}:assign"


def plan_comment(
    tx: Transaction,
    moment: Moment,
    case: Case,
    decision_id: int,
    reference: str,
    *,
    words: str | None = None,
    lane: Lane = Lane.NORMAL,
) -> None:
    """Plan the comment that names the person, findable by its reference.

    ``words``: what it says, ending in its reference; without them, that the case was acknowledged.
    """
    intent = {"decision": decision_id, "case": case.id, "reference": reference, "words": words}
    _plan(tx, moment, case, EffectKind.STUDIO_COMMENT, comment_key(decision_id), intent, lane)


def plan_assignment(tx: Transaction, moment: Moment, case: Case, decision_id: int, studio_user: str) -> None:
    """Plan that Studio gives the finding to one of its users, if it still is whose it was."""
    was = objects.find_by_row(tx, case.object_id).finding.assignee_id
    intent = {"decision": decision_id, "case": case.id, "assignee": studio_user, "was": was}
    key = assignment_key(decision_id)
    _plan(tx, moment, case, EffectKind.STUDIO_ASSIGN, key, intent, Lane.NORMAL)


def _plan(
    tx: Transaction,
    moment: Moment,
    case: Case,
    kind: EffectKind,
    key: str,
    intent: Mapping[str, object],
    lane: Lane,
) -> None:
    effects.plan(
        tx,
        PlannedEffect(
            kind=kind,
            key=key,
            lane=lane,
            order_key=order_key(case),
            pace_key=STUDIO,
            intent=intent,
        ),
        moment.now,
    )


# ---------------------------------------------------------------- how it leaves


def present_status(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """The write as it stands now; a decision that was overtaken is not written any more."""
    if moment.shadow:
        return Skip(reason=SHADOW)
    case = store.find(tx, effect.intent["case"])
    if not stands(tx, case, effect):
        return Skip(reason=OVERTAKEN)
    return StudioWrite(
        operation="set_status",
        studio_id=objects.find_by_row(tx, case.object_id).finding.id,
        body={"status": effect.intent["status"]},
        expected=tuple(effect.intent.get("expected") or (FindingStatus.OPEN.value,)),
    )


def stands(tx: Transaction, case: Case, effect: Effect) -> bool:
    """Whether the case still stands as the decision, or time, left it."""
    if effect.intent["decision"] is None:
        return case.episode == effect.intent["episode"] and case.state is not CaseState.CLOSED
    decision = store.find_decision(tx, effect.intent["decision"])
    by = effect.intent.get("stands_by", decision["id"])
    return bool(case.episode == decision["episode"] and by in _standing_decisions(tx, case))


def _standing_decisions(tx: Transaction, case: Case) -> list[int | None]:
    """The decisions by which a case stands: the newest that moved it, and what it only put to sleep."""
    found = [case.decision_id]
    while found[-1] is not None:
        newest = store.find_decision(tx, found[-1])
        if newest["action"] != "snooze" or newest["before"] is None:
            break
        found.append(put_back(newest["before"])["decision_id"])
    return found


def present_comment(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """The comment, unless the step before it failed for good."""
    if moment.shadow:
        return Skip(reason=SHADOW)
    decision = store.find_decision(tx, effect.intent["decision"])
    before = stored_effects.by_key(tx, status_key(decision["id"]))
    if before is not None and (before.state is EffectState.DEAD or before.error in _NOT_WRITTEN):
        return Skip(reason="predecessor.failed")
    reference = effect.intent["reference"]
    words = effect.intent.get("words") or wording.studio_comment(
        decision["person_name"], decision["person_email"], reference
    )
    finding = _finding_of(tx, effect)
    return StudioWrite(operation="comment", studio_id=finding, body={"content": words, "ref": reference})


def present_assignment(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """The assignment, unless somebody else was chosen since."""
    if moment.shadow:
        return Skip(reason=SHADOW)
    newest = store.newest_decision(tx, effect.intent["case"], ("assign",))
    if newest is None or newest["id"] != effect.intent["decision"] or newest["undone_by"] is not None:
        return Skip(reason=OVERTAKEN)
    body = {"assignee": effect.intent["assignee"]}
    was = effect.intent.get("was") or ""
    return StudioWrite(operation="assign", studio_id=_finding_of(tx, effect), body=body, expected=(was,))


def _finding_of(tx: Transaction, effect: Effect) -> str:
    return objects.find_by_row(tx, store.find(tx, effect.intent["case"]).object_id).finding.id
