"""A burst, and a Studio that goes away and comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import Demo, in_studio, told


@pytest.fixture
def fast(demo: Demo) -> Iterator[None]:
    """The world's clock runs five times as fast: a channel takes one message in each of its seconds."""
    demo.post("/world/clock", rate=5)
    yield
    demo.post("/world/clock", rate=1)


@pytest.mark.usefixtures("fast")
def test_a_burst_arrives_whole(page: Page, demo: Demo) -> None:
    with page.expect_response("**/world/studio/burst") as made:
        page.get_by_role("button", name="A burst of 40 findings").click()
    ids = set(made.value.json()["ids"])
    assert len(ids) == 40
    expect(page.locator("#studio-said")).to_contain_text("40 findings are in Studio")
    page.locator("[data-place=compliance]").click()
    expect(page.locator("#clock")).to_contain_text("5 times as fast")
    shown = [one for one in demo.get("/world/studio/state")["findings"] if one["id"] in ids]
    for finding in shown:
        expect(told(page, finding["title"]).first).to_be_attached(timeout=60_000)


def test_an_acknowledgement_while_studio_is_away_arrives_when_it_is_back(page: Page, demo: Demo) -> None:
    title = "Firewall of the clinic network lets everything in"
    finding_id = demo.finding(title)
    expect(told(page, title)).to_be_visible()

    page.get_by_role("button", name="Studio away for a minute").click()
    expect(page.locator("#studio-state")).to_contain_text("Away")
    page.locator("[data-place=compliance]").click()
    expect(told(page, "Studio can't be read since").last).to_be_visible()
    told(page, title).get_by_role("button", name="Acknowledge").click()
    expect(told(page, title)).to_contain_text("Acknowledged by @Bob Builder")
    expect(in_studio(page, finding_id).locator(".status")).to_have_text("open")

    page.get_by_role("button", name="Bring Studio back").click()
    expect(told(page, "Studio answers again").last).to_be_visible()
    expect(in_studio(page, finding_id).locator(".status")).to_have_text("investigating")
    expect(in_studio(page, finding_id).locator("blockquote")).to_have_count(1)
