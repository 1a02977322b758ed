"""The forms of a case: what each shows of the case as it is now, and what it makes of what was filled in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from compliance_bot.cases.moment import Moment
from compliance_bot.handlers import case_reading as reading
from compliance_bot.handlers.case_ends import Choosing, fix_choice, fix_end, snooze_choice, snooze_end
from compliance_bot.handlers.filled_in import Value
from compliance_bot.handlers.form_spec import FormSpec, Mistakes, Opening, Settle, Submission, Taken
from compliance_bot.messages import case_form_words as words
from compliance_bot.messages import case_forms, form_words
from compliance_bot.messages.case_buttons import CLOSE, FIX_BY
from compliance_bot.messages.case_forms import Closing
from compliance_bot.messages.modal import Modal
from compliance_bot.model.cases import CaseState
from compliance_bot.model.slack import Person
from compliance_bot.people.access import never
from compliance_bot.rules.local_time import local, zone_called
from compliance_bot.rules.offered_times import chosen_instant
from compliance_bot.rules.working_days import MORNING, holidays_of
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

EXPIRES_AFTER = 90 * 86_400.0
"""Seconds until which an accepted risk is offered to hold."""
LATEST = 5 * 366 * 86_400.0
"""Seconds ahead within which an accepted risk ends, if it ends."""

Known: TypeAlias = Callable[[str], Person | None]
"""A person of Slack by their id, as Slack told them last; None while it has not."""
AskPerson: TypeAlias = Callable[[str], Awaitable[Person]]
"""The same, asked for where they are not known; raises ``SlackError``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseForms:
    """Fills and reads the forms in which people decide about a case."""

    database: Database
    moment: Callable[[], Moment]
    known: Known
    ask_person: AskPerson

    def specs(self) -> tuple[FormSpec, ...]:
        """Every form, for ``Forms``."""
        return (
            FormSpec(
                callback_id=case_forms.CLOSE,
                title="Close",
                rights=("resolve", "accept_risk"),
                fill=self._close,
                read=read_closing,
                opened_by=CLOSE,
                live=(case_forms.OUTCOME, case_forms.EXPIRES),
            ),
            FormSpec(
                callback_id=case_forms.SNOOZE,
                title="Snooze",
                rights=("snooze",),
                fill=self._snooze,
                kind="snooze",
                read=read_snooze,
                live=(case_forms.SNOOZE_END, case_forms.SNOOZE_DAY, case_forms.SNOOZE_TIME),
                menu="snooze",
            ),
            FormSpec(
                callback_id=case_forms.ASSIGN,
                title="Assign",
                rights=("assign",),
                fill=self._assign,
                kind="assign",
                read=self._read_assignment,
                live=(case_forms.SLACK_USER, case_forms.STUDIO_USER),
                menu="assign",
                settle=self._settle_assignment(),
            ),
            FormSpec(
                callback_id=case_forms.COMMENT,
                title="Comment",
                rights=("comment",),
                fill=self._comment,
                kind="comment",
                read=read_comment,
                menu="comment",
            ),
            FormSpec(
                callback_id=case_forms.FIX,
                title="Fix by",
                rights=("acknowledge",),
                fill=self._fix_by,
                kind="fix_by",
                read=self._read_fix_by,
                opened_by=FIX_BY,
                live=(case_forms.FIX_END, case_forms.FIX_DAY),
            ),
        )

    async def _seen(self, opening: Opening) -> reading.Seen | str:
        return await self.database.read(lambda tx: reading.case_for(tx, self.moment(), opening))

    # ------------------------------------------------------------ close

    async def _close(self, opening: Opening) -> Modal | str:
        return await self.database.read(lambda tx: self._closing(tx, opening))

    def _closing(self, tx: Transaction, opening: Opening) -> Modal | str:
        moment = self.moment()
        seen = reading.case_for(tx, moment, opening)
        if isinstance(seen, str):
            return seen
        outcomes = [name for name in words.OUTCOMES if _right_for(name) in opening.rights]
        asked = str(opening.values.get(case_forms.OUTCOME))
        chosen = asked if asked in outcomes else outcomes[0]
        kept = opening.remembered.get("expires")
        expires = kept if isinstance(kept, str) else _days_from(opening.now, opening.zone)
        picked = opening.values.get(case_forms.EXPIRES) if case_forms.EXPIRES in opening.values else expires
        notes = [
            *reading.notes_on_closing(tx, moment, seen.case, chosen),
            *([_risk_note(picked, opening.zone)] if chosen == "accept_risk" else []),
            *_not_for_you(moment, opening.rights),
        ]
        return case_forms.close_form(
            seen.head, Closing(outcomes=outcomes, chosen=chosen, expires=expires, notes=notes)
        )

    # ------------------------------------------------------------ snooze, fix by

    async def _snooze(self, opening: Opening) -> Modal | str:
        seen = await self._seen(opening)
        if isinstance(seen, str):
            return seen
        choosing = _choosing(opening)
        return case_forms.snooze_form(seen.head, snooze_choice(choosing, opening.ref), since=choosing.since)

    async def _fix_by(self, opening: Opening) -> Modal | str:
        seen = await self._seen(opening)
        if isinstance(seen, str):
            return seen
        if seen.case.state is not CaseState.ACKNOWLEDGED:
            return words.take_it_first(seen.head.ref)
        choosing = _choosing(opening)
        ends = fix_choice(choosing, self._holidays())
        return case_forms.fix_form(seen.head, ends, since=choosing.since)

    def _read_fix_by(self, submission: Submission) -> Taken | Mistakes:
        return fix_end(_submitted(submission), self._holidays())

    def _holidays(self) -> tuple[str, ...]:
        return holidays_of(self.moment().rulebook.rules.quiet_hours)

    # ------------------------------------------------------------ comment

    async def _comment(self, opening: Opening) -> Modal | str:
        seen = await self._seen(opening)
        return seen if isinstance(seen, str) else case_forms.comment_form(seen.head)

    # ------------------------------------------------------------ assign

    async def _assign(self, opening: Opening) -> Modal | str:
        slack_user = _text(opening.values.get(case_forms.SLACK_USER))
        person = None if slack_user is None else await self.ask_person(slack_user)
        return await self.database.read(lambda tx: self._assigning(tx, opening, person))

    def _assigning(self, tx: Transaction, opening: Opening, person: Person | None) -> Modal | str:
        moment = self.moment()
        seen = reading.case_for(tx, moment, opening)
        if isinstance(seen, str):
            return seen
        studio_user = _text(opening.values.get(case_forms.STUDIO_USER))
        return case_forms.assign_form(
            seen.head,
            words.now_with(seen.case.owner, None),
            reading.studio_users(tx),
            reading.note_on_person(tx, moment, person, studio_user),
            remembers={},
        )

    def _read_assignment(self, submission: Submission) -> Taken | Mistakes:
        """Exactly one of the two, and nobody who could do nothing about it."""
        slack_user = _text(submission.values.get(case_forms.SLACK_USER))
        studio_user = _text(submission.values.get(case_forms.STUDIO_USER))
        if slack_user is None and studio_user is None:
            return _mistake(case_forms.SLACK_USER, words.choose_a_person())
        if slack_user is not None and studio_user is not None:
            return _mistake(case_forms.STUDIO_USER, words.choose_one_person())
        person = None if slack_user is None else self.known(slack_user)
        if slack_user is not None and person is None:
            return _mistake(case_forms.SLACK_USER, words.not_looked_up())
        if person is not None and never(person) is not None:
            return _mistake(case_forms.SLACK_USER, words.not_a_member())
        name = "" if person is None else person.name or person.handle
        return Taken(form={"slack_user": slack_user, "studio_user": studio_user, "name": name})

    def _settle_assignment(self) -> Settle:
        def settle(tx: Transaction, _: Submission, form: Mapping[str, Any]) -> Mapping[str, Any]:
            person = None if form["slack_user"] is None else self.known(form["slack_user"])
            return reading.whose(tx, self.moment(), form, person)

        return settle


