"""The bot's own blocks around those of a template: who is pinged, and how things stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compliance_bot.messages.limits import TEXT
from compliance_bot.messages.mrkdwn import truncate

ACKNOWLEDGE = "acknowledge_alert"
"""The action id of the Acknowledge button; its value is the case's reference."""
MOST_TEMPLATE_BLOCKS = 44
"""So that our own lines always have room among Slack's fifty."""

_LONGEST_LINE = 1_500
"""UTF-16 units of one line of our own."""


def plain(words: str) -> dict[str, Any]:
    """A text without markup."""
    return {"type": "plain_text", "text": words}


def section(words: str) -> dict[str, Any]:
    """A block of mrkdwn of ours, in which data is inert."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": words, "verbatim": True}}


def context(block_id: str, line: str) -> dict[str, Any]:
    """A small line of mrkdwn of ours."""
    words = truncate(line, _LONGEST_LINE, markup=True)
    return {
        "type": "context",
        "block_id": block_id,
        "elements": [{"type": "mrkdwn", "text": words, "verbatim": True}],
    }


def with_mentions(
    blocks: tuple[dict[str, Any], ...], block_id: str, mentions: Sequence[str]
) -> tuple[dict[str, Any], ...]:
    """The mentions below the header: there they are read, and there they ping."""
    if not mentions:
        return blocks
    line = {**section(truncate(" ".join(mentions), TEXT, markup=True)), "block_id": block_id}
    head = 1 if blocks and blocks[0].get("type") == "header" else 0
    return (*blocks[:head], line, *blocks[head:])


def without_acknowledge(blocks: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """The blocks without Acknowledge buttons, and without a block in which nothing else stood."""
    return tuple(kept for kept in map(_without_acknowledge, blocks) if kept is not None)


def _without_acknowledge(block: dict[str, Any]) -> dict[str, Any] | None:
    if is_acknowledge(block.get("accessory")):
        return {key: value for key, value in block.items() if key != "accessory"}
    elements = block.get("elements")
    if block.get("type") != "actions" or not isinstance(elements, list):
        return block
    kept = [element for element in elements if not is_acknowledge(element)]
    return {**block, "elements": kept} if kept else None


def holds_acknowledge(block: dict[str, Any]) -> bool:
    """True for a row of buttons with an Acknowledge button in it."""
    elements = block.get("elements")
    return (
        block.get("type") == "actions" and isinstance(elements, list) and any(map(is_acknowledge, elements))
    )


def is_acknowledge(element: Any) -> bool:
    """True for an Acknowledge button."""
    return isinstance(element, dict) and element.get("action_id") == ACKNOWLEDGE
