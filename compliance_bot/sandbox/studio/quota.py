"""Studio's hourly quota, in the documented v1 form; the published build has none."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence

from compliance_bot.clock import iso
from compliance_bot.sandbox.studio.transport import Answer, answer_json

HOUR = 3600


class Quota:
    """Counts calls by the clock hour of the world; ``limit`` None: counts nothing, refuses nothing."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._hour = -1
        self._used = 0

    def spend(self, now: float) -> Answer | None:
        """Count one call; the 429 when the hour (Unix seconds ``now``) is used up."""
        if self.limit is None:
            return None
        hour = int(now // HOUR)
        if hour != self._hour:
            self._hour, self._used = hour, 0
        self._used += 1
        return self._refusal() if self._used > self.limit else None

    def _refusal(self) -> Answer:
        details = {"limit": self.limit, "remaining": 0, "reset_time": iso((self._hour + 1) * HOUR)}
        error = {"code": "RATE_LIMITED", "message": "Too many requests", "details": details}
        return answer_json({"success": False, "error": error}, 429)

    def headers(self) -> Mapping[str, str]:
        """The ``X-RateLimit-…`` headers; none where there is no quota."""
        if self.limit is None:
            return {}
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self._used)),
            "X-RateLimit-Reset": str((self._hour + 1) * HOUR),
        }


def busiest_hour(times: Sequence[float]) -> int:
    """The most calls in any 3600 s, a window that may begin anywhere. ``times`` are Unix seconds."""
    ordered = sorted(times)
    counts = (bisect.bisect_left(ordered, start + HOUR) - index for index, start in enumerate(ordered))
    return max(counts, default=0)