# ---------------------------------------------------------------- what was filled in


def read_closing(submission: Submission) -> Taken | Mistakes:
    """How it is closed, why, and an accepted risk until when."""
    outcome = _text(submission.values.get(case_forms.OUTCOME))
    if outcome not in words.OUTCOMES:
        return _mistake(case_forms.OUTCOME, form_words.choose_one())
    reason = _reason(submission.values)
    if isinstance(reason, Mistakes):
        return reason
    form = {"reason": reason, "severity": submission.remembered.get("severity")}
    if outcome != "accept_risk":
        return Taken(kind=outcome, form=form)
    until = _expiry(submission)
    return until if isinstance(until, Mistakes) else Taken(kind=outcome, form={**form, "until": until})


def _expiry(submission: Submission) -> float | Mistakes | None:
    """When the risk ends. The field may not have been shown yet: then it ends when it would have offered."""
    shown = case_forms.EXPIRES in submission.values
    day = _text(submission.values.get(case_forms.EXPIRES) if shown else submission.remembered.get("expires"))
    if day is None:
        return None
    until = chosen_instant(day, MORNING.isoformat(), zone_called(submission.zone))
    if until is None or until <= submission.now:
        return _mistake(case_forms.EXPIRES, form_words.in_the_past())
    if until > submission.now + LATEST:
        return _mistake(case_forms.EXPIRES, form_words.too_far())
    return until


