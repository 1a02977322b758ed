"""What the outbox is handed, and what comes back: intents, presentations, outcomes.

An effect is a row before it is a request. It is presented (its bytes are made) in the same
transaction that marks it as being sent; only then is it performed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Protocol, TypeAlias


class Lane(IntEnum):
    """Who goes first among effects that could go now."""

    URGENT = 0
    NORMAL = 1
    LOW = 2


class EffectState(StrEnum):
    """The life of an effect: pending → sending → done, or unknown, dead, skipped."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    DONE = "done"
    SKIPPED = "skipped"
    DEAD = "dead"


class EffectKind(StrEnum):
    """Every kind of effect; each has one presenter and one performer."""

    POST = "post"
    EDIT = "edit"
    THREAD = "thread"
    DIGEST = "digest"
    DIGEST_EDIT = "digest_edit"
    ANNOUNCEMENT = "announcement"
    WELCOME = "welcome"
    NOTICE = "notice"
    REPLY = "reply"
    DIRECT = "direct"
    REACTION = "reaction"
    APPROVAL = "approval"
    APPROVAL_EDIT = "approval_edit"
    APPROVAL_LINE = "approval_line"
    STUDIO_STATUS = "studio_status"
    STUDIO_COMMENT = "studio_comment"
    STUDIO_ASSIGN = "studio_assign"
    STUDIO_VERDICT = "studio_verdict"

    @property
    def is_slack(self) -> bool:
        """True for what leaves to Slack; the rest leaves to Studio."""
        return self not in _STUDIO_KINDS

    @property
    def is_edit(self) -> bool:
        """True for what changes a message that stands: it is planned once and shows the newest state."""
        return self in (EffectKind.EDIT, EffectKind.DIGEST_EDIT, EffectKind.APPROVAL_EDIT)

    @property
    def is_notification(self) -> bool:
        """True for a message of its own about what happened: such wait in quiet hours unless urgent."""
        return self in _NOTIFICATIONS


_NOTIFICATIONS = frozenset(
    {
        EffectKind.POST,
        EffectKind.DIGEST,
        EffectKind.ANNOUNCEMENT,
        EffectKind.WELCOME,
        EffectKind.APPROVAL,
    }
)
_STUDIO_KINDS = frozenset(
    {
        EffectKind.STUDIO_STATUS,
        EffectKind.STUDIO_COMMENT,
        EffectKind.STUDIO_ASSIGN,
        EffectKind.STUDIO_VERDICT,
    }
)

BY_WEBHOOK, PERHAPS_SAID = "by_webhook", "perhaps_said"
"""What the outbox itself notes in an effect's intent: see the properties of ``Effect``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One row of the outbox.

    ``order_key``: effects that share it go one after another, in the order of their ids.
    ``pace_key``: the bucket that limits how fast they go (a channel; ``edits``; ``studio``).
    ``intent`` is what is to be done, in words of ours; ``payload`` the exact bytes once presented.
    """

    id: int
    kind: EffectKind
    key: str
    lane: Lane
    order_key: str
    pace_key: str
    intent: Mapping[str, Any]
    state: EffectState
    attempt: int
    created_at: float
    not_before: float
    started_at: float | None = None
    expires_at: float | None = None
    payload: bytes | None = None
    version: int | None = None
    degraded: bool = False
    """True once it is presented as plain text, because Slack would not take its blocks."""
    error: str | None = None

    @property
    def by_webhook(self) -> bool:
        """True once Slack refused it to the bot for good, so that it goes by the channel's webhook."""
        return bool(self.intent.get(BY_WEBHOOK))

    @property
    def perhaps_said(self) -> bool:
        """True once it was sent where nobody can look, without an answer."""
        return bool(self.intent.get(PERHAPS_SAID))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEffect:
    """An effect to be written. A key that stands already is not written twice."""

    kind: EffectKind
    key: str
    lane: Lane
    order_key: str
    pace_key: str
    intent: Mapping[str, Any]
    expires_at: float | None = None
    not_before: float = 0.0


METADATA_EVENT = "compliance_outbox"
"""``event_type`` of the metadata by which a message of ours is found again."""


def key_hash(key: str) -> str:
    """The opaque word for an effect's key that may stand in Slack, where any app can read it."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


# ---------------------------------------------------------------- what a presenter answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """A Slack request that may be sent. Only ``rules.sensitivity`` builds one.

    ``method`` is ``chat.postMessage``, ``chat.update`` or ``webhook``; ``arguments`` its JSON body.
    ``version`` is the case's version that the words show.
    """

    method: str
    channel_id: str
    arguments: Mapping[str, Any]
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioWrite:
    """A write to Studio. ``operation`` names what the performer does with ``body``.

    Of a finding: ``set_status``, ``assign``, ``comment``. Of a project: ``approve``, ``reject``,
    ``project_status``. Of a request: ``request_status``.
    """

    operation: str
    studio_id: str
    body: Mapping[str, Any]
    expected: tuple[str, ...] = ()
    """Statuses of which Studio must still say one; else the write is done without a request. Empty: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Nothing is to be sent any more, and why (a named reason, dotted)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """It cannot be said yet (a channel not known yet): try again ``after`` seconds; costs nothing."""

    reason: str
    after: float = 30.0
    unread: str | None = None
    """The channel whose readers must be known first."""


DELETED = "deleted"
"""Why a write to Studio will never be done whose object is not there any more."""

CHANNEL_UNRESOLVED = "channel.unresolved"
"""Why what is to be said waits for a channel that Slack does not know (yet)."""

Presentation: TypeAlias = Cleared | StudioWrite | Skip | Later


# ---------------------------------------------------------------- what a performer answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """It is so. ``result``: for Slack ``{"ts": …, "channel": …}``; for Studio the facts that count."""

    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """It surely did not happen and may later. ``after``: seconds Slack or Studio asked for.

    ``park``: the whole ``pace_key`` waits that long. ``degrade``: present again as plain text.
    ``blocked``: no attempt was spent, the target as a whole is away (token lost, quota empty).
    """

    reason: str
    after: float | None = None
    park: bool = False
    degrade: bool = False
    blocked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """It may have happened: look before doing it again."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """It will never be done as it stands. ``reason`` is the other side's own word.

    ``gone``: the message to be edited is not there any more (post it fresh). ``place``: the channel takes
    nothing from the bot; its incoming webhook, where it has one, may take it.
    """

    reason: str
    gone: bool = False
    place: bool = False


Outcome: TypeAlias = Done | Retry | Unknown | Never


# ---------------------------------------------------------------- what a look-up answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """It did happen; ``result`` as in ``Done``."""

    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Absent:
    """It did not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotTell:
    """The other side would not say; ``reason`` in its word.

    ``temporary``: it is away or busy, so asking again will do; else it may never say (no right to read).
    ``blind``: the bot can't look there, a webhook's place or a channel it is not inside: what goes there is
    promised at least once.
    """

    reason: str
    temporary: bool = False
    blind: bool = False


Sighting: TypeAlias = Found | Absent | CannotTell


class Performer(Protocol):
    """One side's hand: Slack's or Studio's."""

    async def perform(self, effect: Effect) -> Outcome:
        """Carry out a presented effect (``payload`` is set). Never raises for the wire's faults."""
        ...

    async def find(self, effects: list[Effect]) -> dict[str, Sighting]:
        """Settle effects of one ``pace_key`` whose outcome is unknown, by effect key."""
        ...
