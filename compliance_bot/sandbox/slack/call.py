"""One call of the Web API as its method sees it, and its record afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from compliance_bot.sandbox.slack.refused import Refused
from compliance_bot.sandbox.slack.settings import Json


@dataclass(kw_only=True, slots=True)
class Call:
    """What was asked, by whom, when, and what was answered."""

    method: str
    arguments: Json
    caller: str
    """Whose token it was: ``bot``, ``app``, ``none`` or ``other``."""
    at: float
    """The world's clock at arrival, Unix seconds."""
    size: int = 1 << 30
    """Bytes of the request: a small one cannot hold long blocks."""
    status: int | None = None
    """HTTP status answered; None while it is held, or when the connection was cut."""
    error: str | None = None
    answered_at: float | None = None

    def text(self, key: str) -> str:
        """A string argument, "" when absent."""
        value = self.arguments.get(key)
        return "" if value is None else str(value)

    def needs(self, key: str) -> str:
        """A string argument that must be there."""
        value = self.text(key)
        if not value:
            raise invalid_arguments(f"missing required field: {key}")
        return value

    def flag(self, key: str) -> bool:
        """A truth argument in any of the spellings Slack takes."""
        value = self.arguments.get(key)
        return value is True or str(value).lower() in ("true", "1")

    def whole(self, key: str, default: int, *, most: int) -> int:
        """A whole number from 1 to ``most``."""
        value = self.arguments.get(key)
        if value is None or value == "":
            return default
        if not str(value).isdigit() or not 1 <= int(value) <= most:
            raise Refused("invalid_limit")
        return int(value)

    def structure(self, key: str, error: str) -> Any:
        """A JSON argument, sent as JSON or as a string of JSON; None when absent."""
        value = self.arguments.get(key)
        if isinstance(value, str):
            try:
                return json.loads(value) if value else None
            except ValueError:
                raise Refused(error) from None
        return value


def invalid_arguments(*lines: str) -> Refused:
    """``invalid_arguments`` with its messages."""
    return Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] {one}" for one in lines]})
