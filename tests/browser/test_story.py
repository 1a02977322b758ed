"""One finding, there and back, as people see it on the demo's page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.stage import Demo, in_studio, open_page, told


def test_a_critical_finding_is_acknowledged_by_keyboard_and_studio_says_investigating(page: Page) -> None:
    with page.expect_response("**/world/studio/finding") as made:
        page.get_by_role("button", name="A critical finding").click()
    finding = in_studio(page, made.value.json()["id"])
    expect(finding.locator(".status")).to_have_text("open")
    title = finding.locator(".finding-title").inner_text()
    message = told(page, title).last
    expect(message).to_have_class("message pinged")

    message.get_by_role("button", name="Acknowledge").focus()
    page.keyboard.press("Enter")

    expect(message).to_contain_text("Acknowledged by @Bob Builder")
    expect(message.get_by_role("button", name="Acknowledge")).to_have_count(0)
    expect(finding.locator(".status")).to_have_text("investigating")
    expect(finding.locator("blockquote")).to_contain_text("Bob Builder")
    message.get_by_role("button", name="1 reply").click()
    expect(page.locator("#thread-messages")).to_contain_text("Bob Builder acknowledged this")
    page.keyboard.press("Escape")
    expect(page.locator("#thread")).to_be_hidden()


def test_whoever_presses_second_is_told_who_was_first(
    page: Page, context: BrowserContext, demo: Demo
) -> None:
    title = "Signing key of the release server is public"
    demo.finding(title)
    expect(told(page, title)).to_be_visible()
    carol = open_page(context, demo, act_as="Carol Compliance")
    expect(told(carol, title)).to_be_visible()
    let_up = let_lag(carol)

    told(page, title).get_by_role("button", name="Acknowledge").click()
    expect(told(page, title)).to_contain_text("Acknowledged by @Bob Builder")
    told(carol, title).get_by_role("button", name="Acknowledge").click()
    let_up()

    expect(carol.locator(".message.ephemeral")).to_contain_text("Bob Builder was first")
    expect(page.locator(".message.ephemeral", has_text="was first")).to_have_count(0)


def let_lag(page: Page) -> Callable[[], None]:
    """Let a page see the workspace as it stands now until the returned function is called."""
    frozen = page.request.get(f"{page.url}world/slack/state").text()
    where = "**/world/slack/state?*"

    def answer(route: Route) -> None:
        route.fulfill(body=frozen, content_type="application/json")

    def let_up() -> None:
        page.unroute(where, answer)

    page.route(where, answer)
    return let_up


def test_a_killed_bot_comes_back_and_says_nothing_twice(page: Page, demo: Demo) -> None:
    title = "Backup bucket of the payments database has no lock"
    demo.finding(title)
    expect(told(page, title)).to_be_visible()
    before = demo.get("/world/bot")["restarts"]

    page.get_by_role("button", name="Kill the bot").click()

    state = page.locator("#bot-state")
    expect(state).to_have_attribute("data-state", "killed")
    expect(page.get_by_role("button", name="Kill the bot")).to_be_disabled()
    told(page, title).get_by_role("button", name="Acknowledge").click()
    expect(told(page, title).get_by_role("img", name="The app did not answer")).to_be_visible()
    expect(state).to_have_attribute("data-state", "running")
    assert demo.get("/world/bot")["restarts"] == before + 1
    demo.finding("A second finding, after the kill")
    expect(told(page, "A second finding, after the kill")).to_be_visible()
    expect(told(page, title)).to_have_count(1)


def test_a_finding_that_studio_resolves_is_closed_in_slack(page: Page, demo: Demo) -> None:
    title = "Guest account may read the payroll share"
    finding_id = demo.finding(title)
    message = told(page, title)
    expect(message).to_be_visible()
    in_studio(page, finding_id).get_by_role("button", name="Mark resolved in Studio").click()
    expect(in_studio(page, finding_id).locator(".status")).to_have_text("resolved")
    expect(message.get_by_role("button", name="Acknowledge")).to_have_count(0)


@pytest.fixture
def guest_joins(demo: Demo) -> Iterator[Callable[[], None]]:
    """Lets a guest into the channel of the alerts; she leaves it when the test is over."""
    place = {"channel": "compliance-alerts", "user": "gina"}
    yield lambda: demo.post("/world/slack/invite", **place)
    demo.post("/world/slack/kick", **place)


def test_a_guest_is_refused_in_one_friendly_sentence(
    page: Page, demo: Demo, guest_joins: Callable[[], None]
) -> None:
    title = "Old certificate of the partner portal"
    demo.finding(title)
    expect(told(page, title)).to_be_visible()
    # What a guest may not know is taken out of the message, so it is known by its place from here on.
    acknowledge = page.locator(
        f"[data-ts='{told(page, title).get_attribute('data-ts')}'] [data-action=acknowledge_alert]"
    )
    guest_joins()
    page.get_by_label("You act as").select_option(label="Gina Guest, guest")
    page.locator("[data-place=compliance-alerts]").click()
    acknowledge.click()
    expect(page.locator(".message.ephemeral")).to_contain_text("Guests can't acknowledge")
    expect(told(page, title)).to_have_count(0)
    expect(acknowledge).to_have_text("Acknowledge")


def test_typed_commands_and_mentions_are_answered(page: Page) -> None:
    box = page.get_by_role("combobox", name="Message to #compliance-alerts")
    box.press_sequentially("/comp")
    expect(page.get_by_role("option", name="/compliance")).to_be_visible()
    box.press("Tab")
    box.press_sequentially("soc2")
    box.press("Enter")
    expect(page.locator(".message.ephemeral").last).to_contain_text("SOC 2")
    box.fill("@compliance-bot help")
    box.press("Enter")
    expect(told(page, "@compliance-bot help").get_by_role("button", name="1 reply")).to_be_visible()
    box.fill("/nonsense")
    box.press("Enter")
    expect(page.locator("#composer-says")).to_contain_text("/nonsense is not a command")


def test_a_direct_message_to_the_bot_is_answered(page: Page) -> None:
    page.locator("[data-place=compliance-bot]").click()
    page.get_by_role("combobox").last.fill("help")
    page.get_by_role("combobox").last.press("Enter")
    told(page, "help").get_by_role("button", name="1 reply").click()
    expect(page.locator("#thread-messages")).to_contain_text("/compliance")
