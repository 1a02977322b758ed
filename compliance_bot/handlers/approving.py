"""How people's words on approvals are decided: on what Studio says now, with what Slack says of takers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from compliance_bot.approvals import delegate, elsewhere, votes
from compliance_bot.approvals.delegate import Taker
from compliance_bot.cases.moment import Moment
from compliance_bot.clock import Clock
from compliance_bot.errors import StudioError
from compliance_bot.handlers.deciders import Rule
from compliance_bot.model.approvals import Approval, ApprovalKind
from compliance_bot.model.platform import AuditRequest, Project
from compliance_bot.people.access import Access, Allowed
from compliance_bot.store import approvals as store
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio.calls import Reading
from compliance_bot.studio.failures import FailureKind, StudioCallFailed
from compliance_bot.studio.quota import Purpose

REREAD_WITHIN = 1.0
"""Seconds Studio gets to say how things stand before somebody's word is taken."""


class ReadsProjects(Protocol):
    """What is asked of Studio before a word is taken."""

    async def project(
        self, project_id: str, *, purpose: Purpose = Purpose.REREAD, once: bool = False
    ) -> Project:
        """One project."""
        ...

    async def auditor_projects(self, *, purpose: Purpose = Purpose.POLL) -> Reading[Project]:
        """The projects of our auditor."""
        ...

    async def requests(self, *, purpose: Purpose = Purpose.POLL) -> Reading[AuditRequest]:
        """The requests our auditor sent."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Approving:
    """What ``Decisions`` needs to decide about approvals."""

    database: Database
    clock: Clock
    moment: Callable[[], Moment]
    access: Access
    studio: ReadsProjects

    def rules(self) -> Mapping[str, Rule]:
        """Each by the kind of its rows."""
        fresh: dict[str, Any] = {"right": "approve", "must_be_fresh": True, "freshen": self.freshen}
        return {
            "approve": Rule(decide=votes.approve, **fresh),
            "reject": Rule(decide=votes.reject, **fresh),
            "delegate": Rule(
                right="approve", decide=delegate.delegate, freshen=_as_it_is, consult=self.consult
            ),
            "approve_report": Rule(decide=votes.approve_report, **fresh),
            "return_report": Rule(decide=votes.return_report, **fresh),
            "complete_request": Rule(decide=votes.complete_request, **fresh),
        }

    async def freshen(self, value: str) -> bool:
        """Read what is decided about once more; False where Studio does not answer in time."""
        ref = value.partition(" ")[0]
        found = await self.database.read(lambda tx: _of(tx, ref))
        if found is None or not found[0].state.is_living:
            return True
        approval, studio_id = found
        sent_at = self.clock.now()
        try:
            async with asyncio.timeout(REREAD_WITHIN):
                said = await self._ask(approval.kind, studio_id)
        except StudioCallFailed as failure:
            if failure.kind is not FailureKind.NOT_FOUND:
                return False
            said = None
        except (TimeoutError, StudioError):
            return False
        await self.database.write(lambda tx: self._take_in(tx, ref, said, sent_at))
        return True

    async def _ask(self, kind: ApprovalKind, studio_id: str) -> Project | AuditRequest | None:
        if kind is ApprovalKind.PROJECT:
            return await self.studio.project(studio_id, purpose=Purpose.REREAD, once=True)
        listed: Awaitable[Reading[Project] | Reading[AuditRequest]] = (
            self.studio.auditor_projects(purpose=Purpose.REREAD)
            if kind is ApprovalKind.REVIEW
            else self.studio.requests(purpose=Purpose.REREAD)
        )
        return next((one for one in (await listed).rows if one.id == studio_id), None)

    def _take_in(
        self, tx: Transaction, ref: str, said: Project | AuditRequest | None, sent_at: float
    ) -> None:
        approval = store.find_by_ref(tx, ref)
        if approval is None or not approval.state.is_living:
            return
        if said is None:
            elsewhere.gone(tx, self.moment(), approval)
        elif isinstance(said, Project):
            elsewhere.observe(tx, self.moment(), approval, said, sent_at=sent_at)
        else:
            elsewhere.observe_request(tx, self.moment(), approval, said, sent_at=sent_at)

    async def consult(self, form: Mapping[str, Any]) -> Mapping[str, Any]:
        """Who it is to be handed to, and by which right they may approve."""
        to = str(form.get("to") or "")
        verdict = await self.access.ask(to, "approve")
        if isinstance(verdict, Allowed):
            person, right = verdict.person, verdict.right
        elif verdict.person is not None:
            person, right = verdict.person, None
        else:
            return {"taker": Taker(id=to, name=to, known=False).to_form()}
        name = person.name or person.handle
        return {"taker": Taker(id=person.id, name=name, email=person.email, right=right).to_form()}


async def _as_it_is(_ref: str) -> bool:
    """Who hands on decides nothing of Studio's."""
    return True


def _of(tx: Transaction, ref: str) -> tuple[Approval, str] | None:
    approval = store.find_by_ref(tx, ref)
    return None if approval is None else (approval, store.studio_id_of(tx, approval))
