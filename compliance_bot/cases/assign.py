"""Assign: whose it is, here and, for whom Studio knows, there; the person is told."""

from __future__ import annotations

from compliance_bot.cases import direct, posts, studio_writes
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Press, Reply, closed_already, record, unknown
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.store import cases as store
from compliance_bot.store.transaction import Transaction

_NOT_CLOSED = (CaseState.OPEN, CaseState.ACKNOWLEDGED, CaseState.SNOOZED)


def assign(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """Give a case to ``form["name"]``: ``slack_user`` and ``studio_user`` are their ids, where known."""
    case = store.find_by_ref(tx, press.ref)
    if case is None:
        return unknown(press)
    if case.state is CaseState.CLOSED:
        return closed_already(case)
    name = str(press.form.get("name") or "").strip()
    slack_user, studio_user = press.form.get("slack_user"), press.form.get("studio_user")
    owner = slack_user or name
    if not owner:
        return {"say": "nobody_chosen", "ref": case.ref}
    if owner == case.owner:
        return {"say": "assigned_already", "ref": case.ref, "who": slack_user, "name": name}
    if not store.change(tx, case, expected=_NOT_CLOSED, state=case.state, owner=owner):
        return closed_already(store.find(tx, case.id))
    details = {"slack_user": slack_user, "studio_user": studio_user, "name": name}
    decision_id = record(tx, moment, case, press, "assign", details=details)
    if studio_user is not None:
        studio_writes.plan_assignment(tx, moment, case, decision_id, str(studio_user))
    _tell(tx, moment, store.find(tx, case.id), press, decision_id)
    return {
        "say": "assigned",
        "ref": case.ref,
        "who": slack_user,
        "name": name,
        "here_only": studio_user is None or moment.shadow,
        "undo": decision_id,
    }


def _tell(tx: Transaction, moment: Moment, case: Case, press: Press, decision_id: int) -> None:
    posts.refresh(tx, moment, case, clicked=press.ts)
    key = f"decision:{decision_id}"
    given = {
        "by": press.person_name,
        "name": press.form.get("name"),
        "here_only": press.form.get("studio_user") is None or moment.shadow,
    }
    posts.say_where_threads_are(tx, moment, case, "assigned_here", given, key=key)
    slack_user = press.form.get("slack_user")
    if slack_user and slack_user != press.person:
        words = {"who": press.person, "name": press.person_name}
        direct.tell(
            tx,
            moment,
            person=slack_user,
            sentence="assigned",
            words=words,
            key=key,
            case=case,
            only_in=_NOT_CLOSED,
        )
