"""What the app hears of a form while somebody still fills it in."""

from __future__ import annotations

from typing import Any

import pytest

from compliance_bot.sandbox.slack.world import SlackWorld
from tests.sandbox.slack.cases import modal, words

AT = 1_795_000_500


def field(name: str, element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "input", "block_id": name, "label": words(), "element": {"action_id": name, **element}}


@pytest.fixture
async def view_id(slack: SlackWorld, hand: Any) -> str:
    """A form with a reason, a moment that the app put there, and a choice that the app listens to."""
    options = [{"text": words(name), "value": name} for name in ("hour", "day")]
    until = {**field("until", {"type": "radio_buttons", "options": options}), "dispatch_action": True}
    blocks = [
        field("why", {"type": "plain_text_input"}),
        field("at", {"type": "datetimepicker", "initial_date_time": AT}),
        until,
    ]
    trigger = (await slack.shortcut("alice", "x")).trigger_id
    opened = await hand.call("views.open", trigger_id=trigger, view=modal(blocks=blocks, submit=words()))
    return str(opened["view"]["id"])


async def test_a_choice_brings_what_was_typed_beside_it(slack: SlackWorld, view_id: str) -> None:
    chosen = await slack.click_in_view("alice", view_id, "until", "day", {"why": "the vendor said so"})
    values = chosen.payload["view"]["state"]["values"]
    assert values["why"]["why"]["value"] == "the vendor said so"
    assert values["until"]["until"]["selected_option"]["value"] == "day"
    assert values["at"]["at"] == {"type": "datetimepicker", "selected_date_time": AT}


async def test_what_was_typed_before_a_choice_is_kept_when_the_app_shows_the_form_anew(
    slack: SlackWorld, hand: Any, view_id: str
) -> None:
    await slack.click_in_view("alice", view_id, "until", "day", {"why": "the vendor said so"})
    blocks = slack.workspace.views[view_id].sent["blocks"]
    await hand.call("views.update", view_id=view_id, view=modal(blocks=blocks, submit=words()))
    sent = await slack.submit_view("alice", view_id)
    assert sent.payload["view"]["state"]["values"]["why"]["why"]["value"] == "the vendor said so"
