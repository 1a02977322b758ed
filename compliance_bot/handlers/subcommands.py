"""What may follow ``/compliance``: words of ours, each with who answers it.

A new one is a coroutine and a line in the table that ``app`` hands to ``Questions``. Who asks has been
found to have the right ``view`` before.
"""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Reply
from compliance_bot.config.schema import Action
from compliance_bot.insight import held, snoozed
from compliance_bot.insight.queue import CONSENT_NEEDS, Asker, queue
from compliance_bot.insight.why import OutsideProjects, Unknown, why
from compliance_bot.messages import why_card
from compliance_bot.messages.held import show_held
from compliance_bot.messages.message import Message
from compliance_bot.messages.waiting import show_queue, show_snoozed
from compliance_bot.model.slack import Person
from compliance_bot.people.access import Access, Allowed
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A sub-command as asked: the ``words`` behind it, under which command, by whom and where."""

    words: str
    command: str
    person: str
    channel: str | None


Ask: TypeAlias = Callable[[Asked], Awaitable[Message]]
"""Answers one sub-command."""

Subcommands: TypeAlias = Mapping[str, Ask]
"""Each by its word, in small letters."""


CarryOut: TypeAlias = Callable[[Transaction, Moment], Reply]
"""Decides what a sub-command changes, in the transaction that notes its row as decided."""

Change: TypeAlias = Callable[[str, str], Awaitable[CarryOut]]
"""Of a person and their words: what is to be decided, once all was asked that must be known for it."""

_ALIKE = 0.7
"""How alike two words are, of 1, for one to be taken for the other mistyped."""

CHANGING = ("away",)
"""Sub-commands that change something where words follow them: they go by the inbox. Alone they ask."""


def changing(words: str) -> tuple[str, str] | None:
    """The sub-command that would change something, and the words behind it; None for a question."""
    word, _, rest = words.partition(" ")
    return (word.lower(), rest.strip()) if word.lower() in CHANGING and rest.strip() else None


def asked_for(subcommands: Subcommands, words: str) -> tuple[Ask, str] | None:
    """Who answers, and the words left for it; None where the first word is no sub-command."""
    word, _, rest = words.partition(" ")
    ask = subcommands.get(word.lower())
    return None if ask is None else (ask, rest.strip())


def near_subcommand(subcommands: Subcommands, words: str) -> str | None:
    """The sub-command that a mistyped first word was probably meant to be."""
    word = words.partition(" ")[0].lower()
    return next(iter(difflib.get_close_matches(word, subcommands, n=1, cutoff=_ALIKE)), None)


class Reasons:
    """Answers ``why FINDING``: where it went and why, whom it pinged, and how far it got."""

    def __init__(self, *, database: Database, moment: Callable[[], Moment]) -> None:
        self._database = database
        self._moment = moment

    async def answer(self, asked: Asked) -> Message:
        """What was recorded of the finding that is named, as far as the asker may see it."""
        if not asked.words:
            return Message(text=why_card.which_finding(asked.command))
        moment = self._moment()
        found = await self._database.read(lambda tx: why(tx, moment, asked.words, asked_in=asked.channel))
        if isinstance(found, Unknown):
            return Message(text=why_card.unknown_finding(found.asked, found.near))
        if isinstance(found, OutsideProjects):
            return Message(text=why_card.of_no_listed_project())
        return why_card.show_why(found)


class HeldMessages:
    """Answers ``held``: what waits for the end of quiet hours."""

    def __init__(self, *, database: Database, moment: Callable[[], Moment]) -> None:
        self._database = database
        self._moment = moment

    async def answer(self, asked: Asked) -> Message:
        """The list, as far as the asker may see it."""
        moment = self._moment()
        view = await self._database.read(lambda tx: held.listed(tx, moment, asked_in=asked.channel))
        return show_held(view)


class SnoozedCases:
    """Answers ``snoozed``: what sleeps, until when, by whom and why."""

    def __init__(self, *, database: Database, moment: Callable[[], Moment]) -> None:
        self._database = database
        self._moment = moment

    async def answer(self, asked: Asked) -> Message:
        """The list, as far as the asker may see it."""
        moment = self._moment()
        view = await self._database.read(lambda tx: snoozed.listed(tx, moment, asked_in=asked.channel))
        return show_snoozed(view)


class Queue:
    """Answers ``queue``: what waits on whoever asks, by the rights that they have now."""

    def __init__(self, *, database: Database, moment: Callable[[], Moment], access: Access) -> None:
        self._database = database
        self._moment = moment
        self._access = access

    async def answer(self, asked: Asked) -> Message:
        """The list, as far as the asker may see it."""
        moment = self._moment()
        asker = await self._asker(asked)
        view = await self._database.read(lambda tx: queue(tx, moment, asker))
        return show_queue(view)

    async def _asker(self, asked: Asked) -> Asker:
        actions: tuple[Action, ...] = ("view", "approve", *dict.fromkeys(CONSENT_NEEDS.values()))
        verdicts = {action: await self._access.ask(asked.person, action) for action in actions}
        known = [verdict.person for verdict in verdicts.values() if verdict.person is not None]
        nobody = Person(id=asked.person, handle="", name=asked.person)
        return Asker(
            person=known[0] if known else nobody,
            rights=frozenset(action for action, one in verdicts.items() if isinstance(one, Allowed)),
            asked_in=asked.channel,
        )
