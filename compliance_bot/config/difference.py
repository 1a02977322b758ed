"""What a reload changes: the places where two readings of rules.yaml mean different things.

What the file only says in other words (``60s`` for ``1m``, a default written out) is no difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from compliance_bot.config.schema import Rules
from compliance_bot.logs import redact

LONGEST_VALUE = 120
"""Characters of one value that a difference says."""
PLAIN_NUMBERS = frozenset({"per_channel"})
"""Numbers with a fraction that are no durations; every other one is in seconds."""
IN_ORDER = frozenset({("notification_types",), ("routing_rules",)})
"""Sections whose entries are looked at from the top: there another order is a difference."""

_UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "m"), (1.0, "s"), (0.001, "ms"))
_UNSET = "not set"

Path = tuple[str, ...]


class Kind(StrEnum):
    """How a place differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place, and what it meant ``before`` and means ``after``, in short words; no secret in them."""

    path: str
    kind: Kind
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        """``routing_rules.incidents.channels: #a → #a, #b``."""
        if self.kind is Kind.MOVED:
            return f"{self.path}: now in the order {self.after}"
        if self.before and self.after:
            return f"{self.path}: {self.before} → {self.after}"
        what = self.before or self.after
        return f"{self.path}: {self.kind} ({what})" if what else f"{self.path}: {self.kind}"


def differences(before: Rules, after: Rules) -> tuple[Difference, ...]:
    """Every place where the two differ, in the order of the sections."""
    found = _mappings(before.model_dump(by_alias=True), after.model_dump(by_alias=True), ())
    return tuple(found)


def template_differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Difference, ...]:
    """The templates that came, went or changed, by the hash of each name's text."""
    kinds = {
        name: Kind.ADDED if name not in before else Kind.REMOVED if name not in after else Kind.CHANGED
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }
    return tuple(Difference(path=f"templates/{name}", kind=kind) for name, kind in kinds.items())


def _between(before: Any, after: Any, path: Path) -> Iterator[Difference]:
    if before == after and not isinstance(before, Mapping):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _mappings(before, after, path)
    elif _holds_mappings(before) or _holds_mappings(after):
        yield from _mappings(_numbered(before), _numbered(after), path)
    elif before is None and isinstance(after, Mapping):
        yield _difference(path, Kind.ADDED, after=_words(after, path))
    elif after is None and isinstance(before, Mapping):
        yield _difference(path, Kind.REMOVED, before=_words(before, path))
    else:
        yield _difference(path, Kind.CHANGED, before=_words(before, path), after=_words(after, path))


def _mappings(before: Mapping[str, Any], after: Mapping[str, Any], path: Path) -> Iterator[Difference]:
    for name in dict.fromkeys([*before, *after]):
        place = (*path, name)
        if name not in before:
            yield _difference(place, Kind.ADDED, after=_words(after[name], place))
        elif name not in after:
            yield _difference(place, Kind.REMOVED, before=_words(before[name], place))
        else:
            yield from _between(before[name], after[name], place)
    if path in IN_ORDER:
        yield from _order(before, after, path)


def _order(before: Mapping[str, Any], after: Mapping[str, Any], path: Path) -> Iterator[Difference]:
    """Entries that stayed and stand in another order among themselves."""
    was = [name for name in before if name in after]
    now = [name for name in after if name in before]
    if was != now:
        yield _difference(path, Kind.MOVED, before=", ".join(was), after=", ".join(now))


def _difference(path: Path, kind: Kind, *, before: str = "", after: str = "") -> Difference:
    return Difference(path=_short(".".join(path)), kind=kind, before=_short(before), after=_short(after))


def _short(words: str) -> str:
    """One line without secrets, cut where it is too long; half a character (a surrogate) becomes a mark."""
    line = redact(" ".join(words.encode("utf-8", "replace").decode().split()))
    return line if len(line) <= LONGEST_VALUE else line[: LONGEST_VALUE - 1].rstrip() + "…"


def _holds_mappings(value: Any) -> bool:
    return isinstance(value, tuple) and any(isinstance(one, Mapping) for one in value)


def _numbered(value: Any) -> dict[str, Any]:
    """A list of sections by its places, which count from 1."""
    return {str(number): one for number, one in enumerate(value or (), 1)}


def _words(value: Any, path: Path) -> str:
    """A value as the file could say it."""
    if isinstance(value, Mapping):
        said = ((name, _words(one, (*path, name))) for name, one in value.items() if _is_set(one))
        return ", ".join(f"{name} {words}" for name, words in said) or "empty"
    if isinstance(value, tuple):
        return ", ".join(_words(one, path) for one in value) or "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}" if path[-1] in PLAIN_NUMBERS else _duration(value)
    return _UNSET if value is None else str(value) or "empty"


def _is_set(value: Any) -> bool:
    """False for what an entry need not say: it would only make the sentence longer."""
    return value is not None and value is not False and value not in ("", ())


def _duration(seconds: float) -> str:
    """``90s``, ``15m``, ``200ms``: in the largest unit that says it in a whole number."""
    for size, unit in _UNITS:
        count = seconds / size
        if count >= 1 and abs(count - round(count)) < 1e-6:  # noqa: PLR2004 - what floats leave over
            return f"{round(count)}{unit}"
    return f"{seconds:g}s"
