"""Plain YAML scalars as what their author meant, or as the trap that YAML 1.1 sets there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

_SEXAGESIMAL = re.compile(r"[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?")
_LEADING_ZERO = re.compile(r"[-+]?0[\d_]+")
_WHOLE = re.compile(r"[-+]?\d{1,18}")
_DECIMAL = re.compile(r"[-+]?(\d+\.\d*|\.\d+)")
_SPOKEN_BOOLEANS = frozenset({"yes", "no", "on", "off", "y", "n"})
_BOOLEANS = {"true": True, "false": False}
_NULLS = frozenset({"", "~", "null"})


@dataclass(frozen=True, slots=True)
class Trap:
    """What YAML would make of the text, and what to write instead."""

    message: str
    hint: str


def read_scalar(text: str) -> Scalar | Trap:
    """The value of an unquoted scalar. Dates and unusual numbers stay texts."""
    trap = _trap(text)
    if trap is not None:
        return trap
    plain = text.lower()
    if plain in _BOOLEANS:
        return _BOOLEANS[plain]
    if plain in _NULLS:
        return None
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _trap(text: str) -> Trap | None:
    if text.lower() in _SPOKEN_BOOLEANS:
        hint = f'write true or false, or "{text}" in quotes if the text is meant'
        return Trap(f"YAML reads an unquoted {text} as true or false", hint)
    if _SEXAGESIMAL.fullmatch(text):
        return Trap(f"YAML reads an unquoted {text} as a number to base 60", f'write "{text}" in quotes')
    if _LEADING_ZERO.fullmatch(text):
        return Trap(f"YAML reads an unquoted {text} as an octal number", f'write "{text}" in quotes')
    return None
