"""Comment, and a message sent to Studio: words that stand with the finding there, once, by name."""

from __future__ import annotations

from typing import Any

from compliance_bot.cases import posts, studio_writes
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Press, Reply, closed_already, record, reference_of, unknown
from compliance_bot.messages import decision_words
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.store import cases as store
from compliance_bot.store.transaction import Transaction


def comment(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """Write ``form["words"]`` into Studio as a comment of the person's."""
    case = store.find_by_ref(tx, press.ref)
    trouble = _refused(case, press)
    if trouble is not None or case is None:
        return trouble
    words = str(press.form["words"]).strip()
    decision_id = record(tx, moment, case, press, "comment", reason=words)
    reference = reference_of(case, decision_id)
    said = decision_words.studio_said(press.person_name, press.person_email, words, reference)
    studio_writes.plan_comment(tx, moment, case, decision_id, reference, words=said)
    _say(tx, moment, case, "commented", {"name": press.person_name, "words": words}, decision_id)
    return None


def send_to_studio(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
    """Write a message of Slack's, ``form["words"]`` by ``form["author"]``, into Studio as a comment."""
    case = store.find_by_ref(tx, press.ref)
    trouble = _refused(case, press)
    if trouble is not None or case is None:
        return trouble
    permalink = press.form.get("permalink")
    standing = store.sent_before(tx, case.id, permalink)
    if standing is not None:
        return {"say": "sent_before", "ref": case.ref, "name": standing["person_name"], "at": standing["at"]}
    words, author = str(press.form["words"]).strip(), str(press.form.get("author") or "somebody")
    details = {"author": author, "permalink": permalink}
    decision_id = record(tx, moment, case, press, "send_to_studio", reason=words, details=details)
    reference = reference_of(case, decision_id)
    said = decision_words.studio_sent(press.person_name, author, words, permalink, reference)
    studio_writes.plan_comment(tx, moment, case, decision_id, reference, words=said)
    _say(tx, moment, case, "sent_to_studio", {"name": press.person_name, "author": author}, decision_id)
    return {"say": "sent_to_studio", "ref": case.ref, "shadow": moment.shadow}


def _refused(case: Case | None, press: Press) -> Reply | None:
    if case is None:
        return unknown(press)
    if case.state is CaseState.CLOSED:
        return closed_already(case)
    return None if str(press.form.get("words") or "").strip() else {"say": "words_missing", "ref": case.ref}


def _say(
    tx: Transaction, moment: Moment, case: Case, line: str, words: dict[str, Any], decision_id: int
) -> None:
    shadow = {"shadow": moment.shadow}
    posts.say_where_threads_are(tx, moment, case, line, {**words, **shadow}, key=f"decision:{decision_id}")
