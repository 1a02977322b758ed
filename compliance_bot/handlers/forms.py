"""Modals: opened within Slack's three seconds, filled for whoever may, and what comes back recorded.

A press is acked and the modal opened at once with "one moment"; then the person's right is asked, and the
modal shows its fields or why not. What is sent off is looked at here only as far as it can be without asking
anybody; mistakes are said in the modal. All else becomes an inbox row before the ack closes the modal.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from compliance_bot import metrics
from compliance_bot.cases import press
from compliance_bot.cases.moment import Moment
from compliance_bot.errors import NotRecorded, SlackError
from compliance_bot.handlers.acknowledging import Ack
from compliance_bot.handlers.dispatch import Dispatcher
from compliance_bot.handlers.errands import Errands
from compliance_bot.handlers.filled_in import Value, first_field, remembered, values_of
from compliance_bot.handlers.form_spec import FormSpec, Mistakes, Opening, Submission, Taken
from compliance_bot.handlers.incoming import Incoming, Kind
from compliance_bot.handlers.replies import Replies
from compliance_bot.logs import logger
from compliance_bot.messages import form_words, modal, refusal_words, wording
from compliance_bot.model.slack import Person
from compliance_bot.people.access import Access, Refused
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.failures import FailureClass, SlackCallFailed
from compliance_bot.store import inbox
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)

OPENED_WITHIN = 2.5
"""Seconds from a press until Slack has taken the modal; it takes none after three."""
PATIENCE = 2.0
"""Seconds a row, or the note of a refusal, may take to be committed."""
RESPONSE_URL_LIVES = 1_500.0
"""Seconds for which a press's ``response_url`` is kept for the answer; Slack takes it for 1,800."""


