"""The sandbox that placeholders live in: a few words of Jinja2, and nothing that computes.

A template may name values, test and loop over them, and put them through the filters below. It
cannot call, assign, import or do sums, so that no template can take long or reach outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import ChainableUndefined, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from compliance_bot.messages.values import SAY, Kind

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Filter,
    nodes.Test,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.List,
    nodes.Tuple,
)


LOOP_IN_LOOP = "a loop inside a loop is not something a template can do"
"""Nine of them, ten rounds each, would hold the whole bot for a quarter of an hour."""


class Missing(ChainableUndefined):
    """A value that is not there: whatever it is compared with, the answer is no."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = Undefined.__hash__

    def _no(self, other: object) -> bool:  # noqa: ARG002 - of the operators
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _no  # type: ignore[assignment]  # jinja2 types these as failing


class Refused(Exception):
    """A placeholder asks for something that templates cannot do."""


def _on_text(change: Callable[[str], str]) -> Callable[[Any], Any]:
    """A filter that changes text and lets everything else, also what is missing, pass."""
    return lambda value: change(str(value)) if isinstance(value, str) else value


def _default(value: Any, fallback: Any = "") -> Any:
    return fallback if isinstance(value, Undefined) or value is None or value == "" else value


def _join(value: Any, between: str = ", ") -> Any:
    if isinstance(value, Undefined | str) or not isinstance(value, Iterable):
        return value
    return between.join(str(item) for item in value)


def _length(value: Any) -> Any:
    return len(value) if isinstance(value, str | list | tuple) else value


def _round(value: Any) -> Any:
    return round(value) if isinstance(value, float) else value


FILTERS: dict[str, Callable[..., Any]] = {
    "default": _default,
    "join": _join,
    "length": _length,
    "round": _round,
    "upper": _on_text(str.upper),
    "lower": _on_text(str.lower),
    "title": _on_text(str.title),
    "capitalize": _on_text(lambda text: text[:1].upper() + text[1:]),
    "trim": _on_text(str.strip),
    "words": _on_text(lambda text: text.replace("_", " ")),
}


def _say(kind: Kind) -> str:
    return f"_say_{kind.value}"


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=Missing, keep_trailing_newline=True)
    environment.globals = {}
    environment.filters = FILTERS | {_say(kind): say for kind, say in SAY.items()}
    return environment


ENVIRONMENT = _environment()


def parse(source: str, kind: Kind) -> nodes.Template:
    """The syntax tree of one text, every placeholder made to speak as its field needs.

    Raises ``jinja2.TemplateSyntaxError`` or ``Refused``.
    """
    tree = ENVIRONMENT.parse(source)
    for node in (tree, *tree.find_all(nodes.Node)):
        _check(node)
    for output in tree.find_all(nodes.Output):
        output.nodes = [_speaking(node, kind) for node in output.nodes]
    return tree


def _speaking(node: nodes.Expr, kind: Kind) -> nodes.Expr:
    if isinstance(node, nodes.TemplateData):
        return node
    return nodes.Filter(node, _say(kind), [], [], None, None, lineno=node.lineno)


def _check(node: nodes.Node) -> None:
    if not isinstance(node, _ALLOWED):
        raise Refused(f"{type(node).__name__.lower()} is not something a template can do")
    if isinstance(node, nodes.Name) and node.name == "self":
        raise Refused("self is not something a template can see")
    if (hidden := _hidden_part(node)) is not None:
        raise Refused(f"{hidden} is not something a template can see")
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise Refused(f"no filter is called {node.name} (there are {', '.join(sorted(FILTERS))})")
    if isinstance(node, nodes.Test) and node.name not in ENVIRONMENT.tests:
        raise Refused(f"no test is called {node.name}")
    if isinstance(node, nodes.For) and node.find(nodes.For) is not None:
        raise Refused(LOOP_IN_LOOP)


def _hidden_part(node: nodes.Node) -> str | None:
    """A name with an underscore in front: that is Python's, and never a value's."""
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        return node.attr
    named = node.arg if isinstance(node, nodes.Getitem) else None
    if isinstance(named, nodes.Const) and isinstance(named.value, str) and named.value.startswith("_"):
        return named.value
    return None


def compile_tree(tree: nodes.Template, name: str) -> Any:
    """A Jinja2 template from a syntax tree; ``name`` is what a trace back calls it."""
    tree.set_environment(ENVIRONMENT)
    code = ENVIRONMENT.compile(tree, name, name)
    return ENVIRONMENT.template_class.from_code(ENVIRONMENT, code, {})
