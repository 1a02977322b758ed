"""A project that waits for approval is asked about: in the channels of the rules, and before who may decide.

Told also when it waited before we came: it is an obligation. What the rules don't tell is only recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from compliance_bot.approvals import posts, requesters
from compliance_bot.audit import chain
from compliance_bot.cases import episode
from compliance_bot.cases.moment import Moment
from compliance_bot.model.approvals import (
    Approval,
    ApprovalKind,
    Decider,
    Facts,
    facts_of,
)
from compliance_bot.model.events import Attribute, Cause, Change, Event
from compliance_bot.model.platform import AuditRequest, Project
from compliance_bot.rules.attributes import project_attributes, request_attributes
from compliance_bot.store import approvals as store
from compliance_bot.store import objects
from compliance_bot.store import projects as project_store
from compliance_bot.store.objects import Standing
from compliance_bot.store.transaction import Transaction

EVERY_MEMBER = Decider(id="members", name="every member of this workspace")
"""Who is asked where every member may: nobody alone."""
TWO = 2
"""How many must approve at least where a second person is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom to ask. ``requester_id``: the requester's Slack id; ``requested_at``: Unix seconds."""

    deciders: tuple[Decider, ...] = ()
    requester_id: str | None = None
    requested_at: float | None = None


def is_wanted(
    tx: Transaction, moment: Moment, kind: ApprovalKind, project_id: str, *, seen_at: float
) -> bool:
    """Whether a project that stood in an answer asked for at ``seen_at`` is to be asked about now.

    Not while it is being asked about, nor when it was decided since, nor where ``studio.projects`` leaves it
    out; in shadow mode, where Studio never learns what is decided, once.
    """
    allowed = moment.rulebook.rules.studio.projects
    if allowed and project_id not in allowed:
        return False
    known = project_store.find(tx, project_id)
    newest = None if known is None else store.newest_of(tx, known.id, kind)
    if newest is None or moment.shadow:
        return newest is None
    return not newest.state.is_living and seen_at > max(newest.ended_at or 0.0, newest.read_at)


def ask(
    tx: Transaction, moment: Moment, project: Project, asked: Asked, *, sent_at: float
) -> Approval | None:
    """Ask for a new project's approval; None where that is asked already. ``sent_at``: when it was read."""
    if not is_wanted(tx, moment, ApprovalKind.PROJECT, project.id, seen_at=sent_at):
        return None
    object_id = _object_of(tx, moment, project, sent_at)
    event = _project_event(moment, project)
    return _ask(tx, moment, object_id, ApprovalKind.PROJECT, facts_of(project), event, asked, sent_at)


def ask_for_review(
    tx: Transaction, moment: Moment, project: Project, asked: Asked, *, sent_at: float
) -> Approval | None:
    """Ask the reviewer of a report; None where that is asked already."""
    if not is_wanted(tx, moment, ApprovalKind.REVIEW, project.id, seen_at=sent_at):
        return None
    object_id = _object_of(tx, moment, project, sent_at)
    event = _project_event(moment, project)
    facts = requesters.review_facts(tx, project)
    return _ask(tx, moment, object_id, ApprovalKind.REVIEW, facts, event, asked, sent_at)


def ask_of_request(
    tx: Transaction, moment: Moment, request: AuditRequest, object_id: int, asked: Asked, *, sent_at: float
) -> Approval:
    """Tell of an evidence request that is open, and ask whether it is complete."""
    attributes = request_attributes(request, now=moment.now)
    event = _event(request.id, attributes)
    facts = requesters.request_facts(tx, request)
    return _ask(tx, moment, object_id, ApprovalKind.REQUEST, facts, event, asked, sent_at)


def _object_of(tx: Transaction, moment: Moment, project: Project, sent_at: float) -> int:
    known = project_store.find(tx, project.id)
    if known is not None:
        return known.id
    return project_store.add(tx, project, standing=Standing.SILENT, sent_at=sent_at, now=moment.now)


def _project_event(moment: Moment, project: Project) -> Event:
    url = moment.project_link(project.id)
    attributes = project_attributes(
        project, event_type="approval", change=Change.REQUESTED, now=moment.now, url=url
    )
    return _event(project.id, attributes)


def _event(studio_id: str, attributes: dict[str, Attribute]) -> Event:
    return Event(
        type="approval",
        studio_id=studio_id,
        change=Change.REQUESTED,
        cause=Cause.STUDIO,
        attributes=attributes,
    )


def _ask(
    tx: Transaction,
    moment: Moment,
    object_id: int,
    kind: ApprovalKind,
    facts: Facts,
    event: Event,
    asked: Asked,
    sent_at: float,
) -> Approval:
    """Write the event and the approval, and have it shown wherever the rules say and to whom may decide."""
    routing = moment.rulebook.route(event, moment.directory)
    event_id = episode.record(tx, moment, object_id, event, routing=routing)
    deciders = tuple(one for one in asked.deciders if one.id != asked.requester_id)
    approval = store.add(
        tx,
        object_id=object_id,
        kind=kind,
        facts=facts,
        needed=needed(moment, event) if kind is ApprovalKind.PROJECT else 1,
        deciders=deciders,
        now=moment.now,
        event_id=event_id,
        read_at=sent_at,
        requester_id=asked.requester_id,
        requested_at=asked.requested_at,
    )
    objects.set_standing(tx, object_id, Standing.TOLD)
    _audit(tx, moment, approval, event)
    if routing.enabled:
        posts.show_in_channels(tx, moment, approval, routing)
        posts.show_to(tx, moment, approval, deciders, replace(routing, destinations=()))
    return approval


def needed(moment: Moment, event: Event) -> int:
    """How many different people must approve, by the rules in force."""
    second = moment.rulebook.needs_second_person("approve", event)
    return max(moment.rulebook.rules.approvals.needed, TWO if second else 1)


def _audit(tx: Transaction, moment: Moment, approval: Approval, event: Event) -> None:
    facts: dict[str, Any] = {
        "approval": approval.ref,
        "kind": approval.kind.value,
        "object": event.studio_id,
        "episode": approval.episode,
        "event": approval.event_id or 0,
        "facts": approval.facts.hash,
        "needed": approval.needed,
        "asked": len(approval.deciders),
        "rules": moment.rulebook.hash,
    }
    chain.append(tx, "approval.asked", facts, now=moment.now)
