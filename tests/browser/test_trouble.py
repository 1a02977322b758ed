"""A Studio that goes away and comes back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.stage import Demo, in_studio, told


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
