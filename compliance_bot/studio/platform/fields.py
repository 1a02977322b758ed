"""Picks single fields out of Studio's JSON; what is not there or of another kind is None.

``Wrong`` is raised only where a row means nothing without the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from compliance_bot.model.findings import BadRow
from compliance_bot.studio.transport import Unreadable

T = TypeVar("T")

LONGEST_TEXT = 20_000
"""Characters kept of one text: several times what Slack can show."""

LONGEST_ID = 200
Row = Mapping[str, Any]


class Wrong(ValueError):
    """A row lacks a field that it cannot do without; the text names the field."""


def text(row: Row, name: str) -> str | None:
    """A text, cut at 20,000 characters, fit for storing; None when absent or of another kind."""
    value = row.get(name)
    return clean(value) if isinstance(value, str) else None


def clean(value: str) -> str:
    """``value`` without what UTF-8 or SQLite cannot hold."""
    cut = value[:LONGEST_TEXT] + ("…" if len(value) > LONGEST_TEXT else "")
    return cut if cut.isascii() and "\0" not in cut else _mended(cut)


def _mended(value: str) -> str:
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def needed_text(row: Row, name: str) -> str:
    """A text that must be there."""
    value = text(row, name)
    if value is None:
        raise Wrong(f"{name} is not a text")
    return value


def identifier(row: Row, name: str = "id") -> str:
    """An id: a text of 1 to 200 characters."""
    value = row.get(name)
    if not isinstance(value, str) or not value or len(value) > LONGEST_ID or value != clean(value):
        raise Wrong(f"{name} is not an id")
    return value


def optional_identifier(row: Row, name: str) -> str | None:
    """An id or nothing; anything else is wrong, for a guess here would look like a change."""
    return None if row.get(name) is None else identifier(row, name)


def moment(row: Row, name: str) -> float | None:
    """Unix seconds of an ISO date; a date without a zone is UTC, as Studio's own reading is."""
    value = row.get(name)
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def needed_moment(row: Row, name: str) -> float:
    """A date that must be there."""
    value = moment(row, name)
    if value is None:
        raise Wrong(f"{name} is not a date")
    return value


def whole(row: Row, name: str) -> int | None:
    """A whole number that SQLite can hold; None when absent or of another kind."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value) if abs(value) < 2**53 else None


def texts(row: Row, name: str) -> tuple[str, ...]:
    """The texts of a list; whatever else stands in it is left out."""
    value = row.get(name)
    if not isinstance(value, list):
        return ()
    return tuple(clean(item) for item in value if isinstance(item, str))


def part(row: Row, name: str) -> Row:
    """A nested object, empty when absent or of another kind."""
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def envelope(answer: Any, key: str = "data") -> Any:
    """What stands under ``key`` of an answer that must be an object."""
    if not isinstance(answer, dict) or key not in answer:
        raise Unreadable(f"it has no {key}")
    return answer[key]


def enveloped_object(answer: Any, key: str = "data") -> Row:
    """The object under ``key``."""
    inner = envelope(answer, key)
    if not isinstance(inner, dict):
        raise Unreadable(f"its {key} is not an object")
    return inner


def enveloped_list(answer: Any, key: str = "data") -> list[Any]:
    """The list under ``key``."""
    inner = envelope(answer, key)
    if not isinstance(inner, list):
        raise Unreadable(f"its {key} is not a list")
    return inner


def one(answer: Any, read: Callable[[Row], T], key: str = "data") -> T:
    """The one row of an answer; a bad one makes the whole answer unreadable."""
    try:
        return read(enveloped_object(answer, key))
    except Wrong as wrong:
        raise Unreadable(str(wrong)) from None


def many(rows: list[Any], read: Callable[[Row], T]) -> tuple[tuple[T, ...], tuple[BadRow, ...]]:
    """The rows that can be read, and those that cannot, in order."""
    good: list[T] = []
    bad: list[BadRow] = []
    for position, row in enumerate(rows):
        try:
            if not isinstance(row, dict):
                raise Wrong("the row is not an object")  # noqa: TRY301 - one place for both
            good.append(read(row))
        except Wrong as wrong:
            bad.append(BadRow(studio_id=_id_of(row), reason=str(wrong), position=position))
    return tuple(good), tuple(bad)


def _id_of(row: Any) -> str | None:
    try:
        return identifier(row) if isinstance(row, dict) else None
    except Wrong:
        return None
