"""One request's way through Studio: away, quota, faults, body, caller, policy, handler, answer."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.faults import Fault, Faults
from compliance_bot.sandbox.studio import auditor_routes, customer_routes, findings, manager_routes
from compliance_bot.sandbox.studio.calls import Call, StudioCall, User, read_body, read_query
from compliance_bot.sandbox.studio.gateway import refuse_at_backend, refuse_at_gateway
from compliance_bot.sandbox.studio.identity import Accounts, bearer
from compliance_bot.sandbox.studio.public import PREFIX, PUBLIC_ROUTES, Public
from compliance_bot.sandbox.studio.quota import Quota
from compliance_bot.sandbox.studio.records import Records
from compliance_bot.sandbox.studio.transport import (
    HTML_TYPE,
    JSON_TYPE,
    Answer,
    answer_no_route,
    answer_stack,
    compact,
    to_response,
)

Handler = Callable[[Records, Call], Answer]
CALLS_KEPT = 200_000
_GUARDED: tuple[tuple[str, str, Handler], ...] = (
    *findings.ROUTES,
    *manager_routes.ROUTES,
    *auditor_routes.ROUTES,
    *customer_routes.ROUTES,
)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + r"\Z")


_TABLE: tuple[tuple[str, str, re.Pattern[str], Handler | None, Public | None], ...] = (
    *((method, path, _pattern(path), None, public) for method, path, public in PUBLIC_ROUTES),
    *((method, path, _pattern(path), handler, None) for method, path, handler in _GUARDED),
)


def answered_routes() -> list[str]:
    """Every ``METHOD /api/template`` that this Studio answers."""
    return [f"{method} {template}" for method, template, *_ in _TABLE]


class Wire:
    """Answers every request below ``/studio``."""

    def __init__(
        self, *, clock: WorldClock, faults: Faults, records: Records, accounts: Accounts, quota: Quota
    ) -> None:
        self._clock = clock
        self._faults = faults
        self._records = records
        self._accounts = accounts
        self.quota = quota
        self.calls: deque[StudioCall] = deque(maxlen=CALLS_KEPT)
        self.away_until: float | None = None
        self.delay = 0.0
        self._awaited: list[tuple[str, asyncio.Future[StudioCall]]] = []

    def next_call(self, route: str) -> asyncio.Future[StudioCall]:
        """Done when the next call of ``METHOD /api/template`` arrives."""
        future: asyncio.Future[StudioCall] = asyncio.get_running_loop().create_future()
        self._awaited.append((route, future))
        return future

    def _arrive(self, log: StudioCall) -> None:
        self.calls.append(log)
        for route, future in self._awaited:
            if route == log.route and not future.done():
                future.set_result(log)
        self._awaited = [one for one in self._awaited if not one[1].done()]

    def is_away(self) -> bool:
        """True while every connection is dropped."""
        return self.away_until is not None and self._clock.now() < self.away_until

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """The answer to one request, as faults and switches leave it."""
        path = request.path.removeprefix(PREFIX)
        method = "GET" if request.method == "HEAD" else request.method
        visit = _Visit(self, request, method, path)
        self._arrive(visit.log)
        if self.is_away():
            return self._drop(visit)
        if self.delay:
            await self._clock.sleep(self.delay)
        await visit.read()
        answer = await self._faulted(visit)
        if answer is None:
            return self._drop(visit)
        visit.log.status = answer.status
        return to_response(answer, request, self._clock.now())

    def _drop(self, visit: _Visit) -> web.StreamResponse:
        visit.log.status = 0
        if visit.request.transport is not None:
            visit.request.transport.abort()
        return web.Response(status=500)

    async def _faulted(self, visit: _Visit) -> Answer | None:
        """The answer under the fault that meets the call; None: drop the connection."""
        fault = self._faults.meet(visit.log.route, visit.arguments())
        if fault is None:
            return self._take_effect(visit)
        if fault.drop == "before":
            return None
        if fault.hold == "before":
            await fault.wait_released()
        answer = None if _is_instead(fault) else self._take_effect(visit)
        if fault.hold == "after":
            await fault.wait_released()
        if fault.drop == "after":
            return None
        return answer if fault.status is None else _fault_answer(fault)

    def _take_effect(self, visit: _Visit) -> Answer:
        limited = self.quota.spend(visit.log.at) if visit.path.startswith("/api/") else None
        answer = limited or visit.take_effect(self._records, self._accounts, self._clock.now())
        return replace(answer, headers={**answer.headers, **self.quota.headers()})


def _is_instead(fault: Fault) -> bool:
    return fault.status is not None and not fault.effect_first


def _fault_answer(fault: Fault) -> Answer:
    headers = {name: value for name, value in fault.headers.items() if name.lower() != "content-type"}
    given = next((value for name, value in fault.headers.items() if name.lower() == "content-type"), None)
    text = fault.body if isinstance(fault.body, (str, bytes)) else None
    body = compact(fault.body) if text is None else text.encode() if isinstance(text, str) else text
    fitting = HTML_TYPE if body.startswith(b"<") else JSON_TYPE
    return Answer(status=fault.status or 500, body=body, content_type=given or fitting, headers=headers)


class _Visit:
    """One request while it is answered."""

    def __init__(self, wire: Wire, request: web.Request, method: str, path: str) -> None:
        self.request = request
        self.method = method
        self.path = path
        self.query = read_query(request.rel_url.raw_query_string)
        self.params: Mapping[str, str] = {}
        self.handler: Handler | None = None
        self.public: Public | None = None
        self.body: Any = {}
        self.refusal: Answer | None = None
        self.log = StudioCall(
            method=request.method,
            path=path,
            route=self._find(),
            query=self.query,
            at=wire._clock.now(),  # noqa: SLF001 (a wire's own visit)
            token=bearer(request.headers),
        )

    def _find(self) -> str:
        for method, template, pattern, handler, public in _TABLE:
            found = pattern.match(self.path)
            if found is not None and method == self.method:
                self.params, self.handler, self.public = found.groupdict(), handler, public
                return f"{method} {template}"
        return f"{self.method} {self.path}"

    async def read(self) -> None:
        """Take the body in, or keep Express's refusal of it."""
        try:
            raw = await self.request.read()
        except web.HTTPRequestEntityTooLarge:
            self.refusal = answer_stack("PayloadTooLargeError: request entity too large", 413)
            return
        self.body, self.refusal = read_body(self.request.headers.get("Content-Type", ""), raw)
        self.log.body = self.body

    def arguments(self) -> dict[str, Any]:
        """Everything that a fault's ``where`` may look at."""
        fields = self.body if isinstance(self.body, dict) else {}
        return {**self.query, **fields, **self.params}

    def take_effect(self, records: Records, accounts: Accounts, now: float) -> Answer:
        """What Studio answers, with the call carried out."""
        if self.method == "OPTIONS":
            return Answer(status=204, headers={"Vary": "Access-Control-Request-Headers"})
        if self.refusal is not None:
            return self.refusal
        if self.public is not None:
            return self.public(accounts, self.request, self.body, now)
        if self.handler is None:
            return answer_no_route(self.method, self.path)
        user = accounts.identify(self.request.headers, self.request.cookies)
        if isinstance(user, Answer):
            return user
        self.log.role = user.role
        refused = accounts.gateway and refuse_at_gateway(self.method, self.path, user)
        return refused or refuse_at_backend(self.path, user) or self.handler(records, self._call(user, now))

    def _call(self, user: User, now: float) -> Call:
        return Call(
            method=self.method,
            path=self.path,
            route=self.log.route,
            params=self.params,
            query=self.query,
            body=self.body,
            user=user,
            now=now,
        )
