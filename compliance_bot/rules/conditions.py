"""Conditions: rule-engine's language, made total.

Plain rule-engine raises on a missing attribute, or with a default value lets ``x != 'y'`` hold.
Here each comparison that reads an attribute which the event lacks is false, whatever its operator;
AND, OR, NOT and ``? :`` then work on plain truths. Nothing is ever raised by ``holds``.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from compliance_bot.config.near_miss import did_you_mean, did_you_mean_or_list
from compliance_bot.model.events import Attribute
from compliance_bot.rules.attributes import ALWAYS_PRESENT, ATTRIBUTES, KNOWN_VALUES, LIKELY_VALUES, Kind
from compliance_bot.rules.grammar import (
    EngineError,
    RuleSyntaxError,
    SymbolResolutionError,
    ast,
    rule_engine,
)
from compliance_bot.rules.patterns import refuse_patterns

MAXIMUM_LENGTH = 2000
_CURLY = "\u201c\u201d\u201e\u2018\u2019"
_TYPES = {
    Kind.TEXT: rule_engine.DataType.STRING,
    Kind.NUMBER: rule_engine.DataType.FLOAT,
    Kind.TEXTS: rule_engine.DataType.ARRAY(rule_engine.DataType.STRING),
}
_TYPE_BY_NAME = {name: _TYPES[kind] for name, kind in ATTRIBUTES.items()}
_LITERAL_OR_WORD = re.compile(r"""[rsbdt]?(["'])(?:\\.|[^\\\n])*?\1|\$?[A-Za-z_]\w*|\#.*""")
_OWN_NAMES = re.compile(r"\$(\w+)|\bfor\s+(\w+)\s+in\b", re.IGNORECASE)
"""The library's own functions, and what a condition names itself."""
_IN_NEXT = re.compile(r"\s+in\b", re.IGNORECASE)
_IMPURE = frozenset({"now", "today", "random", "range"})
"""What does not follow from the event, and the one that can count to a billion."""

Test: TypeAlias = Callable[[Mapping[str, Attribute]], bool]


class ConditionRefused(ValueError):
    """The condition can never be what its author meant; the text says why, ``hint`` what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition. ``names``: the attributes it reads. ``doubts``: worth a warning."""

    text: str
    names: frozenset[str]
    doubts: tuple[str, ...]
    _test: Test

    def holds(self, attributes: Mapping[str, Attribute]) -> bool:
        """Whether the event fulfils the condition; never raises."""
        return self._test(attributes)


def compile_condition(text: str, *, groups: Collection[str] = ()) -> Condition:
    """A condition, checked against the table of attributes; else ``ConditionRefused``.

    ``groups``: groups of categories that rules.yaml adds to the usual ones.
    """
    if len(text) > MAXIMUM_LENGTH:
        raise ConditionRefused(f"is longer than {MAXIMUM_LENGTH} characters")
    refusal = refuse_patterns(text)  # before it is parsed: patterns between literals are tried there
    if refusal is not None:
        raise ConditionRefused(*refusal)
    context = rule_engine.Context(type_resolver=_TYPE_BY_NAME, resolver=_read, default_timezone="utc")
    try:
        rule = rule_engine.Rule(_small_words(text), context=context)
    except SymbolResolutionError as error:
        raise _unknown_names(text, error.symbol_name) from None
    except RuleSyntaxError as error:
        raise _bad_syntax(error) from None
    except RecursionError:
        raise ConditionRefused("is nested too deeply") from None
    except EngineError as error:
        raise _bad_types(error, context.symbols) from None
    impure = sorted(context.symbols & _IMPURE)
    if impure:
        raise ConditionRefused(f"reads ${impure[0]}, and a condition may only read the event")
    doubts: list[str] = sorted(_unlikely(rule.statement.expression, groups))
    test = _truth(rule.statement.expression, context, doubts, negated=False)
    return Condition(text, frozenset(context.symbols & ATTRIBUTES.keys()), tuple(dict.fromkeys(doubts)), test)


def _read(values: Mapping[str, Attribute], name: str) -> Attribute:
    """As the library's own look-up, which however seeks a near miss for each missing name."""
    try:
        return values[name]
    except KeyError:
        raise SymbolResolutionError(name) from None


def _small_words(text: str) -> str:
    """Capital operators as the library knows them; string literals and comments stay untouched.

    A prefix ``not`` is written three times: the tree then tells ``NOT x IN y`` (its comparison
    denied) from ``x NOT IN y`` (a comparison of its own), which the library's grammar makes one.
    """

    def small(found: re.Match[str]) -> str:
        word = found[0].lower() if found[0] in ("AND", "OR", "NOT", "IN") else found[0]
        if word == "not" and not _IN_NEXT.match(text, found.end()):
            return "not not not"
        return word

    return _LITERAL_OR_WORD.sub(small, text)


def _unknown_names(text: str, first: str) -> ConditionRefused:
    """Every name that no event has; the ``first`` with its near miss or the list, others with theirs."""
    context = rule_engine.Context(default_timezone="utc")
    with contextlib.suppress(EngineError, RecursionError):
        rule_engine.Rule(_small_words(text), context=context)
    own = {name for pair in _OWN_NAMES.findall(text) for name in pair}
    others = sorted(context.symbols - ATTRIBUTES.keys() - own - {first})
    hints = [_meant(first) or did_you_mean_or_list(first, ATTRIBUTES), *filter(None, map(_meant, others))]
    return ConditionRefused(f"reads {', '.join([first, *others])}, which no event has", "; ".join(hints))


def _meant(name: str) -> str:
    if any(name in values for values in (*KNOWN_VALUES.values(), *LIKELY_VALUES.values())):
        return f"a text stands in quotes: '{name}'"
    return did_you_mean(name, ATTRIBUTES)


def _bad_syntax(error: RuleSyntaxError) -> ConditionRefused:
    token = error.token
    if token is None:
        if "illegal" in error.message or "reserved" in error.message:
            return ConditionRefused(error.message.removesuffix(" at: EOF"))
        return ConditionRefused("ends too early", "a value, a bracket or a quote is missing")
    word = str(getattr(token, "value", token))[:20]
    hint = "compare with ==" if word.startswith("=") and not word.startswith("==") else ""
    if any(quote in word for quote in _CURLY):
        hint = "quotes are straight ones: ' or \""
    return ConditionRefused(f"is not understood at {word!r}", hint)


def _bad_types(error: EngineError, symbols: set[str]) -> ConditionRefused:
    kinds = ", ".join(f"{name} is {ATTRIBUTES[name]}" for name in sorted(symbols & ATTRIBUTES.keys()))
    if error.message.startswith("data type mismatch"):
        return ConditionRefused("compares things of different kinds", kinds)
    return ConditionRefused(error.message, kinds)


# ---------------------------------------------------------------- the tree of truths


def _truth(node: Any, context: Any, doubts: list[str], *, negated: bool) -> Test:
    if isinstance(node, ast.LogicExpression):
        left = _truth(node.left, context, doubts, negated=negated)
        right = _truth(node.right, context, doubts, negated=negated)
        if node.type == "and":
            return lambda values: left(values) and right(values)
        return lambda values: left(values) or right(values)
    if _is_not(node):
        return _denied(node, context, doubts, negated=negated)
    if isinstance(node, ast.TernaryExpression):
        chosen = _truth(node.condition, context, doubts, negated=negated)
        first = _truth(node.case_true, context, doubts, negated=negated)
        second = _truth(node.case_false, context, doubts, negated=negated)
        return lambda values: first(values) if chosen(values) else second(values)
    return _comparison(node, context, doubts, negated=negated)


def _is_not(node: Any) -> bool:
    return isinstance(node, ast.UnaryExpression) and node.type == "not"


def _denied(node: Any, context: Any, doubts: list[str], *, negated: bool) -> Test:
    if _is_not(node.right):
        inner = _truth(node.right.right.right, context, doubts, negated=not negated)
        return lambda values: not inner(values)
    return _comparison(node, context, doubts, negated=negated)


def _comparison(node: Any, context: Any, doubts: list[str], *, negated: bool) -> Test:
    inner = node.right if _is_not(node) else node
    _check_kinds(inner)
    if node.result_type != rule_engine.DataType.BOOLEAN:
        name = getattr(node, "name", "")
        raise ConditionRefused("is not a yes or no", f"compare {name or 'it'} with something")
    _check_values(inner)
    missing = sorted(_names(inner) - ALWAYS_PRESENT)
    if negated and missing:
        doubts.append(f"NOT over {missing[0]} also holds for events that have no {missing[0]}")
    return lambda values: _evaluated(node, context, values)


def _evaluated(node: Any, context: Any, values: Mapping[str, Attribute]) -> bool:
    """One comparison by rule-engine itself; what it cannot answer is false."""
    context._tls.reset()  # noqa: SLF001 - what Rule.evaluate does first, and no public call does
    try:
        return bool(node.evaluate(values))
    except (EngineError, ArithmeticError, TypeError, ValueError, RecursionError):
        return False


def _check_kinds(node: Any) -> None:
    if isinstance(node, ast.ComparisonExpression):
        pair = (node.left, node.right)
    elif isinstance(node, ast.ContainsExpression):
        if rule_engine.DataType.is_type(node.container.result_type, rule_engine.DataType.STRING):
            return
        pair = (node.member, _Member(getattr(node.container.result_type, "value_type", None)))
    else:
        return
    kinds = [side.result_type for side in pair]
    if any(kind in (None, rule_engine.DataType.UNDEFINED) for kind in kinds) or kinds[0] == kinds[1]:
        return
    names = ", ".join(f"{name} is {ATTRIBUTES[name]}" for name in sorted(_names(node)))
    if rule_engine.DataType.NULL in kinds:
        hint = "a missing attribute makes its comparison false"
        raise ConditionRefused("compares with null, which no attribute ever is", hint)
    if {name for name in _names(node) if ATTRIBUTES[name] is Kind.TEXTS} and kinds[0] != kinds[1]:
        names += "; write 'SOC 2' in frameworks"
    raise ConditionRefused("compares things of different kinds", names)


@dataclass(frozen=True, slots=True)
class _Member:
    result_type: Any


def _check_values(node: Any) -> None:
    for name, value in _literal_pairs(node):
        allowed = KNOWN_VALUES.get(name)
        if allowed is not None and value not in allowed:
            hint = did_you_mean_or_list(value, allowed)
            raise ConditionRefused(f"compares {name} with {value!r}, which it never is", hint)


def _unlikely(node: Any, groups: Collection[str]) -> list[str]:
    """Doubts about texts that are almost, but not quite, what an attribute is usually compared with."""
    doubts = []
    for name, value in _literal_pairs(node):
        likely = {*LIKELY_VALUES.get(name, ()), *(groups if name == "category" else ())}
        if value not in likely and (near := did_you_mean(value, sorted(likely), cutoff=0.75)):
            doubts.append(f"compares {name} with {value!r}: {near}")
    return doubts + [doubt for child in _children(node) for doubt in _unlikely(child, groups)]


def _literal_pairs(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.ComparisonExpression) and node.type in ("eq", "ne"):
        sides = ((node.left, node.right), (node.right, node.left))
        for symbol, literal in sides:
            if isinstance(symbol, ast.SymbolExpression) and isinstance(literal, ast.StringExpression):
                yield symbol.name, literal.value
    if isinstance(node, ast.ContainsExpression) and isinstance(node.member, ast.SymbolExpression):
        members = node.container.value if isinstance(node.container, ast.ArrayExpression) else ()
        for member in members:
            if isinstance(member, ast.StringExpression):
                yield node.member.name, member.value


def _names(node: Any) -> set[str]:
    """The attributes that a part of the tree reads."""
    if isinstance(node, ast.SymbolExpression):
        return {node.name} & ATTRIBUTES.keys()
    found: set[str] = set()
    for child in _children(node):
        found |= _names(child)
    return found


def _children(node: Any) -> Iterator[Any]:
    slots = {slot for cls in type(node).__mro__ for slot in getattr(cls, "__slots__", ())}
    for name in slots | set(getattr(node, "__dict__", {})):
        value = getattr(node, name, None)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, ast.ExpressionBase):
                yield part
