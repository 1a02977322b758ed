"""What a person wrote in Slack, as plain text for elsewhere.

Source: Slack's "Formatting text for app surfaces": ``<@U…>``, ``<#C…|name>``, ``<!subteam^S…|@handle>``,
``<!here>``, ``<!date^…|fallback>``, ``<https://…|label>``, and three entities.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from compliance_bot.messages.mrkdwn import clean

_TOKEN = re.compile(r"<([@#!]?)([^<>|\n]*)(?:\|([^<>\n]*))?>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def as_plain(text: str, name_of: Callable[[str], str | None]) -> str:
    """The words without Slack's markup; ``name_of`` gives the name of a person's id."""
    words = _TOKEN.sub(lambda token: _said(token[1], token[2], token[3], name_of), text)
    for entity, sign in _ENTITIES:
        words = words.replace(entity, sign)
    return clean(words).strip()


def _said(kind: str, what: str, label: str | None, name_of: Callable[[str], str | None]) -> str:
    if kind == "@":
        return f"@{name_of(what) or label or what}"
    if kind == "#":
        return f"#{label or what}"
    if kind == "!":
        return label or f"@{what.partition('^')[0]}"
    address = what.removeprefix("mailto:")
    return address if not label or label == address else f"{label} ({address})"
