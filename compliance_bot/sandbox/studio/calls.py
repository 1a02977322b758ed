"""One call to Studio as its handlers see it, and as the world remembers it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from compliance_bot.sandbox.studio.transport import BODY_LIMIT, Answer, answer_stack


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who calls: the user row's id and the role the *token* carries, which Studio believes."""

    id: str
    role: str
    email: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: path parameters, query (the last of a repeated one), parsed body, caller, time."""

    method: str
    path: str
    route: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    user: User
    now: float
    """Unix seconds of the world."""

    def read(self, name: str) -> Any:
        """A field of the body; None where the body is no object or lacks it."""
        return self.body.get(name) if isinstance(self.body, dict) else None


@dataclass(slots=True, kw_only=True)
class StudioCall:
    """One call that arrived, for tests to count."""

    method: str
    path: str
    route: str
    """``METHOD /api/template``; the path itself where no route answers."""
    query: Mapping[str, str]
    at: float
    """Unix seconds of the world when the call arrived."""
    role: str | None = None
    """The role of the caller, once the call took effect as somebody."""
    status: int | None = None
    """None while under way, 0 where the connection was dropped."""
    body: Any = None
    token: str | None = field(default=None, repr=False)


def read_query(raw: str) -> dict[str, str]:
    """The query as Studio sees it: of a repeated parameter the last one wins (hpp)."""
    return dict(parse_qsl(raw, keep_blank_values=True))


def parse_int(text: str) -> int | None:
    """JavaScript's ``parseInt``: leading digits count, the rest is ignored; None for NaN."""
    text = text.strip()
    sign = -1 if text.startswith("-") else 1
    digits = ""
    for letter in text.lstrip("+-"):
        if not letter.isascii() or not letter.isdigit():
            break
        digits += letter
    return sign * int(digits) if digits else None


def round_half_up(value: float) -> int:
    """JavaScript's ``Math.round``."""
    return math.floor(value + 0.5)


def mean(numbers: list[int]) -> int:
    """The rounded mean, 0 of nothing."""
    return round_half_up(sum(numbers) / len(numbers)) if numbers else 0


def read_body(content_type: str, raw: bytes) -> tuple[Any, Answer | None]:
    """The body as Express parses it, or the HTML refusal.

    A body that does not call itself JSON is not parsed: handlers see an empty object.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json" or not raw:
        return {}, None
    if len(raw) > BODY_LIMIT:
        return None, answer_stack("PayloadTooLargeError: request entity too large", 413)
    try:
        value = json.loads(raw)
    except ValueError:
        return None, answer_stack("SyntaxError: Unexpected end of JSON input", 400)
    if not isinstance(value, (dict, list)):
        return None, answer_stack(f"SyntaxError: Unexpected token {raw[:1].decode()} in JSON", 400)
    return value, None
