"""What Slack sends, translated: what changes something becomes an inbox row before its ack.

A click that can't be recorded in time is acked and its presser told; an event that can't be is not
acked, so that Slack sends it again; a question is acked first and answered after.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from compliance_bot import metrics
from compliance_bot.clock import Clock
from compliance_bot.config.schema import Rules
from compliance_bot.errors import NotRecorded, SlackError
from compliance_bot.handlers.acknowledging import Ack
from compliance_bot.handlers.dispatch import Dispatcher
from compliance_bot.handlers.errands import Errands
from compliance_bot.handlers.forms import Forms
from compliance_bot.handlers.incoming import Incoming, Kind
from compliance_bot.handlers.manifest import COMMAND_HANDLERS, DIRECTORY_EVENTS, TOKEN_EVENTS
from compliance_bot.handlers.questions import Questions, argument
from compliance_bot.handlers.reactions import Reactions
from compliance_bot.handlers.replies import Replies
from compliance_bot.handlers.sending import SendToStudio
from compliance_bot.handlers.subcommands import changing
from compliance_bot.logs import logger
from compliance_bot.messages import case_buttons, reload_words, wording
from compliance_bot.messages.approval import APPROVE_REPORT, COMPLETE, RETURN_REPORT
from compliance_bot.messages.buttons import CONFIRM, DECLINE, UNDO
from compliance_bot.messages.digest import ACKNOWLEDGE_ALL
from compliance_bot.messages.framing import ACKNOWLEDGE
from compliance_bot.slack.audience import AudienceReader
from compliance_bot.slack.directory import DirectoryReader
from compliance_bot.store import inbox
from compliance_bot.store.database import Database

_log = logger(__name__)

PATIENCE = 2.0
"""Seconds a row may take to be committed; Slack waits three for the ack."""

ANSWERS_AT_ONCE = 16
"""Questions being answered: acks of a flood of them must not wait for the answers."""


PRESSES: Mapping[str, str] = {
    ACKNOWLEDGE: "acknowledge",
    ACKNOWLEDGE_ALL: "acknowledge_all",
    UNDO: "undo",
    case_buttons.WAKE: "wake",
    CONFIRM: "confirm_proposal",
    DECLINE: "decline_proposal",
    APPROVE_REPORT: "approve_report",
    RETURN_REPORT: "return_report",
    COMPLETE: "complete_request",
}
"""The buttons that decide something at once, by their action ids, each with the kind of its inbox row."""


class Listeners:
    """Every listener: for presses, mentions, commands and Slack's own changes; ``attach`` registers them.

    ``errands`` holds what goes on after an ack; ``drain`` waits for it.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        rules: Callable[[], Rules],
        replies: Replies,
        questions: Questions,
        forms: Forms,
        reactions: Reactions,
        sending: SendToStudio,
        errands: Errands,
        directory: DirectoryReader,
        audience: AudienceReader,
        token_lost: Callable[[str], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._replies = replies
        self._questions = questions
        self._forms = forms
        self._reactions = reactions
        self._sending = sending
        self._errands = errands
        self._directory = directory
        self._audience = audience
        self._token_lost = token_lost
        self._turns = asyncio.Semaphore(ANSWERS_AT_ONCE)

    def attach(self, dispatcher: Dispatcher) -> None:
        """Register with the dispatcher."""
        for action_id in PRESSES:
            dispatcher.on(Kind.ACTION, action_id, self.press)
        dispatcher.on(Kind.ACTION, case_buttons.MENU, self.choose)
        self._forms.attach(dispatcher)
        self._reactions.attach(dispatcher)
        self._sending.attach(dispatcher, self._forms)
        dispatcher.otherwise(Kind.ACTION, self.press_unknown)
        dispatcher.otherwise(Kind.COMMAND, self.typed)
        dispatcher.on(Kind.EVENT, "app_mention", self.mentioned)
        dispatcher.on(Kind.EVENT, "message", self.written_to)
        for name in DIRECTORY_EVENTS:
            dispatcher.on(Kind.EVENT, name, self.directory_changed)
        for name in TOKEN_EVENTS:
            dispatcher.on(Kind.EVENT, name, self.token_gone)

    # ------------------------------------------------------------ what changes something

    async def press(self, incoming: Incoming, ack: Ack) -> None:
        """Record a press of a button that decides something, then ack it."""
        body = {
            "value": incoming.value,
            "message_ts": incoming.message_ts,
            "response_url": incoming.response_url,
        }
        recorded = await self._record(PRESSES[incoming.name], incoming, body)
        await ack()
        if not recorded:
            await self._tell(incoming, wording.not_recorded())

    async def choose(self, incoming: Incoming, ack: Ack) -> None:
        """Open the form that was chosen in a case's menu, or say why one sees the case."""
        word, _, ref = (incoming.value or "").partition(" ")
        spec = self._forms.on_menu(word)
        if spec is not None:
            await ack()
            self._forms.open(spec, incoming, ref)
        elif word == "why":
            await ack()
            self._errands.later(self._answer(incoming, lambda: self._questions.why(incoming, ref)))
        else:
            await self.press_unknown(incoming, ack)

    async def press_unknown(self, incoming: Incoming, ack: Ack) -> None:
        """Ack a button that no listener knows; a link's own button needs no word."""
        await ack()
        if incoming.payload.get("actions", [{}])[0].get("url") is None:
            _log.warning("listener.unknown_button", action=incoming.name[:80])
            await self._tell(incoming, wording.unknown_button(incoming.name[:40]))

    async def mentioned(self, incoming: Incoming, ack: Ack) -> None:
        """Record a mention, then ack it; unrecorded it gets no ack and comes again."""
        body = {"text": incoming.text, "thread": incoming.thread or incoming.message_ts}
        if await self._record("mention", incoming, body):
            await ack()

    async def written_to(self, incoming: Incoming, ack: Ack) -> None:
        """Treat a person's direct message like a mention; ack all other messages."""
        event = incoming.payload.get("event", {})
        plain = event.get("subtype") is None and not event.get("bot_id")
        if event.get("channel_type") == "im" and plain and incoming.person:
            await self.mentioned(incoming, ack)
        else:
            await ack()

    async def _record(self, kind: str, incoming: Incoming, body: dict[str, Any]) -> bool:
        """Write the inbox row; False where the database could not in time, and nothing was written."""
        now = self._clock.now()
        try:
            await self._database.write(
                lambda tx: inbox.receive(
                    tx,
                    key=incoming.key,
                    kind=kind,
                    person=incoming.person,
                    channel=incoming.channel,
                    body=body,
                    now=now,
                ),
                patience=PATIENCE,
            )
        except NotRecorded as error:
            metrics.inbox_failed(kind)
            _log.error("inbox.not_recorded", kind=kind, reason=str(error))
            return False
        return True

    # ------------------------------------------------------------ questions

    async def typed(self, incoming: Incoming, ack: Ack) -> None:
        """Hand a command to what its name means by the rules of the moment; a reload may have renamed it."""
        commands = self._rules().slash_commands
        command = commands.get(incoming.name)
        if command is None:
            await ack()
            known = [name for name, one in commands.items() if one.handler in COMMAND_HANDLERS]
            await self._tell(incoming, reload_words.unknown_command(incoming.name, known))
        elif command.handler not in COMMAND_HANDLERS:
            await self.ask_later(incoming, ack)
        elif (change := changing(argument(incoming.text or ""))) is not None:
            await self._change(*change, incoming, ack)
        else:
            await self.ask_status(incoming, ack)

    async def _change(self, kind: str, words: str, incoming: Incoming, ack: Ack) -> None:
        """Record a command that changes something, then ack it; its answer goes by ``response_url``."""
        recorded = await self._record(kind, incoming, {"words": words, "response_url": incoming.response_url})
        await ack()
        if not recorded:
            await self._tell(incoming, wording.not_recorded_command())

    async def ask_status(self, incoming: Incoming, ack: Ack) -> None:
        """Ack a question, then answer it."""
        await ack()
        self._errands.later(self._answer(incoming, lambda: self._questions.status(incoming)))

    async def _answer(self, incoming: Incoming, answer: Callable[[], Awaitable[None]]) -> None:
        try:
            async with self._turns:
                await answer()
        except Exception as error:  # noqa: BLE001 - whatever it was, the person is told and the log knows
            reference = f"E-{secrets.token_hex(4)}"
            _log.error("question.failed", command=incoming.name, reference=reference, exc_info=error)
            metrics.command_answered(incoming.name, "failed")
            await self._tell(incoming, wording.internal_error(reference))

    async def ask_later(self, incoming: Incoming, ack: Ack) -> None:
        """Say of a command that a later version answers it."""
        await ack()
        await self._tell(incoming, wording.not_there_yet(incoming.name))

    # ------------------------------------------------------------ what only concerns the bot

    async def directory_changed(self, incoming: Incoming, ack: Ack) -> None:
        """Ack, and read anew what Slack's names mean."""
        self._audience.on_event(incoming.name, incoming.payload.get("event", {}))
        await ack()
        self._errands.later(self._heed_directory(incoming))

    async def _heed_directory(self, incoming: Incoming) -> None:
        """What can't be learned now is learned with the next reading of everything."""
        try:
            await self._directory.on_event(incoming.name, incoming.payload.get("event", {}))
        except SlackError as error:
            _log.warning("directory.change_not_read", event_type=incoming.name, reason=str(error))

    async def token_gone(self, incoming: Incoming, ack: Ack) -> None:
        """Ack, and stop sending until ``auth.test`` says otherwise."""
        await ack()
        self._token_lost(incoming.name)

    async def _tell(self, incoming: Incoming, text: str) -> None:
        await self._replies.tell(
            person=incoming.person,
            channel=incoming.channel,
            response_url=incoming.response_url,
            body={"text": text},
        )

    async def drain(self, seconds: float) -> None:
        """Let answers under way be given; what takes longer than so many (real) seconds is broken off."""
        await self._errands.drain(seconds)
