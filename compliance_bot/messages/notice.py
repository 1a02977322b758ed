"""Sentences of ``wording`` as messages: an answer to one person, a thread line, a notice."""

from __future__ import annotations

import re

from compliance_bot.messages.limits import fit
from compliance_bot.messages.message import Message
from compliance_bot.messages.templates import TemplateFailed, Templates
from compliance_bot.messages.values import Markup

_TOKEN = re.compile(r"<[^<>|]*\|([^<>]*)>|<([^<>]*)>")


def say(words: str) -> Message:
    """One sentence of ``wording`` (or several) as a message of one block."""
    block = {"type": "section", "text": {"type": "mrkdwn", "text": words, "verbatim": True}}
    return fit(Message(text=words, blocks=(block,)))


def show_notice(templates: Templates, words: str) -> Message:
    """A notice to the operations channel; without its template it is said plainly."""
    try:
        return templates.render("operations_notice", {"notice": Markup(words, _plain(words))})
    except TemplateFailed:
        return say(words)


def _plain(words: str) -> str:
    """The words as a field without markup shows them."""
    said = _TOKEN.sub(lambda found: found[1] or found[2] or "", words)
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
