"""YAML read strictly: plain values with the place of each, and every complaint at once.

YAML's traps are closed here, before any schema is asked: duplicate keys, aliases and anchors, tags,
tabs, ``no`` read as false, ``22:00`` read as 1320, numbers with a leading zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from compliance_bot.config.scalars import Trap, read_scalar
from compliance_bot.logs import redact
from compliance_bot.model.problems import Problem

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the document's top: ``("routing_rules", "x", "channels", 0)``."""


_REFUSED_TAG = "!refused"
_NO_START = re.compile(r"found character '([@`%&*|>{}\[\]])' that cannot start any token")
_TOLD = {
    "another document": ("holds more than one document", "take the line --- out"),
    "found '<block mapping start>'": (
        "this is indented unlike the lines around it",
        "begin it right under its neighbours",
    ),
    "expected <block end>, but found '<scalar>'": (
        "more text stands behind the quotes",
        "put one pair of quotes around the whole text",
    ),
}
"""What PyYAML says (a part of it) → what that means, and the mend."""
_STRANGE_SPACE = re.compile(
    r" *(?P<key>(?:- +)*[\w/-]+:)? *(?P<space>[\t\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000])"
)
"""What looks like indentation, or like the space behind a colon, and is none for YAML."""
_WRITE_OUT = "write the value out in each place"


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column, both from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Located:
    """A document as plain values. ``keys`` has the place of each key, ``values`` of each value."""

    file: str
    data: Any = None
    keys: dict[KeyPath, Place] = field(default_factory=dict)
    values: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    faults: set[KeyPath] = field(default_factory=set)
    """The places inside which an error was said: what hangs on it is not said as well."""
    lines: list[str] = field(default_factory=list)
    """The text, for hints; line 1 is ``lines[0]``."""

    def place(self, path: KeyPath, *, key: bool = False) -> Place | None:
        """Where ``path`` stands, or the nearest of its parents that stands anywhere."""
        for length in range(len(path), -1, -1):
            whole = path[:length]
            maps = (self.keys, self.values) if key or length < len(path) else (self.values, self.keys)
            place = maps[0].get(whole) or maps[1].get(whole)
            if place is not None:
                return place
        return None

    def mark_faulty(self, path: KeyPath) -> None:
        """Remember that something is wrong at ``path``."""
        self.faults.update(path[:length] for length in range(len(path)))

    def has_error_at(self, path: KeyPath) -> bool:
        """True where an error was said of ``path`` itself."""
        return any(problem.path == dotted(path) and not problem.warning for problem in self.problems)

    def complain(
        self, path: KeyPath, message: str, hint: str = "", *, key: bool = False, warning: bool = False
    ) -> None:
        """Add a problem at ``path``; ``key``: the key is meant, not its value.

        A place inside which something is wrong already is passed over: the one follows from the other.
        """
        if path in self.faults:
            return
        if not warning:
            self.mark_faulty(path)
        place = self.place(path, key=key)
        self.problems.append(
            Problem(
                file=self.file,
                message=message,
                line=place.line if place else None,
                column=place.column if place else None,
                path=dotted(path),
                hint=hint,
                warning=warning,
            )
        )


def dotted(path: KeyPath) -> str:
    """``routing_rules.x.channels[0]``; a key that is a secret is not repeated."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{redact(part)}" for part in path)
    return "".join(parts).removeprefix(".")


class _NoAliases(yaml.SafeLoader):
    """Composes nodes, taking aliases and anchors out and remembering where they stood."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.refused: list[tuple[Any, str, str]] = []

    def compose_node(self, parent: Any, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call] # PyYAML's stubs leave it out
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            self.get_event()  # type: ignore[no-untyped-call] # the same
            self.refused.append((mark, f"an alias (*{event.anchor}) is not allowed", _WRITE_OUT))
            return yaml.ScalarNode(_REFUSED_TAG, "", mark, mark)
        if getattr(event, "anchor", None):
            self.refused.append((mark, f"an anchor (&{event.anchor}) is not allowed", _WRITE_OUT))
            event.anchor = None
        if getattr(event, "tag", None):
            self.refused.append((mark, f"a tag ({event.tag}) is not allowed", "write the plain value"))
            event.tag, event.implicit = _REFUSED_TAG, (False, False)
        return super().compose_node(parent, index)


def read_nodes(text: str, file: str) -> Located:
    """``text`` as located plain values; ``data`` is None where YAML itself cannot be read."""
    located = Located(file, lines=text.split("\n"))
    located.problems += [_strange(found, number, file) for number, found in _strange_spaces(located.lines)]
    if located.problems:
        return located
    try:
        _compose(text, located)
    except yaml.MarkedYAMLError as error:
        located.problems.append(_unreadable(error, file))
    except yaml.YAMLError as error:
        message = f"is not YAML: {str(error).splitlines()[0]}"
        located.problems.append(Problem(file=file, message=message))
    except RecursionError:
        located.problems.append(Problem(file=file, message="is nested too deeply"))
    return located


