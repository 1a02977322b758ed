"""Fix by: the day until which who took a case promises to mend it; past it, it is open again."""

from __future__ import annotations

from compliance_bot.cases import posts, studio_writes
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Press, Reply, closed_already, record, reference_of, unknown
from compliance_bot.clock import iso
from compliance_bot.messages import decision_words
from compliance_bot.model.cases import CaseState
from compliance_bot.rules.local_time import zone_called
from compliance_bot.rules.working_days import holidays_of, reminder_before
from compliance_bot.store import cases as store
from compliance_bot.store.transaction import Transaction

LONGEST = 366 * 86_400.0


def fix_by(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """Note until when it is to be mended: ``form["until"]``, Unix seconds."""
    case = store.find_by_ref(tx, press.ref)
    if case is None:
        return unknown(press)
    if case.state is CaseState.CLOSED:
        return closed_already(case)
    until = float(press.form.get("until") or 0.0)
    if until <= moment.now or until > moment.now + LONGEST:
        return {
            "say": "date_is_past" if until <= moment.now else "date_too_far",
            "ref": case.ref,
            "at": until,
        }
    values = {"fix_by": until, "remind_at": _remind_at(moment, press.person, until)}
    if not store.change(tx, case, expected=(CaseState.ACKNOWLEDGED,), state=CaseState.ACKNOWLEDGED, **values):
        return {"say": "take_it_first", "ref": case.ref}
    decision_id = record(tx, moment, case, press, "fix_by", details={"until": iso(until)})
    reference = reference_of(case, decision_id)
    words = decision_words.studio_fix_by(press.person_name, until, reference)
    studio_writes.plan_comment(tx, moment, case, decision_id, reference, words=words)
    fresh = store.find(tx, case.id)
    posts.refresh(tx, moment, fresh, clicked=press.ts)
    said = {"name": press.person_name, "until": until}
    posts.say_where_threads_are(tx, moment, fresh, "fix_by_set", said, key=f"decision:{decision_id}")
    return {"say": "fix_by_set", "ref": case.ref, "until": until, "undo": decision_id}


def _remind_at(moment: Moment, person_id: str, until: float) -> float | None:
    """When who promised it is reminded, by their own clock: the morning of the working day before."""
    person = moment.directory.people_by_id.get(person_id)
    zone = zone_called((person and person.time_zone) or "UTC")
    return reminder_before(until, moment.now, zone, holidays_of(moment.rulebook.rules.quiet_hours))