def read_snooze(submission: Submission) -> Taken | Mistakes:
    """Until when, and why."""
    until = snooze_end(_submitted(submission))
    reason = _reason(submission.values)
    if isinstance(until, Mistakes) or isinstance(reason, Mistakes):
        found = [one for one in (until, reason) if isinstance(one, Mistakes)]
        return Mistakes(by_field={name: said for one in found for name, said in one.by_field.items()})
    return Taken(form={"until": until, "reason": reason})


def read_comment(submission: Submission) -> Taken | Mistakes:
    """The words, trimmed; not blank, not longer than Slack's own field."""
    said = str(submission.values.get(case_forms.WORDS) or "").strip()
    if not said:
        return _mistake(case_forms.WORDS, form_words.words_missing())
    if len(said) > form_words.LONGEST_REASON:
        return _mistake(case_forms.WORDS, form_words.too_long(len(said)))
    return Taken(form={"words": said})


def _reason(values: Mapping[str, Value]) -> str | Mistakes:
    reason = str(values.get(case_forms.REASON) or "").strip()
    if not reason:
        return _mistake(case_forms.REASON, form_words.reason_missing())
    if len(reason) > form_words.LONGEST_REASON:
        return _mistake(case_forms.REASON, form_words.too_long(len(reason)))
    return reason


# ---------------------------------------------------------------- parts


def _right_for(outcome: str) -> str:
    return "accept_risk" if outcome == "accept_risk" else "resolve"


def _not_for_you(moment: Moment, rights: Mapping[str, str]) -> list[str]:
    access = moment.rulebook.rules.access
    said = []
    if "accept_risk" not in rights:
        said.append(words.risk_not_for_you(access.get("accept_risk", ())))
    if "resolve" not in rights:
        said.append(words.closing_not_for_you(access.get("resolve", ())))
    return said


def _risk_note(day: Value, zone: str) -> str:
    if not isinstance(day, str):
        return words.risk_never_ends()
    until = chosen_instant(day, MORNING.isoformat(), zone_called(zone))
    return words.risk_never_ends() if until is None else words.risk_ends(until)


def _days_from(now: float, zone: str) -> str:
    return local(now + EXPIRES_AFTER, zone_called(zone)).date().isoformat()


def _choosing(opening: Opening) -> Choosing:
    since = opening.remembered.get("since")
    return Choosing(
        values=opening.values,
        zone=opening.zone,
        now=opening.now,
        since=float(since) if isinstance(since, int | float) else opening.now,
    )


def _submitted(submission: Submission) -> Choosing:
    since = submission.remembered.get("since")
    return Choosing(
        values=submission.values,
        zone=submission.zone,
        now=submission.now,
        since=float(since) if isinstance(since, int | float) else submission.now,
    )


def _mistake(name: str, sentence: str) -> Mistakes:
    return Mistakes(by_field={name: sentence})


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
