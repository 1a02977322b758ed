"""A burst of findings, as people see it: one digest, its lines, one press for all of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.stage import Demo, in_studio

HEAD = re.compile(r"\b(\d+) findings: ")
HANDLED = re.compile(r"\b(\d+) of (\d+) handled")


@pytest.fixture
def demo(demo_of_its_own: Demo) -> Demo:
    """Whose findings by the dozen stand in nobody else's way."""
    return demo_of_its_own


@pytest.fixture
def digests(page: Page) -> Locator:
    """Every digest of #compliance that is on the page."""
    page.locator("[data-place=compliance]").click()
    return page.locator("#messages .message").filter(has_text=HANDLED).filter(has_text=HEAD)


@pytest.fixture
def burst(page: Page, digests: Locator) -> Locator:
    """The digest of a burst that a person made."""
    standing = digests.count()
    with page.expect_response("**/world/studio/burst") as made:
        page.get_by_role("button", name="A burst of 40 findings").click()
    assert len(made.value.json()["ids"]) == 40
    expect(page.locator("#studio-said")).to_contain_text("40 findings are in Studio")
    expect(digests).to_have_count(standing + 1)
    return digests.nth(standing)


def told_there(demo: Demo) -> int:
    """How many of the last forty findings are not critical, and so stand in that digest."""
    newest: list[Any] = demo.get("/world/studio/state")["findings"][:40]
    return sum(one["severity"] != "critical" for one in newest)


def acknowledge_all(page: Page, digest: Locator, count: int, answer: str) -> None:
    digest.get_by_role("button", name="Acknowledge all").press("Enter")
    dialog = page.get_by_role("dialog", name=f"Acknowledge {count} findings?")
    expect(dialog).to_contain_text("in your name")
    dialog.get_by_role("button", name=answer).click()


def test_a_burst_is_one_digest_with_an_honest_count(burst: Locator, demo: Demo) -> None:
    count = told_there(demo)
    expect(burst.get_by_role("heading")).to_contain_text(f"{count} findings: ")
    expect(burst).to_contain_text(f"0 of {count} handled")
    expect(burst.get_by_role("button", name="Acknowledge", exact=True)).to_have_count(20)
    expect(burst).to_contain_text(f"20 listed; {count - 20} more")


def test_all_that_are_listed_are_acknowledged_once_the_person_says_so(
    page: Page, burst: Locator, demo: Demo
) -> None:
    count = told_there(demo)
    expect(burst).to_contain_text(f"0 of {count} handled")
    acknowledge_all(page, burst, 20, "Cancel")
    expect(burst).to_contain_text(f"0 of {count} handled")

    acknowledge_all(page, burst, 20, "Acknowledge all")

    expect(burst).to_contain_text(f"20 of {count} handled")
    expect(burst.locator(".changed").first).to_be_visible()
    expect(page.locator(".message.ephemeral").last).to_contain_text("You acknowledged 20 findings")
    # What is still open comes first in the list; the rest of it stands acknowledged.
    taken = burst.locator(".block").filter(has_text="acknowledged by Bob Builder")
    expect(taken).to_have_count(40 - count)
    acknowledge_all(page, burst, count - 20, "Acknowledge all")
    expect(burst).to_contain_text(f"{count} of {count} handled")
    expect(taken).to_have_count(20)
    expect(burst.get_by_role("button", name="Acknowledge")).to_have_count(0)


def test_a_line_follows_what_happens_in_studio(page: Page, digests: Locator, demo: Demo) -> None:
    standing = digests.count()
    ids = demo.post("/world/studio/burst", count=15, severity="high")["ids"]
    expect(digests).to_have_count(standing + 1)
    digest = digests.nth(standing)
    expect(digest).to_contain_text("0 of 15 handled")
    listed = digest.inner_text()
    made = [one for one in demo.get("/world/studio/state")["findings"] if one["id"] in ids]
    finding = next(one for one in made if listed.count(one["title"]) == 1)
    line = digest.locator(".block").filter(has_text=finding["title"])
    expect(line.get_by_role("button", name="Acknowledge")).to_have_count(1)
    page.get_by_role("button", name="Show more").click()
    in_studio(page, finding["id"]).get_by_role("button", name="Mark resolved in Studio").click()
    expect(line).to_contain_text("resolved")
    expect(line.get_by_role("button", name="Acknowledge")).to_have_count(0)
    expect(digest).to_contain_text("1 of 15 handled")


def test_a_storm_is_one_message_that_grows(page: Page, digests: Locator, demo: Demo) -> None:
    standing = digests.count()
    demo.post("/world/studio/burst", count=1200, severity="medium")
    expect(digests).to_have_count(standing + 1)
    digest = digests.nth(standing)
    expect(digest.get_by_role("heading")).to_contain_text("1200 findings: 1200 medium", timeout=90_000)
    expect(digest).to_contain_text("20 listed; 1180 more")
    digest.get_by_role("button", name="Changed").press("Enter")
    dialog = page.get_by_role("dialog", name="How this message changed")
    expect(dialog.locator(".versions li").last).to_contain_text("1200 findings")
    expect(digests).to_have_count(standing + 1)


def test_a_digest_fits_a_narrow_screen(page: Page, burst: Locator) -> None:
    page.set_viewport_size({"width": 380, "height": 720})
    expect(burst.get_by_role("button", name="Acknowledge all")).to_be_visible()
    assert page.evaluate("() => document.querySelector('#scroller').scrollWidth") <= 380
