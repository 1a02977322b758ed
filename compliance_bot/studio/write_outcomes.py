"""What a failed call means for the write it was made for: whoever performs writes answers alike."""

from __future__ import annotations

from compliance_bot.model.delivery import (
    DELETED,
    Absent,
    CannotTell,
    Never,
    Outcome,
    Retry,
    Sighting,
    Unknown,
)
from compliance_bot.studio.failures import FailureKind, StudioCallFailed, StudioQuotaSpent

PATIENCE = 4
"""Attempts after which an error is Studio's word on what was asked: it says 500 to bad input too."""

_AWAY = (FailureKind.AWAY, FailureKind.REFUSED, FailureKind.ROUTE_ABSENT)
"""Studio as a whole is at fault, not this write. A read that fails otherwise says the same."""

_MUTE = (FailureKind.REFUSED, FailureKind.ROUTE_ABSENT, FailureKind.BAD_REQUEST, FailureKind.TOO_LARGE)
"""Studio may never tell what stands there; anything else that fails is away or busy, and passes."""


def outcome_of(failure: StudioCallFailed | StudioQuotaSpent, *, wrote: bool = False) -> Outcome:
    """What a call that failed means for its effect; ``wrote``: it was the write, not a look before it."""
    if isinstance(failure, StudioQuotaSpent):
        return Retry(reason="studio_quota", after=failure.after, park=True, blocked=True)
    if wrote and failure.uncertain:
        return Unknown(reason=reason_of(failure))
    if failure.kind is FailureKind.NOT_FOUND:
        return Never(reason=DELETED)
    if failure.kind in (FailureKind.BAD_REQUEST, FailureKind.TOO_LARGE):
        return Never(reason=failure.said or reason_of(failure))
    if failure.kind is FailureKind.THROTTLED:
        return Retry(reason=reason_of(failure), after=failure.after, park=True, blocked=True)
    return Retry(reason=reason_of(failure), blocked=failure.kind in _AWAY or not wrote)


def sighting_of(failure: StudioCallFailed | StudioQuotaSpent) -> Sighting:
    """What a look-up that failed tells of whether a write took hold."""
    if isinstance(failure, StudioQuotaSpent):
        return CannotTell(reason=str(failure), temporary=True)
    if failure.kind is FailureKind.NOT_FOUND:
        return Absent()
    return CannotTell(reason=reason_of(failure), temporary=failure.kind not in _MUTE)


def reason_of(failure: StudioCallFailed) -> str:
    """The failure's name, as an effect keeps it."""
    return f"studio_{failure.kind.value}"
