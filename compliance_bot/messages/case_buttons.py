"""What can be done about a case from its message: the buttons and the menu of each state.

They join the row in which the template has its Acknowledge button while that keeps three buttons, else
they are a row of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compliance_bot.messages import framing
from compliance_bot.messages.buttons import UNDO, button
from compliance_bot.messages.case_words import MENU_WORDS
from compliance_bot.messages.modal import option
from compliance_bot.model.cases import Case, CaseState

CLOSE = "open_close_form"
"""Opens the form that closes a case; its value is the case's reference, as with the others."""
FIX_BY = "open_fix_form"
WAKE = "wake_case"
MENU = "case_menu"
"""The overflow menu; an option's value is a word of ``MENU_WORDS`` and the reference: ``snooze CB-0001``."""
MOST_IN_A_ROW = 3

_ALIVE = ("snooze", "assign", "comment", "details", "why")
_OVER = ("details", "why")

Block = dict[str, Any]


def with_buttons(blocks: Sequence[Block], case: Case) -> tuple[Block, ...]:
    """A template's blocks with the case's own buttons in place of, or beside, its Acknowledge button."""
    own, menu = _own_buttons(case), _menu(case)
    keeps = case.state is CaseState.OPEN
    row = next((place for place, block in enumerate(blocks) if framing.holds_acknowledge(block)), None)
    if row is not None:
        joined = _joined(blocks[row]["elements"], own, menu, keeps=keeps)
        if joined is not None:
            rest = blocks[row + 1 :] if keeps else framing.without_acknowledge(tuple(blocks[row + 1 :]))
            before = blocks[:row] if keeps else framing.without_acknowledge(tuple(blocks[:row]))
            return (*before, {**blocks[row], "elements": joined}, *rest)
    kept = tuple(blocks) if keeps else framing.without_acknowledge(tuple(blocks))
    return (*kept, {"type": "actions", "block_id": "case_actions", "elements": [*own, menu]})


def buttons_alone(case: Case, others: Sequence[Block]) -> tuple[Block, ...]:
    """The same where there is no template: ``others`` are buttons that stand beside them."""
    return with_buttons([{"type": "actions", "elements": [acknowledge_button(case), *others]}], case)


def acknowledge_button(case: Case) -> Block:
    """The guide's button."""
    return button(framing.ACKNOWLEDGE, "Acknowledge", case.ref)


def _joined(
    elements: Sequence[Block], own: Sequence[Block], menu: Block, *, keeps: bool
) -> list[Block] | None:
    """The row's elements with ours behind its first Acknowledge button; None where they are too many."""
    first = next(place for place, one in enumerate(elements) if framing.is_acknowledge(one))
    before, after = list(elements[:first]), list(elements[first + 1 :])
    acknowledge = [elements[first]] if keeps else []
    if not keeps:
        after = [one for one in after if not framing.is_acknowledge(one)]
    row = [*before, *acknowledge, *own, *after]
    return [*row, menu] if len(row) <= MOST_IN_A_ROW else None


def _own_buttons(case: Case) -> list[Block]:
    """What stands beside Acknowledge, or in its place."""
    undo = [] if case.decision_id is None else [button(UNDO, "Undo", f"{case.ref} {case.decision_id}")]
    close = button(CLOSE, "Close…", case.ref)
    match case.state:
        case CaseState.OPEN:
            return [*undo, close]
        case CaseState.ACKNOWLEDGED:
            return [*undo, button(FIX_BY, "Fix by…", case.ref), close]
        case CaseState.SNOOZED:
            return [button(WAKE, "Wake now", case.ref), *undo, close]
        case CaseState.CLOSED:
            return undo


def _menu(case: Case) -> Block:
    words = _OVER if case.state is CaseState.CLOSED else _ALIVE
    return {
        "type": "overflow",
        "action_id": MENU,
        "options": [option(f"{word} {case.ref}", MENU_WORDS[word]) for word in words],
    }
