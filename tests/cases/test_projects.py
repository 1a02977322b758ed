from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_bot.cases import projects
from compliance_bot.model.events import Change
from compliance_bot.store import projects as store
from compliance_bot.store.objects import Standing
from compliance_bot.store.projects import KnownProject
from compliance_bot.store.transaction import Transaction
from tests.cases.projects_stage import a_project, an_alert, begun_with, list_alerts, list_projects, told
from tests.cases.stage import Stage, rules_saying


async def test_the_first_list_is_recorded_and_nothing_of_it_is_told(stage: Stage) -> None:
    await begun_with(stage, a_project(), a_project("p-2", status="approved"), alerts=(an_alert("p-2"),))
    assert await stage.events() == []
    assert await told(stage) == []
    rows = await stage.rows("SELECT DISTINCT standing FROM object")
    assert [row["standing"] for row in rows] == ["baseline"]


async def test_the_same_list_again_says_nothing(stage: Stage) -> None:
    await begun_with(stage, a_project())
    for _ in range(3):
        assert await list_projects(stage, a_project()) == 0
    assert await stage.events() == []


async def test_a_status_that_moves_is_an_update_once(stage: Stage) -> None:
    await begun_with(stage, a_project())
    for _ in range(2):
        await list_projects(stage, a_project(status="review_pending"))
    assert await stage.events("p-1") == [("status", "in_progress", "review_pending")]
    assert await told(stage) == [("CCOMPLIANCE", "Audit p-1 status")]


@pytest.mark.parametrize(("status", "change"), [("approved", "approved"), ("completed", "completed")])
async def test_a_project_that_is_approved_or_completed_is_a_report_and_no_update(
    stage: Stage, status: str, change: str
) -> None:
    await begun_with(stage, a_project())
    for _ in range(2):
        await list_projects(stage, a_project(status=status))
    assert await stage.events("p-1") == [(change, "in_progress", status)]
    assert await told(stage) == [("CCOMPLIANCE-REPORTS", f"Audit p-1 {change}")]
    (event,) = await stage.rows("SELECT type, attributes FROM event")
    assert (event["type"], json.loads(event["attributes"])["status"]) == ("report", "ready")


async def test_a_score_is_told_when_it_has_moved_by_five(stage: Stage) -> None:
    await begun_with(stage, a_project(score=60))
    assert await list_projects(stage, a_project(score=64)) == 0
    assert await list_projects(stage, a_project(score=65)) == 1
    assert await list_projects(stage, a_project(score=60)) == 1
    assert await stage.events("p-1") == [("score", "60", "65"), ("score", "65", "60")]


async def test_a_slow_drift_is_told_once_it_adds_up(stage: Stage) -> None:
    await begun_with(stage, a_project(score=60))
    for score in range(61, 76):
        await list_projects(stage, a_project(score=score))
    assert [after for _, _, after in await stage.events("p-1")] == ["65", "70", "75"]


async def test_a_status_in_between_does_not_move_what_a_score_is_measured_from(stage: Stage) -> None:
    await begun_with(stage, a_project(score=60))
    await list_projects(stage, a_project(score=63, status="review_pending"))
    await list_projects(stage, a_project(score=65, status="review_pending"))
    assert [change for change, _, _ in await stage.events("p-1")] == ["status", "score"]


async def test_a_score_that_studio_leaves_out_or_first_tells_is_no_change(stage: Stage) -> None:
    await begun_with(stage, a_project(score=None))
    for score in (10, None, 12):
        assert await list_projects(stage, a_project(score=score)) == 0
    assert await list_projects(stage, a_project(score=16)) == 1
    assert await stage.events("p-1") == [("score", "10", "16")]


@given(st.lists(st.integers(min_value=0, max_value=100), min_size=1, max_size=30))
@settings(deadline=None)
def test_whatever_the_scores_nobody_is_ever_five_points_behind(scores: list[int]) -> None:
    said = 50
    for score in scores:
        known = KnownProject(
            id=1, project=a_project(), score_said=said, accepted_at=0.0, standing=Standing.TOLD
        )
        found = projects.between(known, a_project(score=score))
        assert [one.change for one in found] in ([], [Change.SCORE])
        said = score if found else said
        assert abs(score - said) < projects.SCORE_STEP


async def test_what_is_neither_status_nor_score_is_remembered_silently(stage: Stage) -> None:
    await begun_with(stage, a_project())
    assert await list_projects(stage, a_project(name="Another name", due=None, auditor_name="Ann")) == 0
    known = await stage.database.read(lambda tx: store.find(tx, "p-1"))
    assert known is not None
    assert known.project == a_project(name="Another name", due=None, auditor_name="Ann")


async def test_a_project_that_is_new_or_vanishes_says_nothing_and_one_that_comes_back_only_what_differs(
    stage: Stage,
) -> None:
    await begun_with(stage, a_project())
    assert await list_projects(stage, a_project(), a_project("p-2", status="pending")) == 0
    assert await list_projects(stage) == 0
    assert await list_projects(stage, a_project("p-2", status="pending")) == 0
    assert await list_projects(stage, a_project(), a_project("p-2", status="pending")) == 0
    assert await list_projects(stage, a_project(status="returned")) == 1


