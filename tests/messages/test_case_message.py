from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.messages.case_message import CaseView, show_case, show_case_plainly
from compliance_bot.messages.message import Message
from compliance_bot.messages.templates import Templates, load_templates
from compliance_bot.model.cases import CaseState, StudioSync

MakeView = Callable[..., CaseView]
ACKNOWLEDGED = {
    "state": CaseState.ACKNOWLEDGED,
    "acknowledged_by": "U0BOB00",
    "acknowledged_name": "Bob",
    "acknowledged_at": 1_700_000_650.0,
}


def buttons(message: Message) -> list[dict[str, Any]]:
    rows = (block["elements"] for block in message.blocks if block["type"] == "actions")
    return [button for row in rows for button in row]


def block(message: Message, block_id: str) -> str | None:
    for one in message.blocks:
        if one.get("block_id") == block_id:
            return str(one["text"]["text"] if "text" in one else one["elements"][0]["text"])
    return None


@pytest.mark.parametrize("template", ["critical_alert", "compliance_update"])
def test_an_open_case_has_the_guides_acknowledge_button(
    templates: Templates, a_view: MakeView, template: str
) -> None:
    pressed = [one for one in buttons(show_case(templates, a_view(template=template))) if "value" in one]
    assert [(one["action_id"], one["value"]) for one in pressed] == [("acknowledge_alert", "CB-7F3K")]


def test_an_acknowledged_case_says_who_and_when_instead_of_the_button(
    templates: Templates, a_view: MakeView
) -> None:
    message = show_case(templates, a_view(case=ACKNOWLEDGED))
    assert [one["action_id"] for one in buttons(message)] == ["view_details"]
    line = block(message, "case_state")
    assert line is not None
    assert line.startswith("Acknowledged by <@U0BOB00> · <!date^1700000650^")
    assert "Acknowledged by Bob" in message.text


def test_without_a_link_no_empty_row_of_buttons_stays(templates: Templates, a_view: MakeView) -> None:
    message = show_case(templates, a_view(case=ACKNOWLEDGED, url=None))
    assert buttons(message) == []
    assert all(one["type"] != "actions" for one in message.blocks)


def test_taken_up_in_studio_names_nobody(templates: Templates, a_view: MakeView) -> None:
    line = block(show_case(templates, a_view(case={"state": CaseState.ACKNOWLEDGED})), "case_state")
    assert line == "Taken up by someone in Studio"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("resolved", "Closed in Studio: resolved"),
        ("false_positive", "Closed in Studio: false positive"),
        ("gone", "Gone from Studio"),
    ],
)
def test_a_closed_case_says_how(templates: Templates, a_view: MakeView, reason: str, words: str) -> None:
    message = show_case(templates, a_view(case={"state": CaseState.CLOSED, "closed_reason": reason}))
    assert block(message, "case_state") == words
    assert "acknowledge_alert" not in str(message.blocks)


@pytest.mark.parametrize(
    ("sync", "words"),
    [
        (StudioSync.PENDING, ""),
        (StudioSync.CONFIRMED, ""),
        (StudioSync.LATE, "not yet in Studio"),
        (StudioSync.REFUSED, "Studio refused: deleted"),
    ],
)
def test_the_write_to_studio_is_told_only_when_it_is_late_or_refused(
    templates: Templates, a_view: MakeView, sync: StudioSync, words: str
) -> None:
    line = block(
        show_case(templates, a_view(case={**ACKNOWLEDGED, "sync": sync, "sync_note": "deleted"})),
        "case_state",
    )
    assert line is not None
    assert ("Studio" in line) is bool(words)
    assert words in line


def test_a_refused_case_is_open_again_with_its_button(templates: Templates, a_view: MakeView) -> None:
    message = show_case(templates, a_view(case={"sync": StudioSync.REFUSED, "sync_note": "deleted"}))
    assert block(message, "case_state") == "Studio refused: deleted"
    assert "acknowledge_alert" in str(message.blocks)


def test_mentions_stand_below_the_header_only_when_they_are_to_ping(
    templates: Templates, a_view: MakeView
) -> None:
    pinging = show_case(templates, a_view(ping=True))
    assert pinging.blocks[1]["text"]["text"] == "<!subteam^S012345> <@U012345>"
    assert block(show_case(templates, a_view(ping=False)), "case_mentions") is None


def test_note_and_reference_are_shown(templates: Templates, a_view: MakeView) -> None:
    message = show_case(templates, a_view(note="Meant for #gone", finding={"assignee_name": "Ann"}))
    assert block(message, "case_note") == "Meant for #gone"
    assert block(message, "case_reference") == "CB-7F3K · Assigned to Ann"


def test_the_first_words_of_the_text_carry_the_fact(templates: Templates, a_view: MakeView) -> None:
    assert show_case(templates, a_view()).text[:80] == ":rotating_light: CRITICAL: Public bucket"


def test_values_that_studio_did_not_give_leave_no_trace(templates: Templates, a_view: MakeView) -> None:
    bare = {"account": None, "resource": None, "frameworks": (), "controls": (), "recommendation": None}
    shown = str(show_case(templates, a_view(finding={**bare, "first_seen": None, "description": ""})).blocks)
    assert "Account" not in shown
    assert "First seen" not in shown
    assert "not stated by Studio" in shown
    assert "Review in Studio" in shown
    assert "None" not in shown


def test_a_template_that_cannot_be_filled_gives_way_to_a_stand_in_with_the_button(
    tmp_path: Path, a_view: MakeView
) -> None:
    (tmp_path / "critical_alert.json.j2").write_text('{"text": "{{ project }}", "blocks": []}')
    broken, _ = load_templates(tmp_path)
    message = show_case(broken, a_view())
    assert [one["value"] for one in buttons(message)] == ["CB-7F3K"]
    assert "could not be filled" in str(block(message, "case_template"))
    assert "Public bucket" in message.text


def test_the_plain_form_has_words_only_and_everything_that_counts(a_view: MakeView) -> None:
    message = show_case_plainly(a_view())
    assert message.blocks == ()
    assert message.text.startswith(
        ":rotating_light: CRITICAL: Public bucket\n<!subteam^S012345> <@U012345>\n"
    )
    for words in ("Required action: Block public access", "CB-7F3K", "https://studio.example/findings/f-1"):
        assert words in message.text
    assert "<!subteam" not in show_case_plainly(a_view(ping=False)).text
    assert "Acknowledged by" in show_case_plainly(a_view(case=ACKNOWLEDGED)).text


def test_a_template_with_sixty_blocks_leaves_room_for_the_state(tmp_path: Path, a_view: MakeView) -> None:
    divider = '{"type": "divider"}'
    (tmp_path / "critical_alert.json.j2").write_text(
        f'{{"text": "Hi", "blocks": [{", ".join([divider] * 60)}]}}'
    )
    loaded, _ = load_templates(tmp_path)
    message = show_case(loaded, a_view(case=ACKNOWLEDGED))
    assert len(message.blocks) <= 50
    assert block(message, "case_state") is not None
