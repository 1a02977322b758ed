"""One call to Studio from a purpose to a parsed answer: quota, identity, retries of reads, 304s.

Reads are tried again with back-off, writes never: Studio knows no idempotency keys.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from compliance_bot.clock import Clock
from compliance_bot.model.findings import BadRow
from compliance_bot.studio.accounts import Accounts, Area, Identity, Spend
from compliance_bot.studio.failures import FailureKind, StudioCallFailed, StudioQuotaSpent
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.transport import CAP, Answer, Request

T = TypeVar("T")

RETRY_ATTEMPTS = 3
"""How often a read that failed is tried again, unless the rules say otherwise."""

REMEMBERED = 12
"""Answers kept for If-None-Match: page 1, alerts, lists and dashboards."""

WORTH_RETRYING = frozenset({FailureKind.AWAY, FailureKind.BROKEN, FailureKind.NONSENSE})
UNAUTHORISED = 401
WRITING = " (writing)"
"""Behind an identity's name: what it may read says nothing of what it may write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Generic[T]):
    """What a list said, and when it was asked. ``bad_rows`` could not be read, and stand apart."""

    rows: tuple[T, ...]
    bad_rows: tuple[BadRow, ...] = ()
    sent_at: float = 0.0
    server_time: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One finished exchange, for metrics. ``outcome``: ``ok``, ``unchanged`` or a failure's kind."""

    operation: str
    identity: str
    outcome: str
    seconds: float


@dataclass(slots=True)
class StudioHealth:
    """What the last calls said of Studio, for readiness and ``status``. Times: Unix seconds."""

    last_answer_at: float | None = None
    last_failure_at: float | None = None
    refusals: dict[str, str] = field(default_factory=dict)
    """Per identity, reading or writing, the sentence of a standing refusal; an answer takes it away."""
    parked_until: float = 0.0
    """No call leaves before this: Studio's own rate limit was reached."""

    @property
    def away(self) -> bool:
        """True while the last thing heard was a failure to answer."""
        return (self.last_failure_at or 0.0) > (self.last_answer_at or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T]):
    """What is asked of Studio. ``parse`` gets the JSON and raises ``Unreadable`` for a wrong shape."""

    operation: str
    method: str
    path: str
    area: Area
    purpose: Purpose
    parse: Callable[[Any], T]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    remember: bool = False
    once: bool = False
    """A read that is not tried again when it fails: it comes round anyway."""
    cap: int = CAP

    @property
    def is_read(self) -> bool:
        """True when doing it twice changes nothing."""
        return self.method == "GET"


class Carrier(Protocol):
    """What carries one exchange: the transport."""

    async def exchange(self, request: Request, parse: Callable[[Any], T]) -> Answer[T]:
        """Send once, parse, or raise StudioCallFailed."""
        ...


