"""Numbered places where a test may kill the process: each commit and each request.

Off unless ``COMPLIANCE_BOT_FAILPOINT`` is set. ``COMPLIANCE_BOT_FAILPOINT=7`` kills the process
with SIGKILL at the seventh place, ``ack.before`` at the first of that name; ``0`` only counts.
``COMPLIANCE_BOT_FAILPOINT_LOG`` names a file to which each place reached is appended, so that a matrix
knows how many there are.
"""

from __future__ import annotations

import itertools
import os
import signal
from pathlib import Path

_at = os.environ.get("COMPLIANCE_BOT_FAILPOINT")
_log = os.environ.get("COMPLIANCE_BOT_FAILPOINT_LOG")
_counter = itertools.count(1)


def reach(place: str) -> None:
    """Pass ``place`` (dotted: ``commit.before``, ``slack.chat.postMessage.after``) or die there."""
    if _at is None:
        return
    number = next(_counter)
    if _log:
        with Path(_log).open("a", encoding="utf-8") as log:
            log.write(f"{number} {place}\n")
    if _at in (str(number), place):
        os.kill(os.getpid(), signal.SIGKILL)
