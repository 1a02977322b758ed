"""The sentences of a channel's welcome; like ``wording``, mrkdwn in which data is inert."""

from __future__ import annotations

from collections.abc import Mapping

from compliance_bot.messages.mrkdwn import clean
from compliance_bot.messages.wording import when_said
from compliance_bot.model.findings import Severity


def welcome_heading(channel: str) -> str:
    """Who has come, and where. Plain text."""
    return f"Studio now reports to #{' '.join(clean(channel).split())[:80].lstrip('#')}"


def welcome_counts(counts: Mapping[str, int], total: int, since: float) -> str:
    """What was there already and is recorded, so that nobody waits for a message of it."""
    if total <= 0:
        return f"Nothing that Studio held when I first read it, {when_said(since)}, is left untold."
    known = [f"{counts[one]} {one.value}" for one in Severity if counts.get(one)]
    of = f" ({', '.join(known)})" if known else ""
    if total == 1:
        return (
            f"One finding{of} was in Studio already when I first read it, {when_said(since)}. It is recorded "
            "and not told here, unless it gets worse, is re-opened or assigned."
        )
    return (
        f"{total} findings{of} were in Studio already when I first read it, {when_said(since)}. They are "
        "recorded and not told here, unless one gets worse, is re-opened or assigned."
    )


def welcome_shadow() -> str:
    """That this is a trial."""
    return (
        "Shadow mode: every message comes here and says where it would have gone. Nobody is pinged, and "
        "nothing is written into Studio."
    )


def welcome_withheld() -> str:
    """To a channel whose readers may not see what findings are about."""
    return (
        "What concerns this channel will be announced here from now on. Its readers may not see what it is "
        "about, so each message is a reference; please look in Studio."
    )


def nothing_lands() -> str:
    """No rule sends anything here by itself. Plain text."""
    return "Nothing by itself: no notification type and no rule sends to this channel."
