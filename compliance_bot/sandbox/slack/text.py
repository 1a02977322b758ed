"""Slack's text: what it trims, and the rich_text block it makes of a text without blocks."""

from __future__ import annotations

import re
from typing import Any

from compliance_bot.sandbox.slack.ids import block_id
from compliance_bot.sandbox.slack.settings import Json

TEXT_MOST = 40_000
"""Longer texts are cut."""

_TOKEN = re.compile(r"<([^<>]+)>")
_IDS = {"@": ("user", "user_id"), "#": ("channel", "channel_id")}


def trimmed(text: Any) -> str:
    """A text without the blanks at its end."""
    return text.rstrip() if isinstance(text, str) else ""


def rich_text(text: str) -> list[Json]:
    """The blocks Slack makes of a text that came without any."""
    elements: list[Json] = []
    place = 0
    for token in _TOKEN.finditer(text):
        _add_text(elements, text[place : token.start()])
        elements.append(_element(token.group(1)))
        place = token.end()
    _add_text(elements, text[place:])
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": block_id(), "elements": [section]}]


def _add_text(elements: list[Json], text: str) -> None:
    if text:
        elements.append({"type": "text", "text": unescaped(text)})


def unescaped(text: str) -> str:
    """``&lt;`` and its kin as the characters they stand for."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _element(token: str) -> Json:
    inner, _, label = token.partition("|")
    if inner[0] in _IDS:
        kind, key = _IDS[inner[0]]
        return {"type": kind, key: inner[1:]}
    if inner.startswith("!subteam^"):
        return {"type": "usergroup", "usergroup_id": inner.removeprefix("!subteam^")}
    if inner in ("!here", "!channel", "!everyone"):
        return {"type": "broadcast", "range": inner[1:]}
    if inner.startswith("!date^"):
        return {"type": "date", "timestamp": int(inner.split("^")[1]), "fallback": unescaped(label)}
    link: Json = {"type": "link", "url": unescaped(inner)}
    return link | ({"text": unescaped(label)} if label else {})
