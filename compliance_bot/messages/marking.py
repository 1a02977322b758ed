"""A message with a line of ours below it that its reader must see, within Slack's limits."""

from __future__ import annotations

from typing import Any

from compliance_bot.messages.limits import BLOCKS, TEXT, balance
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import truncate


def marked(message: Message, words: str) -> Message:
    """The message with ``words`` (mrkdwn) as its last block; in its text where it has no blocks."""
    if not message.blocks:
        said = truncate(message.text, TEXT - len(words) - 1, markup=True)
        return Message(text=f"{said}\n{words}")
    return balance(Message(text=message.text, blocks=(*_shortened(message.blocks), _context(words))))


def _shortened(blocks: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """The blocks with room for one more: the lines between them go first."""
    if len(blocks) >= BLOCKS:
        blocks = tuple(block for block in blocks if block.get("type") != "divider")
    return blocks[: BLOCKS - 1]


def _context(words: str) -> dict[str, Any]:
    element = {"type": "mrkdwn", "text": words, "verbatim": True}
    return {"type": "context", "block_id": "delivery_mark", "elements": [element]}
