"""People decide, as the page shows it: who may, who may not, what is taken back, and what time does."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.stage import Demo, in_studio, open_page, told

PHONE = {"width": 390, "height": 800}


def ask_for_approval(demo: Demo, name: str) -> None:
    """A project waits in Studio, whose alerts the bot reads once a minute."""
    demo.post("/world/studio/project", name=name, status="pending", auditorId=None, reviewerAuditorId=None)
    demo.post("/world/clock", jump=61)


def later(page: Page, name: str) -> None:
    """Move the world's clock on by the menu that hangs from it."""
    clock = page.locator("#clock-box")
    if not clock.get_by_role("button", name=name).is_visible():
        clock.locator("summary").click()
    clock.get_by_role("button", name=name).click()


def menu(page: Page, message: Locator, item: str) -> Locator:
    """Choose from the menu of a case's message; the modal that opens."""
    message.get_by_role("button", name="More actions").click()
    message.get_by_role("menuitem", name=item).click()
    return page.get_by_role("dialog")


def test_a_manager_approves_in_two_taps_on_a_phone(context: BrowserContext, demo: Demo) -> None:
    name = "SOC 2 for the night shift"
    ask_for_approval(demo, name)
    page = open_page(context, demo)
    page.get_by_role("group", name="Parts of the story").get_by_role("button", name="Manager").click()
    page.locator("[data-place=compliance-bot]").click()
    page.set_viewport_size(PHONE)
    request = told(page, name)
    expect(request).to_contain_text("Carol Compliance")

    request.get_by_role("button", name="Approve…").click()
    form = page.get_by_role("dialog", name="Approve")
    expect(form).to_contain_text(name)
    chosen = [form.get_by_label(one).input_value() for one in ("Auditor", "Reviewer")]
    form.get_by_role("button", name="Approve").click()

    expect(request).to_contain_text("Approved by @Mona Manager")
    expect(request).to_contain_text("confirmed by Studio")
    expect(request.get_by_role("button", name="Approve…")).to_have_count(0)
    (project,) = [one for one in demo.get("/world/studio/state")["projects"] if one["name"] == name]
    assert project["status"] == "in_progress"
    assert [project["auditorId"], project["reviewerAuditorId"]] == chosen


def test_whoever_may_not_approve_is_told_who_may(page: Page, demo: Demo) -> None:
    name = "ISO 27001 for the annex"
    ask_for_approval(demo, name)
    page.locator("[data-place=compliance]").click()
    expect(page.locator("#may")).to_contain_text("May not accept a risk or approve an audit")
    told(page, name).get_by_role("button", name="Approve…").click()
    form = page.get_by_role("dialog", name="Approve")
    expect(form).to_contain_text("You can't approve")
    expect(form.locator("[type=submit]")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()


def test_an_engineers_false_positive_has_a_reason_and_is_taken_back(page: Page, demo: Demo) -> None:
    title = "Storage bucket press-pictures is readable by everyone"
    finding = in_studio(page, demo.finding(title))
    message = told(page, title)
    message.get_by_role("button", name="Close…").click()
    form = page.get_by_role("dialog", name="Close CB-")
    form.get_by_label("Why").fill("These are the pictures for the press.")
    with page.expect_response("**/world/slack/click_in_view"):
        form.get_by_label("False positive").check()
    expect(form.get_by_label("Why")).to_have_value("These are the pictures for the press.")
    form.get_by_role("button", name="Close").last.click()

    expect(message).to_contain_text("False positive, by @Bob Builder")
    expect(message).to_contain_text("These are the pictures for the press.")
    expect(message.get_by_role("button", name="white check mark, 1")).to_be_visible()
    expect(finding.locator(".status")).to_have_text("false positive")

    message.get_by_role("button", name="Undo").click()
    expect(message.get_by_role("button", name="Acknowledge")).to_be_visible()
    expect(finding.locator(".status")).to_have_text("open")


def test_the_story_is_played_as_a_guest_and_refused(page: Page) -> None:
    page.get_by_role("button", name="What a guest may").click()
    expect(page.get_by_role("note", name="Try this")).to_contain_text("Press Acknowledge")
    expect(page.locator("#acting")).to_have_text("Gina Guest")
    expect(page.locator("#may")).to_have_text("A guest may do nothing here, whatever the rules say.")
    reference = told(page, "what this is about may not be shown in this channel").last
    reference.get_by_role("button", name="Close…").click()
    form = page.get_by_role("dialog")
    expect(form).to_contain_text("Guests can't")
    expect(form).not_to_contain_text("cookies")
    page.keyboard.press("Escape")
    reference.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".message.ephemeral").last).to_contain_text("Guests can't acknowledge here")


def test_a_snooze_ends_and_the_ladder_climbs_as_the_clock_moves_on(page: Page, demo: Demo) -> None:
    title = "Snapshot of the ledger is shared with an unknown account"
    demo.finding(title)
    message = told(page, title)
    form = menu(page, message, "Snooze…")
    form.get_by_label("Tomorrow").check()
    form.get_by_label("Why").fill("The vendor answers within the hour.")
    form.get_by_role("button", name="Snooze").last.click()
    expect(message).to_contain_text("The vendor answers within the hour.")
    expect(message.get_by_role("button", name="Wake now")).to_be_visible()

    later(page, "Tomorrow at 9:00")
    expect(message.get_by_role("button", name="Acknowledge")).to_be_visible()
    message.locator(".thread-line").click()
    thread = page.locator("#thread-messages")
    expect(thread).to_contain_text("Snooze")
    expect(thread.locator(".message", has_text="@security-team")).to_have_count(0)

    later(page, "10 minutes later")
    later(page, "10 minutes later")
    expect(thread.locator(".message", has_text="@security-team")).to_have_count(1)
    expect(thread.locator(".message.pinged").last).to_be_visible()


def test_an_emoji_acknowledges(page: Page, demo: Demo) -> None:
    title = "Firewall of the lobby printer lets everybody in"
    demo.finding(title)
    message = told(page, title)
    message.hover()
    message.get_by_role("button", name="React with eyes").click()
    expect(message).to_contain_text("Acknowledged by @Bob Builder")
