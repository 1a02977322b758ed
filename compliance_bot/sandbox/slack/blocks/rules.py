"""Rules about one JSON value, and ways to put them together.

A rule is called with a value, its JSON pointer and the list of faults it may add to. The words of a
fault follow Slack's, for example ``must be less than 3001 characters [json-pointer:/blocks/0/text/text]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Faults = list[str]
Rule = Callable[[Any, str, Faults], None]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{2}:\d{2}")


def fault(words: str, pointer: str) -> str:
    """One line as Slack words it."""
    return f"{words} [json-pointer:{pointer}]"


def string(most: int | None = None, *, least: int = 1) -> Rule:
    """A string of ``least`` to ``most`` characters."""

    def check(value: Any, pointer: str, faults: Faults) -> None:
        if not isinstance(value, str):
            faults.append(fault("must provide a string", pointer))
        elif len(value) < least:
            faults.append(fault(f"must be more than {least - 1} characters", pointer))
        elif most is not None and len(value) > most:
            faults.append(fault(f"must be less than {most + 1} characters", pointer))

    return check


def one_of(*allowed: Any) -> Rule:
    """One of a few values."""

    def check(value: Any, pointer: str, faults: Faults) -> None:
        if value not in allowed:
            words = " or ".join(f'"{one}"' for one in allowed)
            faults.append(fault(f"value must be {words}", pointer))

    return check


def url(most: int = 3000, *, schemes: Sequence[str] = ("https://", "http://", "mailto:", "tel:")) -> Rule:
    """A URL with a scheme Slack opens."""
    length = string(most)

    def check(value: Any, pointer: str, faults: Faults) -> None:
        length(value, pointer, faults)
        if isinstance(value, str) and not value.lower().startswith(tuple(schemes)):
            faults.append(fault("must be a valid URL", pointer))

    return check


def boolean(value: Any, pointer: str, faults: Faults) -> None:
    """True or false."""
    if not isinstance(value, bool):
        faults.append(fault("must be a boolean", pointer))


def number(low: float | None = None, high: float | None = None) -> Rule:
    """A whole number from ``low`` to ``high``."""

    def check(value: Any, pointer: str, faults: Faults) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            faults.append(fault("must be a number", pointer))
        elif low is not None and value < low:
            faults.append(fault(f"must be at least {low}", pointer))
        elif high is not None and value > high:
            faults.append(fault(f"must be at most {high}", pointer))

    return check


def anything(value: Any, pointer: str, faults: Faults) -> None:
    """No rule is published: let it pass."""


def pattern(expression: re.Pattern[str], words: str) -> Rule:
    """A string of that form."""

    def check(value: Any, pointer: str, faults: Faults) -> None:
        if not isinstance(value, str) or not expression.fullmatch(value):
            faults.append(fault(words, pointer))

    return check


date = pattern(_DATE, "must be a valid date")
clock_time = pattern(_TIME, "must be a valid time")


def items(each: Rule, most: int, *, least: int = 1) -> Rule:
    """A list of ``least`` to ``most`` values."""

    def check(value: Any, pointer: str, faults: Faults) -> None:
        if not isinstance(value, list):
            faults.append(fault("must provide an array", pointer))
            return
        if len(value) > most:
            faults.append(fault(f"no more than {most} items allowed", pointer))
        if len(value) < least:
            faults.append(fault(f"no less than {least} items required", pointer))
        for place, item in enumerate(value):
            each(item, f"{pointer}/{place}", faults)

    return check


def shape(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Rule:
    """An object with these keys and no others."""
    known = {**required, **(optional or {})}

    def check(value: Any, pointer: str, faults: Faults) -> None:
        if not isinstance(value, dict):
            faults.append(fault("must provide an object", pointer))
            return
        faults.extend(
            fault(f"missing required field: {key}", pointer) for key in required if value.get(key) is None
        )
        for key, inner in value.items():
            if inner is None:
                continue
            rule = known.get(key)
            if rule is None:
                faults.append(fault(f"invalid additional property: {key}", pointer))
            else:
                rule(inner, f"{pointer}/{key}", faults)

    return check


def by_type(shapes: Mapping[str, Rule]) -> Rule:
    """An object whose ``type`` says which shape it has."""

    def check(value: Any, pointer: str, faults: Faults) -> None:
        if not isinstance(value, dict):
            faults.append(fault("must provide an object", pointer))
            return
        kind = value.get("type")
        rule = shapes.get(kind) if isinstance(kind, str) else None
        if kind is None:
            faults.append(fault("missing required field: type", pointer))
        elif rule is None:
            faults.append(fault(f"unsupported type: {kind}", f"{pointer}/type"))
        else:
            rule(value, pointer, faults)

    return check


def all_of(*rules: Rule) -> Rule:
    """Every one of these rules."""

    def check(value: Any, pointer: str, faults: Faults) -> None:
        for rule in rules:
            rule(value, pointer, faults)

    return check


def any_key(keys: Sequence[str]) -> Rule:
    """An object that has at least one of these keys."""

    def check(value: Any, pointer: str, faults: Faults) -> None:
        if isinstance(value, dict) and not any(value.get(key) for key in keys):
            faults.append(fault(f"must define one of: {', '.join(keys)}", pointer))

    return check
