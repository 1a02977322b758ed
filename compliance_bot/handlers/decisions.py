"""Translates inbox rows into decisions: who is it, may they, is our knowledge fresh, then decide."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from compliance_bot import metrics
from compliance_bot.cases import acknowledge
from compliance_bot.cases.acknowledge import FRESH_ENOUGH, Acknowledgement
from compliance_bot.cases.acknowledge_all import Listed, acknowledge_all, read_button
from compliance_bot.cases.moment import Moment
from compliance_bot.clock import Clock
from compliance_bot.errors import StudioError
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

ReadFinding = Callable[[str], Awaitable[FindingDetail]]
TakeIn = Callable[[FindingDetail, float], Awaitable[None]]


class Decisions:
    """The deciders of what people press."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        moment: Callable[[], Moment],
        access: Access,
        read_finding: ReadFinding,
        take_in: TakeIn,
    ) -> None:
        self._database = database
        self._clock = clock
        self._moment = moment
        self._access = access
        self._read_finding = read_finding
        self._take_in = take_in

    async def acknowledge(self, row: InboxRow) -> None:
        """Decide a press of Acknowledge."""
        person = row.person or ""
        ref = str(row.body.get("value") or "")
        verdict = await self._access.ask(person, "acknowledge")
        if isinstance(verdict, Refused):
            await self._refuse(row, "acknowledge", ref, verdict)
            return
        await self._freshen(ref)
        await self._database.write(lambda tx: self._acknowledge(tx, row, ref, verdict))

    async def acknowledge_all(self, row: InboxRow) -> None:
        """Decide a press of a digest's "Acknowledge all": the right is asked once, each case by itself."""
        listed = read_button(str(row.body.get("value") or ""))
        verdict = await self._access.ask(row.person or "", "acknowledge")
        if isinstance(verdict, Refused):
            await self._refuse(row, "acknowledge", listed.digest_ref, verdict)
            return
        await self._database.write(lambda tx: self._acknowledge_all(tx, row, listed, verdict))

    def _acknowledge_all(self, tx: Transaction, row: InboxRow, listed: Listed, verdict: Allowed) -> None:
        moment = self._moment()
        press = _press_of(row, listed.digest_ref, verdict)
        people.pseudonym(tx, press.person, moment.now, press.person_name)
        reply = acknowledge_all(tx, moment, press, listed)
        inbox.decided(tx, row.id, reply=reply, now=moment.now)
        metrics.decided("acknowledge_all", "won" if reply.get("won") else str(reply["say"]))

    def _acknowledge(self, tx: Transaction, row: InboxRow, ref: str, verdict: Allowed) -> None:
        moment = self._moment()
        press = _press_of(row, ref, verdict)
        people.pseudonym(tx, press.person, moment.now, press.person_name)
        reply = acknowledge.acknowledge(tx, moment, press)
        inbox.decided(tx, row.id, reply=reply, now=moment.now)
        outcome = "won" if reply is None or reply["say"] == "on_data_of" else str(reply["say"])
        metrics.decided("acknowledge", outcome)

    async def _refuse(self, row: InboxRow, action: str, ref: str, refused: Refused) -> None:
        reference = f"R-{secrets.token_hex(4)}"
        _log.info("access.refused", action=action, reason=refused.refusal.value, reference=reference)
        reply = {
            "say": "refused",
            "refusal": refused.refusal.value,
            "action": action,
            "allowed": list(refused.allowed),
            "reference": reference,
        }

        def decide(tx: Transaction) -> None:
            moment = self._moment()
            reason = refused.refusal.value
            acknowledge.refuse(
                tx, moment, person=row.person or "nobody", action=action, case_ref=ref, reason=reason
            )
            inbox.decided(tx, row.id, reply=reply, now=moment.now)

        await self._database.write(decide)
        metrics.decided(action, "refused")

    async def _freshen(self, ref: str) -> None:
        """Ask Studio again where what we know is older than half a minute; a second, no more."""
        stale = await self._database.read(lambda tx: self._stale(tx, ref))
        if stale is None:
            return
        sent_at = self._clock.now()
        try:
            async with asyncio.timeout(REREAD_WITHIN):
                detail = await self._read_finding(stale)
        except (TimeoutError, StudioError):
            return
        await self._take_in(detail, sent_at)

    def _stale(self, tx: Transaction, ref: str) -> str | None:
        case = cases.find_by_ref(tx, ref)
        if case is None:
            return None
        known = objects.find_by_row(tx, case.object_id)
        fresh = self._clock.now() - known.accepted_at <= FRESH_ENOUGH
        return None if fresh else known.finding.id


def _press_of(row: InboxRow, ref: str, verdict: Allowed) -> Acknowledgement:
    """The press that a row records, by the person whom the verdict knows."""
    return Acknowledgement(
        inbox_id=row.id,
        case_ref=ref,
        person=verdict.person.id,
        person_name=verdict.person.name or verdict.person.handle,
        person_email=verdict.person.email,
        right=verdict.right,
        channel=row.channel,
        ts=row.body.get("message_ts"),
    )
