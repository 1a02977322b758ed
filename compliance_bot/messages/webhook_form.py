"""A message in the form an incoming webhook can carry: links instead of buttons, and marked.

Nobody may be listening to the clicks of a webhook's message, and even a button that only opens an
address then ends in Slack's warning; so an address becomes a link in words and every other element goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from compliance_bot.messages.marking import marked
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import escape, inert
from compliance_bot.messages.values import link
from compliance_bot.messages.webhook_words import perhaps_said_before, sent_by_webhook

_OF_CLICKS = frozenset({"actions", "input", "context_actions"})
"""Blocks that hold nothing but what is pressed or filled in."""
_STILL = frozenset({"image"})
"""Elements beside a text that nobody presses."""


def for_webhook(message: Message, *, perhaps_said: bool) -> Message:
    """The same message for a webhook, within Slack's limits.

    Args:
        message: As it would stand in a channel that has the bot inside.
        perhaps_said: It was sent before and no answer came, so it may stand there already.

    """
    mark = "\n".join((sent_by_webhook(), *([perhaps_said_before()] if perhaps_said else [])))
    blocks = tuple(part for block in message.blocks for part in _parts(block))
    return marked(Message(text=message.text, blocks=blocks), mark)


def _parts(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is left of a block, and the links that stood in its buttons."""
    elements = [block.get("accessory")]
    if block.get("type") in _OF_CLICKS:
        elements = block.get("elements") or []
    else:
        yield _without_element(block)
    links = list(dict.fromkeys(_links(elements)))
    if links:
        yield _section(" · ".join(links))


def _without_element(block: dict[str, Any]) -> dict[str, Any]:
    accessory = block.get("accessory")
    if not isinstance(accessory, dict) or accessory.get("type") in _STILL:
        return block
    return {name: value for name, value in block.items() if name != "accessory"}


def _links(elements: Iterable[Any]) -> Iterator[str]:
    """The addresses in buttons and menus as links in words."""
    for element in elements:
        if not isinstance(element, dict):
            continue
        address, words = link(element.get("url")), element.get("text")
        if address is not None and isinstance(words, dict):
            yield f"<{escape(address)}|{inert(str(words.get('text', '')))}>"
        yield from _links(element.get("options") or ())


def _section(words: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": words, "verbatim": True}}
