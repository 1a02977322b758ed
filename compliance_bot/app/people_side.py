"""Puts together what serves people: who may, what they are answered, what their presses decide."""

from __future__ import annotations

from collections.abc import Callable

from compliance_bot.app.slack_side import SlackSide
from compliance_bot.cases.moment import Moment
from compliance_bot.clock import Clock
from compliance_bot.config.schema import Rules
from compliance_bot.handlers.absence import Absences
from compliance_bot.handlers.approval_forms import ApprovalForms
from compliance_bot.handlers.approving import Approving
from compliance_bot.handlers.case_forms import CaseForms
from compliance_bot.handlers.deciders import OF_CASES
from compliance_bot.handlers.decisions import Decisions, TakeIn
from compliance_bot.handlers.details_form import DetailsForm
from compliance_bot.handlers.errands import Errands
from compliance_bot.handlers.form_spec import FormSpec
from compliance_bot.handlers.forms import Forms
from compliance_bot.handlers.listening import Listeners
from compliance_bot.handlers.questions import Questions
from compliance_bot.handlers.reactions import Reactions
from compliance_bot.handlers.replies import Replies
from compliance_bot.handlers.sending import SendToStudio
from compliance_bot.handlers.subcommands import HeldMessages, Queue, Reasons, SnoozedCases
from compliance_bot.handlers.worker import InboxWorker
from compliance_bot.insight.status import ComplianceStatus
from compliance_bot.people import identity
from compliance_bot.people.access import Access
from compliance_bot.store.database import Database
from compliance_bot.studio.platform.client import PlatformStudio
from compliance_bot.studio.quota import Purpose


def who_may_what(*, database: Database, clock: Clock, rules: Callable[[], Rules], slack: SlackSide) -> Access:
    """Construct what judges who may do what, by the rules of the moment and Slack's word."""
    return Access(
        rules=rules,
        directory=lambda: slack.directory.snapshot,
        person=lambda person_id, age: slack.directory.people.person(person_id, max_age=age),
        group_members=lambda group_id, age: slack.directory.people.group_members(group_id, max_age=age),
        person_by_email=slack.directory.person_by_email,
        auditors=lambda: database.read(identity.auditor_list),
        now=clock.now,
    )


def people_side(
    *,
    database: Database,
    clock: Clock,
    moment: Callable[[], Moment],
    rules: Callable[[], Rules],
    access: Access,
    slack: SlackSide,
    studio: PlatformStudio,
    take_in: TakeIn,
) -> tuple[InboxWorker, Listeners]:
    """Construct the inbox's worker and the listeners. ``take_in``: what a re-read before a decision says."""
    replies = Replies(slack=slack.client, clock=clock)
    absences = Absences(
        database=database,
        moment=moment,
        access=access,
        directory=lambda: slack.directory.snapshot,
        person_by_email=slack.directory.person_by_email,
    )
    questions = Questions(
        database=database,
        moment=moment,
        rules=rules,
        status=ComplianceStatus(studio=studio, clock=clock),
        access=access,
        replies=replies,
        subcommands={
            "away": absences.answer,
            "held": HeldMessages(database=database, moment=moment).answer,
            "queue": Queue(database=database, moment=moment, access=access).answer,
            "snoozed": SnoozedCases(database=database, moment=moment).answer,
            "why": Reasons(database=database, moment=moment).answer,
        },
        changes={"away": absences.prepare},
    )
    approving = Approving(database=database, clock=clock, moment=moment, access=access, studio=studio)
    decisions = Decisions(
        database=database,
        clock=clock,
        moment=moment,
        access=access,
        read_finding=lambda finding_id: studio.finding(finding_id, purpose=Purpose.REREAD),
        take_in=take_in,
        studio_user=lambda tx, email: identity.studio_id_of(tx, rules(), email),
        replies=replies,
        rules={**OF_CASES, **approving.rules()},
    )
    worker = InboxWorker(
        database=database,
        clock=clock,
        deciders={**decisions.deciders(), "mention": questions.mention, "away": absences.decide},
        replies=replies,
    )
    errands = Errands()
    people = slack.directory.people
    sending = SendToStudio(database=database, moment=moment, replies=replies, known=people.known)
    specs = form_specs(database=database, moment=moment, access=access, slack=slack, studio=studio)
    forms = Forms(
        specs=(*specs, sending.spec()),
        database=database,
        moment=moment,
        access=access,
        slack=slack.client,
        replies=replies,
        errands=errands,
    )
    listeners = Listeners(
        database=database,
        clock=clock,
        rules=rules,
        replies=replies,
        questions=questions,
        forms=forms,
        reactions=Reactions(
            database=database,
            clock=clock,
            rules=rules,
            replies=replies,
            errands=errands,
            ours=lambda: None if (us := slack.client.identity) is None else us.bot_user_id,
        ),
        sending=sending,
        errands=errands,
        directory=slack.directory,
        audience=slack.audience,
        token_lost=slack.token_lost,
    )
    return worker, listeners


def form_specs(
    *,
    database: Database,
    moment: Callable[[], Moment],
    access: Access,
    slack: SlackSide,
    studio: PlatformStudio,
) -> tuple[FormSpec, ...]:
    """Every form that people fill in."""
    people = slack.directory.people
    cases = CaseForms(database=database, moment=moment, known=people.known, ask_person=people.person)
    details = DetailsForm(
        database=database,
        moment=moment,
        read_finding=lambda finding_id: studio.finding(finding_id, purpose=Purpose.COMMAND),
    )
    approvals = ApprovalForms(database=database, moment=moment, who_may=lambda: access.who_may("approve"))
    return (*cases.specs(), details.spec(), *approvals.specs())
