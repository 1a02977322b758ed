from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from compliance_bot.insight.frameworks import framework_scores, named, nearest
from compliance_bot.insight.status import ComplianceStatus, UnknownFramework
from compliance_bot.messages.status_card import StatusView
from compliance_bot.model.platform import Project, Role
from compliance_bot.studio.accounts import Accounts, Area, GivenToken
from compliance_bot.studio.calls import Caller
from compliance_bot.studio.failures import FailureKind, StudioCallFailed
from compliance_bot.studio.platform.client import PlatformStudio
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.transport import Answer, Request

NOW = 1_795_493_326.0


class StillClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> float:
        """Unix seconds."""
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Moves itself on."""
        self.at += seconds


PROJECTS = [
    {"id": "b1", "name": "SOC 2 2026", "framework": "SOC 2", "status": "in_progress", "progress": 50},
    {"id": "b3", "name": "SOC 2 Legacy", "framework": "SOC 2", "status": "approved", "progress": 11},
    {"id": "b2", "name": "ISO", "framework": "ISO 27001", "status": "pending", "progress": 0},
    {"id": "b5", "name": "PCI", "framework": "PCI DSS", "status": "in_progress", "progress": 0},
]


@dataclass
class Wire:
    """Studio's answers by path; a failure stands for a path that does not answer."""

    answers: dict[str, Any] = field(
        default_factory=lambda: {
            "/api/manager/projects": {"success": True, "data": PROJECTS},
            "/api/auditor/projects": {
                "success": True,
                "data": [
                    {
                        "id": "b1",
                        "name": "SOC 2 2026",
                        "frameworkName": "SOC 2",
                        "status": "in_progress",
                        "metrics": {"progress": 50},
                    }
                ],
            },
            "/api/manager/dashboard": {
                "success": True,
                "data": {"totals": {"projects": 4, "pendingApprovals": 2}, "compliance": 10},
            },
            "/api/auditor/dashboard": {
                "success": True,
                "stats": {"assignedCustomers": 1, "activeProjects": 4, "pendingRequests": 1},
            },
            "/api/findings": {"success": True, "data": [], "pagination": {"total": 3}},
        }
    )
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    all_asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def exchange(self, request: Request, parse: Any) -> Answer[Any]:
        """One canned answer, once the gate is open."""
        self.asked.append((request.url, request.query))
        if len(self.asked) == 6:
            self.all_asked.set()
        await self.gate.wait()
        answer = self.answers[request.url]
        if isinstance(answer, StudioCallFailed):
            raise answer
        return Answer(
            value=parse(answer),
            unchanged=False,
            sent_at=NOW,
            server_time=None,
            etag=None,
            remaining=None,
            reset_at=None,
        )


def away() -> StudioCallFailed:
    return StudioCallFailed(FailureKind.AWAY, "Studio cannot be reached.", operation="x")


@dataclass
class Desk:
    """The status desk with its wire and clock."""

    wire: Wire
    clock: StillClock
    status: ComplianceStatus


async def nothing_spent(_purpose: Purpose) -> None:
    return None


def a_desk(*roles: Role) -> Desk:
    wire, clock = Wire(), StillClock()
    wire.gate.set()
    caller = Caller(
        base_url="",
        transport=wire,
        accounts=Accounts(sources={role: GivenToken(lambda: "t") for role in roles}),
        spend=nothing_spent,
        clock=clock,
        retry_attempts=lambda: 0,
    )
    return Desk(wire, clock, ComplianceStatus(studio=PlatformStudio(caller=caller), clock=clock))


@pytest.fixture
def desk() -> Desk:
    return a_desk(Role.MANAGER, Role.AUDITOR)


async def seen(desk: Desk, framework: str | None = None) -> StatusView:
    view = await desk.status.status(framework)
    assert isinstance(view, StatusView)
    return view


async def test_pending_projects_do_not_sink_the_mean(desk: Desk) -> None:
    view = await seen(desk)
    assert view.overall == 20
    assert view.frameworks == (("ISO 27001", None, 0), ("PCI DSS", 0, 1), ("SOC 2", 31, 2))


async def test_criticals_are_those_open_investigating_or_in_progress(desk: Desk) -> None:
    assert (await seen(desk)).criticals == 9
    filters = [query for url, query in desk.wire.asked if url == "/api/findings"]
    assert [query["status"] for query in filters] == ["open", "investigating", "in_progress"]
    assert {(query["severity"], query["limit"]) for query in filters} == {("critical", "1")}


