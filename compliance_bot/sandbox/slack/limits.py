"""Slack's rate limits: tiers by method and minute, and one message a second a channel.

Source: docs.slack.dev/apis/web-api/rate-limits. Short bursts of chat.postMessage are let through.
"""

from __future__ import annotations

import math
from collections import deque

from compliance_bot.sandbox.slack.call import Call
from compliance_bot.sandbox.slack.refusals import METHODS, TIERS
from compliance_bot.sandbox.slack.refused import Refused
from compliance_bot.sandbox.slack.settings import SlackSettings

_MINUTE = 60.0
_GRAIN = 1e-6


class Limits:
    """Counts calls and refuses those that come too fast."""

    def __init__(self, settings: SlackSettings) -> None:
        self._settings = settings
        self._recent: dict[str, deque[float]] = {}
        self._buckets: dict[str, tuple[float, float]] = {}

    def check(self, call: Call) -> None:
        """Raise ``ratelimited`` when this call comes too soon."""
        if self._settings.limits == "off":
            return
        if call.method == "chat.postMessage":
            self.check_place(call.text("channel"), call.at)
            return
        tier = METHODS[call.method].tier
        if tier is not None and self._settings.tiers:
            self._check_tier(call.method, TIERS[tier], call.at)

    def check_place(self, place: str, now: float) -> None:
        """Raise ``ratelimited`` when this message to a channel, or by a webhook, comes too soon."""
        if self._settings.limits == "off":
            return
        most = 1.0 if self._settings.limits == "strict" else float(self._settings.burst)
        left, since = self._buckets.get(place, (most, now))
        left = min(most, left + max(0.0, now - since))
        if left < 1.0 - _GRAIN:
            self._buckets[place] = (left, now)
            raise _too_fast(1.0 - left)
        self._buckets[place] = (max(0.0, left - 1.0), now)

    def _check_tier(self, method: str, most: int, now: float) -> None:
        recent = self._recent.setdefault(method, deque())
        while recent and recent[0] <= now - _MINUTE:
            recent.popleft()
        if len(recent) >= most:
            raise _too_fast(recent[0] + _MINUTE - now)
        recent.append(now)


def _too_fast(seconds: float) -> Refused:
    return Refused("ratelimited", headers={"Retry-After": str(max(1, math.ceil(seconds)))})