class Forms:
    """Opens, refreshes and takes in every form it is given.

    ``errands`` holds what goes on after an ack.
    """

    def __init__(
        self,
        *,
        specs: Sequence[FormSpec],
        database: Database,
        moment: Callable[[], Moment],
        access: Access,
        slack: SlackClient,
        replies: Replies,
        errands: Errands,
    ) -> None:
        self._specs = {spec.callback_id: spec for spec in specs}
        self._database = database
        self._moment = moment
        self._access = access
        self._slack = slack
        self._replies = replies
        self._errands = errands

    def attach(self, dispatcher: Dispatcher) -> None:
        """Register the buttons that open a form, what is chosen in one, and what is sent off."""
        for spec in self._specs.values():
            if spec.opened_by is not None:
                dispatcher.on(Kind.ACTION, spec.opened_by, self._opener(spec))
            for name in spec.live:
                dispatcher.on(Kind.ACTION, name, self.chosen)
            dispatcher.on(Kind.SUBMISSION, spec.callback_id, self.submitted)

    def on_menu(self, word: str) -> FormSpec | None:
        """The form that a word of a case's overflow menu opens."""
        return next((spec for spec in self._specs.values() if spec.menu == word), None)

    def _opener(self, spec: FormSpec) -> Callable[[Incoming, Ack], Awaitable[None]]:
        async def pressed(incoming: Incoming, ack: Ack) -> None:
            await ack()
            self.open(spec, incoming, incoming.value or "")

        return pressed

    # ------------------------------------------------------------ opening

    def open(self, spec: FormSpec, incoming: Incoming, ref: str) -> None:
        """Open a form on ``ref`` for whoever pressed; the press has been acked. Goes on by itself."""
        self._errands.later(self._open(spec, incoming, ref))

    async def _open(self, spec: FormSpec, incoming: Incoming, ref: str) -> None:
        arguments = {
            "trigger_id": incoming.payload.get("trigger_id"),
            "view": modal.loading(spec.callback_id, spec.title),
        }
        try:
            async with asyncio.timeout(OPENED_WITHIN):
                answer = await self._slack.call("views.open", arguments)
        except (TimeoutError, SlackError) as error:
            await self._not_opened(spec, incoming, error)
            return
        place = {
            "channel": incoming.channel,
            "ts": incoming.message_ts,
            "thread": incoming.thread,
            "url": incoming.response_url,
            "pressed_at": self._moment().now,
        }
        await self._fill(spec, incoming, answer.get("view") or {}, {**place, "ref": ref}, {})

    async def _not_opened(self, spec: FormSpec, incoming: Incoming, error: Exception) -> None:
        reference = f"F-{secrets.token_hex(4)}"
        late = isinstance(error, TimeoutError) or (
            isinstance(error, SlackCallFailed) and error.kind in (FailureClass.STALE, FailureClass.UNKNOWN)
        )
        _log.warning("form.not_opened", form=spec.callback_id, reason=str(error), reference=reference)
        metrics.decided(spec.callback_id, "not_opened")
        text = form_words.press_again() if late else form_words.slack_opens_nothing(reference)
        await self._replies.tell(
            person=incoming.person,
            channel=incoming.channel,
            response_url=incoming.response_url,
            body={"text": text},
        )

    async def chosen(self, incoming: Incoming, ack: Ack) -> None:
        """Ack, and show a form anew for what was just chosen in it."""
        await ack()
        spec = self._specs.get(str(incoming.view.get("callback_id")))
        kept = remembered(incoming.view)
        if spec is not None and kept is not None:
            self._errands.later(
                self._fill(spec, incoming, incoming.view, kept, values_of(incoming.view), anew=True)
            )

    async def _fill(
        self,
        spec: FormSpec,
        incoming: Incoming,
        view: Mapping[str, Any],
        kept: Mapping[str, Any],
        values: Mapping[str, Value],
        *,
        anew: bool = False,
    ) -> None:
        """Show the form's fields, or why not, in the view that stands."""
        try:
            shown = await self._contents(spec, incoming, kept, values)
        except Exception as error:  # noqa: BLE001 - whatever it was, the person is told and the log knows
            reference = f"E-{secrets.token_hex(4)}"
            _log.error("form.failed", form=spec.callback_id, reference=reference, exc_info=error)
            shown = modal.saying(spec.callback_id, spec.title, wording.internal_error(reference))
        arguments = {"view_id": view.get("id"), "hash": view.get("hash"), "view": shown}
        try:
            await self._slack.call("views.update", arguments)
        except SlackError as error:
            stale = isinstance(error, SlackCallFailed) and error.kind is FailureClass.STALE
            if not (anew and stale):  # a choice overtaken by the next one is no fault
                _log.warning("form.not_shown", form=spec.callback_id, reason=str(error))

    async def _contents(
        self, spec: FormSpec, incoming: Incoming, kept: Mapping[str, Any], values: Mapping[str, Value]
    ) -> dict[str, Any]:
        person, rights = await self._rights(spec, incoming, kept["ref"])
        if isinstance(rights, str) or person is None:
            return modal.saying(spec.callback_id, spec.title, str(rights))
        found = await spec.fill(
            Opening(
                ref=kept["ref"],
                person=person,
                rights=rights,
                channel=kept.get("channel"),
                ts=kept.get("ts"),
                thread=kept.get("thread"),
                now=self._moment().now,
                values=values,
                remembered=kept.get("form") or {},
            )
        )
        if isinstance(found, str):
            return modal.saying(spec.callback_id, spec.title, found)
        memory = {
            **kept,
            "version": found.version,
            "zone": person.time_zone or "UTC",
            "form": found.remembers,
        }
        return modal.filled(spec.callback_id, found, memory)

    # ------------------------------------------------------------ who may

    async def _rights(
        self, spec: FormSpec, incoming: Incoming, ref: str
    ) -> tuple[Person | None, Mapping[str, str] | str]:
        """The person and which rights they have; None and the words of the refusal where they have none."""
        refused: Refused | None = None
        person: Person | None = None
        rights: dict[str, str] = {}
        for action in dict.fromkeys((*spec.rights, "view")):
            verdict = await self._access.ask(incoming.person or "", action)
            if isinstance(verdict, Refused):
                refused = refused or verdict
            else:
                person, rights[action] = verdict.person, verdict.right
        if person is not None and any(action in rights for action in spec.rights):
            return person, rights
        if refused is None:
            raise LookupError(f"{spec.callback_id} names no right")
        return None, await self._refuse(spec, incoming, ref, refused)

    async def _refuse(self, spec: FormSpec, incoming: Incoming, ref: str, refused: Refused) -> str:
        reference, action = f"R-{secrets.token_hex(4)}", spec.rights[0]
        reason, person = refused.refusal.value, incoming.person or "nobody"
        _log.info("access.refused", action=action, reason=reason, reference=reference)

        def note(tx: Transaction) -> None:
            press.refuse(
                tx, self._moment(), person=person, action=action, ref=ref, reason=reason, reference=reference
            )

        await self._database.write(note, patience=PATIENCE)
        metrics.decided(action, "refused")
        return refusal_words.refused(
            refused.refusal, action=action, allowed=refused.allowed, reference=reference
        )

    # ------------------------------------------------------------ what was filled in

    async def submitted(self, incoming: Incoming, ack: Ack) -> None:
        """Say a form's mistakes in it; else record what was chosen, and let the ack close it."""
        spec, kept = self._specs[incoming.name], remembered(incoming.view)
        if kept is None or spec.read is None:
            sentence = form_words.form_outdated()
            shown = modal.saying(spec.callback_id, spec.title, sentence)
            await ack(response_action="update", view=shown)
            return
        submission = self._submission(incoming, kept)
        taken = spec.read(submission)
        if isinstance(taken, Mistakes):
            await ack(response_action="errors", errors=dict(taken.by_field))
        elif await self._record(spec, incoming, kept, submission, taken):
            await ack()
        else:
            await self._ask_again(incoming, ack, spec)

    def _submission(self, incoming: Incoming, kept: Mapping[str, Any]) -> Submission:
        return Submission(
            ref=kept["ref"],
            person=incoming.person or "",
            zone=str(kept.get("zone") or "UTC"),
            now=self._moment().now,
            values=values_of(incoming.view),
            remembered=kept.get("form") or {},
        )

    async def _ask_again(self, incoming: Incoming, ack: Ack, spec: FormSpec) -> None:
        """The row could not be committed: the modal stays and says it."""
        name, sentence = first_field(incoming.view), form_words.not_recorded()
        if name is not None:
            await ack(response_action="errors", errors={name: sentence})
        else:
            await ack(response_action="update", view=modal.saying(spec.callback_id, spec.title, sentence))

    async def _record(
        self,
        spec: FormSpec,
        incoming: Incoming,
        kept: Mapping[str, Any],
        submission: Submission,
        taken: Taken,
    ) -> bool:
        """Write the inbox row; False where the database could not in time, and nothing was written."""
        kind, now = taken.kind or spec.kind, submission.now
        fresh = now - float(kept.get("pressed_at") or 0.0) < RESPONSE_URL_LIVES
        body = {
            "value": submission.ref if taken.ref is None else taken.ref,
            "message_ts": kept.get("ts"),
            "thread": kept.get("thread"),
            "response_url": kept.get("url") if fresh else None,
            "version": kept.get("version"),
        }

        def receive(tx: Transaction) -> bool:
            form = taken.form if spec.settle is None else spec.settle(tx, submission, taken.form)
            return inbox.receive(
                tx,
                key=incoming.key,
                kind=kind,
                person=incoming.person,
                channel=kept.get("channel"),
                body={**body, "form": dict(form)},
                now=now,
            )

        try:
            await self._database.write(receive, patience=PATIENCE)
        except NotRecorded as error:
            metrics.inbox_failed(kind)
            _log.error("inbox.not_recorded", kind=kind, reason=str(error))
            return False
        return True
