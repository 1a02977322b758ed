"""When many messages for one channel become one digest. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from compliance_bot.config.schema import Grouping


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """More than ``most`` messages in ``window`` seconds, sent or waiting, are one too many."""

    most: int
    window: float

    def exceeded(self, *, sent: int, waiting: int, coming: int = 1) -> bool:
        """Whether a channel with so many in the last window would have too many with those coming."""
        return sent + waiting + coming > self.most


URGENT = Burst(most=5, window=60.0)
"""What is urgent has messages of its own up to here, whatever the section says of the rest."""


def burst_of(section: Grouping, *, urgent: bool) -> Burst | None:
    """The limit of a channel's urgent messages, or of its others; None where nothing is grouped."""
    if not section.enabled:
        return None
    return URGENT if urgent else Burst(most=section.threshold, window=section.window)
