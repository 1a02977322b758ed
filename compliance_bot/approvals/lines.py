"""The lines of an approval's thread: stored as what is to be said, put into words when they leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compliance_bot.messages import approval_words

Words = Mapping[str, Any]

LINES: Mapping[str, Callable[[Words], str]] = {
    "voted": lambda w: approval_words.line_voted(w["name"], w["have"], w["needed"], w["at"]),
    "decided": lambda w: approval_words.line_decided(w["verdict"], w["name"], w["at"]),
    "handed": lambda w: approval_words.line_handed(w["giver"], w["taker"], w["at"]),
    "changed": lambda w: approval_words.line_changed(w["fields"], w["void"], w["at"]),
    "not_held": lambda w: approval_words.line_not_held(w["name"], w["reason"]),
    "elsewhere": lambda w: approval_words.decided_in_studio(w["status"], w["at"], w.get("who")),
    "gone": lambda w: approval_words.deleted_in_studio(w["at"]),
}
"""Every line, by the name under which it is planned."""


def words_of(line: str, words: Words) -> str:
    """The line as it is to be posted (mrkdwn)."""
    return LINES[line](words)
