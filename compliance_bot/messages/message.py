"""A Slack message as it will be sent: its words for notifications, and its blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """``text`` is never empty: it is what notifications and screen readers say.

    ``blocks`` are shared between messages and must not be changed in place.
    """

    text: str
    blocks: tuple[dict[str, Any], ...] = ()

    def body(self) -> dict[str, Any]:
        """The message as the arguments of a request that says it."""
        return {"text": self.text, **({"blocks": list(self.blocks)} if self.blocks else {})}
