"""The demo's story: deterministic, believable, and within what Studio's contract allows."""

from __future__ import annotations

import json

from compliance_bot.sandbox.story.findings import story_finding, story_findings
from compliance_bot.sandbox.studio.fixture import fixture_id
from compliance_bot.sandbox.studio.rows import SEVERITIES
from compliance_bot.sandbox.studio.world import StudioWorld
from tests.sandbox.studio.contract import Caller


async def test_the_story_fills_studio_and_the_contract_holds(world: StudioWorld, call: Caller) -> None:
    world.tell_story(seed=7, findings=80)
    page = (await call("GET", "/api/findings?limit=100")).json
    assert page["pagination"]["total"] == 80
    assert {row["integration"]["name"] for row in page["data"]} > {"AWS prod", "Patient portal"}
    for name, whom in (
        ("alerts", "Northwind Health"),
        ("projects", "Carol Compliance"),
        ("auditors", "Hugo Diaz"),
    ):
        assert whom in (await call("GET", f"/api/manager/{name}", role="manager")).text
    shown = await call("GET", f"/api/manager/projects/{fixture_id('b', 5)}", role="manager")
    assert shown.json["data"]["customer"]["email"] == "carol@example.com"
    projects = (await call("GET", "/api/customer/dashboard")).json["data"]["projects"]
    assert {row["framework"] for row in projects if row["progress"] > 50} == {"SOC 2", "PCI DSS"}


async def test_the_same_seed_tells_the_same_story(world: StudioWorld) -> None:
    told = []
    for _ in range(2):
        world.tell_story(seed=3)
        told.append([world.finding(each)["title"] for each in world.findings.ids])
    assert told[0] == told[1]


def test_every_severity_can_be_asked_of_the_story() -> None:
    assert [story_finding(5, severity)["severity"] for severity in SEVERITIES] == list(SEVERITIES)


def test_another_seed_tells_another_week() -> None:
    assert story_findings(20, 1) == story_findings(20, 1) != story_findings(20, 2)


def test_no_placeholder_is_left_unfilled() -> None:
    assert "{" not in json.dumps([story_finding(number)["title"] for number in range(200)])


async def test_a_hundred_thousand_findings_are_paged_to_the_end(world: StudioWorld, call: Caller) -> None:
    world.empty()
    world.seed(100_000)
    last = (await call("GET", "/api/findings?limit=500&page=200")).json
    assert (len(last["data"]), last["pagination"]) == (
        500,
        {"total": 100_000, "page": 200, "limit": 500, "pages": 200},
    )
