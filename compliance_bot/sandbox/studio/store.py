"""The findings table: order kept, rows serialised once, 100,000 of them seeded in a blink.

Order is ``firstSeenAt`` descending; ties stand in the order of PostgreSQL's heap, where an updated row
moves to the end: that is why ties are unstable.
"""

from __future__ import annotations

import bisect
import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from compliance_bot.clock import iso
from compliance_bot.sandbox.story.findings import story_finding
from compliance_bot.sandbox.studio.rows import (
    FINDING_FIELDS,
    Row,
    finding_row,
    new_id,
    seconds,
    written_times,
)
from compliance_bot.sandbox.studio.transport import compact

OrderKey = tuple[int, int, str]
CHAPTERS = 997
"""How many different findings a bulk seed tells before it repeats itself."""
FILTERS = ("severity", "status", "category", "integrationId")


@dataclass(slots=True, kw_only=True)
class Held:
    """A row with its place in the order, its comments (newest first) and its cached list item."""

    row: Row
    key: OrderKey
    comments: list[Row] = field(default_factory=list)
    listed: bytes | None = None


@functools.cache
def _told(number: int) -> Row:
    return story_finding(number)


class FindingStore:
    """Studio's findings and their comments. ``expand`` makes a row's list item of it."""

    def __init__(self, now: Callable[[], float], expand: Callable[[Row, int], Row]) -> None:
        self._now = now
        self._expand = expand
        self._held: dict[str, Held] = {}
        self._order: list[OrderKey] = []
        self._heap = itertools.count()
        self._filtered: dict[tuple[str | None, ...], list[OrderKey]] = {}
        self._seeded = 0

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, finding_id: object) -> bool:
        return finding_id in self._held

    @property
    def ids(self) -> list[str]:
        """Every id in the list's order."""
        return [key[2] for key in self._order]

    def _key(self, row: Row) -> OrderKey:
        return (-round(seconds(row["firstSeenAt"]) * 1000), next(self._heap), row["id"])

    def _hold(self, row: Row, key: OrderKey) -> OrderKey:
        self._held[row["id"]] = Held(row=row, key=key)
        return key

    def add(self, **fields: Any) -> str:
        """A new finding; ``createdAt`` is now unless given, ``firstSeenAt`` may lie back. Its id."""
        row = finding_row(self._now(), fields)
        bisect.insort(self._order, self._hold(row, self._key(row)))
        self._filtered.clear()
        return str(row["id"])

    def seed(self, count: int, *, spacing: float = 1.0, age: float = 3600.0, **fields: Any) -> list[str]:
        """``count`` findings of the story at once, the youngest first seen ``age`` seconds ago.

        Each is ``spacing`` seconds older than the one before and was created when first seen;
        ``fields`` win. Ids are deterministic.
        """
        newest = self._now() - age
        fixed = written_times(fields)
        keys = [self._seed_one(newest - index * spacing, fixed) for index in range(count)]
        self._order.extend(keys)
        self._order.sort()
        self._filtered.clear()
        return [key[2] for key in keys]

    def _seed_one(self, first_seen: float, fixed: Mapping[str, Any]) -> OrderKey:
        number = self._seeded = self._seeded + 1
        finding_id = f"e1000000-0000-4000-8000-{number:012x}"
        stamp = iso(first_seen)
        row = {
            **FINDING_FIELDS,
            **_told(number % CHAPTERS),
            "id": finding_id,
            "firstSeenAt": stamp,
            "lastSeenAt": stamp,
            "createdAt": stamp,
            "updatedAt": stamp,
            **fixed,
        }
        if "firstSeenAt" in fixed:
            return self._hold(row, self._key(row))
        return self._hold(row, (-round(first_seen * 1000), next(self._heap), finding_id))

    def remove(self, finding_id: str) -> None:
        """The finding is gone: 404 by id, absent from the list."""
        self._drop_key(self._held.pop(finding_id).key)

    def clear(self) -> None:
        """No findings any more."""
        self._held.clear()
        self._order.clear()
        self._filtered.clear()

    def _drop_key(self, key: OrderKey) -> None:
        del self._order[bisect.bisect_left(self._order, key)]
        self._filtered.clear()

    def change(self, finding_id: str, **fields: Any) -> Row:
        """Write ``fields``; ``updatedAt`` becomes now unless given; among ties the row moves back."""
        held = self._held[finding_id]
        self._drop_key(held.key)
        changes = written_times(fields)
        held.row = {**held.row, "updatedAt": iso(self._now()), **changes}
        held.key, held.listed = self._key(held.row), None
        bisect.insort(self._order, held.key)
        return held.row

    def comment(self, finding_id: str, author: Row, content: str) -> Row:
        """Add a comment of ``author`` (a user row); the finding's ``updatedAt`` does not move."""
        held = self._held[finding_id]
        comment = {
            "id": new_id(),
            "findingId": finding_id,
            "authorId": author["id"],
            "content": content,
            "createdAt": iso(self._now()),
            "author": {"name": author["name"]},
        }
        held.comments.insert(0, comment)
        held.listed = None
        return comment

    def get(self, finding_id: str) -> Row | None:
        """The row, or None."""
        held = self._held.get(finding_id)
        return None if held is None else held.row

    def comments(self, finding_id: str) -> list[Row]:
        """The comments of a finding, newest first."""
        return list(self._held[finding_id].comments)

    def select(self, filters: Mapping[str, str]) -> list[OrderKey]:
        """The order keys of the rows that equal every filter given (``severity``, ``status``, …)."""
        wanted = tuple(filters.get(name) or None for name in FILTERS)
        if wanted == (None,) * len(FILTERS):
            return self._order
        if wanted not in self._filtered:
            self._filtered[wanted] = list(self._matching(wanted))
        return self._filtered[wanted]

    def _matching(self, wanted: tuple[str | None, ...]) -> Iterable[OrderKey]:
        asked = [(name, value) for name, value in zip(FILTERS, wanted, strict=True) if value is not None]
        for key in self._order:
            row = self._held[key[2]].row
            if all(row[name] == value for name, value in asked):
                yield key

    def listed(self, key: OrderKey) -> bytes:
        """The row as it stands in a list, as JSON bytes."""
        held = self._held[key[2]]
        if held.listed is None:
            held.listed = compact(self._expand(held.row, len(held.comments)))
        return held.listed

    def count_by(self, name: str) -> dict[str, int]:
        """How many rows hold each value of a column; empty buckets are absent."""
        return dict(Counter(held.row[name] for held in self._held.values()))
