from __future__ import annotations

from pathlib import Path

import pytest

from compliance_bot.model.delivery import EffectKind
from compliance_bot.model.findings import FindingStatus, Severity
from compliance_bot.store.database import Database
from compliance_bot.store.objects import Standing
from tests.cases.stage import START, Stage, a_critical, a_finding, a_stage, rules_saying

OLD = START - 1000


async def test_what_was_created_before_the_first_walk_is_recorded_and_not_told(stage: Stage) -> None:
    await stage.begin(a_critical("old", created_at=OLD))
    assert await stage.standing("old") is Standing.BASELINE
    assert await stage.case("old") is None
    assert await stage.events() == []


async def test_the_baseline_is_one_audit_entry_with_counts(stage: Stage) -> None:
    await stage.begin(a_critical("a", created_at=OLD), a_critical("b", created_at=OLD))
    bodies = [row["body"] for row in await stage.rows("SELECT body FROM audit ORDER BY seq")]
    assert len(bodies) == 1
    assert '"baseline.complete"' in bodies[0]
    assert '"baseline":2' in bodies[0]
    assert await stage.whole_chain()


async def test_a_critical_inserted_between_page_one_and_the_last_page_is_told_once_with_its_ping(
    stage: Stage,
) -> None:
    await stage.observe(a_critical("old", created_at=OLD), walk=1)
    young = a_critical("young", created_at=stage.now)
    stage.later(5)
    await stage.observe(a_finding("older", created_at=OLD - 5), young, walk=1)
    await stage.begin(a_critical("old", created_at=OLD), young)
    await stage.deliver()
    alerts = [one["arguments"] for one in stage.said(EffectKind.POST) if "young" in str(one)]
    assert {one["channel"] for one in alerts} == {"CCOMPLIANCE-ALERTS", "CSECURITY-ALERTS", "CCOMPLIANCE"}
    assert len(alerts) == 3
    assert all("<!subteam^" in str(one["blocks"]) for one in alerts)
    assert await stage.events() == [("new", None, None)]


async def test_the_line_holds_over_a_kill_between_the_pages(tmp_path: Path) -> None:
    first = await a_stage(tmp_path)
    await first.observe(a_critical("old", created_at=OLD), walk=1)
    await first.database.close()
    second = Stage(database=await Database.open(tmp_path / "bot.db"), now=START + 500)
    older, young = a_critical("older", created_at=OLD - 9), a_critical("young", created_at=START + 100)
    await second.observe(young, a_critical("old", created_at=OLD), older, walk=1)
    assert [await second.standing(name) for name in ("old", "older", "young")] == [
        Standing.BASELINE,
        Standing.BASELINE,
        Standing.TOLD,
    ]
    await second.database.close()


async def test_after_the_first_walk_a_back_dated_import_is_told(begun: Stage) -> None:
    await begun.observe(a_finding("import", created_at=begun.now, first_seen=START - 90 * 86400))
    await begun.observe(a_finding("older", created_at=OLD))
    assert await begun.standing("import") is Standing.TOLD
    assert await begun.standing("older") is Standing.TOLD


@pytest.mark.parametrize(
    ("sent_at", "took", "date", "created", "told"),
    [
        pytest.param(0.4, 0.1, 0.0, 0.2, True, id="born in the second of the request: rather told"),
        pytest.param(0.4, 0.1, 0.0, -0.2, False, id="born in the second before"),
        pytest.param(0.0, 8.0, 8.0, 1.0, True, id="born while a slow Studio answered"),
        pytest.param(0.0, 0.0, 3600.0, 3500.0, False, id="Studio's clock an hour ahead, born before"),
        pytest.param(0.0, 0.0, 3600.0, 3601.0, True, id="Studio's clock an hour ahead, born after"),
        pytest.param(0.0, 0.0, -3600.0, -3500.0, True, id="Studio's clock an hour behind, born after"),
        pytest.param(0.0, 0.0, None, -0.1, False, id="no Date header"),
    ],
)
async def test_the_line_is_drawn_in_studios_clock(
    stage: Stage, sent_at: float, took: float, date: float | None, created: float, told: bool
) -> None:
    stage.now = START + sent_at + took
    server_time = None if date is None else START + date
    await stage.observe(
        a_finding("f-1", created_at=START + created), sent_at=START + sent_at, server_time=server_time
    )
    assert (await stage.standing("f-1") is Standing.TOLD) is told


@pytest.mark.parametrize(
    ("first_run", "told"),
    [
        ("baseline", set()),
        ("open_critical", {"critical"}),
        ("all", {"critical", "high", "taken-up"}),
    ],
)
async def test_first_run_says_what_of_the_past_is_told(stage: Stage, first_run: str, told: set[str]) -> None:
    stage.rulebook = rules_saying(f"studio: {{first_run: {first_run}}}")
    await stage.begin(
        a_critical("critical", created_at=OLD),
        a_finding("high", created_at=OLD),
        a_critical("taken-up", created_at=OLD, status=FindingStatus.INVESTIGATING),
        a_critical("closed", created_at=OLD, status=FindingStatus.RESOLVED),
    )
    names = ("critical", "high", "taken-up", "closed")
    assert {name for name in names if await stage.case(name) is not None} == told


@pytest.mark.parametrize(
    ("before", "after", "event", "told"),
    [
        pytest.param({}, {"severity": Severity.CRITICAL}, "severity_raised", True, id="more severe"),
        pytest.param({}, {"assignee_id": "u-1"}, "assigned", True, id="assigned"),
        pytest.param({"status": FindingStatus.RESOLVED}, {}, "reopened", True, id="opened again"),
        pytest.param({}, {"status": FindingStatus.INVESTIGATING}, "status", False, id="taken up"),
        pytest.param({}, {"status": FindingStatus.RESOLVED}, "status", False, id="closed"),
        pytest.param({}, {"severity": Severity.LOW}, None, False, id="less severe"),
        pytest.param({}, {"occurrences": 9}, None, False, id="seen more often"),
    ],
)
async def test_an_object_of_the_baseline_gets_a_case_only_for_what_is_worth_one(
    stage: Stage, before: dict, after: dict, event: str | None, told: bool
) -> None:
    await stage.begin(a_finding(created_at=OLD, **before))
    await stage.observe(a_finding(created_at=OLD, **after))
    changes = [change for change, _, _ in await stage.events() if change != "new"]
    assert changes == ([] if event is None else [event])
    assert (await stage.case() is not None) is told


async def test_every_difference_of_an_untold_object_is_an_event_of_its_own(stage: Stage) -> None:
    await stage.begin(a_finding(created_at=OLD, severity=Severity.LOW, status=FindingStatus.DISMISSED))
    await stage.observe(a_critical(created_at=OLD, assignee_id="u-1"))
    assert [event for event in await stage.events() if event[0] != "new"] == [
        ("reopened", "dismissed", "open"),
        ("severity_raised", "low", "critical"),
        ("assigned", None, "u-1"),
    ]


async def test_a_closed_object_made_more_severe_is_recorded_and_not_told(stage: Stage) -> None:
    closed = FindingStatus.RESOLVED
    await stage.begin(a_finding(created_at=OLD, severity=Severity.LOW, status=closed))
    await stage.observe(a_finding(created_at=OLD, severity=Severity.CRITICAL, status=closed))
    assert ("severity_raised", "low", "critical") in await stage.events()
    assert await stage.case() is None
