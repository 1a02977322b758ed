"""Whether Slack would let blocks or a view through, and the words in which it would not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from compliance_bot.sandbox.slack.blocks.rules import Faults, anything, by_type, fault, items, one_of, shape
from compliance_bot.sandbox.slack.blocks.shapes import (
    IN_HOME,
    IN_MESSAGES,
    IN_MODALS,
    MODAL,
    ONCE_PER_MESSAGE,
)
from compliance_bot.sandbox.slack.settings import Json

BUDGET = 13_200
"""Characters in all blocks of one message, from which on Slack says msg_blocks_too_long."""
VIEW_BYTES = 250_000
"""From so many bytes of JSON on a view is too large."""

_MESSAGE = items(by_type(IN_MESSAGES), 50, least=0)
_MODAL = shape(
    {"type": one_of("modal"), "title": MODAL["title"], "blocks": items(by_type(IN_MODALS), 100, least=0)},
    {key: rule for key, rule in MODAL.items() if key != "title"},
)
_HOME = shape(
    {"type": one_of("home"), "blocks": items(by_type(IN_HOME), 100, least=0)},
    {key: MODAL[key] for key in ("private_metadata", "callback_id", "external_id")}
    | {"title": anything, "submit": anything, "close": anything},
)


def message_faults(blocks: Any) -> Faults:
    """Every fault of a message's blocks, in Slack's words; empty when there is none."""
    faults: Faults = []
    _MESSAGE(blocks, "/blocks", faults)
    if isinstance(blocks, list):
        faults.extend(_repeated(blocks, "/blocks"))
        faults.extend(_too_often(blocks))
    return faults


def view_faults(view: Any) -> Faults:
    """Every fault of a modal or Home view."""
    faults: Faults = []
    by_type({"modal": _MODAL, "home": _HOME})(view, "/view", faults)
    blocks = view.get("blocks") if isinstance(view, dict) else None
    if isinstance(blocks, list):
        faults.extend(_repeated(blocks, "/view/blocks"))
        if view.get("type") == "modal" and not view.get("submit"):
            faults.extend(
                fault("must define `submit` to use an `input` block in modals", f"/view/blocks/{place}/input")
                for place, block in enumerate(blocks)
                if isinstance(block, dict) and block.get("type") == "input"
            )
    return faults


def characters(value: Any) -> int:
    """How many characters of text stand in these blocks."""
    if isinstance(value, dict):
        return sum(
            len(inner) if key == "text" and isinstance(inner, str) else characters(inner)
            for key, inner in value.items()
        )
    if isinstance(value, list):
        return sum(characters(inner) for inner in value)
    return 0


def elements_of(block: Json) -> Iterator[tuple[str, Json]]:
    """The elements of a block that can be acted on or filled in, with their place in it."""
    for key in ("accessory", "element"):
        if isinstance(block.get(key), dict):
            yield key, block[key]
    if block.get("type") in ("actions", "context_actions") and isinstance(block.get("elements"), list):
        for place, element in enumerate(block["elements"]):
            if isinstance(element, dict):
                yield f"elements/{place}", element


def _repeated(blocks: list[Any], pointer: str) -> Iterator[str]:
    known = [block for block in blocks if isinstance(block, dict)]
    counted = Counter(block.get("block_id") for block in known if block.get("block_id"))
    for place, block in enumerate(known):
        if counted[block.get("block_id")] > 1:
            yield fault("`block_id` already exists", f"{pointer}/{place}/block_id")
        seen: set[str] = set()
        for where, element in elements_of(block):
            action = element.get("action_id")
            if isinstance(action, str) and action in seen:
                yield fault(f"`action_id` {action!r} already exists", f"{pointer}/{place}/{where}/action_id")
            elif isinstance(action, str):
                seen.add(action)


def _too_often(blocks: list[Any]) -> Iterator[str]:
    kinds = Counter(block.get("type") for block in blocks if isinstance(block, dict))
    for kind, most in ONCE_PER_MESSAGE.items():
        if kinds[kind] > most:
            yield fault(f"no more than {most} {kind} block allowed", "/blocks")
