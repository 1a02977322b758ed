"""Every call to Slack and Studio, counted; and logged one by one while ``debug_config`` asks for it.

A line names the method, how it ended and how long that took: never what was sent or answered.
"""

from __future__ import annotations

from collections.abc import Callable

from compliance_bot import metrics
from compliance_bot.config.schema import Rules
from compliance_bot.logs import logger
from compliance_bot.studio.calls import CallRecord

_log = logger(__name__)


class CallLog:
    """What is told of each finished call. ``rules``: those in force, asked at every call."""

    def __init__(self, *, rules: Callable[[], Rules]) -> None:
        self._rules = rules

    def slack(self, method: str, outcome: str, seconds: float) -> None:
        """A call of Slack's ended: ``ok``, Slack's error word, or ours for the wire."""
        metrics.slack_called(method, outcome, seconds)
        if self._in_detail():
            _log.info("slack.called", method=method, outcome=outcome, milliseconds=_milliseconds(seconds))

    def studio(self, record: CallRecord) -> None:
        """A call of Studio's ended."""
        metrics.studio_called(record.operation, record.outcome, record.seconds)
        if self._in_detail():
            _log.info(
                "studio.called",
                operation=record.operation,
                identity=record.identity,
                outcome=record.outcome,
                milliseconds=_milliseconds(record.seconds),
            )

    def _in_detail(self) -> bool:
        debug = self._rules().debug_config
        return debug.enabled and debug.detailed_logging


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
