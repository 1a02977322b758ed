"""The schema's faults in an operator's words, with the near miss."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from compliance_bot.config.near_miss import did_you_mean_or_list
from compliance_bot.config.nodes import KeyPath, Located, commented_out
from compliance_bot.config.schema import Rules

_WORDS = {
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "tuple_type": 'must be a list, such as ["#compliance"] or lines that begin with -',
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
}
_MAPPINGS = ("dict_type", "model_type", "model_attributes_type")
_NO_SPACE = re.compile(r"[\w/-]+:\S")
"""``key:value``, which YAML reads as one text."""
_LIMITS = {
    "greater_than_equal": ("must be at least", "ge"),
    "less_than_equal": ("must be at most", "le"),
    "greater_than": ("must be more than", "gt"),
}


def explain(located: Located, fault: Mapping[str, Any], secrets: frozenset[KeyPath]) -> None:
    """Add the problem that ``fault`` (an entry of pydantic's ``errors()``) means."""
    path: KeyPath = tuple(fault["loc"])
    if any(path[: len(secret)] == secret for secret in secrets):
        return
    if path and path[-1] == "[key]":
        _explain_key(located, path[:-1], fault)
        return
    kind, value = fault["type"], fault.get("input")
    if kind != "missing" and path not in located.values:
        if path[-1:] != (0,) or path[:-1] not in located.values:
            return  # filled in from another place, where the same is said
        path = path[:-1]  # one text where a list may stand
    if kind == "extra_forbidden":
        located.complain(
            path, "is not known here", did_you_mean_or_list(str(path[-1]), _keys_at(path[:-1])), key=True
        )
    elif kind == "missing":
        located.complain(path[:-1], f"{path[-1]} is missing", key=True)
    elif value is None:
        located.complain(
            path, "has no value", commented_out(located, path) or "give one, or take the line out"
        )
    else:
        located.complain(path, *_in_words(kind, value, fault))


def _explain_key(located: Located, path: KeyPath, fault: Mapping[str, Any]) -> None:
    """A key that is not one: ``access.aprove``, ``slash_commands.compliance``."""
    if fault["type"] == "literal_error":
        located.complain(
            path, "is not known here", did_you_mean_or_list(str(path[-1]), _options(fault)), key=True
        )
        return
    message, hint = _in_words(fault["type"], path[-1], fault)
    located.complain(path, message, hint, key=True)


def _in_words(kind: str, value: Any, fault: Mapping[str, Any]) -> tuple[str, str]:
    context = fault.get("ctx", {})
    if kind == "value_error":
        message, _, hint = str(context["error"]).partition("; ")
        return message, hint
    if kind == "literal_error":
        return f"cannot be {_shown(value)}", did_you_mean_or_list(str(value), _options(fault))
    if kind in _LIMITS:
        words, limit = _LIMITS[kind]
        return f"{words} {context[limit]}", ""
    if kind == "string_type" and isinstance(value, int | float):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return "must be text", f'write "{text}" in quotes'
    return _WORDS.get(kind, str(fault["msg"])), _mend(kind, value)


def _mend(kind: str, value: Any) -> str:
    """What to write where a text stands in place of a mapping or a list; else nothing."""
    if kind in _MAPPINGS and isinstance(value, str) and _NO_SPACE.match(value):
        return "write a space behind the colon"
    return f'write ["{value}"]' if kind == "tuple_type" and isinstance(value, str) else ""


def _shown(value: Any) -> str:
    return f"{str(value)[:40]}" if isinstance(value, str | int | float) else "that"


def _options(fault: Mapping[str, Any]) -> list[str]:
    expected = str(fault.get("ctx", {}).get("expected", ""))
    return [part.strip(" '") for part in expected.replace(" or ", ", ").split(",") if part.strip()]


# ---------------------------------------------------------------- which keys a place knows


def _keys_at(path: KeyPath) -> list[str]:
    """The keys that the schema knows in the mapping at ``path``."""
    annotation: Any = Rules
    for part in path:
        annotation = _inside(annotation, part)
    model = _model(annotation)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _inside(annotation: Any, part: str | int) -> Any:
    model = _model(annotation)
    if model is not None:
        fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
        return fields.get(str(part))
    arguments = [a for a in typing.get_args(_bare(annotation)) if a is not Ellipsis]
    return arguments[-1] if arguments else None


def _model(annotation: Any) -> type[BaseModel] | None:
    bare = _bare(annotation)
    return bare if isinstance(bare, type) and issubclass(bare, BaseModel) else None


def _bare(annotation: Any) -> Any:
    """Without ``Annotated`` and ``| None``."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _bare(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return _bare(next(a for a in typing.get_args(annotation) if a is not type(None)))
    return annotation
