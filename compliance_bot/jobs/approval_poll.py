"""Finds what waits for somebody's decision in the answers that are read anyway; asks, and follows it.

An alert that comes or leaves is no more than a hint: the project itself is read again. Whom to ask, Slack
says; while it can't, nobody is asked, and the next reading tries again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

from compliance_bot.approvals import ask, elsewhere, requesters
from compliance_bot.approvals.ask import Asked
from compliance_bot.cases.moment import Moment
from compliance_bot.errors import SlackError
from compliance_bot.logs import Repeats, logger
from compliance_bot.model.approvals import Approval, ApprovalKind, Decider
from compliance_bot.model.platform import Alert, AuditRequest, Project
from compliance_bot.model.slack import Person
from compliance_bot.people.identity import slack_emails
from compliance_bot.store import approvals as store
from compliance_bot.store import requests as stored_requests
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio.calls import Reading
from compliance_bot.studio.capabilities import Capability, StudioApi
from compliance_bot.studio.failures import FailureKind, StudioCallFailed
from compliance_bot.studio.quota import Purpose

_log = logger(__name__)

PENDING_APPROVAL = "pending_approval"
"""The type of alert that a project waits for approval."""
OUR_ROLE = "reviewer"
"""What our account must be in a project for Studio to take a review from it."""

WhoMay = Callable[[], Awaitable[list[Person] | None]]
"""Who may approve; None: every member. Raises ``SlackError``."""
ByEmail = Callable[[str], Awaitable[Person | None]]
"""The Slack person with that address. Raises ``SlackError``."""


class ApprovalReader:
    """Asks for decisions. Every method takes in an answer that somebody else read."""

    def __init__(
        self,
        *,
        studio: StudioApi,
        database: Database,
        moment: Callable[[], Moment],
        who_may: WhoMay,
        by_email: ByEmail,
    ) -> None:
        self._studio = studio
        self._database = database
        self._moment = moment
        self._who_may = who_may
        self._by_email = by_email
        self._repeats = Repeats(every=3600.0)

    # ------------------------------------------------------------ new projects

    async def alerts(self, reading: Reading[Alert]) -> None:
        """Ask about each project whose alert stands; look after each that was asked about and has none."""
        waiting = {one.entity_id: one for one in reading.rows if one.type == PENDING_APPROVAL}
        wanted = await self._database.read(
            lambda tx: self._wanted(tx, ApprovalKind.PROJECT, waiting, reading.sent_at)
        )
        for project_id in wanted:
            await self._ask(waiting[project_id])
        if reading.bad_rows:
            return
        living = await self._database.read(lambda tx: store.living(tx, ApprovalKind.PROJECT))
        for project_id, approval in living.items():
            if project_id not in waiting and approval.read_at <= reading.sent_at:
                await self._look_after(project_id, approval)

    def _wanted(
        self, tx: Transaction, kind: ApprovalKind, project_ids: Iterable[str], seen_at: float
    ) -> list[str]:
        moment = self._moment()
        return [one for one in project_ids if ask.is_wanted(tx, moment, kind, one, seen_at=seen_at)]

    async def _ask(self, alert: Alert) -> None:
        sent_at = self._moment().now
        project = await self._read(alert.entity_id)
        if project is None or project.status != elsewhere.STATUS_THAT_WAITS[ApprovalKind.PROJECT]:
            return
        asked = await self._whom(project.customer_email, alert.created_at or project.created_at)
        if asked is not None:
            await self._database.write(
                lambda tx: ask.ask(tx, self._moment(), project, asked, sent_at=sent_at)
            )

    async def _look_after(self, project_id: str, approval: Approval) -> None:
        """What became of a project that was asked about and stands in no answer any more."""
        sent_at = self._moment().now
        try:
            project = await self._studio.project(project_id, purpose=Purpose.POLL)
        except StudioCallFailed as failure:
            if failure.kind is FailureKind.NOT_FOUND:
                await self._database.write(partial(self._gone, approval.id))
            else:
                self._not_read(project_id, failure)
            return
        await self._database.write(partial(self._observe, approval.id, project, sent_at))

    async def _read(self, project_id: str) -> Project | None:
        try:
            return await self._studio.project(project_id, purpose=Purpose.POLL)
        except StudioCallFailed as failure:
            self._not_read(project_id, failure)
            return None

    def _not_read(self, project_id: str, failure: StudioCallFailed) -> None:
        if self._repeats.once(f"{project_id}:{failure.kind.value}", self._moment().now) is not None:
            _log.warning("approval.project_not_read", project=project_id, reason=str(failure))

    def _observe(self, approval_id: int, project: Project, sent_at: float, tx: Transaction) -> None:
        approval = store.find(tx, approval_id)
        elsewhere.observe(tx, self._moment(), approval, project, sent_at=sent_at)

    def _gone(self, approval_id: int, tx: Transaction) -> None:
        elsewhere.gone(tx, self._moment(), store.find(tx, approval_id))

    # ------------------------------------------------------------ the list of projects

    async def projects(self, reading: Reading[Project], *, by_manager: bool) -> None:
        """See what the list says of what is asked about, and which reports came up for review."""
        rows = {one.id: one for one in reading.rows}
        if by_manager:
            await self._follow(ApprovalKind.PROJECT, rows, reading.sent_at)
        await self._follow(ApprovalKind.REVIEW, rows, reading.sent_at)
        if Capability.AUDIT_WRITE in self._studio.capabilities:
            await self._reviews(rows, reading.sent_at, by_manager=by_manager)

    async def _follow(self, kind: ApprovalKind, rows: dict[str, Project], sent_at: float) -> None:
        living = await self._database.read(lambda tx: store.living(tx, kind))
        for project_id, approval in living.items():
            project = rows.get(project_id)
            if project is not None:
                await self._database.write(partial(self._observe, approval.id, project, sent_at))

    async def _reviews(self, rows: dict[str, Project], sent_at: float, *, by_manager: bool) -> None:
        status = elsewhere.STATUS_THAT_WAITS[ApprovalKind.REVIEW]
        waiting = {project_id: one for project_id, one in rows.items() if one.status == status}
        wanted = await self._database.read(lambda tx: self._wanted(tx, ApprovalKind.REVIEW, waiting, sent_at))
        if not wanted:
            return
        ours = rows if not by_manager else await self._our_projects()
        for project_id in wanted:
            mine = ours.get(project_id)
            if mine is not None and mine.role == OUR_ROLE:
                await self._ask_for_review(waiting[project_id], sent_at)

    async def _our_projects(self) -> dict[str, Project]:
        return {one.id: one for one in (await self._studio.auditor_projects(purpose=Purpose.POLL)).rows}

    async def _ask_for_review(self, project: Project, sent_at: float) -> None:
        facts = await self._database.read(lambda tx: requesters.review_facts(tx, project))
        asked = await self._whom(facts.requester_email, None)
        if asked is not None:
            await self._database.write(
                lambda tx: ask.ask_for_review(tx, self._moment(), project, asked, sent_at=sent_at)
            )

    # ------------------------------------------------------------ requests for evidence

    async def read_requests(self) -> None:
        """Tell of requests that are open, each once; follow those that were told of. Raises as calls do."""
        if Capability.AUDIT_WRITE not in self._studio.capabilities:
            return
        reading = await self._studio.requests(purpose=Purpose.POLL)
        rows = {one.id: one for one in reading.rows}
        living = await self._database.read(lambda tx: store.living(tx, ApprovalKind.REQUEST))
        for request_id, approval in living.items():
            row = rows.get(request_id)
            if row is not None or not reading.bad_rows:
                await self._database.write(partial(self._follow_request, approval.id, row, reading.sent_at))
        status = elsewhere.STATUS_THAT_WAITS[ApprovalKind.REQUEST]
        await self._tell_of([one for one in reading.rows if one.status == status], reading.sent_at)

    def _follow_request(
        self, approval_id: int, request: AuditRequest | None, sent_at: float, tx: Transaction
    ) -> None:
        approval = store.find(tx, approval_id)
        if sent_at < approval.read_at:
            return
        if request is None:
            elsewhere.gone(tx, self._moment(), approval)
        else:
            elsewhere.observe_request(tx, self._moment(), approval, request, sent_at=sent_at)

    async def _tell_of(self, requests: Sequence[AuditRequest], sent_at: float) -> None:
        ids = [one.id for one in requests]
        known = await self._database.read(lambda tx: stored_requests.known(tx, ids))
        for request in (one for one in requests if one.id not in known):
            facts = await self._database.read(partial(requesters.request_facts, request=request))
            asked = await self._whom(facts.requester_email, None)
            if asked is None:
                return
            await self._database.write(partial(self._tell_of_one, request, asked, sent_at))

    def _tell_of_one(self, request: AuditRequest, asked: Asked, sent_at: float, tx: Transaction) -> None:
        moment = self._moment()
        allowed = moment.rulebook.rules.studio.projects
        object_id = stored_requests.add(tx, request, sent_at=sent_at, now=moment.now)
        if not allowed or request.project_id in allowed:
            ask.ask_of_request(tx, moment, request, object_id, asked, sent_at=sent_at)

    # ------------------------------------------------------------ whom to ask

    async def _whom(self, requester_email: str | None, requested_at: float | None) -> Asked | None:
        """Who may decide, and who asked; None while Slack can't say."""
        try:
            may = await self._who_may()
            requester = await self._person(requester_email)
        except SlackError as failure:
            _log.warning("approval.nobody_asked_yet", reason=str(failure))
            return None
        deciders = (
            (ask.EVERY_MEMBER,) if may is None else tuple(Decider(id=one.id, name=_name(one)) for one in may)
        )
        return Asked(
            deciders=deciders,
            requester_id=None if requester is None else requester.id,
            requested_at=requested_at,
        )

    async def _person(self, email: str | None) -> Person | None:
        for address in slack_emails(email, self._moment().rulebook.rules) if email else ():
            found = await self._by_email(address)
            if found is not None:
                return found
        return None


def _name(person: Person) -> str:
    return person.name or person.handle or person.id
