"""The full walk of findings as a pure progress machine that survives restarts.

Studio pages by offset only, newest ``firstSeenAt`` first. Inserts repeat rows, deletes skip some, and a
back-dated import lands deep, so an offset alone proves nothing. Each page therefore overlaps the
one before: while one of its last rows is found again, nothing between the two was skipped,
whatever was inserted or deleted meanwhile; when none is, the walk steps back until one is.

What offset paging cannot promise: rows of one ``firstSeenAt`` have no order of their own, so Studio
may swap them between two pages; and nothing can be proven across a single row that is too large to
read. Such a row missed by one walk is met by the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from compliance_bot.model.findings import FindingPage

LARGEST_PAGE = 500
OVERLAP = 8
"""Rows that two pages share, so that a few deletes in between cost no extra page."""

TAIL = 24
"""Ids of the last rows that are kept to be found again."""

ENOUGH = 0.98
"""The part of the total that a walk must have seen to count."""

MOST_IDLE = 60
"""Pages without progress after which Studio's pages are taken for a loop."""

MOST_RESTARTS = 3

GROW_AFTER = 3
"""Good pages in a row after which a page that had to shrink may grow again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """What to ask next: page ``page`` (from 1) of ``limit`` rows."""

    page: int
    limit: int

    @property
    def offset(self) -> int:
        """Index of the first row asked for."""
        return (self.page - 1) * self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkProgress:
    """How far a walk is. JSON-able by ``to_dict`` and ``from_dict``; times are Unix seconds.

    ``offset``: rows before it are seen. ``floor``: no page may start before it (a row too large to
    read stands there). ``seen`` counts rows present, readable or not; ``unread`` those too large.
    """

    number: int
    started_at: float
    server_started: float | None = None
    offset: int = 0
    floor: int = 0
    size: int = LARGEST_PAGE
    largest: int = LARGEST_PAGE
    good_in_a_row: int = 0
    overlap: int = OVERLAP
    tail: tuple[str | None, ...] = ()
    total: int = 0
    total_at_start: int | None = None
    seen: int = 0
    unread: int = 0
    pages: int = 0
    idle: int = 0
    restarts: int = 0
    unproven: int = 0
    """Pages that could not overlap the one before, beside a row too large to read."""
    doubtful: bool = False
    """A row was deleted just where nothing could be proven."""
    drifted: bool = False
    finished: bool = False
    broken: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self) | {"tail": list(self.tail)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> WalkProgress:
        """From what ``to_dict`` gave."""
        return cls(**{**stored, "tail": tuple(stored["tail"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a walk counts, and if not, why, in one clause."""

    counts: bool
    reason: str = ""


def begin(number: int, now: float, *, size: int = LARGEST_PAGE) -> WalkProgress:
    """A walk that has not asked for anything yet.

    Args:
        number: of this walk, rising.
        now: our clock, Unix seconds.
        size: rows a page at most, 1 to 500.

    """
    rows = max(1, min(size, LARGEST_PAGE))
    return WalkProgress(number=number, started_at=now, size=rows, largest=rows)


