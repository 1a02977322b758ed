"""Messages and modals as the page draws them, worked by an app of our own over real Socket Mode."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.stage import Demo
from tests.browser.tiny_app import DATE, TinyApp, tiny_app


@pytest.fixture
def app(world: Demo) -> Iterator[TinyApp]:
    with tiny_app(world.url) as app:
        yield app


@pytest.fixture
def gallery(app: TinyApp, context: BrowserContext) -> Locator:
    """The app's message with a piece of everything, as Bob sees it."""
    page = context.new_page()
    page.goto(app.url)
    message = page.locator("#messages .message").first
    expect(message).to_be_visible()
    return message


def actions(app: TinyApp) -> list[tuple[str, str]]:
    """(who, action) of every press the app heard of."""
    return [
        (one["user"]["id"], action["action_id"])
        for one in app.heard
        if one["type"] == "block_actions"
        for action in one["actions"]
    ]


def test_text_is_drawn_with_slacks_markup_and_never_as_html(gallery: Locator) -> None:
    expect(gallery.get_by_role("heading", name="A piece of everything")).to_be_visible()
    expect(gallery.locator("strong", has_text="bold")).to_be_visible()
    expect(gallery.locator("em", has_text="slanted")).to_be_visible()
    expect(gallery.locator("s", has_text="gone")).to_be_visible()
    expect(gallery.locator("code", has_text="code")).to_be_visible()
    expect(gallery.get_by_role("link", name="a link")).to_have_attribute("href", "https://example.com/page")
    expect(gallery.locator("blockquote")).to_have_text("quoted & escaped <b>")
    expect(gallery.locator("pre")).to_have_text("block of code")
    expect(gallery.locator("time[title=fallback]")).to_contain_text("2025-11-2")
    expect(gallery.locator(".mention", has_text="#compliance")).to_be_visible()
    expect(gallery.locator(".mention.mine", has_text="@Bob Builder")).to_be_visible()
    expect(gallery.locator("li", has_text="<b>no tag</b>")).to_be_visible()
    expect(gallery.locator("b")).to_have_count(0)


def test_a_press_that_nobody_acks_gets_a_warning_sign(gallery: Locator, world: Demo) -> None:
    world.post("/world/slack/set", ack_seconds=0.3)
    deaf = gallery.get_by_role("button", name="Nobody hears this")
    deaf.click()
    expect(
        gallery.get_by_role("img", name="The app did not answer within 3 seconds. Press again.")
    ).to_be_visible()
    expect(deaf).not_to_have_attribute("aria-busy", "true")


def test_what_cannot_be_undone_asks_first(gallery: Locator, app: TinyApp, page_of: Page) -> None:
    delete = gallery.get_by_role("button", name="Delete")
    delete.click()
    dialog = page_of.get_by_role("dialog", name="Delete it?")
    page_of.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(delete).to_be_focused()
    page_of.keyboard.press("Enter")
    with page_of.expect_response("**/world/slack/click"):
        dialog.get_by_role("button", name="Delete it").click()
    assert actions(app) == [("U0BOB0001", "delete")]


def test_menus_and_selects_work_by_keyboard(gallery: Locator, app: TinyApp, page_of: Page) -> None:
    gallery.get_by_role("button", name="More actions").focus()
    page_of.keyboard.press("Enter")
    page_of.keyboard.press("ArrowDown")
    expect(gallery.get_by_role("menuitem", name="Mute it")).to_be_focused()
    with page_of.expect_response("**/world/slack/click"):
        page_of.keyboard.press("Enter")
    with page_of.expect_response("**/world/slack/click"):
        gallery.get_by_label("Snooze for").select_option("A day")
    assert actions(app) == [("U0BOB0001", "more"), ("U0BOB0001", "choose")]
    assert app.heard[0]["actions"][0]["selected_option"]["value"] == "mute"
    assert app.heard[1]["actions"][0]["selected_option"]["value"] == "1d"


