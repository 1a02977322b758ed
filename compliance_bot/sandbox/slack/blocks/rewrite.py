"""How Slack rewrites what it let through: ids made up, defaults filled in, keys in its own order.

Source: recorded answers of chat.postMessage and views.open beside their requests.
"""

from __future__ import annotations

from typing import Any

from compliance_bot.sandbox.slack.blocks.elements import IN_ACTIONS, IN_INPUT
from compliance_bot.sandbox.slack.ids import block_id
from compliance_bot.sandbox.slack.settings import Json

_NEEDS_ACTION_ID = frozenset({*IN_ACTIONS, *IN_INPUT, "feedback_buttons", "icon_button"})
_FIRST = ("type", "block_id", "action_id")
_ON_ENTER = {"trigger_actions_on": ["on_enter_pressed"]}


def rewritten(blocks: list[Json]) -> list[Json]:
    """The blocks as Slack stores them. The blocks given are left alone."""
    taken = {block["block_id"] for block in blocks if block.get("block_id")}
    return [_block(block, taken) for block in blocks]


def _fresh(taken: set[str]) -> str:
    made = block_id()
    while made in taken:
        made = block_id()
    taken.add(made)
    return made


def _block(block: Json, taken: set[str]) -> Json:
    kind = block["type"]
    shown: Json = {"type": kind, "block_id": block.get("block_id") or _fresh(taken)}
    for key, value in block.items():
        if key not in _FIRST and value is not None:
            shown[key] = _value(value)
    if kind == "input":
        shown.setdefault("optional", False)
        shown.setdefault("dispatch_action", False)
    elif kind == "image":
        shown |= {"fallback": f"{block.get('alt_text')}", "image_width": 1, "image_height": 1}
        shown["image_bytes"] = 1
    return shown


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list):
        return [_value(one) for one in value]
    return value


def _object(value: Json) -> Json:
    kind = value.get("type")
    if kind == "plain_text":
        return {"type": kind, "text": value["text"], "emoji": value.get("emoji", True)}
    if kind == "mrkdwn":
        return {"type": kind, "text": value["text"], "verbatim": value.get("verbatim", False)}
    shown: Json = {}
    if kind is not None:
        shown["type"] = kind
    if kind in _NEEDS_ACTION_ID:
        shown["action_id"] = value.get("action_id") or block_id()
    for key, inner in value.items():
        if key not in shown and inner is not None:
            shown[key] = _value(inner)
    if kind == "plain_text_input":
        shown.setdefault("dispatch_action_config", _ON_ENTER)
    return shown
