from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from compliance_bot.messages.case_buttons import with_buttons
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.sandbox.slack.blocks.check import message_faults

CASE = Case(
    id=1,
    ref="CB-7F3K",
    object_id=1,
    episode=1,
    state=CaseState.OPEN,
    severity="high",
    version=1,
    opened_at=0.0,
)
ACKNOWLEDGE = {
    "type": "button",
    "action_id": "acknowledge_alert",
    "text": {"type": "plain_text", "text": "A"},
}
LOOK = {"type": "button", "action_id": "view_details", "text": {"type": "plain_text", "text": "V"}}
WORDS = {"type": "section", "text": {"type": "plain_text", "text": "Hi"}}


def a_case(state: CaseState, decision: int | None = 12) -> Case:
    return replace(CASE, state=state, decision_id=decision)


def rows(*blocks: dict[str, Any], case: Case) -> list[list[str]]:
    shown = with_buttons(blocks, case)
    assert message_faults(list(shown)) == []
    return [[one["action_id"] for one in block["elements"]] for block in shown if block["type"] == "actions"]


def row(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def test_what_was_woken_by_hand_can_be_put_to_sleep_again() -> None:
    shown = rows(row(ACKNOWLEDGE), case=a_case(CaseState.OPEN))
    assert shown == [["acknowledge_alert", "undo_decision", "open_close_form", "case_menu"]]


def test_an_open_case_is_acknowledged_closed_or_looked_at_in_one_row() -> None:
    shown = rows(row(ACKNOWLEDGE, LOOK), case=a_case(CaseState.OPEN, None))
    assert shown == [["acknowledge_alert", "open_close_form", "view_details", "case_menu"]]


def test_what_would_make_more_than_three_buttons_is_a_row_of_its_own() -> None:
    shown = rows(row(ACKNOWLEDGE, LOOK), case=a_case(CaseState.ACKNOWLEDGED))
    assert shown == [["view_details"], ["undo_decision", "open_fix_form", "open_close_form", "case_menu"]]


def test_a_row_that_only_had_acknowledge_takes_what_comes_in_its_place() -> None:
    shown = rows(row(ACKNOWLEDGE), case=a_case(CaseState.ACKNOWLEDGED))
    assert shown == [["undo_decision", "open_fix_form", "open_close_form", "case_menu"]]


def test_what_someone_in_studio_took_up_can_not_be_undone_here() -> None:
    shown = rows(row(ACKNOWLEDGE), case=a_case(CaseState.ACKNOWLEDGED, None))
    assert shown == [["open_fix_form", "open_close_form", "case_menu"]]


def test_what_sleeps_can_be_woken_undone_or_closed() -> None:
    shown = rows(row(ACKNOWLEDGE), case=a_case(CaseState.SNOOZED))
    assert shown == [["wake_case", "undo_decision", "open_close_form", "case_menu"]]


@pytest.mark.parametrize(("decision", "first"), [(12, ["undo_decision"]), (None, [])])
def test_what_is_closed_can_be_undone_by_whoever_closed_it_here(
    decision: int | None, first: list[str]
) -> None:
    shown = rows(row(ACKNOWLEDGE, LOOK), case=a_case(CaseState.CLOSED, decision))
    assert shown == [[*first, "view_details", "case_menu"]]


@pytest.mark.parametrize("state", CaseState)
def test_a_template_without_acknowledge_still_gets_what_can_be_done(state: CaseState) -> None:
    shown = with_buttons([WORDS], a_case(state))
    assert shown[0] == WORDS
    assert shown[1]["elements"][-1]["action_id"] == "case_menu"
    assert message_faults(list(shown)) == []


def test_an_acknowledge_button_beside_a_text_stays_while_it_can_be_pressed() -> None:
    beside = {**WORDS, "accessory": ACKNOWLEDGE}
    assert with_buttons([beside], a_case(CaseState.OPEN, None))[0] == beside
    assert with_buttons([beside], a_case(CaseState.CLOSED))[0] == WORDS


def test_the_menu_names_what_fits_the_state_and_the_case() -> None:
    def words(state: CaseState) -> list[str]:
        menu = with_buttons([WORDS], a_case(state))[1]["elements"][-1]
        return [one["value"] for one in menu["options"]]

    assert words(CaseState.OPEN) == [
        f"{word} CB-7F3K" for word in ("snooze", "assign", "comment", "details", "why")
    ]
    assert words(CaseState.CLOSED) == ["details CB-7F3K", "why CB-7F3K"]


def test_undo_names_the_decision_it_is_for() -> None:
    shown = with_buttons([WORDS], a_case(CaseState.CLOSED))
    assert shown[1]["elements"][0]["value"] == "CB-7F3K 12"
