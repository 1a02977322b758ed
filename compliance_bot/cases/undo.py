"""Undo: for ten minutes after a click, by whoever clicked, while nothing has moved the case since.

A write that has not left for Studio is cancelled; one that has is countered by another behind it. What Studio
can't take back is said.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from compliance_bot.cases import escalation, posts, studio_writes
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import (
    Press,
    Reply,
    given_since,
    put_back,
    record,
    reference_of,
    status_before,
    unknown,
)
from compliance_bot.messages import decision_words
from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.delivery import EffectState
from compliance_bot.model.events import Change
from compliance_bot.model.findings import FindingStatus
from compliance_bot.outbox import effects
from compliance_bot.store import cases as store
from compliance_bot.store import effects as stored_effects
from compliance_bot.store import events, objects
from compliance_bot.store import proposals as stored_proposals
from compliance_bot.store.transaction import Transaction

WITHIN = 600.0
"""Seconds after a decision in which it can be undone."""

UNDOABLE = ("acknowledge", "snooze", "wake", "resolve", "false_positive", "accept_risk", "assign", "fix_by")
"""The actions that Undo takes back; a comment stands in Studio for good."""

_STAYS = {"assign": "assignee", "fix_by": "comment"}
"""What stays in Studio of an action that has no status to take back."""


def undo(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """Decide a press of Undo; ``press.ref``: the case's reference and the decision's number."""
    ref, _, number = press.ref.partition(" ")
    case = store.find_by_ref(tx, ref)
    decision = store.decision_of(tx, int(number)) if number.isdecimal() else None
    if case is None or decision is None or decision["case_id"] != case.id:
        return unknown(press)
    trouble = _refused(tx, moment, case, decision, press)
    if trouble is not None:
        return trouble
    if not _put_back(tx, moment, case, decision):
        return _changed(case)
    return _carry_out(tx, moment, case, decision, press)


def _refused(
    tx: Transaction, moment: Moment, case: Case, decision: sqlite3.Row, press: Press
) -> Reply | None:
    if decision["action"] not in UNDOABLE or decision["before"] is None:
        return {"say": "undo_impossible", "ref": case.ref}
    if press.person not in _who_may(tx, decision):
        return {
            "say": "undo_not_yours",
            "ref": case.ref,
            "who": decision["person"],
            "name": decision["person_name"],
        }
    if decision["undone_by"] is not None:
        return {"say": "undone_already", "ref": case.ref}
    if moment.now - decision["at"] > WITHIN:
        return {"say": "undo_too_late", "ref": case.ref, "at": decision["at"]}
    return None if _stands_as_left(tx, case, decision) else _changed(case)


def _who_may(tx: Transaction, decision: sqlite3.Row) -> set[str]:
    """Whoever clicked; of what two people decided, both."""
    proposal = decision["proposal_id"] and stored_proposals.find(tx, decision["proposal_id"])
    return {decision["person"], *([proposal.person] if proposal else [])}


def _stands_as_left(tx: Transaction, case: Case, decision: sqlite3.Row) -> bool:
    """Whether nothing but the words of the finding has changed since the decision."""
    if case.episode != decision["episode"] or _moved_since(tx, case, decision):
        return False
    if decision["action"] in _STAYS:
        newest = store.newest_decision(tx, case.id, (decision["action"],))
        is_newest = newest is not None and newest["id"] == decision["id"]
        return is_newest and bool(case.state.value == decision["outcome"])
    return bool(case.decision_id == decision["id"])


def _moved_since(tx: Transaction, case: Case, decision: sqlite3.Row) -> bool:
    """Whether somebody was given it, or promised a day, since; or it is more severe while not closed."""
    promised = store.newest_decision(tx, case.id, ("fix_by",))
    if promised is not None and promised["id"] > decision["id"] and promised["undone_by"] is None:
        return True
    raised = (Change.SEVERITY_RAISED,)
    more_severe = case.state is not CaseState.CLOSED and events.happened_since(
        tx, case.object_id, raised, decision["at"]
    )
    return more_severe or given_since(tx, case, decision)


def _changed(case: Case) -> Reply:
    return {"say": "undo_overtaken", "ref": case.ref}


def _put_back(tx: Transaction, moment: Moment, case: Case, decision: sqlite3.Row) -> bool:
    values = put_back(decision["before"])
    if decision["action"] == "assign":
        values = {"state": case.state, "owner": values["owner"]}
    elif decision["action"] == "fix_by":
        values = {"state": case.state, "fix_by": values["fix_by"], "remind_at": values["remind_at"]}
    else:
        values |= escalation.resumed(values["next_step_at"], decision["at"], moment.now)
        values |= {"sync": StudioSync.NONE, "sync_note": None}
    values["severity"] = objects.find_by_row(tx, case.object_id).finding.severity.value
    return store.change(tx, case, expected=(case.state,), **values)


def _carry_out(
    tx: Transaction, moment: Moment, before: Case, decision: sqlite3.Row, press: Press
) -> Reply | None:
    cancelled = _cancel(tx, moment, decision)
    wants = _status_to_write(tx, before, decision, cancelled=cancelled)
    undo_id = record(
        tx,
        moment,
        before,
        press,
        "undo",
        details={"action": decision["action"]},
        wants=wants,
        undoes=decision["id"],
        moves=False,
    )
    store.undone(tx, decision["id"], by=undo_id)
    case = store.find(tx, before.id)
    if wants is not None:
        found = objects.find_by_row(tx, case.object_id).finding.status
        expected = found if cancelled else FindingStatus(decision["wants"])
        studio_writes.plan_status(
            tx, moment, case, undo_id, wants, expected=(expected,), stands_by=case.decision_id, undoes=True
        )
    if not _comment_was_cancelled(tx, moment, decision):
        reference = reference_of(case, undo_id)
        words = decision_words.studio_undone(decision["action"], press.person_name, reference)
        studio_writes.plan_comment(tx, moment, case, undo_id, reference, words=words)
    return _say(tx, moment, case, decision, press, undo_id, _what_stays(decision, cancelled=cancelled))


def _say(
    tx: Transaction,
    moment: Moment,
    case: Case,
    decision: sqlite3.Row,
    press: Press,
    undo_id: int,
    stays: str | None,
) -> Reply:
    posts.refresh(tx, moment, case, clicked=press.ts)
    said = {"name": press.person_name, "action": decision["action"], "stays": stays}
    posts.say_where_threads_are(tx, moment, case, "undone", said, key=f"decision:{undo_id}")
    return {"say": "undone", "ref": case.ref, "action": decision["action"], "stays": stays}


def _status_to_write(
    tx: Transaction, case: Case, decision: sqlite3.Row, *, cancelled: bool
) -> FindingStatus | None:
    """What Studio has to be told so that it says what it said before; None where it says so, or soon will."""
    if decision["wants"] is None:
        return None
    earlier = put_back(decision["before"])["decision_id"]
    target = _status_wanted(tx, decision, earlier)
    if not cancelled:
        return target
    own = None if earlier is None else stored_effects.by_key(tx, studio_writes.status_key(earlier))
    if own is not None and own.state is EffectState.PENDING:
        return None
    known = objects.find_by_row(tx, case.object_id).finding.status
    return None if target is known else target


def _status_wanted(tx: Transaction, decision: sqlite3.Row, earlier: int | None) -> FindingStatus:
    """What the decision before wanted of Studio, else what Studio said when this one was taken."""
    wanted = None if earlier is None else store.find_decision(tx, earlier)["wants"]
    return status_before(decision["before"]) if wanted is None else FindingStatus(wanted)


def _cancel(tx: Transaction, moment: Moment, decision: sqlite3.Row) -> bool:
    """Take back writes that have not left; True where Studio was never told of the status."""
    keys = (studio_writes.status_key(decision["id"]), studio_writes.assignment_key(decision["id"]))
    found = [effect for key in keys if (effect := stored_effects.by_key(tx, key)) is not None]
    outcomes = [effects.cancel(tx, effect.id, studio_writes.UNDONE, moment.now) for effect in found]
    return all(outcomes)


def _comment_was_cancelled(tx: Transaction, moment: Moment, decision: sqlite3.Row) -> bool:
    comment = stored_effects.by_key(tx, studio_writes.comment_key(decision["id"]))
    return comment is None or effects.cancel(tx, comment.id, studio_writes.UNDONE, moment.now)


def _what_stays(decision: sqlite3.Row, *, cancelled: bool) -> str | None:
    """What Studio can't take back of it, by name; None where nothing stays."""
    details: dict[str, Any] = store.details_of(decision)
    if decision["action"] == "assign":
        return "assignee" if details.get("studio_user") and not cancelled else None
    if decision["action"] == "resolve" and not cancelled:
        return "resolved_stamp"
    return None
