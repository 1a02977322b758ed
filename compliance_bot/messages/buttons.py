"""Rows of buttons that stand outside a case's own message."""

from __future__ import annotations

from typing import Any

from compliance_bot.messages.framing import plain

CONFIRM, DECLINE = "confirm_proposal", "decline_proposal"
"""The action ids of the second person's buttons; their value is ``ref proposal_id``."""
UNDO = "undo_decision"
"""The action id of Undo; its value is ``ref decision_id``."""


def consent_row(ref: str, proposal: int) -> dict[str, Any]:
    """What the second person presses."""
    value = f"{ref} {proposal}"
    return {
        "type": "actions",
        "block_id": "consent",
        "elements": [
            button(CONFIRM, "Confirm", value, style="primary"),
            button(DECLINE, "Decline", value),
        ],
    }


def undo_row(ref: str, decision_id: int) -> dict[str, Any]:
    """Undo below the answer to a click."""
    return {
        "type": "actions",
        "block_id": "undo",
        "elements": [button(UNDO, "Undo", f"{ref} {decision_id}")],
    }


def button(action_id: str, label: str, value: str, *, style: str | None = None) -> dict[str, Any]:
    """One button of Slack's."""
    told = {"type": "button", "action_id": action_id, "text": plain(label), "value": value}
    return {**told, "style": style} if style else told
