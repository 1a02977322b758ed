"""How Slack says no."""

from __future__ import annotations

from compliance_bot.sandbox.slack.settings import Json

STATUS = {"ratelimited": 429, "service_unavailable": 503}
HEADERS = {"ratelimited": {"Retry-After": "30"}}
"""What goes with a refusal, where it is not a plain 200."""


class Refused(Exception):
    """Slack says no: the body it answers with, and how."""

    def __init__(self, error: str, *, headers: dict[str, str] | None = None, **more: object) -> None:
        super().__init__(error)
        self.status = STATUS.get(error, 200)
        self.headers = headers or {}
        self.body: Json = {"ok": False, "error": error, **more}


def schema_refused(error: str, faults: list[str], *, bare: bool) -> Refused:
    """A refusal of blocks (``bare``: with ``errors`` beside the messages) or of a view."""
    messages = [f"[ERROR] {one}" for one in faults]
    metadata = {"messages": messages}
    if bare:
        return Refused(error, errors=faults, response_metadata=metadata)
    return Refused(error, response_metadata=metadata)
