"""The embedded Studio as tests and the page hold it: its tables, its switches, what it was asked.

``world`` mounts it; ``control`` works its switches from outside.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from compliance_bot.clock import iso
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.faults import Fault, Faults
from compliance_bot.sandbox.studio.calls import StudioCall
from compliance_bot.sandbox.studio.demo import tell_story
from compliance_bot.sandbox.studio.fixture import AUDITOR, CUSTOMER, MANAGER, fixture_id, seed_fixture
from compliance_bot.sandbox.studio.identity import Accounts
from compliance_bot.sandbox.studio.projects import add_project, change_project
from compliance_bot.sandbox.studio.quota import HOUR, Quota, busiest_hour
from compliance_bot.sandbox.studio.records import Records
from compliance_bot.sandbox.studio.refusals import ROUTES
from compliance_bot.sandbox.studio.rows import Row
from compliance_bot.sandbox.studio.store import FindingStore
from compliance_bot.sandbox.studio.wire import Wire

DEFAULT_TOKENS = {
    "studio-admin-token": (fixture_id("a", 1), "admin"),
    "studio-manager-token": (MANAGER, "manager"),
    "studio-auditor-token": (AUDITOR, "auditor"),
    "studio-customer-token": (CUSTOMER, "customer"),
}


class StudioState:
    """A Studio on the world's clock.

    ``gateway``: Kong and its role policy stand in front (False: the backend reached directly, as
    recorded). ``fixture``: begin with the recorded findings, projects and request (people and
    frameworks are always there). ``quota_per_hour``: calls below ``/api`` in a clock hour before the
    429; None: no quota.
    """

    def __init__(
        self,
        *,
        clock: WorldClock,
        faults: Faults,
        gateway: bool = True,
        fixture: bool = True,
        quota_per_hour: int | None = None,
    ) -> None:
        self.clock = clock
        self.faults = faults
        self.records = Records(now=clock.now)
        seed_fixture(self.records)
        if not fixture:
            self.empty()
        self.accounts = Accounts(self.records, gateway=gateway)
        for token, (user_id, role) in DEFAULT_TOKENS.items():
            self.accounts.allow(token, user_id, role)
            self.accounts.open_session(f"kratos-{role}", user_id)
        self.quota = Quota(quota_per_hour)
        self.wire = Wire(
            clock=clock, faults=faults, records=self.records, accounts=self.accounts, quota=self.quota
        )

    # Findings

    @property
    def findings(self) -> FindingStore:
        """The findings table."""
        return self.records.findings

    def empty(self) -> None:
        """No findings, projects or requests any more."""
        self.records.empty()

    def tell_story(self, *, seed: int = 1, findings: int = 60) -> None:
        """Begin the demo afresh: a believable company with ``findings`` of the last month."""
        tell_story(self.records, seed=seed, findings=findings)

    def seed(self, count: int, **fields: Any) -> list[str]:
        """``count`` findings of the story, at once; see ``FindingStore.seed``."""
        return self.findings.seed(count, **fields)

    def add_finding(self, **fields: Any) -> str:
        """A new finding by Studio's column names (``severity``, ``title``, ``firstSeenAt``); its id."""
        return self.findings.add(**fields)

    def remove_finding(self, finding_id: str) -> None:
        """The finding is gone."""
        self.findings.remove(finding_id)

    def change_finding(self, finding_id: str, **fields: Any) -> Row:
        """Somebody in Studio changed these columns; ``updatedAt`` becomes now."""
        return self.findings.change(finding_id, **fields)

    def finding(self, finding_id: str) -> Row:
        """The row as it stands."""
        row = self.findings.get(finding_id)
        if row is None:
            raise KeyError(finding_id)
        return row

    def comments(self, finding_id: str) -> list[Row]:
        """The comments of a finding, newest first."""
        return self.findings.comments(finding_id)

    # Projects

    def add_project(self, **fields: Any) -> str:
        """A new project; ``framework`` by name, ``progress`` in per cent, other columns by name; its id."""
        return add_project(self.records, **fields)

    def change_project(self, project_id: str, **fields: Any) -> Row:
        """Somebody in Studio moved a project (``status``) or its controls (``progress``)."""
        return change_project(self.records, project_id, **fields)

    def remove_project(self, project_id: str) -> None:
        """The project is gone."""
        del self.records.projects[project_id]

    # What was asked

    @property
    def calls(self) -> list[StudioCall]:
        """Every call that arrived, oldest first (a copy)."""
        return list(self.wire.calls)

    def next_call(self, route: str) -> asyncio.Future[StudioCall]:
        """Done when the next call of ``METHOD /api/template`` arrives, before it is answered."""
        return self.wire.next_call(route)

    def calls_by_route(self) -> Counter[str]:
        """How many calls arrived by ``METHOD /api/template``."""
        return Counter(call.route for call in self.calls)

    def calls_of(self, route: str, finding_id: str | None = None) -> list[StudioCall]:
        """The calls of one route, of one object where an id is given."""
        return [
            call
            for call in self.calls
            if call.route == route and (finding_id is None or f"/{finding_id}" in call.path)
        ]

    def put_count(self, finding_id: str | None = None) -> int:
        """How many updates of findings were asked for, refused and dropped ones included."""
        return len(self.calls_of("PUT /api/findings/{id}", finding_id))

    def comment_count(self, finding_id: str | None = None) -> int:
        """How many comments stand, under one finding or under all."""
        ids = self.findings.ids if finding_id is None else [finding_id]
        return sum(len(self.findings.comments(each)) for each in ids)

    def calls_by_hour(self) -> Counter[int]:
        """Calls below ``/api`` by the clock hour in which they arrived (its first Unix second)."""
        return Counter(int(at // HOUR) * HOUR for at in self._api_times())

    def busiest_hour(self) -> int:
        """The most calls below ``/api`` in any 3600 s of the world."""
        return busiest_hour(self._api_times())

    def _api_times(self) -> list[float]:
        return [call.at for call in self.calls if call.path.startswith("/api/")]

    # Switches

    def away(self, seconds: float | None = None) -> None:
        """Drop every connection for ``seconds`` of the world's clock (None: until ``back``)."""
        self.wire.away_until = float("inf") if seconds is None else self.clock.now() + seconds

    def back(self) -> None:
        """Answer again."""
        self.wire.away_until = None

    @property
    def is_away(self) -> bool:
        """True while every connection is dropped."""
        return self.wire.is_away()

    def refuse(self, route: str, name: str) -> Fault:
        """The next call of that route gets that refusal of its table, whatever is asked."""
        refusal = ROUTES[route][name]
        body = refusal.body
        if not isinstance(body, str) and "database" in body:
            body = {**body, "timestamp": iso(self.clock.now())}
        return self.faults.lay(Fault(call=route, times=1, status=refusal.status, body=body))

    def slow(self, seconds: float) -> None:
        """Every answer waits ``seconds`` of the world's clock; 0: no more."""
        self.wire.delay = seconds