class Caller:
    """Makes calls to one Studio.

    Args:
        base_url: ``https://studio.example.com``; the routes hang below it.
        transport: carries one exchange.
        accounts: who calls.
        spend: takes one call from the hour's account, or raises StudioQuotaSpent.
        clock: for back-off and for the age of what was heard.
        retry_attempts: how often a read that failed is tried again, at most; asked at each call.
        observed: told of every exchange; None: nobody listens.

    """

    def __init__(
        self,
        *,
        base_url: str,
        transport: Carrier,
        accounts: Accounts,
        spend: Spend,
        clock: Clock,
        retry_attempts: Callable[[], int] = lambda: RETRY_ATTEMPTS,
        observed: Callable[[CallRecord], None] | None = None,
    ) -> None:
        self.accounts = accounts
        self.health = StudioHealth()
        self._base_url = base_url.rstrip("/")
        self._transport = transport
        self._spend = spend
        self._clock = clock
        self._retry_attempts = retry_attempts
        self._observed = observed
        self._remembered: OrderedDict[tuple[str, ...], tuple[str, Any]] = OrderedDict()

    async def call(self, call: Call[T]) -> Answer[T]:
        """The answer to ``call``; its ``value`` is always set.

        Raises:
            StudioCallFailed: when Studio did not give it.
            StudioQuotaSpent: when the hour has no room for this purpose.

        """
        tries = 1 + (self._retry_attempts() if call.is_read and not call.once else 0)
        for attempt in range(1, tries):
            try:
                return await self._once(call)
            except StudioCallFailed as failure:
                if failure.kind not in WORTH_RETRYING:
                    raise
                await self._clock.sleep(min(0.25 * 2**attempt, 5.0))
        return await self._once(call)

    async def _once(self, call: Call[T]) -> Answer[T]:
        identity = self.accounts.identity(call.area, call.operation)
        token = await self._token(identity, call)
        try:
            return await self._as_identity(call, identity, token)
        except StudioCallFailed as failure:
            if failure.status != UNAUTHORISED or identity is None or token is None:
                raise
            if not await identity.source.renew(token, self._spend, call.purpose):
                raise
        return await self._as_identity(call, identity, await self._token(identity, call))

    async def _token(self, identity: Identity | None, call: Call[T]) -> str | None:
        if identity is None:
            return None
        try:
            return await identity.source.token(self._spend, call.purpose)
        except StudioCallFailed as failure:
            self._note_failure(identity.name, failure)
            raise

    async def _as_identity(self, call: Call[T], identity: Identity | None, token: str | None) -> Answer[T]:
        name = "public" if identity is None else identity.name
        key = (name, call.path, *(f"{k}={v}" for k, v in sorted(call.query.items())))
        known = self._remembered.get(key) if call.remember else None
        self._refuse_while_parked(call)
        await self._spend(call.purpose)
        request = Request(
            operation=call.operation,
            method=call.method,
            url=self._base_url + call.path,
            query=call.query,
            body=call.body,
            token=token,
            etag=known[0] if known else None,
            cap=call.cap,
        )
        answer = await self._exchange(request, call.parse, name)
        return self._recall(call, key, answer, known)

    async def _exchange(self, request: Request, parse: Callable[[Any], T], name: str) -> Answer[T]:
        started = self._clock.now()
        doing = name if request.method == "GET" else f"{name}{WRITING}"
        outcome = "cancelled"
        try:
            answer = await self._transport.exchange(request, parse)
            outcome = "unchanged" if answer.unchanged else "ok"
        except StudioCallFailed as failure:
            outcome = failure.kind.value
            self._note_failure(doing, failure)
            raise
        finally:
            self._record(request.operation, name, outcome, started)
        self._note_answer(doing, answer)
        return answer

    def _record(self, operation: str, name: str, outcome: str, started: float) -> None:
        if self._observed is not None:
            seconds = max(0.0, self._clock.now() - started)
            self._observed(CallRecord(operation=operation, identity=name, outcome=outcome, seconds=seconds))

    def _recall(
        self, call: Call[T], key: tuple[str, ...], answer: Answer[T], known: tuple[str, Any] | None
    ) -> Answer[T]:
        if answer.unchanged and known is not None:
            self._remembered.move_to_end(key)
            return Answer(
                value=known[1],
                unchanged=True,
                sent_at=answer.sent_at,
                server_time=answer.server_time,
                etag=known[0],
                remaining=answer.remaining,
                reset_at=answer.reset_at,
            )
        if call.remember and answer.etag:
            self._remembered[key] = (answer.etag, answer.value)
            self._remembered.move_to_end(key)
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return answer

    def _refuse_while_parked(self, call: Call[T]) -> None:
        left = self.health.parked_until - self._clock.now()
        if left > 0:
            raise StudioCallFailed(
                FailureKind.THROTTLED,
                f"Studio's rate limit is reached; the next call is free in {left:.0f} s ({call.operation}).",
                operation=call.operation,
                after=left,
            )

    def _note_answer(self, name: str, answer: Answer[T]) -> None:
        now = self._clock.now()
        self.health.last_answer_at = now
        self.health.refusals.pop(name, None)
        if answer.remaining == 0 and answer.reset_at is not None:
            self.health.parked_until = min(answer.reset_at, now + 3600.0)

    def _note_failure(self, name: str, failure: StudioCallFailed) -> None:
        now = self._clock.now()
        if failure.kind is FailureKind.REFUSED:
            self.health.refusals[name] = str(failure)
        if failure.kind is FailureKind.THROTTLED:
            self.health.parked_until = now + (failure.after or 60.0)
        if failure.kind in (FailureKind.AWAY, FailureKind.BROKEN, FailureKind.NONSENSE):
            self.health.last_failure_at = now


__all__ = ["Call", "CallRecord", "Caller", "Reading", "StudioHealth", "StudioQuotaSpent"]
