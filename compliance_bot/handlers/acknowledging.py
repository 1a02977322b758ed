"""The ack, written at once on the socket its envelope came by.

Bolt looks every 10 ms whether a listener has acked, and takes the ack back when the listener raises
before it has looked. Here ``ack`` itself writes the frame, once, and nothing can take it back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from compliance_bot import failpoints, logs, metrics

_log = logs.logger("handlers")

_KINDS = frozenset({"events_api", "interactive", "slash_commands"})


class Ack(Protocol):
    """What a listener acks with; the arguments are those of Bolt's ``ack``. The first call counts."""

    async def __call__(self, text: str | dict[str, Any] = "", **answer: Any) -> BoltResponse:
        """Write the ack now."""
        ...


class FrameAck(AsyncAck):
    """Writes the frame when called; ``heard`` is set by whoever listened, ``written`` by the first ack."""

    def __init__(
        self, *, envelope: Mapping[str, Any], send: Callable[[dict[str, Any]], Awaitable[bool]]
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt has no types there
        self._envelope_id = envelope["envelope_id"]
        kind = envelope.get("type")
        self._kind = kind if kind in _KINDS else "other"
        self._send = send
        self._began = time.perf_counter()
        self.heard = False
        self.written = False

    async def __call__(self, *arguments: Any, **answer: Any) -> BoltResponse:
        """Write the ack, with what the answer holds; a second call changes nothing."""
        response = await super().__call__(*arguments, **answer)
        if self.written:
            _log.warning("ack.repeated", type=self._kind)
            return response
        self.written = True
        frame = {"envelope_id": self._envelope_id}
        payload = None if self._kind == "events_api" else _payload(response)
        failpoints.reach("ack.before")
        if await self._send(frame if payload is None else {**frame, "payload": payload}):
            metrics.envelope_acked(self._kind, time.perf_counter() - self._began)
        failpoints.reach("ack.after")
        return response


def _payload(response: BoltResponse) -> dict[str, Any] | None:
    """The answer in an ack's body: Bolt keeps a dict as JSON text, and plain words as they are."""
    if not response.body:
        return None
    if response.headers.get("content-type", [""])[0].startswith("application/json"):
        return dict(json.loads(response.body))
    return {"text": response.body}
