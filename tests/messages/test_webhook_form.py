"""What an incoming webhook carries: every fact and address, no button, and the mark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hostile_text import PAGE, a_text, assert_harmless, assert_plain_harmless
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance_bot.messages.case_message import CaseView, show_case, show_case_plainly, show_case_withheld
from compliance_bot.messages.limits import BLOCKS, TEXT
from compliance_bot.messages.message import Message
from compliance_bot.messages.templates import Templates
from compliance_bot.messages.webhook_form import for_webhook
from compliance_bot.sandbox.slack.blocks.check import message_faults

HEADER = {"type": "header", "text": {"type": "plain_text", "text": "Public bucket"}}
MARK = "Sent by webhook"
MENTIONS = ("<!subteam^S012345>", "<@U012345>")


def a_button(text: str = "Acknowledge", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": text}, **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def carried(*blocks: dict[str, Any], perhaps_said: bool = False) -> Message:
    return for_webhook(Message(text="CRITICAL: Public bucket", blocks=blocks), perhaps_said=perhaps_said)


def test_buttons_that_only_this_program_understands_are_gone() -> None:
    shown = carried(HEADER, actions(a_button(value="CB-0001")))
    assert shown.text == "CRITICAL: Public bucket"
    assert [block["type"] for block in shown.blocks] == ["header", "context"]


def test_a_button_that_opens_an_address_becomes_a_link_in_words() -> None:
    view = a_button("View <Details>", url="https://studio.example.com/findings/1?a=1&b=2")
    shown = carried(HEADER, actions(a_button(), view))
    assert shown.blocks[1]["text"]["text"] == (
        "<https://studio.example.com/findings/1?a=1&amp;b=2|View &lt;Details&gt;>"
    )


def test_links_of_a_menu_and_beside_a_text_are_kept_once() -> None:
    address = "https://studio.example.com/1"
    option = {"text": {"type": "plain_text", "text": "Open"}, "url": address, "value": "1"}
    menu = {"type": "overflow", "action_id": "more", "options": [option, {**option, "url": None}]}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "fact"}, "accessory": menu}
    shown = carried(section, actions(a_button("Open", url=address), a_button("Open", url=address)))
    assert [block["type"] for block in shown.blocks] == ["section", "section", "section", "context"]
    assert "accessory" not in shown.blocks[0]
    assert shown.blocks[2]["text"]["text"] == f"<{address}|Open>"


def test_a_picture_beside_a_text_stays() -> None:
    picture = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "fact"}, "accessory": picture}
    assert carried(section).blocks[0] == section


def test_an_address_that_could_be_more_than_an_address_is_no_link() -> None:
    shown = carried(HEADER, actions(a_button("x", url="https://a.example|<!channel>")))
    assert "<!channel>" not in str(shown.blocks)


def test_the_mark_says_that_it_may_come_twice_and_later_that_it_may_have() -> None:
    assert "may come twice" in str(carried(HEADER).blocks[-1])
    assert "may stand here already" not in str(carried(HEADER).blocks[-1])
    assert "may stand here already" in str(carried(HEADER, perhaps_said=True).blocks[-1])


def test_words_alone_are_marked_within_the_limit() -> None:
    plain = for_webhook(Message(text="x" * 5000), perhaps_said=True)
    assert plain.blocks == ()
    assert MARK in plain.text
    assert len(plain.text) <= TEXT


@pytest.mark.parametrize("filler", [{"type": "divider"}, HEADER])
def test_the_mark_stands_also_in_a_message_as_long_as_slack_allows(filler: dict[str, Any]) -> None:
    shown = carried(*[filler] * (BLOCKS - 1), actions(a_button("Open", url="https://example.com")))
    assert len(shown.blocks) <= BLOCKS
    assert MARK in str(shown.blocks[-1])
    assert message_faults(list(shown.blocks)) == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_text_of_studio_s_gets_out_of_its_place_on_the_way(
    data: st.DataObject, templates: Templates, a_view: Callable[..., CaseView]
) -> None:
    title, label = a_text(data), a_text(data)
    view = a_view(finding={"title": title, "description": label}, url=PAGE, mentions=MENTIONS)
    for shown in (show_case(templates, view), show_case_withheld(view)):
        menu = a_button(label[:75] or "x", url=PAGE)
        message = Message(text=shown.text, blocks=(*shown.blocks, actions(menu)))
        assert_harmless(for_webhook(message, perhaps_said=True), MENTIONS)
    assert_plain_harmless(for_webhook(show_case_plainly(view), perhaps_said=True), MENTIONS)
