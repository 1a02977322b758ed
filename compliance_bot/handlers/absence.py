"""Translates ``away …``: which day, who stands in, and whether they may; then it is decided.

What is asked of Slack is asked before the transaction; by slash command and by mention it goes the same way.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import date

from compliance_bot import metrics
from compliance_bot.cases import absence, press
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Reply
from compliance_bot.errors import SlackError
from compliance_bot.handlers.spoken_days import begins_at, day_of, day_words, read_day
from compliance_bot.handlers.subcommands import Asked, CarryOut
from compliance_bot.logs import logger
from compliance_bot.messages import away_words
from compliance_bot.messages.message import Message
from compliance_bot.model.slack import Directory, Person
from compliance_bot.people.access import Access, Allowed, AskEmail, Refused
from compliance_bot.store import away, inbox
from compliance_bot.store.away import Deputy
from compliance_bot.store.database import Database
from compliance_bot.store.inbox import InboxRow
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)

LONGEST = 366
"""Days that somebody may be away at once."""

_OFF = ("off", "end", "back", "over", "none")
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_MAIL = re.compile(r"<mailto:([^|>]+)(?:\|[^>]*)?>")
_TO = re.compile(r"(?:^|\s)to(?:\s+|$)", re.IGNORECASE)


class Absences:
    """Answers ``away``, and carries out what it changes."""

    def __init__(
        self,
        *,
        database: Database,
        moment: Callable[[], Moment],
        access: Access,
        directory: Callable[[], Directory],
        person_by_email: AskEmail,
    ) -> None:
        self._database = database
        self._moment = moment
        self._access = access
        self._directory = directory
        self._person_by_email = person_by_email

    # ------------------------------------------------------------ how it stands

    async def answer(self, asked: Asked) -> Message:
        """How it is with whoever asks: away or not, and for whom they stand in."""
        text = await self._database.read(lambda tx: self._standing(tx, asked.person))
        return Message(text=text)

    def _standing(self, tx: Transaction, person: str) -> str:
        now = self._moment().now
        names = [one.person_name for one in away.stood_in_for(tx, person, now)]
        found = away.standing(tx, person, now)
        if found is None:
            return away_words.present(names)
        reached = away.deputy_of(tx, person, now)
        return away_words.stands(
            found.until, found.deputy_name, None if reached is None else reached.name, names
        )

    # ------------------------------------------------------------ what changes something

    async def decide(self, row: InboxRow) -> None:
        """Carry out a slash command's row; its answer goes by ``response_url``."""
        carry_out = await self.prepare(row.person or "", str(row.body.get("words") or ""))

        def decide(tx: Transaction) -> str:
            moment = self._moment()
            reply = carry_out(tx, moment)
            inbox.decided(tx, row.id, reply=reply, now=moment.now)
            return str(reply["say"])

        said = await self._database.write(decide)
        metrics.decided("away", said.removeprefix("away_"))

    async def prepare(self, person_id: str, words: str) -> CarryOut:
        """What is to be decided, once Slack was asked all that has to be known of the two people."""
        verdict = await self._access.ask(person_id, "view")
        if isinstance(verdict, Refused):
            return _refusing(person_id, verdict)
        person = verdict.person
        plain = words.replace('"', " ").replace("'", " ").strip()
        if plain.lower() in _OFF:
            return lambda tx, moment: absence.end(tx, moment, person=person.id, name=name_of(person))
        until, to = _split(plain)
        day = self._day(until, day_of(self._moment().now, person.time_zone))
        if not isinstance(day, date):
            return _saying(day)
        approves = isinstance(await self._access.ask(person.id, "approve"), Allowed)
        deputy = None if to is None else await self._deputy(person, to, approves=approves)
        if isinstance(deputy, dict):
            return _saying(deputy)
        return lambda tx, moment: absence.begin(
            tx,
            moment,
            person=person.id,
            name=name_of(person),
            until=begins_at(day, person.time_zone),
            day=day_words(day),
            deputy=deputy,
            approves=approves,
        )

    def _day(self, said: str, today: date) -> date | Reply:
        """The day on which somebody is back; or what is to be said of what they said."""
        day = read_day(said, today)
        if day is None:
            return {"say": "away_day_unknown", "asked": said}
        if day <= today:
            return {"say": "away_day_past", "day": day_words(day)}
        if (day - today).days > LONGEST:
            return {"say": "away_day_far", "day": day_words(day)}
        return day

    async def _deputy(self, person: Person, asked: str, *, approves: bool) -> Deputy | dict[str, object]:
        """Who is to stand in; or what is to be said of whom was named."""
        try:
            found = await self._named(asked)
        except SlackError:
            return {"say": "away_deputy_refused", "name": asked, "refusal": "unknown"}
        if found is None:
            return {"say": "away_deputy_unknown", "asked": asked}
        if found == person.id:
            return {"say": "away_deputy_self"}
        verdict = await self._access.ask(found, "view")
        if isinstance(verdict, Refused):
            name = found if verdict.person is None else name_of(verdict.person)
            return {"say": "away_deputy_refused", "name": name, "refusal": verdict.refusal.value}
        deputy = Deputy(person=found, name=name_of(verdict.person))
        if not approves or isinstance(await self._access.ask(found, "approve"), Allowed):
            return deputy
        others = await self._who_else(person.id)
        return {"say": "away_deputy_may_not", "name": deputy.name, "others": others}

    async def _who_else(self, person_id: str) -> list[str]:
        try:
            return [
                name_of(one) for one in await self._access.who_may("approve") or () if one.id != person_id
            ]
        except SlackError as error:
            _log.warning("away.who_may_unknown", reason=str(error))
            return []

    async def _named(self, asked: str) -> str | None:
        """The Slack id of whom ``<@U123|name>``, ``@handle`` or an address means."""
        if (mention := _PERSON.fullmatch(asked)) is not None:
            return mention[1]
        mail = _MAIL.fullmatch(asked)
        plain = (mail[1] if mail else asked).removeprefix("@").lower()
        known = self._directory()
        person = known.people_by_handle.get(plain) or known.people_by_email.get(plain)
        if person is None and "@" in plain:
            person = await self._person_by_email(plain)
        return None if person is None else person.id


def name_of(person: Person) -> str:
    """What a person is called."""
    return person.name or person.handle


def _split(words: str) -> tuple[str, str | None]:
    """The day and the person of ``until DAY to PERSON``; None where no ``to`` was said."""
    found = _TO.search(words)
    day = words if found is None else words[: found.start()]
    until, _, rest = day.strip().partition(" ")
    said = rest if until.lower() == "until" else day
    return said.strip(), None if found is None else words[found.end() :].strip()


def _saying(reply: Reply) -> CarryOut:
    return lambda _tx, _moment: reply


def _refusing(person_id: str, refused: Refused) -> CarryOut:
    reference, reason = f"R-{secrets.token_hex(4)}", refused.refusal.value
    _log.info("access.refused", action="away", reason=reason, reference=reference)

    def refuse(tx: Transaction, moment: Moment) -> Reply:
        person = person_id or "nobody"
        press.refuse(tx, moment, person=person, action="away", ref=None, reason=reason, reference=reference)
        return {
            "say": "refused",
            "refusal": reason,
            "action": "view",
            "allowed": list(refused.allowed),
            "reference": reference,
        }

    return refuse
