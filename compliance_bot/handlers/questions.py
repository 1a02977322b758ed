"""Questions and their answers: by slash command to one person, by mention into the thread.

An answer to a mention leaves by the outbox, so that it is given once whatever happens in between.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace

from compliance_bot import metrics
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import refuse
from compliance_bot.config.schema import Rules
from compliance_bot.handlers.incoming import Incoming
from compliance_bot.handlers.replies import SENTENCES, Replies
from compliance_bot.handlers.subcommands import (
    Asked,
    Change,
    Subcommands,
    asked_for,
    changing,
    near_subcommand,
)
from compliance_bot.insight import held, snoozed
from compliance_bot.insight.status import ComplianceStatus, UnknownFramework
from compliance_bot.logs import logger
from compliance_bot.messages import refusal_words, wording
from compliance_bot.messages.help_words import help_words
from compliance_bot.messages.message import Message
from compliance_bot.messages.status_card import StatusView, show_status
from compliance_bot.model.delivery import (
    Effect,
    EffectKind,
    Lane,
    PlannedEffect,
    Presentation,
)
from compliance_bot.model.slack import Directory
from compliance_bot.outbox import effects
from compliance_bot.outbox.contract import Handler
from compliance_bot.people.access import Access, Refused
from compliance_bot.rulebook import Rulebook
from compliance_bot.rules.sensitivity import clear
from compliance_bot.store import inbox
from compliance_bot.store.database import Database
from compliance_bot.store.inbox import InboxRow
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)

_MENTION = re.compile(r"<@[UW][A-Z0-9]+(\|[^>]*)?>")
_OURS = re.compile(r"^\s*<@[UW][A-Z0-9]+(\|[^>]*)?>[\s,:]*")
"""How a message begins that calls us."""
_FILLER = re.compile(r"^(compliance|status|score|show|framework|for|of|the|me|\s)+\b", re.IGNORECASE)
_QUOTES = str.maketrans("\u201c\u201d\u201e\u2018\u2019\u00a0", '"""\'\' ')
_HELP = ("help", "?", "hilfe")

ANSWERED_WITHIN = 3600.0
"""Seconds after which an answer to a mention is not given any more: an hour late it answers nobody."""

PATIENCE = 2.0
"""Seconds the note of a command's refusal may take to be committed."""