async def test_open_tasks_are_requests_and_approvals_that_wait(desk: Desk) -> None:
    view = await seen(desk)
    assert (view.open_tasks, view.as_of, view.missing) == (3, NOW, ())


async def test_a_framework_is_found_however_it_is_written_and_shows_only_its_own(desk: Desk) -> None:
    view = await seen(desk, "soc2")
    assert (view.filter, view.overall, view.frameworks) == ("SOC 2", 31, (("SOC 2", 31, 2),))
    assert view.criticals is None
    assert "the critical issues of one framework; of all together there are 9" in view.missing


async def test_an_unknown_framework_is_answered_with_near_misses_and_the_list(desk: Desk) -> None:
    answer = await desk.status.status("ISO 2701")
    assert answer == UnknownFramework(
        asked="ISO 2701", nearest=("ISO 27001",), known=("ISO 27001", "PCI DSS", "SOC 2")
    )


async def test_answers_are_remembered_for_sixty_seconds(desk: Desk) -> None:
    await seen(desk)
    desk.clock.at += 59.0
    await seen(desk, "PCI DSS")
    assert len(desk.wire.asked) == 6
    desk.clock.at += 1.0
    await seen(desk)
    assert len(desk.wire.asked) == 12


async def test_many_askers_at_once_cost_one_set_of_questions(desk: Desk) -> None:
    desk.wire.gate.clear()
    askers = [asyncio.create_task(desk.status.status()) for _ in range(20)]
    await desk.wire.all_asked.wait()
    desk.wire.gate.set()
    assert len(set(await asyncio.gather(*askers))) == 1
    assert len(desk.wire.asked) == 6


async def test_one_asker_who_gives_up_does_not_spoil_the_others(desk: Desk) -> None:
    desk.wire.gate.clear()
    first, second = (asyncio.create_task(desk.status.status()) for _ in range(2))
    await desk.wire.all_asked.wait()
    first.cancel()
    desk.wire.gate.set()
    assert isinstance(await second, StatusView)


async def test_what_studio_could_not_tell_is_named_and_not_shown_as_zero(desk: Desk) -> None:
    desk.wire.answers["/api/findings"] = away()
    desk.wire.answers["/api/auditor/dashboard"] = StudioCallFailed(
        FailureKind.REFUSED, "Studio refused.", operation="x", status=403
    )
    view = await seen(desk)
    assert view.criticals is None
    assert view.open_tasks == 2
    assert set(view.missing) == {
        "the critical issues (it is away)",
        "the pending requests (our token may not ask)",
    }


async def test_figures_with_a_gap_are_asked_again_after_ten_seconds(desk: Desk) -> None:
    whole = desk.wire.answers["/api/findings"]
    desk.wire.answers["/api/findings"] = away()
    await seen(desk)
    desk.wire.answers["/api/findings"] = whole
    desk.clock.at += 10.0
    assert (await seen(desk)).criticals == 9


async def test_an_unknown_framework_is_not_denied_while_studio_is_away(desk: Desk) -> None:
    for path in desk.wire.answers:
        desk.wire.answers[path] = away()
    view = await seen(desk, "SOC 2")
    assert view.overall is None
    assert "the scores (it is away)" in view.missing


async def test_without_a_manager_the_auditors_projects_are_used_and_that_is_said() -> None:
    view = await seen(a_desk(Role.AUDITOR))
    assert view.overall == 50
    assert "projects that our auditor is not assigned to" in view.missing


def a_project(framework: str | None, status: str = "in_progress", score: int | None = 40) -> Project:
    return Project(id="b", name="b", status=status, framework=framework, score=score)


def test_projects_without_a_framework_or_progress_count_nowhere() -> None:
    assert framework_scores([a_project(None), a_project("A", score=None)])[0].score is None


@pytest.mark.parametrize("words", ["SOC 2", "soc-2", "Soc2 "])
def test_case_spaces_and_dashes_of_a_name_do_not_matter(words: str) -> None:
    assert named(words, ["ISO 27001", "SOC 2"]) == "SOC 2"


def test_the_nearest_names_come_likeliest_first_and_nonsense_has_none() -> None:
    assert nearest("iso", ["SOC 2", "ISO 27001", "ISO 27017"]) == ("ISO 27001", "ISO 27017")
    assert nearest("%%%", ["SOC 2"]) == ()


def test_every_area_has_somebody_who_may_call_it() -> None:
    accounts = Accounts(sources={role: GivenToken(lambda: "t") for role in Role})
    assert all(accounts.has(area) for area in Area)
