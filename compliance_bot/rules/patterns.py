"""Regular expressions in conditions: only such as no text can make slow.

What is matched comes from Studio, where whoever names a machine may have written it, and Python's
``re`` cannot be stopped: ``(a+)+b`` takes six seconds for 26 letters, and doubles with each more.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Any, TypeAlias

MOST_ENDLESS = 3
"""Long repeats in one pattern: with each, the time grows by the length of the text once more."""
FEW = 4
"""A repeat up to this often is short: it may hold others that are short."""

_PIECES = re.compile(r"""([=!]~~?)|[rsbdt]?(["'])((?:\\.|[^\\\n])*?)\2|\#.*""")
_BLANKS = re.compile(r"\s*")
_AMBIGUOUS = (
    "has a pattern that repeats what can be read in more than one way",
    "instead of (a+)+ write a+, instead of (a|b)* write [ab]*",
)

Refusal: TypeAlias = tuple[str, str]
"""What is wrong, and what to write instead."""


class _Within(IntEnum):
    """What the item stands inside."""

    NOTHING = 0
    SHORT = 1
    LONG = 2


class _Ambiguous(Exception):
    """A repeat holds what can be read in more than one way."""


def refuse_patterns(condition: str) -> Refusal | None:
    """Why one of the patterns in the text of a condition cannot be allowed; None: all can."""
    for piece in _PIECES.finditer(condition):
        if not piece[1]:
            continue
        blanks = _BLANKS.match(condition, piece.end())
        literal = _PIECES.match(condition, blanks.end() if blanks else piece.end())
        if literal is None or not literal[2]:
            return f"has no pattern in quotes after {piece[1]}", "write the pattern itself, such as 'prod-.*'"
        refusal = _refuse(literal[3])
        if refusal is not None:
            return refusal
    return None


def _refuse(pattern: str) -> Refusal | None:
    parser: Any = re._parser  # type: ignore[attr-defined]  # noqa: SLF001 - Python's own, and there is no public one
    try:
        long = _count_long(list(parser.parse(pattern)), _Within.NOTHING)
    except _Ambiguous:
        return _AMBIGUOUS
    except (re.error, RecursionError, OverflowError):
        return None  # what is no pattern at all, rule-engine says in its own words
    if long > MOST_ENDLESS:
        return f"has a pattern with more than {MOST_ENDLESS} long repeats (* or +)", "say less of the text"
    return None


def _count_long(items: Any, within: _Within) -> int:
    """How many repeats have no near end."""
    count = 0
    for kind, value in items:
        repeats = str(kind).endswith("_REPEAT")
        least, most = value[:2] if repeats else (1, 1)
        _refuse_ambiguous(str(kind), within, most if least != most else 0)
        count += most > FEW and least != most
        inside = _inside(within, most, varies=least != most)
        count += sum(_count_long(part, inside) for part in _parts(value))
    return count


def _refuse_ambiguous(kind: str, within: _Within, varying: int) -> None:
    if within is _Within.LONG and (varying or kind in ("BRANCH", "GROUPREF")):
        raise _Ambiguous
    if within is _Within.SHORT and varying > FEW:
        raise _Ambiguous


def _inside(within: _Within, most: int, *, varies: bool) -> _Within:
    if most > FEW:
        return _Within.LONG
    deeper = most > 1 or (varies and within is not _Within.NOTHING)
    return _Within(min(within + deeper, _Within.LONG))


def _parts(value: Any) -> list[Any]:
    """The patterns inside one item of a parsed pattern, however deep in its tuples."""
    if hasattr(value, "getwidth"):
        return [list(value)]
    if isinstance(value, tuple | list):
        return [part for inner in value for part in _parts(inner)]
    return []
