"""From a template's JSON to a program: all its texts in one Jinja2 template, around a skeleton."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jinja2 import TemplateSyntaxError, meta, nodes

from compliance_bot.messages.limits import limit_of, most_of
from compliance_bot.messages.mrkdwn import clean
from compliance_bot.messages.sandbox import LOOP_IN_LOOP, Refused, compile_tree, parse
from compliance_bot.messages.skeleton import Branch, Conditional, Constant, Leaf, Part, Repeat, Row, within
from compliance_bot.messages.values import Kind

_BETWEEN = "\ufdd0"
"""Stands between the filled texts of one rendering; ``clean`` removes it from data."""

_FIXED_KEYS = frozenset(
    {"type", "action_id", "block_id", "style", "user_id", "usergroup_id", "channel_id", "range", "format"}
)
"""Keys that decide what a thing is or whom it calls: no value may stand there."""

_EMPTY_CELL = "–"  # noqa: RUF001 - the dash of tables
"""Slack refuses an empty cell, and a row without it would shift the others."""
_URL_KEYS = frozenset({"url", "image_url", "thumb_url", "title_url"})
_URL_VALUES = frozenset({"issue_url", "url"})
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_LOOP = re.compile(r"\s*([a-z_]\w*)\s+in\s+([a-z_]\w*(?:\.[a-z_]\w*)*)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong in a template, and where (``blocks.0.text``)."""

    path: str
    message: str
    hint: str = ""


