"""Snooze: nobody is reminded until then; the reason and the end stand wherever silence matters."""

from __future__ import annotations

from compliance_bot.cases import escalation, posts
from compliance_bot.cases.episode import opened_anew
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Press, Reply, closed_already, record, unknown
from compliance_bot.clock import iso
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.store import cases as store
from compliance_bot.store.transaction import Transaction

LONGEST = 90 * 86_400.0
"""Seconds; a longer silence is an accepted risk, which asks for another right."""

_NOT_CLOSED = (CaseState.OPEN, CaseState.ACKNOWLEDGED, CaseState.SNOOZED)


def snooze(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """Let a case sleep until ``form["until"]`` (Unix seconds), for ``form["reason"]``."""
    case = store.find_by_ref(tx, press.ref)
    if case is None:
        return unknown(press)
    reason, until = str(press.form.get("reason") or "").strip(), float(press.form.get("until") or 0.0)
    if (trouble := _refused(case, moment.now, reason, until)) is not None:
        return trouble
    changed = store.change(
        tx,
        case,
        expected=_NOT_CLOSED,
        state=CaseState.SNOOZED,
        wake_at=until,
        snoozed_by=press.person,
        snoozed_name=press.person_name,
        snooze_reason=reason,
        **escalation.paused(),
    )
    if not changed:
        return closed_already(store.find(tx, case.id))
    details = {"until": iso(until)}
    decision_id = record(tx, moment, case, press, "snooze", reason=reason, details=details, moves=True)
    fresh = store.find(tx, case.id)
    posts.refresh(tx, moment, fresh, clicked=press.ts)
    said = {"name": press.person_name, "until": until, "reason": reason}
    posts.say_where_threads_are(tx, moment, fresh, "snoozed", said, key=f"decision:{decision_id}")
    return {"say": "snoozed", "ref": case.ref, "until": until, "undo": decision_id}


def _refused(case: Case, now: float, reason: str, until: float) -> Reply | None:
    if case.state is CaseState.CLOSED:
        return closed_already(case)
    if not reason:
        return {"say": "reason_missing", "ref": case.ref}
    if until <= now:
        return {"say": "date_is_past", "ref": case.ref, "at": until}
    too_long = until > now + LONGEST
    return {"say": "snooze_too_long", "ref": case.ref, "at": now + LONGEST} if too_long else None


def wake(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """End a snooze before its time: open, its ladder from the first step."""
    case = store.find_by_ref(tx, press.ref)
    if case is None:
        return unknown(press)
    if case.state is CaseState.CLOSED:
        return closed_already(case)
    if not store.change(tx, case, expected=(CaseState.SNOOZED,), **opened_anew(tx, moment, case)):
        return {"say": "not_snoozed", "ref": case.ref}
    decision_id = record(tx, moment, case, press, "wake")
    fresh = store.find(tx, case.id)
    posts.refresh(tx, moment, fresh, clicked=press.ts)
    said = {"name": press.person_name}
    posts.say_where_threads_are(tx, moment, fresh, "woken", said, key=f"decision:{decision_id}")
    return None
