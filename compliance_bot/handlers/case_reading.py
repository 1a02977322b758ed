"""What a form has to know of a case before it can be shown, read at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance_bot.cases import closing
from compliance_bot.cases.moment import Moment
from compliance_bot.handlers.form_spec import Opening
from compliance_bot.insight.why import may_tell
from compliance_bot.messages import case_form_words as words
from compliance_bot.messages import form_words, why_card
from compliance_bot.messages.case_forms import Head
from compliance_bot.messages.modal import MOST_OPTIONS
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.model.slack import Person
from compliance_bot.people import identity
from compliance_bot.store import cases, objects, proposals
from compliance_bot.store import studio_users as users
from compliance_bot.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A case as the form's reader may see it."""

    case: Case
    head: Head


def case_for(tx: Transaction, moment: Moment, opening: Opening, *, closed_too: bool = False) -> Seen | str:
    """The case that a form is opened on; or the sentence that says why there is nothing to fill in."""
    case = cases.find_by_ref(tx, opening.ref)
    if case is None:
        return form_words.nobody_knows(opening.ref)
    known = objects.find_by_row(tx, case.object_id)
    allowed = moment.rulebook.rules.studio.projects
    if allowed and known.finding.project_id not in allowed:
        return why_card.of_no_listed_project()
    if case.state is CaseState.CLOSED and not closed_too:
        how = case.closed_reason or "closed"
        return words.closed_already(case.ref, how, case.closed_by, case.closed_name, case.closed_at)
    told = "view" in opening.rights and may_tell(moment, known, cases.posts_of(tx, case), opening.channel)
    head = Head(
        ref=case.ref,
        title=known.finding.title if told else None,
        severity=case.severity,
        state=case.state,
        version=case.version,
        shadow=moment.rulebook.rules.delivery.shadow is not None,
    )
    return Seen(case=case, head=head)


def notes_on_closing(tx: Transaction, moment: Moment, case: Case, action: str) -> list[str]:
    """What has to be known before it is closed so: a second person, or one who is asked already."""
    notes = []
    if closing.needs_second_person(tx, moment, case, action):
        notes.append(words.second_person_needed(case.severity))
    waiting = proposals.waiting(tx, case.id)
    if waiting is not None:
        notes.append(words.proposed_already(waiting.person_name, waiting.action, waiting.proposed_at))
    return notes


# ---------------------------------------------------------------- who may be given a case


def studio_users(tx: Transaction) -> list[tuple[str, str]]:
    """The people whom Studio's answers have named, as many as a list shows."""
    return [(one.studio_id, one.name) for one in users.everybody(tx, MOST_OPTIONS)]


def note_on_person(
    tx: Transaction, moment: Moment, person: Person | None, studio_user: str | None
) -> str | None:
    """Whether the one who is chosen stands in both worlds."""
    rules = moment.rulebook.rules
    if person is not None:
        name = person.name or person.handle
        known = identity.studio_user_of(tx, rules, person.email)
        return words.here_only(name) if known is None else words.known_in_studio(name, known.name)
    user = None if studio_user is None else users.find(tx, studio_user)
    if user is None:
        return None
    there = identity.slack_person_of(moment.directory, rules, user.email)
    return words.not_in_slack(user.name) if there is None else words.known_in_studio(there.name, user.name)


def whose(
    tx: Transaction, moment: Moment, form: Mapping[str, Any], person: Person | None
) -> Mapping[str, Any]:
    """The same person on the other side, where the store knows them."""
    rules = moment.rulebook.rules
    if person is not None:
        return {**form, "studio_user": identity.studio_id_of(tx, rules, person.email)}
    user = users.find(tx, str(form["studio_user"]))
    if user is None:
        return form
    there = identity.slack_person_of(moment.directory, rules, user.email)
    return {**form, "slack_user": None if there is None else there.id, "name": user.name}
