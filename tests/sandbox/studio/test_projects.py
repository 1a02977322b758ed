"""Projects are made and moved from outside, and every route tells them as the contract says."""

from __future__ import annotations

import pytest

from compliance_bot.sandbox.studio.world import StudioWorld
from tests.sandbox.studio.contract import Caller
from tests.sandbox.studio.test_switches import control, panel


async def test_a_project_is_listed_to_manager_and_auditor_as_it_was_moved(
    world: StudioWorld, call: Caller
) -> None:
    project = world.add_project(name="SOC 2 of the shop", progress=60)
    world.change_project(project, status="review_pending", progress=95)
    for path, role in (("/api/manager/projects", "manager"), ("/api/auditor/projects", "auditor")):
        (listed,) = [row for row in (await call("GET", path, role=role)).json["data"] if row["id"] == project]
        assert listed["status"] == "review_pending"
        assert listed.get("progress", listed.get("metrics", {}).get("progress")) == 95


async def test_an_approved_project_with_little_progress_is_stalled_until_it_moves(
    world: StudioWorld, call: Caller
) -> None:
    async def stalled() -> bool:
        alerts = (await call("GET", "/api/manager/alerts", role="manager")).json["data"]
        return ("stalled", project) in [(one["type"], one["entityId"]) for one in alerts]

    project = world.add_project(status="approved", progress=10)
    assert await stalled()
    world.change_project(project, progress=20)
    assert not await stalled()
    world.change_project(project, progress=0)
    world.remove_project(project)
    assert not await stalled()


async def test_the_panel_makes_and_moves_projects(world: StudioWorld, call: Caller) -> None:
    made = await control(call, "project", framework="ISO 27001", progress=40)
    moved = await control(call, "project", id=made["id"], status="completed", progress=100)
    assert moved["status"] == "completed"
    assert world.records.progress(str(made["id"])) == 100
    assert made["id"] in [row["id"] for row in (await panel(call))["projects"]]
    assert (await control(call, "project", id=made["id"], status="done"))["http"] == 400
    assert (await control(call, "project", id="nobody"))["http"] == 404
    with pytest.raises(ValueError, match="not of a project"):
        world.change_project(str(made["id"]), colour="red")
