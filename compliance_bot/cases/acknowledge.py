"""Acknowledge: one winner by one guarded UPDATE; everybody else is told who it was."""

from __future__ import annotations

from compliance_bot.cases import episode, escalation, posts, studio_writes
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Press, Reply, closed_already, data_of, record, reference_of, unknown
from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.delivery import Lane
from compliance_bot.model.findings import FindingStatus
from compliance_bot.store import cases as store
from compliance_bot.store import objects
from compliance_bot.store.transaction import Transaction

_MAY_BE_ACKNOWLEDGED = (CaseState.OPEN, CaseState.SNOOZED)


def acknowledge(tx: Transaction, moment: Moment, press: Press, *, lane: Lane = Lane.NORMAL) -> Reply | None:
    """Decide a press; None where the message itself will say it all.

    Who wins on old data is told so. ``lane``: of what is written into Studio beyond the status.
    """
    case = store.find_by_ref(tx, press.ref)
    if case is None:
        return unknown(press)
    if case.state is CaseState.CLOSED:
        return closed_already(case)
    if case.state is CaseState.ACKNOWLEDGED:
        return _already(case)
    won = store.change(
        tx,
        case,
        expected=_MAY_BE_ACKNOWLEDGED,
        state=CaseState.ACKNOWLEDGED,
        owner=case.owner or press.person,
        acknowledged_by=press.person,
        acknowledged_name=press.person_name,
        acknowledged_at=moment.now,
        sync=StudioSync.NONE,
        sync_note=None,
        **episode.AWAKE,
        **_promise(case, moment.now),
        **escalation.paused(),
    )
    if not won:
        return _already(store.find(tx, case.id))
    observed_at = _carry_out(tx, moment, case, press, lane)
    return None if observed_at is None else {"say": "on_data_of", "ref": case.ref, "at": observed_at}


def _promise(case: Case, now: float) -> dict[str, None]:
    """The columns of a promise that is over: it re-opens nothing that somebody takes now."""
    over = case.fix_by is not None and case.fix_by <= now
    return {"fix_by": None, "remind_at": None} if over else {}


def _already(case: Case) -> Reply:
    return {
        "say": "already_acknowledged",
        "ref": case.ref,
        "who": case.acknowledged_by,
        "name": case.acknowledged_name,
        "at": case.acknowledged_at,
    }


def _carry_out(tx: Transaction, moment: Moment, before: Case, press: Press, lane: Lane) -> float | None:
    """Write down and plan all that the press leads to; when its data are from, where they are old."""
    status = objects.find_by_row(tx, before.object_id).finding.status
    wants = None if status.is_worked_on else studio_writes.ACKNOWLEDGED
    decision_id = record(tx, moment, before, press, "acknowledge", wants=wants)
    if wants is not None:
        studio_writes.plan_status(
            tx, moment, before, decision_id, wants, expected=(FindingStatus.OPEN,), lane=lane
        )
    reference = reference_of(before, decision_id)
    studio_writes.plan_comment(tx, moment, before, decision_id, reference, lane=lane)
    case = store.find(tx, before.id)
    posts.refresh(tx, moment, case, clicked=press.ts)
    old = data_of(tx, moment, case)
    posts.say_where_threads_are(
        tx,
        moment,
        case,
        "acknowledged",
        {"name": press.person_name, "data_of": old, "shadow": moment.shadow},
        key=f"decision:{decision_id}",
    )
    return old
