"""Approvals: what somebody asks people to decide, where that is shown, and what each of them said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from compliance_bot.model.platform import AuditRequest, Project


class ApprovalKind(StrEnum):
    """What is asked: a new project, a report's review, a request that is to be called complete."""

    PROJECT = "project"
    REVIEW = "review"
    REQUEST = "request"


class ApprovalState(StrEnum):
    """The life of an approval: waiting → deciding (Studio is being written) → decided.

    ``ELSEWHERE``: decided in Studio, not by us. ``GONE``: deleted there.
    """

    WAITING = "waiting"
    DECIDING = "deciding"
    DECIDED = "decided"
    ELSEWHERE = "elsewhere"
    GONE = "gone"

    @property
    def is_living(self) -> bool:
        """True while something may still be decided, or is on its way to Studio."""
        return self in (ApprovalState.WAITING, ApprovalState.DECIDING)


class Verdict(StrEnum):
    """What a person said."""

    APPROVE = "approve"
    REJECT = "reject"
    DELEGATE = "delegate"
    RETURN = "return"
    COMPLETE = "complete"


class VoteOutcome(StrEnum):
    """What became of what a person said. ``VOID``: what was approved had changed, or time had passed."""

    COUNTED = "counted"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is approved, as it stands in the message. Times are Unix seconds."""

    name: str
    framework: str | None = None
    requester_name: str | None = None
    requester_email: str | None = None
    starts: float | None = None
    ends: float | None = None
    due: float | None = None
    scope: str | None = None

    def to_json(self) -> str:
        """The facts in the one way to write them down."""
        stated = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(stated, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Facts:
        """The facts as they were written down; what another version of this program added is passed over."""
        stored: dict[str, Any] = json.loads(text)
        known = {name: value for name, value in stored.items() if name in cls.__slots__}
        return cls(**known)

    @property
    def hash(self) -> str:
        """What a vote is bound to."""
        return hashlib.sha256(self.to_json().encode("utf-8", "surrogatepass")).hexdigest()


def facts_of(project: Project) -> Facts:
    """What a manager approves of a new project."""
    return Facts(
        name=project.name,
        framework=project.framework,
        requester_name=project.customer_name,
        requester_email=project.customer_email,
        starts=project.starts,
        ends=project.ends,
        due=project.due,
    )


def review_facts_of(project: Project) -> Facts:
    """What a reviewer approves of a report: the manager's list tells all of it, the auditor's no address."""
    return Facts(
        name=project.name,
        framework=project.framework,
        requester_name=project.customer_name,
        requester_email=project.customer_email,
        starts=project.starts,
        ends=project.ends,
        due=project.due,
    )


def request_facts_of(request: AuditRequest) -> Facts:
    """What is called complete of a request."""
    return Facts(
        name=request.title,
        framework=request.project_name,
        requester_name=request.customer_name,
        due=request.due,
        scope=request.description or None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Somebody who was asked: a Slack id and a name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One approval in one episode. ``version`` rises with every change that a post must show.

    ``needed``: how many different people must approve. ``deciders``: who was asked. ``requester_id``: the
    requester's Slack id, where they are in Slack. ``read_at``: when the newest facts were asked of Studio.
    ``vote_id``: the vote that decided it. ``outcome``: Studio's word for how it ended. Times: Unix seconds.
    """

    id: int
    ref: str
    object_id: int
    kind: ApprovalKind
    episode: int
    state: ApprovalState
    version: int
    facts: Facts
    needed: int
    asked_at: float
    deciders: tuple[Decider, ...] = ()
    requester_id: str | None = None
    requested_at: float | None = None
    read_at: float = 0.0
    event_id: int | None = None
    outcome: str | None = None
    outcome_by: str | None = None
    vote_id: int | None = None
    ended_at: float | None = None
    sync: str = "none"
    sync_since: float | None = None
    sync_note: str | None = None


class ApprovalRole(StrEnum):
    """Which copy carries the thread, and which stand before one person alone."""

    PRIMARY = "primary"
    COPY = "copy"
    DIRECT = "direct"


class ApprovalPostState(StrEnum):
    """Whether a copy stands in Slack."""

    WANTED = "wanted"
    SHOWN = "shown"
    GONE = "gone"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPost:
    """One copy of an approval's message. ``channel_id``: a person's Slack id where it goes to them alone.

    ``place``: the channel in which Slack let it stand, once it does.
    """

    id: int
    approval_id: int
    channel_id: str
    channel_name: str
    role: ApprovalRole
    state: ApprovalPostState
    generation: int
    want_version: int
    shown_version: int
    lane: int
    template: str
    ts: str | None = None
    place: str | None = None
    edited_at: float = 0.0
    emoji: str = ""
    mentions: tuple[str, ...] = ()
    note: str | None = None

    @property
    def by_webhook(self) -> bool:
        """True for a message that went by a webhook: it can't be edited, nor answered in a thread."""
        return self.state is ApprovalPostState.SHOWN and self.ts is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What one person said of one approval. ``facts_hash``: of what they saw.

    ``delegated_from``: the Slack id of whose place they stand in. ``details``: auditor, reviewer, due date;
    or to whom the decision was handed.
    """

    id: int
    approval_id: int
    verdict: Verdict
    person: str
    person_name: str
    person_email: str | None
    right: str
    facts_hash: str
    outcome: VoteOutcome
    at: float
    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    delegated_from: str | None = None
    rules_hash: str = ""
    version_shown: int | None = None

    @property
    def counts_as_approval(self) -> bool:
        """True for an approval that counts towards what is needed."""
        return self.verdict is Verdict.APPROVE and self.outcome is VoteOutcome.COUNTED
