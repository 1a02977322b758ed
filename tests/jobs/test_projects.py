"""A finding's project is looked up once for each agent, before it is routed, and only where it is read."""

from __future__ import annotations

import asyncio

from compliance_bot.sandbox.studio.fixture import seed_fixture
from tests.jobs.stage import DETAIL, LIST, Town
from tests.jobs.test_poll import begun, poll

PROJECT = "b0000000-0000-4000-8000-000000000001"
BY_PROJECT = """
studio: {quota_per_hour: 0}
routing_rules:
  ours: {condition: "project == 'Project 1 SOC 2' AND project_id != ''", channels: ["#security-alerts"]}
"""


async def test_nothing_is_looked_up_where_nothing_reads_it(town: Town, live) -> None:
    reader = await begun(live)
    town.world.add_finding(severity="high", status="open", agentId="agent-001")
    await poll(reader)

    assert len(await reader.events()) == 1
    assert town.world.calls_of(DETAIL) == []


async def test_once_for_each_agent_and_never_without_one(town: Town, live) -> None:
    seed_fixture(town.world.records)
    name = town.world.records.projects[PROJECT]["name"]
    reader = await begun(live, BY_PROJECT.replace("Project 1 SOC 2", name))
    for agent in ("agent-001", "agent-001", None):
        town.world.add_finding(severity="high", status="open", agentId=agent)
    await poll(reader)

    assert len(town.world.calls_of(DETAIL)) == 1
    channels = await reader.rows("SELECT channel_name AS name, count(*) AS n FROM post GROUP BY 1 ORDER BY 1")
    assert {row["name"]: row["n"] for row in channels} == {"compliance": 3, "security-alerts": 2}


async def test_a_finding_outside_the_listed_projects_is_recorded_not_told(town: Town, live) -> None:
    seed_fixture(town.world.records)
    reader = await begun(live, f"studio: {{quota_per_hour: 0, projects: ['{PROJECT}']}}")
    inside = town.world.add_finding(severity="high", status="open", agentId="agent-001")
    town.world.add_finding(severity="high", status="open", agentId=None)
    await poll(reader)
    await poll(reader)

    assert len(await reader.events()) == 2
    told = await reader.rows('SELECT studio_id FROM object JOIN "case" ON object_id = object.id')
    assert [row["studio_id"] for row in told] == [inside]


async def test_rules_that_begin_to_read_projects_know_them_of_what_stood_before(town: Town, live) -> None:
    seed_fixture(town.world.records)
    name = town.world.records.projects[PROJECT]["name"]
    reader = await begun(live)
    standing = town.world.add_finding(severity="high", status="open", agentId="agent-001")
    await poll(reader)
    reader.reload(BY_PROJECT.replace("Project 1 SOC 2", name))
    await poll(reader)
    town.world.change_finding(standing, severity="critical")
    await poll(reader)

    channels = await reader.rows("SELECT DISTINCT channel_name AS name FROM post ORDER BY 1")
    assert "security-alerts" in [row["name"] for row in channels]


async def test_a_page_under_way_when_the_rules_begin_to_read_projects_is_looked_up(town: Town, live) -> None:
    seed_fixture(town.world.records)
    reader = await begun(live)
    listed = f"studio: {{quota_per_hour: 0, projects: ['{PROJECT}']}}"
    town.world.add_finding(severity="high", status="open", agentId="agent-001")
    held = town.lay(LIST, hold="after")
    polling = asyncio.create_task(poll(reader))
    await asyncio.wait_for(held.reached.wait(), 10)
    in_force = reader.in_force[-1]
    asked = reader.poller._reading._moment

    def reloaded_once_asked():
        """The rules change right after the page looked whether it needs projects."""
        moment = asked()
        if reader.in_force[-1] is in_force:
            reader.reload(listed)
        return moment

    reader.poller._reading._moment = reloaded_once_asked
    held.release()
    await asyncio.wait_for(polling, 10)

    assert len(town.world.calls_of(DETAIL)) == 1
    assert len(await reader.rows('SELECT 1 FROM "case"')) == 1


async def test_where_studio_refuses_the_manager_the_auditor_s_list_has_the_name(town: Town, live) -> None:
    seed_fixture(town.world.records)
    name = town.world.records.projects[PROJECT]["name"]
    town.lay("GET /api/manager/projects", status=403, body={"error": "Access denied"})
    reader = await begun(live, BY_PROJECT.replace("Project 1 SOC 2", name))
    town.world.add_finding(severity="high", status="open", agentId="agent-001")
    await poll(reader)

    channels = await reader.rows("SELECT channel_name AS name FROM post ORDER BY 1")
    assert [row["name"] for row in channels] == ["compliance", "security-alerts"]


async def test_a_project_with_a_new_name_is_known_by_it_within_minutes(town: Town, live) -> None:
    seed_fixture(town.world.records)
    project = town.world.records.projects[PROJECT]
    reader = await begun(live, BY_PROJECT.replace("Project 1 SOC 2", "Renamed"))
    town.world.add_finding(severity="high", status="open", agentId="agent-001")
    await poll(reader)
    project["name"] = "Renamed"
    await town.clock.jump(600)
    town.world.add_finding(severity="high", status="open", agentId="agent-001")
    await poll(reader)
    channels = await reader.rows("SELECT channel_name AS name, count(*) AS n FROM post GROUP BY 1 ORDER BY 1")
    assert {row["name"]: row["n"] for row in channels} == {"compliance": 2, "security-alerts": 1}