async def test_an_answer_asked_for_earlier_than_the_last_one_is_dropped(stage: Stage) -> None:
    await begun_with(stage, a_project())
    early = stage.now
    stage.later(10)
    await list_projects(stage, a_project(status="review_pending"))
    assert await list_projects(stage, a_project(), sent_at=early) == 0
    assert await stage.events("p-1") == [("status", "in_progress", "review_pending")]


async def test_a_reading_that_was_not_whole_draws_no_line(stage: Stage) -> None:
    await list_projects(stage, a_project(), whole=False)
    await list_alerts(stage, an_alert(), whole=False)
    await list_alerts(stage, an_alert(), an_alert("p-2"))
    assert await told(stage) == []
    assert await list_alerts(stage, an_alert(), an_alert("p-2"), an_alert("p-3")) == 1


async def test_no_alerts_at_all_are_believed_only_of_a_studio_that_shows_projects(stage: Stage) -> None:
    await list_alerts(stage)
    assert await list_alerts(stage, an_alert()) == 0
    assert await told(stage) == []


async def test_a_stalled_project_is_told_when_its_alert_comes_and_once(stage: Stage) -> None:
    await begun_with(stage, a_project(score=5))
    for _ in range(3):
        await list_alerts(stage, an_alert())
    assert await told(stage) == [("CCOMPLIANCE", "Stalled Project: Audit p-1 stalled")]
    (event,) = await stage.rows("SELECT attributes FROM event")
    facts = json.loads(event["attributes"])
    assert (facts["project"], facts["project_id"], facts["score"]) == ("Audit p-1", "p-1", 5)
    assert facts["id"] == "p-1"


async def test_a_stalled_project_is_told_again_only_after_its_alert_left_and_came_back(stage: Stage) -> None:
    await begun_with(stage, a_project())
    await list_alerts(stage, an_alert())
    await list_alerts(stage)
    assert await list_alerts(stage, an_alert()) == 0
    await list_alerts(stage)
    await list_alerts(stage)
    assert await list_alerts(stage, an_alert()) == 1
    assert len(await told(stage)) == 2


async def test_an_alert_that_stood_at_the_beginning_is_told_once_it_left_and_came_back(stage: Stage) -> None:
    await begun_with(stage, a_project(), alerts=(an_alert(),))
    for _ in range(2):
        await list_alerts(stage)
    assert await list_alerts(stage, an_alert()) == 1


async def test_a_partial_answer_lets_no_alert_leave(stage: Stage) -> None:
    await begun_with(stage, a_project())
    await list_alerts(stage, an_alert())
    for _ in range(5):
        await list_alerts(stage, whole=False)
    assert await list_alerts(stage, an_alert()) == 0


async def test_other_alerts_are_not_told_from_here(stage: Stage) -> None:
    await begun_with(stage, a_project())
    await list_alerts(stage, an_alert(type="overdue"), an_alert(type="pending_approval"))
    assert await stage.events() == []


async def test_an_alert_of_a_project_that_was_never_listed_is_told_by_its_title(stage: Stage) -> None:
    await begun_with(stage, a_project())
    await list_alerts(stage, an_alert("p-9"))
    (event,) = await stage.rows("SELECT attributes FROM event")
    facts = json.loads(event["attributes"])
    assert facts["title"] == "Stalled Project: Audit p-9"
    assert "status" not in facts
    assert "project" not in facts


async def test_projects_outside_the_listed_ones_are_recorded_not_told(stage: Stage) -> None:
    stage.rulebook = rules_saying("studio: {projects: [p-2]}")
    await begun_with(stage, a_project(), a_project("p-2"))
    await list_projects(stage, a_project(status="returned"), a_project("p-2", status="returned"))
    await list_alerts(stage, an_alert())
    assert len(await stage.events()) == 3
    assert await told(stage) == [("CCOMPLIANCE", "Audit p-2 status")]


async def test_the_event_and_its_messages_are_one_transaction(stage: Stage) -> None:
    await begun_with(stage, a_project())

    def killed(tx: Transaction) -> None:
        changed = [a_project(status="approved", score=90)]
        projects.observe_projects(tx, stage.moment(), changed, sent_at=stage.now)
        raise RuntimeError("killed before the commit")

    with pytest.raises(RuntimeError):
        await stage.write(killed)
    assert await stage.events() == []
    assert await told(stage) == []
    assert await list_projects(stage, a_project(status="approved", score=90)) == 2
    assert await list_projects(stage, a_project(status="approved", score=90)) == 0


async def test_a_row_that_cannot_be_taken_in_takes_no_other_with_it(stage: Stage) -> None:
    broken = "\ud800"
    await begun_with(stage, a_project(), a_project("p-2"), a_project("p-3", name=broken))
    after = a_project(status="returned", name=broken), a_project("p-2", status="returned")
    assert await list_projects(stage, *after) == 1
    assert await list_alerts(stage, an_alert(title=broken), an_alert("p-2")) == 1
    assert await stage.events("p-1") == []
