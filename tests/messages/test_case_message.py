from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.messages.case_message import (
    CaseView,
    Proposed,
    show_case,
    show_case_plainly,
    show_case_withheld,
)
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

SNOOZED = {
    "state": CaseState.SNOOZED,
    "snoozed_by": "U0BOB00",
    "snoozed_name": "Bob",
    "snooze_reason": "waits for the vendor",
    "wake_at": 1_700_900_000.0,
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
    assert [(one["action_id"], one["value"]) for one in pressed] == [
        ("acknowledge_alert", "CB-7F3K"),
        ("open_close_form", "CB-7F3K"),
    ]


def test_an_acknowledged_case_says_who_and_when_instead_of_the_button(
    templates: Templates, a_view: MakeView
) -> None:
    message = show_case(templates, a_view(case=ACKNOWLEDGED))
    assert "acknowledge_alert" not in [one["action_id"] for one in buttons(message)]
    line = block(message, "case_state")
    assert line is not None
    assert line.startswith("Acknowledged by <@U0BOB00> · <!date^1700000650^")
    assert "Acknowledged by Bob" in message.text


def test_without_a_link_no_empty_row_of_buttons_stays(templates: Templates, a_view: MakeView) -> None:
    message = show_case(templates, a_view(case=ACKNOWLEDGED, url=None))
    assert all(one["elements"] for one in message.blocks if one["type"] == "actions")
    assert "view_details" not in str(message.blocks)


def test_what_is_to_be_fixed_says_by_when(templates: Templates, a_view: MakeView) -> None:
    case = {**ACKNOWLEDGED, "fix_by": 1_700_900_000.0}
    assert "to be fixed by <!date^1700900000^" in str(
        block(show_case(templates, a_view(case=case)), "case_state")
    )


def test_what_sleeps_says_until_when_by_whom_and_why(templates: Templates, a_view: MakeView) -> None:
    message = show_case(templates, a_view(case=SNOOZED))
    line = str(block(message, "case_state"))
    assert line.startswith("Snoozed until <!date^1700900000^")
    assert line.endswith("by <@U0BOB00> · “waits for the vendor”")
    assert "by Bob" in message.text
    assert "<@U0BOB00>" not in message.text


def test_what_was_closed_here_says_by_whom_and_why(templates: Templates, a_view: MakeView) -> None:
    case = {"state": CaseState.CLOSED, "closed_reason": "false_positive", "closed_by": "U0BOB00"}
    message = show_case(templates, a_view(case={**case, "closed_at": 1_700_000_650.0}, reason="it is a test"))
    line = str(block(message, "case_state"))
    assert line.startswith("False positive, by <@U0BOB00> · <!date^1700000650^")
    assert line.endswith("“it is a test”")


def test_an_accepted_risk_says_until_when(templates: Templates, a_view: MakeView) -> None:
    case = {"state": CaseState.CLOSED, "closed_reason": "accepted_risk", "closed_name": "Bob"}
    message = show_case(templates, a_view(case={**case, "risk_until": 1_700_900_000.0}))
    assert str(block(message, "case_state")).startswith("Accepted risk until <!date^1700900000^")


def test_what_waits_for_a_second_person_says_so(templates: Templates, a_view: MakeView) -> None:
    proposed = Proposed(action="accept_risk", name="Bob", at=1_700_000_650.0)
    line = str(block(show_case(templates, a_view(proposed=proposed)), "case_state"))
    assert line.startswith("Bob proposed “accept risk” · <!date^1700000650^")
    assert line.endswith("a second person is asked")


def test_who_may_not_know_what_it_is_about_reads_no_reason_either(a_view: MakeView) -> None:
    closed = {"state": CaseState.CLOSED, "closed_reason": "resolved", "closed_name": "Bob"}
    for view in (a_view(case=closed, reason="the secret plan"), a_view(case=SNOOZED)):
        shown = str(show_case_withheld(view))
        assert "secret plan" not in shown
        assert "vendor" not in shown
        assert "by" in shown


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
    assert [one.get("value") for one in buttons(message)] == ["CB-7F3K", "CB-7F3K", None]
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
