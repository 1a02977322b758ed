"""Threads, changes and long channels, as a reader has them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.stage import Demo, told

PLACE = "compliance"
TOP = "one => one.getBoundingClientRect().top"


@pytest.fixture
def said(world: Demo) -> Any:
    """Says something in a channel of a world without a bot; the message's ts."""
    return lambda text, **more: world.post(
        "/world/slack/say", user="alice", channel=PLACE, text=text, **more
    )["ts"]


@pytest.fixture
def reader(world: Demo, context: BrowserContext) -> Page:
    """Bob, in that channel."""
    page = context.new_page()
    page.goto(world.url)
    page.locator(f"[data-place={PLACE}]").click()
    expect(page.locator("#place-name")).to_have_text(f"#{PLACE}")
    return page


def test_an_empty_channel_says_so(reader: Page) -> None:
    expect(reader.locator("#messages")).to_have_text("Nothing has been said here yet.")


def test_a_thread_opens_beside_the_channel_and_lives(reader: Page, said: Any) -> None:
    ts = said("who takes this?")
    said("I do", thread_ts=ts)
    line = told(reader, "who takes this?").locator(".thread-line")
    expect(line).to_contain_text("1 reply")
    line.press("Enter")
    pane = reader.get_by_role("complementary", name="Thread")
    expect(pane.locator("#thread-place")).to_have_text(f"#{PLACE}")
    expect(pane.locator("#thread-messages")).to_contain_text("I do")
    said("done", thread_ts=ts)
    expect(pane.locator("#thread-messages")).to_contain_text("done")
    expect(line).to_contain_text("2 replies")
    expect(reader.locator("#announcer")).to_have_text("New reply: done")
    reader.keyboard.press("Escape")
    expect(pane).to_be_hidden()
    expect(line).to_be_focused()


def test_what_changes_lights_up_and_tells_what_it_was(reader: Page, said: Any, world: Demo) -> None:
    ts = said("five are open")
    said("something else")
    expect(told(reader, "something else")).to_be_visible()
    expect(reader.locator(".changed")).to_have_count(0)
    world.post("/world/slack/edit", channel=PLACE, ts=ts, text="four are open")
    expect(reader.locator(".changed")).to_have_text("four are open")
    told(reader, "four are open").get_by_role("button", name="Changed once").press("Enter")
    dialog = reader.get_by_role("dialog", name="How this message changed")
    expect(dialog.locator(".versions li")).to_contain_text(["five are open", "four are open"])
    reader.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_reader_keeps_their_place_however_much_is_said(reader: Page, said: Any) -> None:
    for number in range(100):
        said(f"message {number} of many")
    expect(told(reader, "message 99 of many")).to_be_visible()
    expect(told(reader, "message 40 of many")).to_have_count(1)
    expect(told(reader, "message 39 of many")).to_have_count(0)
    held = told(reader, "message 60 of many")
    held.scroll_into_view_if_needed()
    expect(reader.get_by_role("button", name="New messages")).to_be_hidden()
    before = held.evaluate(TOP)
    for number in range(100, 140):
        said(f"message {number} of many")
    newer = reader.get_by_role("button", name="New messages")
    expect(newer).to_be_visible()
    expect(told(reader, "message 139 of many")).to_have_count(1)
    assert abs(held.evaluate(TOP) - before) < 2
    newer.click()
    expect(told(reader, "message 139 of many")).to_be_in_viewport()


def test_earlier_messages_are_shown_when_asked_for(reader: Page, said: Any) -> None:
    for number in range(70):
        said(f"message {number} of many")
    reader.get_by_role("button", name=re.compile(r"Show earlier messages \(10\)")).press("Enter")
    expect(told(reader, "message 0 of many")).to_have_count(1)
    expect(reader.get_by_role("button", name="Show earlier messages")).to_have_count(0)


def test_a_link_to_a_message_leads_there_and_to_no_other_host(reader: Page, said: Any, world: Demo) -> None:
    ts = said("the one that is meant")
    for number in range(90):
        said(f"message {number} of many")
    link = f"<https://demo-compliance.slack.com/archives/C0COMPLI01/p{ts.replace('.', '')}|the finding>"
    world.post("/world/slack/say", user="alice", channel="general", text=link)
    reader.locator("[data-place=general]").click()
    reader.get_by_role("button", name="the finding").press("Enter")
    expect(reader.locator("#place-name")).to_have_text(f"#{PLACE}")
    expect(told(reader, "the one that is meant")).to_be_focused()
    expect(told(reader, "the one that is meant")).to_be_in_viewport()
