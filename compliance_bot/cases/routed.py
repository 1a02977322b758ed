"""That an event was routed, and why: for the log and the figures, at a price that a storm can pay.

A line costs more than all else that is done for an event, so that only so many a second are written; the
next one says how many were left out. The figures count every event.
"""

from __future__ import annotations

from compliance_bot import metrics
from compliance_bot.logs import logger
from compliance_bot.model.events import Event
from compliance_bot.rules.routing import Routing
from compliance_bot.rules.trace import Reason

_log = logger(__name__)

LINES_A_SECOND = 20


class RoutedLog:
    """Counts every routed event by its reasons, and writes so many lines a second of the bot's clock."""

    def __init__(self) -> None:
        self._second = 0
        self._written = 0
        self._left_out = 0

    def note(self, now: float, event: Event, event_id: int, routing: Routing) -> None:
        """Take note of an event; at info where something is opened for it."""
        steps = [step for step in routing.trace if step.reason is not Reason.RULE_NOT_MATCHED]
        metrics.event_routed({step.reason for step in steps})
        if not routing.destinations:
            _log.debug("event.routed.nowhere", number=event_id, type=event.type, id=event.studio_id)
            return
        left_out = self._line(now)
        if left_out is None:
            return
        told = {"left_out": left_out} if left_out else {}
        _log.info(
            "event.routed",
            number=event_id,
            type=event.type,
            id=event.studio_id,
            change=event.change.value,
            notification=routing.notification,
            channels=[one.channel_name for one in routing.destinations],
            reasons=list(dict.fromkeys(map(str, steps))),
            **told,
        )

    def _line(self, now: float) -> int | None:
        """How many were left out before this one; None where this one is left out too."""
        if int(now) != self._second:
            self._second, self._written = int(now), 0
        if self._written >= LINES_A_SECOND:
            self._left_out += 1
            return None
        self._written += 1
        left_out, self._left_out = self._left_out, 0
        return left_out
