"""How the page looks and feels: small screens, dark mode, keyboard, motion, no outside host."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import Demo, show_rules, told

LAST_STOP = "What the bot asked of Studio"
TITLE = "Session cookies of the patient portal never expire"

FAINT_TEXT = """
() => {
  const channels = (colour) => {
    const found = colour.match(/[\\d.]+/g).map(Number);
    return { rgb: found.slice(0, 3), alpha: found[3] ?? 1 };
  };
  const over = (top, below) => top.rgb.map((one, i) => one * top.alpha + below[i] * (1 - top.alpha));
  const ground = (node) => {
    const layers = [];
    for (let one = node; one; one = one.parentElement) layers.push(getComputedStyle(one).backgroundColor);
    return layers.reverse().reduce((below, top) => over(channels(top), below), [255, 255, 255]);
  };
  const light = (rgb) => {
    const linear = (one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.map((one) => linear(one / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    const words = walker.currentNode.textContent.trim();
    if (!words || !node.checkVisibility({ opacityProperty: true })) continue;
    if (node.closest("option, .emoji, :disabled")) continue;
    const style = getComputedStyle(node);
    const below = ground(node);
    const [a, b] = [light(over(channels(style.color), below)), light(below)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) faint.push(`${words.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return faint;
}
"""

TOO_WIDE = """
() => [...document.querySelectorAll("html, body, .frame > *, .scroller, .studio-inside, .rules")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.id || one.className || one.tagName)
"""

FOCUSED = """
() => {
  const one = document.activeElement;
  const style = getComputedStyle(one.closest(".editor") || one);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [one.id || one.dataset.action || one.dataset.place || one.textContent.trim(), ring];
}
"""


@pytest.fixture
def with_finding(page: Page, demo: Demo) -> Page:
    """The page with one acknowledged and one open message in sight."""
    if not any(one["title"] == TITLE for one in demo.get("/world/studio/state")["findings"]):
        demo.finding(TITLE)
    expect(told(page, TITLE)).to_be_visible()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_ground(with_finding: Page, scheme: str) -> None:
    with_finding.emulate_media(color_scheme=scheme)
    ground = with_finding.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    assert with_finding.evaluate(FAINT_TEXT) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_rules_stand_out_from_their_ground_right_or_wrong(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    text = show_rules(page)
    expect(page.locator(".destination").first).to_be_visible()
    page.get_by_text("The rules, one by one").click()
    assert page.evaluate(FAINT_TEXT) == []
    text.fill(text.input_value().replace("category == 'security' AND", "categry == 'security' AND"))
    expect(page.locator("#rules-problems .problem")).to_have_count(1)
    assert page.evaluate(FAINT_TEXT) == []


def test_a_narrow_screen_never_scrolls_sideways(with_finding: Page) -> None:
    with_finding.set_viewport_size({"width": 380, "height": 720})
    panes = with_finding.get_by_role("navigation", name="Parts of the page")
    for name in ("Channels", "Rules", "Studio", "Messages"):
        panes.get_by_role("button", name=name).click()
        assert with_finding.evaluate(TOO_WIDE) == [], name
    expect(with_finding.locator("#messages")).to_be_visible()
    expect(with_finding.locator("#studio")).to_be_hidden()


def test_a_narrow_screen_can_acknowledge(page: Page, demo: Demo) -> None:
    title = "Test accounts of the old portal still work"
    page.set_viewport_size({"width": 380, "height": 720})
    demo.finding(title)
    told(page, title).get_by_role("button", name="Acknowledge").click()
    expect(told(page, title)).to_contain_text("Acknowledged by @Bob Builder")


def test_the_keyboard_reaches_everything_and_its_focus_shows(with_finding: Page) -> None:
    reached = {}
    with_finding.locator(".skip").focus()
    while LAST_STOP not in reached:
        name, ring = with_finding.evaluate(FOCUSED)
        reached[name] = ring
        with_finding.keyboard.press("Tab")
    assert [name for name, ring in reached.items() if not ring] == []
    wanted = {"act-as", "compliance-alerts", "acknowledge_alert", "composer-text", "kill", "make-critical"}
    wanted |= {"open_close_form", "case_menu"}
    assert wanted <= set(reached)


def test_the_rules_are_worked_by_keyboard_alone_and_their_focus_shows(page: Page) -> None:
    show_rules(page)
    expect(page.locator(".destination").first).to_be_visible()
    page.locator(".side-tabs [data-side=rules]").focus()
    reached = {}
    while not any(name.startswith("The rules, one by one") for name in reached):
        page.keyboard.press("Tab")
        name, ring = page.evaluate(FOCUSED)
        reached[name] = ring
        if name == "rules-text":
            page.keyboard.press("Escape")
    assert [name for name, ring in reached.items() if not ring] == []
    assert {"rules-save", "rules-section", "rules-text", "rules-event", "rules-make"} <= set(reached)


def test_a_new_message_is_announced_to_screen_readers(page: Page, demo: Demo) -> None:
    demo.post("/world/slack/say", user="alice", channel="compliance-alerts", text="lunch at noon?")
    expect(page.locator("#announcer")).to_have_text("New message in compliance-alerts: lunch at noon?")


def test_unread_pings_are_counted_for_the_person_acted_as(page: Page, demo: Demo) -> None:
    demo.post("/world/slack/say", user="alice", channel="general", text="<@U0BOB0001> can you look?")
    general = page.locator("[data-place=general]")
    expect(general.locator(".badge")).to_have_text("1")
    general.click()
    expect(general.locator(".badge")).to_have_count(0)
    expect(page.locator("#messages .message.pinged")).to_contain_text("can you look?")


def test_the_page_asks_no_other_host(with_finding: Page, demo: Demo) -> None:
    asked = []
    with_finding.on("request", lambda request: asked.append(request.url))
    with_finding.reload()
    expect(told(with_finding, TITLE)).to_be_visible()
    assert asked
    assert [url for url in asked if not url.startswith(demo.url)] == []


def test_it_says_loudly_that_it_is_a_demo(page: Page) -> None:
    expect(page.get_by_role("note", name="Demo")).to_contain_text("DEMO")
    expect(page.locator("#clock")).to_contain_text("real time")
