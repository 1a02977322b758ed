"""rules.yaml from its bytes to typed ``Rules``, or every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from compliance_bot.config.explain_schema import explain
from compliance_bot.config.nodes import REFUSED, KeyPath, Located, Place, is_refused, read_nodes
from compliance_bot.config.planted import find_secrets
from compliance_bot.config.schema import Rules
from compliance_bot.model.problems import Problem

MAXIMUM_BYTES = 1_000_000


class Loaded:
    """What loading gave: the places, the text that was read, and ``rules``.

    Where something is wrong, ``rules`` holds what is right beside it, so that the rest can be
    checked too: then it is not to be used. None: nothing could be read at all.
    """

    def __init__(self, *, text: str, located: Located, rules: Rules | None) -> None:
        self.text = text
        self.located = located
        self.rules = rules

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Errors and warnings, in the order of the file."""
        return in_order(self.located.problems)


def in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """By line, each said once."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.file, p.line or 0, p.column or 0)))


def load_rules(path: Path) -> Loaded:
    """Read and check the file at ``path``. Never raises for what the file holds or that it is absent."""
    file = path.name
    try:
        if not path.is_file() and path.exists():
            return _refused(str(path), "is not a file", "name rules.yaml itself")
        raw = path.read_bytes()
    except OSError as error:
        hint = "name it in COMPLIANCE_BOT_RULES, or make one with: compliance-bot init DIR"
        return _refused(str(path), f"cannot be read: {error.strerror}", hint)
    if len(raw) > MAXIMUM_BYTES:
        return _refused(file, f"is larger than 1 MB ({len(raw):,} bytes)", "is this the right file?")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        column = error.start - (before.rfind(b"\n") + 1) + 1
        place = Place(line=before.count(b"\n") + 1, column=column)
        return _refused(file, "is not UTF-8 text", "save it as UTF-8", place)
    return load_text(text, file)


def load_text(text: str, file: str = "rules.yaml") -> Loaded:
    """Check ``text`` as the file named ``file``."""
    located = read_nodes(text, file)
    if located.problems and located.data is None:
        return Loaded(text=text, located=located, rules=None)
    if located.data is None:
        hint = "make one with: compliance-bot init DIR"
        located.complain((), "is empty", hint)
        return Loaded(text=text, located=located, rules=None)
    if not isinstance(located.data, dict):
        located.complain((), "must be a mapping of sections, such as slack_config:")
        return Loaded(text=text, located=located, rules=None)
    secrets = find_secrets(located, text)
    return Loaded(text=text, located=located, rules=_typed(located, secrets))


def _refused(file: str, message: str, hint: str, place: Place | None = None) -> Loaded:
    located = Located(file)
    line, column = (None, None) if place is None else (place.line, place.column)
    located.problems.append(Problem(file=file, message=message, hint=hint, line=line, column=column))
    return Loaded(text="", located=located, rules=None)


def _typed(located: Located, secrets: frozenset[KeyPath]) -> Rules | None:
    """The file as ``Rules``; what is refused is explained, taken out, and the rest tried again."""
    sections = {name: value for name, value in located.data.items() if value is not None}
    data = _without(sections, (), secrets)
    while True:
        try:
            return Rules.model_validate(data)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=True)
        for fault in faults:
            explain(located, fault, secrets)
        remaining = _without(data, (), frozenset(_fault_place(fault) for fault in faults))
        if remaining == data:
            return None
        data = remaining


def _fault_place(fault: Mapping[str, Any]) -> KeyPath:
    """What must go for the rest to be read: a thing that lacks something goes as a whole."""
    path = tuple(part for part in fault["loc"] if part != "[key]")
    return path[:-1] if fault["type"] == "missing" else path


def _without(value: Any, path: KeyPath, gone: frozenset[KeyPath]) -> Any:
    """``value`` without what is refused: said once, it is not said again as a wrong type.

    A list goes as a whole, lest what stands behind the refused entry be sought at the wrong place.
    """
    if isinstance(value, dict):
        kept = {key: _without(inner, (*path, key), gone) for key, inner in value.items()}
        return {
            key: inner for key, inner in kept.items() if (*path, key) not in gone and not is_refused(inner)
        }
    if isinstance(value, tuple):
        items = tuple(_without(inner, (*path, index), gone) for index, inner in enumerate(value))
        refused = [is_refused(item) or (*path, index) in gone for index, item in enumerate(items)]
        return REFUSED if any(refused) else items
    return value
