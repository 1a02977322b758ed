"""The sentences of a digest; like ``wording``, mrkdwn in which data is inert."""

from __future__ import annotations

import math
from collections.abc import Mapping

from compliance_bot.messages.wording import datum, status_words, when_said
from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.events import Change
from compliance_bot.model.findings import Severity

_MINUTE = 60.0


def digest_heading(total: int, by_severity: Mapping[Severity, int], *, urgent: bool) -> str:
    """``23 findings: 2 high, 21 medium``. Plain text."""
    if not total:
        return "Nothing is left here: all of it became urgent, and stands where that is told"
    graded = sum(by_severity.values())
    kind = "urgent " if urgent else ""
    what = _plural(total, f"{kind}finding" if graded >= total else f"{kind}message")
    said = [severity_counts(by_severity)] if graded else []
    said += [f"{total - graded} without a severity"] if 0 < graded < total else []
    return f"{what}: {', '.join(said)}" if said else what


def severity_counts(by_severity: Mapping[Severity, int]) -> str:
    """``2 high, 21 medium``, most urgent first. Plain text."""
    return ", ".join(f"{by_severity[one]} {one.value}" for one in Severity if by_severity.get(one))


def digest_progress(handled: int, of: int) -> str:
    """How many of the findings are no longer open."""
    return f"{handled} of {of} handled"


def digest_gathered(since: float, until: float | None, joins_until: float | None) -> str:
    """From when to when it took what belongs here; ``until`` None: it still does, till ``joins_until``."""
    if until is None:
        till = "" if joins_until is None else f" until {when_said(joins_until)}"
        return f"since {when_said(since)}; more may join{till}"
    return f"{when_said(since)} to {when_said(until)}"


def line_moved() -> str:
    """The line's case has a message of its own, to which its title is a link. Plain text."""
    return "has its own message"


def digest_more(listed: int, left: int, by_severity: Mapping[Severity, int]) -> str:
    """What the list has no room for, counted."""
    counts = severity_counts(by_severity)
    verb = "is" if left == 1 else "are"
    return f"{listed} listed; {left} more{f' ({counts})' if counts else ''} {verb} not: please see Studio"


def acknowledge_count(count: int) -> str:
    """What the question before "Acknowledge all" is about. Plain text."""
    return _plural(count, "finding")


def acknowledge_question(count: int) -> str:
    """What "Acknowledge all" does, before it does it. Plain text."""
    if count == 1:
        return "This acknowledges, in your name, the one finding listed here that is still open."
    return (
        f"This acknowledges, in your name, the {count} findings listed here that are still open: "
        "one decision each."
    )


def acknowledged_all(reference: str, won: int, before: int, unknown: int, takes: float = 0.0) -> str:
    """To whoever pressed "Acknowledge all": what came of it, finding by finding counted.

    ``takes``: seconds by which Studio's hourly allowance delays the writes.
    """
    said = [
        f"You acknowledged {_plural(won, 'finding')} of {datum(reference)}, one decision each."
        if won
        else f"Nothing in {datum(reference)} was left for you to acknowledge."
    ]
    if won and takes >= _MINUTE:
        minutes = math.ceil(takes / _MINUTE)
        said.append(
            f"Studio gets them within about {_plural(minutes, 'minute')}: each costs three of the calls it "
            "allows an hour, and single clicks go before them."
        )
    if before:
        said.append(f"{before} {'was' if before == 1 else 'were'} taken or closed before.")
    if unknown:
        said.append(f"{unknown} I don't know any more: please look in Studio.")
    return " ".join(said)


def digest_withheld(total: int, reference: str) -> str:
    """Several cases in a channel whose readers may not see what they are about."""
    verb = "is" if total == 1 else "are"
    return (
        f"{_plural(total, 'message')} ({datum(reference)}): what {'it' if total == 1 else 'they'} {verb} "
        "about may not be shown in this channel. Please look in Studio."
    )


def line_state(case: Case) -> str:
    """How a case stands, at the end of its line; "" while it is open. Plain text."""
    said = []
    if case.state is CaseState.ACKNOWLEDGED:
        who = case.acknowledged_name or case.acknowledged_by
        said.append(f"acknowledged by {who}" if who else "taken up in Studio")
    elif case.state is CaseState.CLOSED:
        gone = case.closed_reason == Change.GONE
        said.append("gone from Studio" if gone else f"closed: {status_words(case.closed_reason or 'closed')}")
    elif case.state is CaseState.SNOOZED:
        said.append("snoozed")
    if case.sync is StudioSync.LATE:
        said.append("not yet in Studio")
    elif case.sync is StudioSync.REFUSED:
        said.append(f"Studio refused: {case.sync_note or 'no reason given'}")
    return ", ".join(said)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