def test_a_modal_shows_errors_keeps_what_was_typed_and_closes(
    gallery: Locator, app: TinyApp, page_of: Page
) -> None:
    gallery.get_by_role("button", name="Open the form").press("Enter")
    form = page_of.get_by_role("dialog", name="Accept the risk")
    expect(form).to_be_visible()
    form.get_by_role("button", name="Accept").click()
    expect(form.get_by_text("Please complete this required field.")).to_have_count(6)

    reason = form.get_by_label("Reason")
    reason.fill("because")
    form.get_by_label("Level").select_option("High")
    form.get_by_label("Until").fill("2026-12-01")
    form.get_by_label("Second person").select_option("Alice Auditor")
    owner = form.get_by_role("combobox", name="Owner in Studio")
    owner.press_sequentially("holm")
    expect(form.get_by_role("listbox").get_by_role("option")).to_have_text(["Greta Holm", "Hugo Holm"])
    page_of.keyboard.press("ArrowDown")
    page_of.keyboard.press("Enter")
    expect(owner).to_have_value("Hugo Holm")
    form.get_by_label("Asked around").check()
    form.get_by_label("Once").check()
    form.get_by_role("button", name="Accept").click()

    expect(form.get_by_role("alert").filter(has_text="Too short to be a reason")).to_be_visible()
    expect(reason).to_be_focused()
    expect(reason).to_have_value("because")
    expect(form.get_by_label("Level")).to_have_value("high")
    expect(owner).to_have_value("Hugo Holm")
    reason.fill("because the vendor mends it in December")
    form.get_by_role("button", name="Accept").click()
    expect(form).to_be_hidden()

    sent = app.heard[-1]["view"]["state"]["values"]
    assert sent["reason"]["reason"]["value"] == "because the vendor mends it in December"
    assert sent["level"]["level"]["selected_option"]["value"] == "high"
    assert sent["until"]["until"]["selected_date"] == "2026-12-01"
    assert sent["second"]["second"]["selected_user"] == "U0ALICE01"
    assert sent["owner"]["owner"]["selected_option"]["value"] == "studio:3"
    assert sent["meet"]["meet"]["selected_date_time"] == DATE
    assert [one["value"] for one in sent["checks"]["checks"]["selected_options"]] == ["asked"]
    assert sent["kind"]["kind"]["selected_option"]["value"] == "once"


def test_an_emoji_is_put_under_a_message_and_taken_away_again(gallery: Locator) -> None:
    gallery.hover()
    gallery.get_by_role("button", name="React with eyes").click()
    eyes = gallery.get_by_role("button", name="eyes, 1: Bob Builder")
    expect(eyes).to_have_attribute("aria-pressed", "true")
    eyes.click()
    expect(eyes).to_have_count(0)


def test_a_message_has_the_apps_shortcuts_by_keyboard(
    gallery: Locator, app: TinyApp, world: Demo, page_of: Page
) -> None:
    named = {"name": "Send to Studio", "type": "message", "callback_id": "send_to_studio"}
    world.post("/world/bot", shortcuts=[named])
    gallery.get_by_role("button", name="More message actions").focus()
    page_of.keyboard.press("Enter")
    expect(gallery.get_by_role("menuitem", name="Send to Studio")).to_be_focused()
    with page_of.expect_response("**/world/slack/message_action"):
        page_of.keyboard.press("Enter")
    sent = app.heard[-1]
    assert (sent["type"], sent["callback_id"]) == ("message_action", "send_to_studio")
    assert sent["message"]["ts"] == gallery.get_attribute("data-ts")


def test_escape_closes_a_modal_and_nobody_else_sees_it(gallery: Locator, page_of: Page) -> None:
    gallery.get_by_role("button", name="Open the form").click()
    form = page_of.get_by_role("dialog", name="Accept the risk")
    expect(form).to_be_visible()
    other = page_of.context.new_page()
    other.goto(page_of.url)
    other.get_by_label("You act as").select_option(label="Alice Auditor")
    expect(other.locator("#messages .message").first).to_be_visible()
    expect(other.get_by_role("dialog")).to_have_count(0)
    page_of.keyboard.press("Escape")
    expect(form).to_be_hidden()


@pytest.fixture
def page_of(gallery: Locator) -> Page:
    """The page on which the gallery stands."""
    return gallery.page
