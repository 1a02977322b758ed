"""The rules panel: edit, see what is wrong and what would happen, have the running bot read it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.stage import Demo, show_rules, show_side, told

CONDITION = "category == 'security' AND severity == 'critical'"
CHANNELS = '["#security-alerts", "#compliance"]'
SELECTED = "one => one.value.slice(one.selectionStart, one.selectionEnd)"


@pytest.fixture
def text(page: Page) -> Locator:
    """The editor of the panel."""
    return show_rules(page)


@pytest.fixture
def rules_kept(demo: Demo, text: Locator) -> Iterator[None]:
    """The demo runs on its own rules again afterwards."""
    kept = demo.get("/world/bot/rules")["text"]
    yield
    assert demo.post("/world/bot/rules/save", text=kept)["saved"]


def replace(text: Locator, old: str, new: str) -> None:
    """Edit as a person would who selects all and pastes."""
    before = text.input_value()
    assert old in before
    text.fill(before.replace(old, new, 1))


@pytest.mark.usefixtures("rules_kept")
def test_a_rule_is_edited_mended_explained_and_reloaded_and_the_next_finding_goes_there(
    page: Page, text: Locator
) -> None:
    save = page.get_by_role("button", name="Save and reload")
    state = page.locator("#rules-state")
    expect(state).to_contain_text("In force since")

    replace(text, CONDITION, CONDITION.replace("severity", "severty"))
    problem = page.get_by_role("button", name="routing_rules.security_incidents.condition")
    expect(problem).to_contain_text("did you mean severity?")
    expect(state).to_contain_text("One problem stands in the way")
    expect(save).to_have_attribute("aria-disabled", "true")
    line = text.input_value().split("severty")[0].count("\n") + 1
    expect(problem).to_contain_text(f"{line}:")
    problem.click()
    expect(text).to_be_focused()
    assert "severty" in text.evaluate(SELECTED)
    expect(page.locator(".editor-numbers .bad")).to_have_text(str(line))

    replace(text, "severty", "severity")
    expect(page.locator("#rules-problems .problem")).to_have_count(0)
    replace(text, CHANNELS, '["#compliance-reports"]')
    ways = page.get_by_role("list", name="Goes to")
    expect(ways.locator(".fresh")).to_contain_text("#compliance-reports")
    expect(ways.locator(".gone").first).to_contain_text("#security-alerts")
    reports = page.locator(".destination[data-channel='#compliance-reports']")
    expect(reports).to_contain_text("named by rule security_incidents")
    expect(reports).to_contain_text("@security-team (2 people)")
    reports.get_by_text("The message").click()
    expect(reports.get_by_role("img", name="Preview: ")).to_contain_text("Critical Compliance Alert")

    save.click()
    expect(state).to_contain_text("In force since")
    expect(page.locator("#rules-notice")).to_contain_text("The bot said in #compliance")
    expect(page.locator("#rules-notice")).to_contain_text("New rules are in force")
    expect(page.locator("#rules-notice")).to_contain_text("routing_rules.security_incidents.channels")
    expect(ways.locator(".fresh")).to_have_count(0)
    page.get_by_role("button", name="Make it happen").click()
    page.locator("[data-place=compliance-reports]").click()
    expect(told(page, "Storage bucket patient-exports is readable by everyone")).to_be_visible()


def test_the_keyboard_indents_leaves_and_is_told_why_nothing_is_saved(page: Page, text: Locator) -> None:
    text.focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Tab")
    expect(text).to_have_value(re.compile(r"^  # What"))
    page.keyboard.press("Shift+Tab")
    expect(text).to_have_value(re.compile(r"^# What"))
    page.keyboard.press("Control+s")
    expect(page.locator("#announcer")).to_have_text("Nothing was changed.")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(text).not_to_be_focused()


def test_the_saved_text_comes_back(page: Page, text: Locator) -> None:
    saved = text.input_value()
    text.fill("slack_config: [")
    expect(page.locator("#rules-problems .problem").first).to_be_visible()
    expect(page.get_by_text("this was before it")).to_be_visible()
    page.get_by_role("button", name="Back to saved").click()
    expect(text).to_have_value(saved)
    expect(page.locator("#rules-problems .problem")).to_have_count(0)
    expect(page.get_by_text("this was before it")).to_be_hidden()
    expect(page.locator("#rules-state")).to_contain_text("In force since")


def test_an_event_of_ones_own_is_explained_or_its_fault_is_said(page: Page, text: Locator) -> None:
    page.get_by_label("What would become of this event").select_option(label="A report is ready")
    expect(page.get_by_role("list", name="Goes to")).to_contain_text("#compliance-reports")
    expect(page.get_by_role("button", name="Make it happen")).to_be_disabled()
    page.get_by_text("The event", exact=True).click()
    own = page.get_by_label("The event as JSON")
    own.fill('{"type": "finding", "severity": "urgent"}')
    expect(page.locator("#rules-explained")).to_contain_text("severity is never 'urgent'")
    own.fill('{"type": "finding", "severity": "low", "category": "compliance"}')
    expect(page.get_by_role("list", name="Goes to")).to_have_text("#compliance")


def test_rules_are_saved_while_the_bot_is_dead_and_read_when_it_lives_again(
    page: Page, demo: Demo, text: Locator, rules_kept: None
) -> None:
    demo.post("/world/bot/kill")
    expect(page.locator("#rules-state")).to_contain_text("The bot reads it when it starts")
    replace(text, CHANNELS, '["#compliance-reports"]')
    page.keyboard.press("Control+s")
    expect(page.locator("#rules-state")).to_contain_text("In force since")
    assert demo.get("/world/bot/rules")["running"]["hash"] == demo.get("/world/bot/rules")["hash"]


@pytest.mark.usefixtures("rules_kept")
def test_what_quiet_hours_hold_goes_out_an_hour_later(page: Page, demo: Demo, text: Locator) -> None:
    now = demo.get("/world/clock")["now"]
    begin, end = (time.strftime("%H:%M", time.gmtime(now + add)) for add in (-1800, 1800))
    text.fill(f"{text.input_value()}\nquiet_hours:\n  from: '{begin}'\n  to: '{end}'\n")
    page.get_by_label("What would become of this event").select_option(label="A high compliance finding")
    expect(page.locator("#rules-explained")).to_contain_text("held by quiet hours until")
    page.get_by_role("button", name="Save and reload").click()
    expect(page.locator("#rules-state")).to_contain_text("In force since")
    expect(page.locator("#rules-notice")).to_contain_text("quiet_hours: added")

    page.locator("[data-place=compliance]").click()
    page.get_by_role("button", name="Make it happen").click()
    expect(page.locator("#rules-made")).to_contain_text("It is in Studio")
    page.get_by_label("What would become of this event").select_option(label="A critical compliance finding")
    page.get_by_role("button", name="Make it happen").click()
    page.locator("[data-place=compliance-alerts]").click()
    expect(told(page, "Audit trail of the payments account is switched off")).to_be_visible()
    page.locator("[data-place=compliance]").click()
    expect(told(page, "Port 22 of build-7")).to_have_count(0)

    page.get_by_role("group", name="Behind the scenes").get_by_role(
        "button", name="Behind the scenes"
    ).click()
    page.get_by_role("button", name="An hour later").click()
    expect(told(page, "Port 22 of build-7")).to_be_visible()


def test_a_world_without_a_bot_has_no_rules_to_edit(world: Demo, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(world.url)
    show_side(page, "Rules")
    expect(page.locator("#rules-state")).to_contain_text("there are no rules to edit")
    expect(page.get_by_label("rules.yaml of this demo")).not_to_be_editable()
