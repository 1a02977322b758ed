"""What stands in a modal's fields, and what the modal remembers, read once at the edge.

Source: recorded ``view_submission`` payloads: ``view.state.values`` by block and action; an untouched
field is null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Value: TypeAlias = str | int | tuple[str, ...] | None
"""Words, a chosen value, a time in Unix seconds, or several chosen values; None where nothing stands."""

_ONE = (
    "value",
    "selected_user",
    "selected_date",
    "selected_time",
    "selected_date_time",
    "selected_channel",
    "selected_conversation",
)
_SEVERAL = ("selected_users", "selected_channels", "selected_conversations")


def values_of(view: Mapping[str, Any]) -> dict[str, Value]:
    """Each field's value by its action id."""
    blocks = _map(_map(view, "state"), "values")
    fields = (block.items() for block in blocks.values() if isinstance(block, Mapping))
    return {name: _value(state) for block in fields for name, state in block if isinstance(state, Mapping)}


def _value(state: Mapping[str, Any]) -> Value:
    if isinstance(state.get("selected_option"), Mapping):
        return _scalar(state["selected_option"].get("value"))
    if isinstance(state.get("selected_options"), Sequence):
        options = [one for one in state["selected_options"] if isinstance(one, Mapping)]
        return tuple(str(one.get("value")) for one in options)
    for name in _SEVERAL:
        if isinstance(state.get(name), Sequence):
            return tuple(str(one) for one in state[name])
    return next((value for name in _ONE if (value := _scalar(state.get(name))) is not None), None)


def _scalar(value: Any) -> str | int | None:
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def remembered(view: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the modal was given to remember; None where it can't be read."""
    try:
        kept = json.loads(view.get("private_metadata") or "")
    except (ValueError, TypeError, RecursionError):
        return None
    return kept if isinstance(kept, dict) and isinstance(kept.get("ref"), str) else None


def first_field(view: Mapping[str, Any]) -> str | None:
    """The block at which a mistake that belongs to no field can be said."""
    blocks = view.get("blocks")
    inputs = (
        one.get("block_id")
        for one in (blocks if isinstance(blocks, list) else ())
        if isinstance(one, Mapping) and one.get("type") == "input"
    )
    return next((name for name in inputs if isinstance(name, str)), None)


def _map(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = source.get(name)
    return value if isinstance(value, Mapping) else {}
