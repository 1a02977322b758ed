"""Translates inbox rows into decisions: who is it, may they, is our knowledge fresh, then decide.

What may only be decided on what Studio says now waits for Studio, up to ``approvals.expires``; whoever
clicked is told that it waits, and what became of it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace

from compliance_bot import metrics
from compliance_bot.cases import press
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import FRESH_ENOUGH, Press
from compliance_bot.clock import Clock
from compliance_bot.config.schema import Action
from compliance_bot.errors import SlackError, StudioError
from compliance_bot.handlers import listed
from compliance_bot.handlers.deciders import Rule, Rules
from compliance_bot.handlers.replies import Replies
from compliance_bot.handlers.worker import Decide
from compliance_bot.logs import logger
from compliance_bot.model.findings import FindingDetail
from compliance_bot.people.access import Access, Allowed, Refused
from compliance_bot.store import cases, inbox, objects, people
from compliance_bot.store.database import Database
from compliance_bot.store.inbox import InboxRow
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)

REREAD_WITHIN = 1.0
"""Seconds Studio gets to refresh what a decision rests on."""
ASKED_AGAIN = 10.0
"""Seconds after which a row that waits for Studio asks it again."""

ReadFinding = Callable[[str], Awaitable[FindingDetail]]
TakeIn = Callable[[FindingDetail, float], Awaitable[None]]
StudioUser = Callable[[Transaction, str | None], str | None]
"""Who a person with that e-mail is in Studio, where that is known."""


class Decisions:
    """The deciders of what people press, each by its kind in ``rules``."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        moment: Callable[[], Moment],
        access: Access,
        read_finding: ReadFinding,
        take_in: TakeIn,
        studio_user: StudioUser,
        replies: Replies,
        rules: Rules,
    ) -> None:
        self._database = database
        self._clock = clock
        self._moment = moment
        self._access = access
        self._read_finding = read_finding
        self._take_in = take_in
        self._studio_user = studio_user
        self._replies = replies
        self._rules = rules

    def deciders(self) -> dict[str, Decide]:
        """For each kind, what the inbox's worker calls."""
        return {kind: self._decider(kind, rule) for kind, rule in self._rules.items()}

    def _decider(self, kind: str, rule: Rule) -> Decide:
        async def decide(row: InboxRow) -> None:
            await self._decide(row, kind, rule)

        return decide

    async def _decide(self, row: InboxRow, kind: str, rule: Rule) -> None:
        ref = str(row.body.get("value") or "")
        verdict = await self._access.ask(row.person or "", rule.right)
        if isinstance(verdict, Refused):
            await self._refuse(row, kind, rule, ref, verdict)
            return
        fresh = await self._fresh(rule, ref)
        if rule.must_be_fresh and not fresh:
            await self._wait(row, kind, ref)
            return
        pressed = await self._press(row, rule, ref, verdict)
        await self._database.write(lambda tx: self._carry_out(tx, row, kind, rule, pressed))

    def _carry_out(self, tx: Transaction, row: InboxRow, kind: str, rule: Rule, pressed: Press) -> None:
        moment = self._moment()
        people.pseudonym(tx, pressed.person, moment.now, pressed.person_name)
        known = replace(pressed, studio_user=self._studio_user(tx, pressed.person_email))
        reply = listed.decide(tx, moment, rule, kind, known)
        inbox.decided(tx, row.id, reply=reply, now=moment.now)
        decided = cases.decided_by(tx, row.id)
        metrics.decided(kind, "won" if decided else str((reply or {}).get("say", "won")))

    async def _press(self, row: InboxRow, rule: Rule, ref: str, verdict: Allowed) -> Press:
        form = dict(row.body.get("form") or {})
        if rule.asks is not None:
            form["may"] = await self._who_may(rule.asks)
        if rule.consult is not None:
            form |= await rule.consult(form)
        return Press(
            inbox_id=row.id,
            ref=ref,
            person=verdict.person.id,
            person_name=verdict.person.name or verdict.person.handle,
            person_email=verdict.person.email,
            right=verdict.right,
            channel=row.channel,
            ts=row.body.get("message_ts"),
            form=form,
            version=row.body.get("version"),
            received_at=row.received_at,
        )

    async def _who_may(self, right: Action) -> list[str]:
        """Whom to ask directly for a second word; nobody while Slack can't say: the thread asks them all."""
        try:
            return [person.id for person in await self._access.who_may(right) or ()]
        except SlackError as failure:
            _log.warning("decision.nobody_asked_directly", right=right, reason=str(failure))
            return []

    # ------------------------------------------------------------ who may not

    async def _refuse(self, row: InboxRow, kind: str, rule: Rule, ref: str, refused: Refused) -> None:
        reference = f"R-{secrets.token_hex(4)}"
        reason = refused.refusal.value
        _log.info("access.refused", action=kind, reason=reason, reference=reference)
        reply = {
            "say": "refused",
            "refusal": reason,
            "action": rule.right,
            "allowed": list(refused.allowed),
            "reference": reference,
        }

        def decide(tx: Transaction) -> None:
            moment = self._moment()
            person = row.person or "nobody"
            press.refuse(tx, moment, person=person, action=kind, ref=ref, reason=reason, reference=reference)
            inbox.decided(tx, row.id, reply=reply, now=moment.now)

        await self._database.write(decide)
        metrics.decided(kind, "refused")

    # ------------------------------------------------------------ what Studio says now

    async def _fresh(self, rule: Rule, ref: str) -> bool:
        """Ask Studio again where what we know is older than half a minute; a second, no more."""
        if rule.freshen is not None:
            return await rule.freshen(ref)
        stale = await self._database.read(lambda tx: self._stale(tx, ref.partition(" ")[0]))
        if stale is None:
            return True
        sent_at = self._clock.now()
        try:
            async with asyncio.timeout(REREAD_WITHIN):
                detail = await self._read_finding(stale)
        except (TimeoutError, StudioError):
            return False
        await self._take_in(detail, sent_at)
        return True

    def _stale(self, tx: Transaction, ref: str) -> str | None:
        case = cases.find_by_ref(tx, ref)
        if case is None:
            return None
        known = objects.find_by_row(tx, case.object_id)
        fresh = self._clock.now() - known.accepted_at <= FRESH_ENOUGH
        return None if fresh else known.finding.id

    async def _wait(self, row: InboxRow, kind: str, ref: str) -> None:
        """Let the row wait for Studio, or let it go where it waited too long."""
        now, expires = self._clock.now(), self._moment().rulebook.rules.approvals.expires
        until = row.received_at + expires
        named = ref.partition(" ")[0]
        if now >= until:
            await self._let_go(row, kind, named)
            return
        told = {"say": "waits_for_studio", "ref": named, "until": until}
        again = min(until, now + min(ASKED_AGAIN, expires / 10))
        await self._database.write(lambda tx: inbox.wait(tx, row.id, until=again, told=told))
        if row.reply is None:
            _log.info("decision.waits_for_studio", action=kind, ref=named)
            await self._replies.say(row, told)

    async def _let_go(self, row: InboxRow, kind: str, ref: str) -> None:
        reference = f"R-{secrets.token_hex(4)}"

        def decide(tx: Transaction) -> None:
            moment = self._moment()
            person = row.person or "nobody"
            press.refuse(
                tx, moment, person=person, action=kind, ref=ref, reason="expired", reference=reference
            )
            inbox.decided(tx, row.id, reply={"say": "expired", "ref": ref}, now=moment.now)

        await self._database.write(decide)
        metrics.decided(kind, "expired")
