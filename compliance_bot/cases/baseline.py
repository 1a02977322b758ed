"""What stood before the bot came is recorded, not told; what is younger is told.

The line is drawn by creation time against the moment the first complete walk began, in Studio's
clock. It holds until that walk has ended, also over restarts; from then on whatever is new is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compliance_bot.audit import chain
from compliance_bot.cases.moment import Moment
from compliance_bot.model.findings import Finding, FindingPage, FindingStatus, Severity
from compliance_bot.store import cursors, objects
from compliance_bot.store.objects import Standing
from compliance_bot.store.transaction import Transaction

CURSOR = "baseline:finding"
_CLOCKS_AGREE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Where the line is drawn. ``began``: Unix seconds in Studio's clock."""

    began: float
    complete: bool


def of_page(tx: Transaction, moment: Moment, page: FindingPage) -> Baseline:
    """The line that holds for this page; the very first page draws it."""
    known = cursors.read(tx, CURSOR)
    if known is not None:
        return Baseline(began=known["began"], complete=known["complete"])
    began = _in_studios_clock(page, moment.now)
    cursors.move(tx, CURSOR, {"began": began, "complete": False}, moment.now)
    return Baseline(began=began, complete=False)


def _in_studios_clock(page: FindingPage, now: float) -> float:
    """When the page was asked for, by Studio's clock, rather too early than too late.

    ``Date`` has whole seconds and was written when Studio answered, after it had read its rows: what
    came in between stands on no page yet and must still be told. Where the clocks agree to within a
    few seconds the earlier of both is taken, else Studio's less the time that the answer took.
    """
    if page.server_time is None:
        return page.sent_at
    theirs = page.server_time - max(0.0, now - page.sent_at)
    return min(theirs, page.sent_at) if abs(theirs - page.sent_at) <= _CLOCKS_AGREE else theirs


def standing_of(moment: Moment, baseline: Baseline, finding: Finding) -> Standing:
    """How a finding never seen before is to be taken."""
    if not baseline.complete and finding.created_at < baseline.began:
        return _before_us(moment, finding)
    return Standing.SILENT if finding.status.is_closed else Standing.TOLD


def _before_us(moment: Moment, finding: Finding) -> Standing:
    first_run = moment.rulebook.rules.studio.first_run
    critical = finding.severity is Severity.CRITICAL and finding.status is FindingStatus.OPEN
    everything = first_run == "all" and not finding.status.is_closed
    if everything or (first_run == "open_critical" and critical):
        return Standing.TOLD
    return Standing.BASELINE


def is_complete(tx: Transaction) -> bool:
    """True once a first walk has counted."""
    known = cursors.read(tx, CURSOR)
    return known is not None and bool(known["complete"])


def began(tx: Transaction) -> float | None:
    """Where the line is drawn, Unix seconds in Studio's clock; None before the first page."""
    known = cursors.read(tx, CURSOR)
    return None if known is None else float(known["began"])


def recorded(tx: Transaction) -> Mapping[str, int]:
    """How many findings of each severity were recorded and not told, counted when the line was closed."""
    known = cursors.read(tx, CURSOR) or {}
    counts: Mapping[str, int] | None = known.get("recorded")
    return objects.count_by_severity(tx, Standing.BASELINE) if counts is None else counts


def complete(tx: Transaction, moment: Moment) -> bool:
    """Close the line after the first walk that counts; True when this call did it."""
    known = cursors.read(tx, CURSOR)
    if known is None or known["complete"]:
        return False
    untold = objects.count_by_severity(tx, Standing.BASELINE)
    cursors.move(tx, CURSOR, {**known, "complete": True, "recorded": untold}, moment.now)
    counts = objects.count(tx)
    chain.append(tx, "baseline.complete", {"counts": counts, "rules": moment.rulebook.hash}, now=moment.now)
    return True