def next_page(progress: WalkProgress) -> PageRequest | None:
    """What to ask next; None when the walk is over."""
    if progress.finished:
        return None
    stepping_back = progress.overlap > OVERLAP
    overlap = progress.overlap if stepping_back else min(OVERLAP, progress.size // 2)
    latest = max(progress.floor, progress.offset - (overlap if progress.tail else 0))
    asked = _furthest(progress.floor, latest, progress.size)
    if stepping_back or asked.offset + asked.limit > progress.offset:
        return asked
    # So few rows fit a page that none can overlap and still bring a new one: nothing is proven here.
    return _furthest(progress.offset, progress.offset, progress.size)


def _furthest(earliest: int, latest: int, size: int) -> PageRequest:
    """The page that starts within the bounds and reaches furthest: pages begin at multiples only."""
    best = PageRequest(page=latest + 1, limit=1)
    for limit in range(size, 1, -1):
        if latest + limit <= best.offset + best.limit:
            break
        asked = PageRequest(page=latest // limit + 1, limit=limit)
        if asked.offset >= earliest and asked.offset + limit > best.offset + best.limit:
            best = asked
    return best


def advance(progress: WalkProgress, page: FindingPage) -> WalkProgress:
    """The walk after ``page``, which was asked for as ``next_page`` said.

    All the page's rows are observations, whatever this answers: it only tells where to go on.
    """
    asked = next_page(progress)
    known = _noted(progress, page)
    if asked is not None and page.limit < asked.limit:
        # Studio caps its pages: it answered another part of the list than was meant.
        return _idle(replace(known, largest=page.limit, size=min(known.size, page.limit)))
    ids = _ids_in_order(page)
    if not ids and page.offset < page.total:
        return _broken(known, f"Studio answered an empty page but counts {page.total} findings")
    if page.offset >= progress.offset and progress.tail and ids:
        return _step_forward(_unproven(known, progress.total), page, ids, ids)
    fresh = _fresh_rows(known, ids, page.offset)
    if fresh is None:
        return _step_back(known, progress.total, page, ids)
    return _step_forward(known, page, ids, fresh)


def _unproven(known: WalkProgress, total_before: int) -> WalkProgress:
    return replace(known, unproven=known.unproven + 1, doubtful=known.doubtful or known.total < total_before)


def _noted(progress: WalkProgress, page: FindingPage) -> WalkProgress:
    first = progress.total_at_start is None
    server_time = page.server_time if page.server_time is not None else page.sent_at
    return replace(
        progress,
        pages=progress.pages + 1,
        total=page.total,
        total_at_start=page.total if first else progress.total_at_start,
        server_started=server_time if first else progress.server_started,
        drifted=progress.drifted or (not first and page.total != progress.total),
    )


def _ids_in_order(page: FindingPage) -> list[str | None]:
    ids: list[str | None] = [finding.id for finding in page.findings]
    for bad in sorted(page.bad_rows, key=lambda row: row.position):
        ids.insert(bad.position, bad.studio_id)
    return ids


def _fresh_rows(progress: WalkProgress, ids: Sequence[str | None], offset: int) -> list[str | None] | None:
    """The rows on the page that were not seen yet; None when it does not join what was seen."""
    if not any(progress.tail):
        return list(ids[max(0, progress.offset - offset) :])
    places = {identifier: place for place, identifier in enumerate(ids) if identifier is not None}
    for back, identifier in enumerate(reversed(progress.tail)):
        if identifier is not None and identifier in places:
            nameless = progress.tail[len(progress.tail) - back :].count(None)
            return _beyond(ids[places[identifier] + 1 :], frozenset(progress.tail), nameless)
    return None


def _beyond(after: Sequence[str | None], known: frozenset[str | None], nameless: int) -> list[str | None]:
    """``after`` without what is known by its id, and without the first ``nameless`` rows."""
    fresh: list[str | None] = []
    for identifier in after:
        if identifier is None and nameless > 0:
            nameless -= 1
        elif identifier is None or identifier not in known:
            fresh.append(identifier)
    return fresh


def _step_back(
    known: WalkProgress, total_before: int, page: FindingPage, ids: Sequence[str | None]
) -> WalkProgress:
    if page.offset <= known.floor:
        return _start_over(known, page, ids)
    lost = max(0, total_before - page.total)
    further = max(known.overlap + max(1, known.size - OVERLAP), lost + OVERLAP)
    return _idle(replace(known, overlap=further, drifted=True))


def _start_over(known: WalkProgress, page: FindingPage, ids: Sequence[str | None]) -> WalkProgress:
    """Every row that could be found again is gone: the list is read from its first row once more."""
    again = replace(
        known, restarts=known.restarts + 1, drifted=True, tail=(), seen=0, unread=0, offset=0, floor=0
    )
    if again.restarts > MOST_RESTARTS:
        return _broken(again, "the list changed faster than it could be read")
    if page.offset > 0:
        return _idle(replace(again, overlap=OVERLAP))
    return _step_forward(again, page, ids, ids)


def _step_forward(
    known: WalkProgress, page: FindingPage, ids: Sequence[str | None], fresh: Sequence[str | None]
) -> WalkProgress:
    end = page.offset + len(ids)
    grown = known.good_in_a_row + 1 >= GROW_AFTER
    moved = replace(
        known,
        offset=end,
        seen=known.seen + len(fresh),
        overlap=OVERLAP,
        tail=(*known.tail, *fresh)[-TAIL:],
        size=min(known.largest, known.size * 2) if grown else known.size,
        good_in_a_row=0 if grown else known.good_in_a_row + 1,
        finished=end >= page.total,
    )
    return replace(moved, idle=0) if fresh else _idle(moved)


def _idle(progress: WalkProgress) -> WalkProgress:
    if progress.idle >= MOST_IDLE and not progress.finished:
        return _broken(progress, "Studio's pages repeat themselves")
    return replace(progress, idle=progress.idle + 1)


def _broken(progress: WalkProgress, reason: str) -> WalkProgress:
    return replace(progress, finished=True, broken=reason)


def too_large(progress: WalkProgress) -> WalkProgress:
    """The page asked for was too large: fewer rows at the same place; a single row is passed over."""
    asked = next_page(progress)
    if asked is None:
        return progress
    if asked.limit > 1:
        return replace(progress, size=max(1, asked.limit // 2), good_in_a_row=0)
    past = max(progress.offset, asked.offset + 1)
    return replace(
        progress,
        offset=past,
        floor=asked.offset + 1,
        seen=progress.seen + (1 if asked.offset >= progress.offset else 0),
        unread=progress.unread + 1,
        tail=(*progress.tail, None)[-TAIL:] if asked.offset >= progress.offset else progress.tail,
        overlap=OVERLAP,
        good_in_a_row=0,
        finished=past >= progress.total > 0,
    )


def give_up(progress: WalkProgress, reason: str) -> WalkProgress:
    """End the walk because a page would not be answered; it will not count."""
    return _broken(progress, reason)


def verdict(progress: WalkProgress) -> Verdict:
    """Whether the walk counts: every page answered, and at least 98 % of the total seen."""
    if progress.broken is not None:
        return Verdict(counts=False, reason=progress.broken)
    if not progress.finished:
        return Verdict(counts=False, reason="it is not finished")
    if progress.doubtful:
        return Verdict(counts=False, reason="findings were deleted beside one that is too large to read")
    if progress.seen < ENOUGH * progress.total:
        return Verdict(counts=False, reason=f"it saw {progress.seen} of {progress.total} findings")
    return Verdict(counts=True)
