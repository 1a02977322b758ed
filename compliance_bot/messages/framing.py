"""The bot's own blocks around those of a template: who is pinged, and how things stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compliance_bot.messages.limits import TEXT
from compliance_bot.messages.mrkdwn import truncate

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
