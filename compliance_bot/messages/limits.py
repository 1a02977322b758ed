"""Slack's limits of Block Kit, and a message made to fit them without being refused.

Source: slack_sdk's models and docs.slack.dev. The budget of a whole message is not documented;
about 13,200 characters were refused, so 10,000 is ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any

from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import size, truncate

BLOCKS = 50
BUDGET = 10_000
"""UTF-16 units of all texts of one message."""
TEXT = 3_000
"""UTF-16 units of the words for notifications."""

_TEXT_LIMITS: Mapping[tuple[str, str], int] = {
    ("header", "text"): 150,
    ("section", "text"): 3_000,
    ("section", "fields"): 2_000,
    ("context", "elements"): 2_000,
    ("button", "text"): 75,
    ("image", "title"): 2_000,
    ("confirm", "title"): 100,
    ("confirm", "text"): 300,
    ("confirm", "confirm"): 30,
    ("confirm", "deny"): 30,
    ("options", "text"): 75,
    ("options", "description"): 75,
}
_STRING_LIMITS: Mapping[tuple[str, str], int] = {
    ("image", "alt_text"): 2_000,
    ("text", "text"): 3_000,
    ("button", "accessibility_label"): 75,
}
_REFUSED_BEYOND: Mapping[tuple[str, str], int] = {
    ("button", "value"): 2_000,
    ("button", "url"): 3_000,
    ("image", "image_url"): 3_000,
    ("options", "value"): 150,
    ("link", "url"): 3_000,
}
"""What would mean something else when cut: the element goes instead."""
_COUNTS: Mapping[tuple[str, str], int] = {
    ("section", "fields"): 10,
    ("actions", "elements"): 25,
    ("context", "elements"): 10,
    ("overflow", "options"): 5,
    ("static_select", "options"): 100,
}
SHORTEST_LIMIT = 15
"""A string of that many characters is within every limit, however it is counted."""
_NESTED = frozenset({dict, list, tuple})
_TEXT_OBJECTS = frozenset({"plain_text", "mrkdwn"})


@dataclass(frozen=True, slots=True)
class Limit:
    """How many UTF-16 units a text may have; ``cut``: what is longer is cut, else refused."""

    units: int
    cut: bool = True


def limit_of(owner: str, key: str, holder: tuple[str, str]) -> Limit | None:
    """The limit of the text under ``key`` of an object of type ``owner`` that stands at ``holder``."""
    if owner in _TEXT_OBJECTS and key == "text":
        return Limit(_TEXT_LIMITS.get(holder, 3_000))
    if not owner and key == "text":
        return Limit(TEXT)
    if (owner, key) in _REFUSED_BEYOND:
        return Limit(_REFUSED_BEYOND[owner, key], cut=False)
    units = _STRING_LIMITS.get((owner, key))
    return None if units is None else Limit(units)


def most_of(owner: str, key: str) -> int:
    """How many items the list under ``key`` of an object of type ``owner`` may have."""
    return BLOCKS if not owner else _COUNTS.get((owner, key), 100)


def balance(message: Message) -> Message:
    """The message within the budget of all its texts; each single text is within its own already."""
    blocks = message.blocks[:BLOCKS]
    words = size(message.text)
    surely_enough = 2 * len(repr(blocks))  # far cheaper than counting, and never less
    if words + surely_enough > BUDGET and words + count(blocks) > BUDGET:
        blocks = _blocks(blocks, _longest_allowed(blocks, BUDGET - words))
    return Message(text=message.text, blocks=blocks)


def fit(message: Message) -> Message:
    """The same message within every limit; parts that fit are the same objects."""
    text = truncate(message.text, TEXT, markup=True)
    return balance(Message(text=text, blocks=_blocks(message.blocks[:BLOCKS], BUDGET)))


def count(part: Any) -> int:
    """UTF-16 units of all texts in blocks."""
    total = 0
    waiting: list[Any] = [part]
    while waiting:
        now = waiting.pop()
        if type(now) is dict:
            text = now.get("text")
            if type(text) is str:
                total += size(text)
            now = now.values()
        waiting.extend(value for value in now if type(value) in _NESTED)
    return total


def texts(part: Any) -> list[str]:
    """Every text a person reads in blocks, in order."""
    if isinstance(part, dict):
        own = [part["text"]] if isinstance(part.get("text"), str) else []
        return own + [
            text for value in part.values() if isinstance(value, dict | list) for text in texts(value)
        ]
    if isinstance(part, list | tuple):
        return [text for item in part if isinstance(item, dict | list) for text in texts(item)]
    return []


def _longest_allowed(blocks: Sequence[dict[str, Any]], budget: int) -> int:
    """How long a single text may be so that all together stay within the budget."""
    sizes = sorted(map(size, texts(blocks)))
    for index, length in enumerate(sizes):
        share = budget // (len(sizes) - index)
        if length > share:
            return max(share, 1)
        budget -= length
    return BUDGET


def _blocks(blocks: Sequence[dict[str, Any]], longest: int) -> tuple[dict[str, Any], ...]:
    fitted = (_object(block, "", longest) for block in blocks)
    return tuple(block for block in fitted if block is not None)


def _object(part: dict[str, Any], key: str, longest: int) -> dict[str, Any] | None:
    """The object within its limits (itself where it fits), or None when it has to go."""
    kind = part.get("type") or key
    changed: dict[str, Any] = {}
    for name, value in part.items():
        fitted: Any = value
        if type(value) is str:
            if len(value) > SHORTEST_LIMIT:
                fitted = _string(value, kind, name, longest)
        elif type(value) is dict:
            fitted = _text_or_object(value, kind, name, longest)
        elif type(value) is list:
            fitted = _list(value, kind, name, longest)
        if fitted is None:
            return None
        if fitted is not value:
            changed[name] = fitted
    return {**part, **changed} if changed else part


def _string(value: str, kind: str, name: str, longest: int) -> str | None:
    most = _REFUSED_BEYOND.get((kind, name))
    if most is not None:
        return value if size(value) <= most else None
    limit = _STRING_LIMITS.get((kind, name))
    return value if limit is None else truncate(value, min(limit, longest), markup=False)


def _text_or_object(part: dict[str, Any], owner: str, key: str, longest: int) -> dict[str, Any] | None:
    kind = part.get("type")
    if kind not in _TEXT_OBJECTS:
        return _object(part, key, longest)
    text = part["text"]
    if len(text) <= SHORTEST_LIMIT and len(text) * 2 <= longest:
        return part
    limit = min(_TEXT_LIMITS.get((owner, key), 3_000), longest)
    cut = truncate(text, limit, markup=kind == "mrkdwn")
    return part if cut is text else {**part, "text": cut}


def _list(items: list[Any], owner: str, key: str, longest: int) -> list[Any] | None:
    """The list within its limits (itself where it fits), or None when nothing of it may stay."""
    most = _COUNTS.get((owner, key), 100)
    fitted = [
        _text_or_object(item, owner, key, longest) if type(item) is dict else item for item in items[:most]
    ]
    if len(fitted) == len(items) and all(map(is_, fitted, items)):
        return items
    return [item for item in fitted if item is not None] or None