def _strange_spaces(lines: list[str]) -> Iterator[tuple[int, re.Match[str]]]:
    for number, line in enumerate(lines, 1):
        found = _STRANGE_SPACE.match(line)
        if found is not None:
            yield number, found


def _strange(found: re.Match[str], line: int, file: str) -> Problem:
    kind = "a tab" if found["space"] == "\t" else "a space that is no plain one"
    if found["key"] is None:
        return Problem(
            file=file, message=f"{kind} indents this line", line=line, column=1, hint="indent with spaces"
        )
    column = found.start("space") + 1
    hint = "write a plain space there"
    return Problem(file=file, message=f"{kind} follows the colon", line=line, column=column, hint=hint)


def _compose(text: str, located: Located) -> None:
    loader = _NoAliases(text)
    try:
        node = loader.get_single_node()
        for mark, message, hint in loader.refused:
            line, column = mark.line + 1, mark.column + 1
            located.problems.append(
                Problem(file=located.file, message=message, line=line, column=column, hint=hint)
            )
        if node is not None:
            located.data = _value(node, (), located)
    finally:
        loader.dispose()


def _unreadable(error: yaml.MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    message, hint = _in_words(str(error.problem or error.context or "cannot be read"))
    return Problem(
        file=file,
        message=f"is not one YAML document: {message}",
        line=mark.line + 1 if mark else None,
        column=mark.column + 1 if mark else None,
        hint=hint,
    )


def _in_words(problem: str) -> tuple[str, str]:
    """What YAML's reader stumbled over, and what to mend."""
    if (found := _NO_START.search(problem)) is not None:
        return f"a text that begins with {found[1]} stands unquoted", "put it in quotes"
    for words, told in _TOLD.items():
        if words in problem:
            return told
    return problem, "is the line above complete, and are texts with : # @ or { quoted?"


def _value(node: Any, path: KeyPath, located: Located) -> Any:
    located.values[path] = Place(node.start_mark.line + 1, node.start_mark.column + 1)
    if node.tag == _REFUSED_TAG:
        located.mark_faulty(path)
        return REFUSED
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, located)
    if isinstance(node, yaml.SequenceNode):
        return tuple(_value(child, (*path, index), located) for index, child in enumerate(node.value))
    return _scalar(node, path, located)


def _mapping(node: yaml.MappingNode, path: KeyPath, located: Located) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        place = Place(key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key_node, yaml.ScalarNode):
            located.values.setdefault((*path, "?"), place)
            hint = "quote a text that holds {{ }}" if "{{" in located.lines[place.line - 1] else ""
            located.complain((*path, "?"), "a key must be a plain text", hint)
            continue
        key = key_node.value
        inner = (*path, key)
        if key in result:
            first = located.keys[inner].line
            located.problems.append(
                Problem(
                    file=located.file,
                    message=f"stands twice, first in line {first}",
                    line=place.line,
                    column=place.column,
                    path=dotted(inner),
                    hint="keep one of the two",
                )
            )
            continue
        located.keys[inner] = place
        result[key] = _value(value_node, inner, located)
    return result


def _scalar(node: yaml.ScalarNode, path: KeyPath, located: Located) -> Any:
    if node.style is not None:
        return str(node.value)
    value = read_scalar(str(node.value))
    if isinstance(value, Trap):
        located.complain(path, value.message, value.hint)
        return REFUSED
    # Below a section nobody leaves a value out like this on purpose, and where it may be left out
    # the channel meant would be dropped without a word.
    if value is None and len(path) > 1 and (hint := commented_out(located, path)):
        located.complain(path, "has no value", hint)
        return REFUSED
    return value


def commented_out(located: Located, path: KeyPath) -> str:
    """The hint for ``channel: #name``, which YAML reads as a comment; empty where it is not that."""
    place = located.place(path, key=True)
    line = located.lines[place.line - 1] if place else ""
    found = re.search(r"(?::|^\s*-)\s+(#[\w-]+)\s*$", line)
    return f'# begins a comment: write "{found[1]}" in quotes' if found else ""


class _Refused:
    """Stands where a scalar was refused: its schema error would say the same thing twice."""


REFUSED = _Refused()
"""The stand-in; one is enough."""


def is_refused(value: object) -> bool:
    """True for the stand-in of a scalar that was refused while reading."""
    return isinstance(value, _Refused)