class Questions:
    """Answers what people ask."""

    def __init__(
        self,
        *,
        database: Database,
        moment: Callable[[], Moment],
        rules: Callable[[], Rules],
        status: ComplianceStatus,
        access: Access,
        replies: Replies,
        subcommands: Subcommands,
        changes: Mapping[str, Change],
    ) -> None:
        self._database = database
        self._moment = moment
        self._rules = rules
        self._status = status
        self._access = access
        self._replies = replies
        self._subcommands = subcommands
        self._changes = changes
        self._shown: tuple[StatusView, Message] | None = None

    async def status(self, incoming: Incoming) -> None:
        """Answer ``/compliance [framework]``, or a sub-command, to the one who asked."""
        person, command = incoming.person or "", incoming.name
        words = argument(incoming.text or "")
        refused, reference = await self._refusal(person, words), _a_reference()
        if refused is not None:
            await self._database.write(
                lambda tx: self._note_refusal(tx, person, refused, reference), patience=PATIENCE
            )
        asked = Asked(words=words, command=command, person=person, channel=incoming.channel)
        message = await self._answer(asked, refused, reference)
        await self._replies.tell(
            person=incoming.person,
            channel=incoming.channel,
            response_url=incoming.response_url,
            body=message.body(),
        )

    async def why(self, incoming: Incoming, ref: str) -> None:
        """Answer why somebody sees a case, as ``/compliance why`` does."""
        await self.status(replace(incoming, name=self._command(), text=f"why {ref}"))

    async def mention(self, row: InboxRow) -> None:
        """Answer a mention or a direct message in its thread; a refusal is audited with its answer."""
        said = str(row.body.get("text") or "")
        if (change := changing(argument(_OURS.sub("", said, count=1)))) is not None:
            await self._change(row, *change)
            return
        words = argument(_MENTION.sub(" ", said))
        asked = _FILLER.sub("", words).strip()
        plain_ask = bool(words) and (asked != words or asked == "")
        if asked_for(self._subcommands, words) is not None:
            asked = words
        elif not plain_ask:
            asked = _HELP[0]
        person = row.person or ""
        refused, reference = await self._refusal(person, asked), _a_reference()
        # It leaves later, maybe to other readers: what any member may see, whatever is told in this channel.
        question = Asked(words=asked, command=self._command(), person=person, channel=None)
        message = await self._answer(question, refused, reference)

        def decide(tx: Transaction) -> None:
            now = self._moment().now
            if refused is not None:
                self._note_refusal(tx, person, refused, reference)
            effects.plan(tx, _reply(row, message, telling=not refused and not _asks_help(asked)), now)
            inbox.decided(tx, row.id, reply=None, now=now)

        await self._database.write(decide)

    async def _change(self, row: InboxRow, kind: str, words: str) -> None:
        """Carry out what a mention wants changed; the answer goes into its thread."""
        carry_out = await self._changes[kind](row.person or "", words)

        def decide(tx: Transaction) -> str:
            moment = self._moment()
            reply = carry_out(tx, moment)
            message = Message(text=SENTENCES[reply["say"]](reply))
            effects.plan(tx, _reply(row, message, telling=False), moment.now)
            inbox.decided(tx, row.id, reply=None, now=moment.now)
            return str(reply["say"])

        metrics.decided(kind, await self._database.write(decide))

    def _command(self) -> str:
        commands = self._rules().slash_commands.items()
        return next(
            (name for name, one in commands if one.handler == "compliance_status_command"), "/compliance"
        )

    async def _refusal(self, person: str, words: str) -> Refused | None:
        """Why that person may not be shown figures; help is for everyone."""
        if _asks_help(words):
            return None
        verdict = await self._access.ask(person, "view")
        return verdict if isinstance(verdict, Refused) else None

    def _note_refusal(self, tx: Transaction, person: str, refused: Refused, reference: str) -> None:
        refuse(
            tx,
            self._moment(),
            person=person or "nobody",
            action="view",
            ref=None,
            reason=refused.refusal.value,
            reference=reference,
        )

    async def _answer(self, asked: Asked, refused: Refused | None, reference: str) -> Message:
        if _asks_help(asked.words):
            return Message(text=help_words(asked.command))
        if refused is None:
            return await self._tell(asked)
        _log.info("access.refused", action="view", reason=refused.refusal.value, reference=reference)
        metrics.command_answered(asked.command, "refused")
        return Message(
            text=refusal_words.refused(
                refused.refusal, action="view", allowed=refused.allowed, reference=reference
            )
        )

    async def _tell(self, asked: Asked) -> Message:
        """What a sub-command answers, else the figures: of all, or of the framework that was named."""
        found = asked_for(self._subcommands, asked.words)
        if found is None:
            return await self._figures(asked.words, asked.command)
        ask, words = found
        message = await ask(replace(asked, words=words))
        metrics.command_answered(asked.command, "answered")
        return message

    async def _figures(self, words: str, command: str) -> Message:
        view = await self._status.status(words or None)
        if isinstance(view, StatusView):
            figures = view
            view = await self._database.read(lambda tx: self._with_silences(tx, figures))
        metrics.command_answered(command, "answered")
        if isinstance(view, UnknownFramework):
            near = near_subcommand(self._subcommands, words) or next(iter(view.nearest), None)
            also = sorted(self._subcommands)
            return Message(text=wording.unknown_framework(view.asked, near, view.known, also))
        if self._shown is None or self._shown[0] != view:
            self._shown = (view, show_status(view))
        return self._shown[1]

    def _with_silences(self, tx: Transaction, view: StatusView) -> StatusView:
        """The figures, with how much is held and how much sleeps: what is silent is never forgotten."""
        return replace(view, held=held.waiting(tx), snoozed=snoozed.counted(tx, self._moment()))


def argument(text: str) -> str:
    """What was typed behind a command: quotes straight or curly taken off, blanks of any kind one."""
    return " ".join(text.translate(_QUOTES).split()).strip("\"'")


def _a_reference() -> str:
    return f"Q-{secrets.token_hex(4)}"


def _asks_help(words: str) -> bool:
    return words.lower() in _HELP


def _reply(row: InboxRow, message: Message, *, telling: bool) -> PlannedEffect:
    """The answer as an effect. Not ``telling``: it says nothing of what Studio knows."""
    return PlannedEffect(
        kind=EffectKind.REPLY,
        key=f"reply:{row.id}",
        lane=Lane.URGENT,
        order_key=f"reply:{row.id}",
        pace_key=row.channel or "",
        intent={
            "channel": row.channel,
            "thread_ts": row.body.get("thread"),
            "text": message.text,
            "blocks": list(message.blocks),
            "telling": telling,
        },
        expires_at=row.received_at + ANSWERED_WITHIN,
    )


def reply_handler(directory: Callable[[], Directory]) -> Handler:
    """The handler of answers that leave by the outbox. ``directory``: the snapshot that knows channels."""

    def present(_tx: Transaction, effect: Effect, _now: float, rulebook: Rulebook) -> Presentation:
        thread, sensitivity = {"thread_ts": effect.intent["thread_ts"]}, rulebook.sensitivity
        arguments = {"text": effect.intent["text"], **thread}
        if effect.intent["blocks"] and not effect.degraded:
            arguments["blocks"] = effect.intent["blocks"]
        return clear(
            "chat.postMessage",
            rulebook.audience(directory(), effect.intent["channel"]),
            arguments,
            content=sensitivity.internal if effect.intent.get("telling", True) else sensitivity.lowest,
            instead={"text": wording.answer_withheld(), **thread},
        )

    return Handler(present=present)
