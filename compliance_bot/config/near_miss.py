"""The near miss of a mistyped name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, options: Iterable[str], *, cutoff: float = 0.6) -> str:
    """``did you mean …?`` for the closest of ``options``; empty when none is as close as ``cutoff``."""
    close = difflib.get_close_matches(word.lower(), list(options), n=1, cutoff=cutoff)
    return f"did you mean {close[0]}?" if close else ""


def did_you_mean_or_list(word: str, options: Iterable[str]) -> str:
    """The near miss, else all of ``options``; empty where there are none."""
    known = list(options)
    return did_you_mean(word, known) or ("one of " + ", ".join(known) if known else "")
