"""Pages and cursors, as Slack's lists have them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from compliance_bot.sandbox.slack.call import Call
from compliance_bot.sandbox.slack.refused import Refused

T = TypeVar("T")


def page_of(items: Sequence[T], call: Call, word: str, *, default: int, most: int) -> tuple[list[T], str]:
    """The page asked for and the cursor of the next one, "" at the end."""
    limit = call.whole("limit", default, most=most)
    start = _place(call.text("cursor"), word)
    if start > len(items):
        raise Refused("invalid_cursor")
    end = start + limit
    return list(items[start:end]), _cursor(word, end) if end < len(items) else ""


def _cursor(word: str, place: int) -> str:
    return base64.b64encode(f"{word}:{place}".encode()).decode()


def _place(cursor: str, word: str) -> int:
    if not cursor:
        return 0
    try:
        name, _, place = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refused("invalid_cursor") from None
    if name != word or not place.isdigit():
        raise Refused("invalid_cursor")
    return int(place)
