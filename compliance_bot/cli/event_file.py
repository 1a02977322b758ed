"""EVENT.json as ``explain`` takes it: attributes, a finding as Studio answers it, or a list of such."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from compliance_bot.config.near_miss import did_you_mean_or_list
from compliance_bot.errors import UserMistake
from compliance_bot.insight.stand_in import NAMELESS, Implausible, finding_like
from compliance_bot.model.events import Attribute, Cause, Change, Event
from compliance_bot.model.findings import Finding
from compliance_bot.rules.attributes import ATTRIBUTES, KNOWN_VALUES, Kind
from compliance_bot.studio.platform.fields import Wrong
from compliance_bot.studio.platform.parse import finding as studio_finding

_STUDIO_ONLY = frozenset({"createdAt", "updatedAt", "firstSeenAt", "lastSeenAt", "integrationId"})
"""Keys by which a row of Studio is told from attributes."""
_USUAL: Mapping[str, Change] = {"update": Change.STATUS, "report": Change.COMPLETED}
"""What happened, where an event does not say it."""
_KINDS = {Kind.TEXT: "a text", Kind.NUMBER: "a number", Kind.TEXTS: "a list of texts"}


Subject: TypeAlias = Event | Finding
"""One thing to explain: an event by its attributes, or a finding that Studio tells now."""


def read_subjects(text: str, file: str, *, categories: Mapping[str, str], now: float) -> list[Subject]:
    """Everything the file asks about; ``UserMistake`` with every fault, each with its place."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserMistake(f"{file} is not JSON: {error}") from None
    subjects: list[Subject] = []
    faults: list[str] = []
    for place, row in _rows(document):
        try:
            subjects.append(_subject(row, categories, now))
        except _Faulty as faulty:
            faults += [f"{file}{place}: {fault}" for fault in faulty.faults]
    if not subjects and not faults:
        faults = [f"{file} holds no event"]
    if faults:
        raise UserMistake("\n  ".join([f"{file} cannot be used:", *faults]))
    return subjects


class _Faulty(Exception):
    def __init__(self, *faults: str) -> None:
        super().__init__(*faults)
        self.faults = faults


def _rows(document: Any) -> Iterator[tuple[str, Any]]:
    """Each event with its place; Studio's envelopes (``data``, ``finding``) are looked through."""
    if isinstance(document, dict):
        inner = next((key for key in ("data", "finding") if isinstance(document.get(key), dict | list)), None)
        if inner is not None:
            yield from _rows(document[inner])
            return
    if isinstance(document, list):
        for index, row in enumerate(document):
            for place, one in _rows(row):
                yield f"[{index}]{place}", one
        return
    yield "", document


def _subject(row: Any, categories: Mapping[str, str], now: float) -> Subject:
    if not isinstance(row, dict):
        raise _Faulty('an event is an object such as {"type": "finding", "severity": "critical"}')
    if row.keys() & _STUDIO_ONLY:
        try:
            return studio_finding(row)
        except Wrong as wrong:
            raise _Faulty(str(wrong)) from None
    event = _event(_checked(row))
    if event.type == "finding":
        try:
            finding_like(event, categories=categories, now=now)
        except Implausible as implausible:
            raise _Faulty(*implausible.faults) from None
    return event


# ---------------------------------------------------------------- attributes


def _checked(row: Mapping[str, Any]) -> dict[str, Attribute]:
    faults: list[str] = []
    for name, value in row.items():
        if name not in ATTRIBUTES:
            faults.append(f"no event has {name} ({did_you_mean_or_list(name, ATTRIBUTES)})")
        elif not _is(ATTRIBUTES[name], value):
            faults.append(f"{name} must be {_KINDS[ATTRIBUTES[name]]}")
        elif name in KNOWN_VALUES and value not in KNOWN_VALUES[name]:
            faults.append(f"{name} is never {value!r} ({did_you_mean_or_list(value, KNOWN_VALUES[name])})")
    if "type" not in row:
        faults.append(f"type is missing (one of {', '.join(KNOWN_VALUES['type'])})")
    if faults:
        raise _Faulty(*faults)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _is(kind: Kind, value: Any) -> bool:
    if kind is Kind.TEXT:
        return isinstance(value, str)
    if kind is Kind.NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _event(attributes: Mapping[str, Attribute]) -> Event:
    return Event(
        type=str(attributes["type"]),
        studio_id=str(attributes.get("id", "")) or NAMELESS,
        change=Change(str(attributes.get("change", _USUAL.get(str(attributes["type"]), Change.NEW)))),
        cause=Cause.STUDIO,
        attributes={name: value for name, value in attributes.items() if name not in ("id", "change")},
    )