class CannotCompile(Exception):
    """The template cannot be used; ``faults`` says all that is wrong."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults[0].message)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled template, or the body of a ``for`` in one."""

    filling: Any
    root: Part

    def build(self, values: Mapping[str, Any]) -> Any:
        """The JSON filled with values, or ``LEFT_OUT``."""
        return self.root.build(self.filling.render(values).split(_BETWEEN), values)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a part stands: under ``key`` of an ``owner``, which itself stands at ``holder``."""

    path: str
    owner: str
    key: str
    holder: tuple[str, str] = ("", "")

    def inside(self, kind: str, key: str) -> _Place:
        path = f"{self.path}.{key}".lstrip(".")
        return _Place(path=path, owner=kind, key=key, holder=(self.owner, self.key))


@dataclass(slots=True)
class _Compiler:
    """What one program gathers while its JSON is walked."""

    name: str
    known: Collection[str]
    faults: list[Fault]
    trees: list[nodes.Template] = field(default_factory=list)
    repeated_already: bool = False

    def program(self, read: Any, place: _Place) -> Program:
        root = self.part(read, place)
        body: list[nodes.Node] = []
        for tree in self.trees:
            body += tree.body
            body.append(nodes.Output([nodes.TemplateData(_BETWEEN, lineno=1)], lineno=1))
        filling = None if self.faults else compile_tree(nodes.Template(body, lineno=1), self.name)
        return Program(filling, root)

    def part(self, read: Any, place: _Place) -> Part:
        if isinstance(read, dict):
            return self.object(read, place)
        if isinstance(read, list):
            return self.row(read, place)
        if isinstance(read, str):
            return self.text(read, place)
        return Constant(read)

    def row(self, read: list[Any], place: _Place) -> Part:
        most = most_of(place.owner, place.key)
        parts = tuple(
            self.part(item, replace(place, path=f"{place.path}.{index}")) for index, item in enumerate(read)
        )
        if all(isinstance(part, Constant) for part in parts):
            return Constant([part.build((), {}) for part in parts[:most]])
        return Row(parts, most, whole=place.owner == "rich_text_section")

    def object(self, read: dict[str, Any], place: _Place) -> Part:
        if "for" in read:
            return self.repeated(
                {key: value for key, value in read.items() if key != "for"}, place, read["for"]
            )
        self.check_shape(read, place.path)
        condition = read.get("if")
        kind = str(read.get("type") or place.key)
        parts = tuple(
            (key, self.part(value, place.inside(kind, key)))
            for key, value in _verbatim(read).items()
            if key != "if"
        )
        still = all(isinstance(part, Constant) for _, part in parts)
        branch = Constant({key: part.build((), {}) for key, part in parts}) if still else Branch(parts)
        if condition is None:
            return branch
        test = f"{{% if {condition} %}}1{{% endif %}}"
        return Conditional(self.add(test, f"{place.path}.if", Kind.PLAIN), branch)

    def check_shape(self, read: dict[str, Any], path: str) -> None:
        """What no reader of blocks gets by without: a type is a word, a text object has a text."""
        kind = read.get("type", "")
        if not isinstance(kind, str):
            self.faults.append(Fault(path=f"{path}.type", message="must be a word"))
        elif kind in ("plain_text", "mrkdwn") and not isinstance(read.get("text"), str):
            self.faults.append(Fault(path=path, message=f'a {kind} needs a text under "text"'))

    def repeated(self, read: dict[str, Any], place: _Place, loop: Any) -> Part:
        match = _LOOP.fullmatch(loop) if isinstance(loop, str) else None
        if match is None:
            fault = Fault(path=f"{place.path}.for", message='must read like "line in lines"')
            self.faults.append(fault)
            return Constant(read)
        if self.repeated_already:
            self.faults.append(Fault(path=f"{place.path}.for", message=LOOP_IN_LOOP))
            return Constant(read)
        name, source = match[1], tuple(match[2].split("."))
        self.check_known({source[0]}, f"{place.path}.for")
        inner = _Compiler(self.name, {*self.known, name}, self.faults, repeated_already=True)
        return Repeat(name, source, inner.program(read, place))

    def text(self, source: str, place: _Place) -> Part:
        key, owner = place.key, place.owner
        kind = _kind_of(key, owner)
        limit = limit_of(owner, key, place.holder)
        if not any(opening in source for opening in ("{{", "{%", "{#")):
            return Constant(within(clean(source), limit, kind))
        if key in _FIXED_KEYS or owner == "markdown":
            fault = Fault(path=place.path, message=f'no value may stand in "{key}" of {owner}')
            self.faults.append(fault)
        if kind in (Kind.MRKDWN, Kind.TEXT):
            self.check_brackets(source, place.path)
        whole = ".fields." in place.path
        instead = _EMPTY_CELL if owner == "raw_text" else None
        return Leaf(self.add(source, place.path, kind), kind, limit, whole, instead)

    def add(self, source: str, path: str, kind: Kind) -> int:
        try:
            tree = parse(clean(source), kind)
            if self.repeated_already and tree.find(nodes.For) is not None:
                raise Refused(LOOP_IN_LOOP)  # noqa: TRY301 - told with the others
            self.check_known(meta.find_undeclared_variables(tree), path)
        except (TemplateSyntaxError, Refused, ValueError) as error:
            self.faults.append(Fault(path=path, message=str(error)))
            tree = nodes.Template([], lineno=1)
        self.trees.append(tree)
        return len(self.trees) - 1

    def check_known(self, names: Collection[str], path: str) -> None:
        for name in sorted(set(names) - set(self.known)):
            near = difflib.get_close_matches(name, self.known, 1)
            hint = f"did you mean {near[0]}?" if near else "README.md lists them under Message templates"
            self.faults.append(Fault(path=path, message=f"no value is called {name}", hint=hint))

    def check_brackets(self, source: str, path: str) -> None:
        """Inside ``<…>`` only a checked link may stand: anything else could become a mention."""
        for found in _PLACEHOLDER.finditer(source):
            before = _PLACEHOLDER.sub("", source[: found.start()])
            inside = before.rfind("<") > before.rfind(">")
            if inside and before[before.rfind("<") :].count("|") == 0 and _named(found[0]) not in _URL_VALUES:
                message = f"{found[0]} stands inside <…>, where only a link can"
                self.faults.append(Fault(path=path, message=message, hint="use issue_url"))


def _named(placeholder: str) -> str:
    return placeholder.strip("{}% ")


def _verbatim(read: dict[str, Any]) -> dict[str, Any]:
    """Text objects of mrkdwn are sent verbatim: Slack then makes no links of its own."""
    return {**read, "verbatim": True} if read.get("type") == "mrkdwn" else read


def _kind_of(key: str, owner: str) -> Kind:
    if key in _URL_KEYS:
        return Kind.URL
    if key == "timestamp":
        return Kind.NUMBER
    if key == "text" and owner == "mrkdwn":
        return Kind.MRKDWN
    return Kind.TEXT if key == "text" and not owner else Kind.PLAIN


def compile_program(read: dict[str, Any], name: str, known: Collection[str]) -> Program:
    """The program of one template. Raises ``CannotCompile`` with everything that is wrong."""
    compiler = _Compiler(name, known, [])
    program = compiler.program(read, _Place(path="", owner="", key=""))
    if compiler.faults:
        raise CannotCompile(compiler.faults)
    return program
