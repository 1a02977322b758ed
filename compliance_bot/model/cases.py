"""Cases and posts: the need for attention of one object, and the messages that show it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CaseState(StrEnum):
    """The life of a case. Only the case has a state; posts show it."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    CLOSED = "closed"


class StudioSync(StrEnum):
    """How far the last decision got towards Studio."""

    NONE = "none"
    PENDING = "pending"
    LATE = "late"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case in one episode. ``version`` rises with every change that a post must show.

    Times are Unix seconds. ``owner``: a Slack id, or a name of Studio's. ``decision_id``: the decision by
    which it stands as it does, None where Studio or time moved it. ``risk_until``, ``wake_at``, ``fix_by``,
    ``remind_at``, ``next_step_at``: when time will move it. ``ladder``: its rungs as chosen at opening, JSON.
    """

    id: int
    ref: str
    object_id: int
    episode: int
    state: CaseState
    severity: str
    version: int
    opened_at: float
    owner: str | None = None
    acknowledged_by: str | None = None
    acknowledged_name: str | None = None
    acknowledged_at: float | None = None
    closed_at: float | None = None
    closed_reason: str | None = None
    sync: StudioSync = StudioSync.NONE
    sync_since: float | None = None
    sync_note: str | None = None
    decision_id: int | None = None
    closed_by: str | None = None
    closed_name: str | None = None
    risk_until: float | None = None
    wake_at: float | None = None
    snoozed_by: str | None = None
    snoozed_name: str | None = None
    snooze_reason: str | None = None
    fix_by: float | None = None
    remind_at: float | None = None
    ladder: str = "[]"
    ladder_step: int = 0
    next_step_at: float | None = None


class PostRole(StrEnum):
    """Which of a case's posts carries the thread."""

    PRIMARY = "primary"
    COPY = "copy"


class PostState(StrEnum):
    """Whether a post stands in Slack, by itself or as a line of a digest."""

    WANTED = "wanted"
    SHOWN = "shown"
    LISTED = "listed"
    GONE = "gone"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message that shows a case in one channel, wanted or standing.

    ``channel_id`` is ``?#name`` while the name could not be resolved. ``mentions`` are Slack's markup;
    ``change`` the words for what made it; ``quiet``: shown without a ping; ``threading``: follow-ups
    go to its thread. ``digest_id``: the digest that lists the case, also once it has its own message.
    """

    id: int
    case_id: int
    episode: int
    channel_id: str
    channel_name: str
    role: PostRole
    state: PostState
    generation: int
    want_version: int
    shown_version: int
    lane: int
    template: str
    ts: str | None = None
    edited_at: float = 0.0
    emoji: str = ""
    mentions: tuple[str, ...] = ()
    note: str | None = None
    change: str = ""
    threading: bool = True
    quiet: bool = False
    digest_id: int | None = None

    @property
    def stands_alone(self) -> bool:
        """True for a message of its own, standing or to come: it has a thread."""
        return self.state in (PostState.WANTED, PostState.SHOWN)

    @property
    def by_webhook(self) -> bool:
        """True for a message that went by a webhook: it can't be edited, nor answered in a thread."""
        return self.state is PostState.SHOWN and self.ts is None


class DigestState(StrEnum):
    """Whether a digest stands in Slack."""

    WANTED = "wanted"
    SHOWN = "shown"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One message of one channel in which many cases are lines. Times are Unix seconds.

    ``urgent``: of urgent messages only. ``takes_until``: when what comes begins another.
    """

    id: int
    channel_id: str
    channel_name: str
    urgent: bool
    opened_at: float
    takes_until: float
    state: DigestState
    generation: int
    want_version: int
    shown_version: int
    ts: str | None = None
    edited_at: float = 0.0
    emoji: str = ""
    mentions: tuple[str, ...] = ()
    note: str | None = None

    @property
    def ref(self) -> str:
        """How people name it: ``D-12``."""
        return f"D-{self.id}"

    @property
    def by_webhook(self) -> bool:
        """True for a message that went by a webhook: it can't be edited, nor answered in a thread."""
        return self.state is DigestState.SHOWN and self.ts is None
