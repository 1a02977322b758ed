"""One line of a digest: what it says in the template, and in words only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance_bot.messages import digest_words
from compliance_bot.messages.mrkdwn import clean, escape, inert, truncate, unlinked
from compliance_bot.messages.values import Markup, link
from compliance_bot.messages.wording import severity_words
from compliance_bot.model.findings import Severity

_LONGEST_TITLE = 150
"""UTF-16 units of a title in the list: twenty fit the budget of a message with room to spare."""
_LONGEST_STATE = 100
_LONGEST_PLAIN_TITLE = 100
_LONGEST_PLAIN_STATE = 50
"""Shorter in the form of words only, which is to stay readable as one text."""
_LONGEST_ADDRESS = 200
"""Characters of a link inside a line; a longer one is left out, the words stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """One member. ``ref`` is "" and ``severity`` None for what is no case.

    ``title`` and ``state`` are plain text; ``state`` says how it stands, "" while it is open.
    ``url`` is its page in Studio, ``moved_to`` the permalink of a message of its own.
    """

    ref: str
    severity: Severity | None
    title: str
    state: str
    open: bool
    url: str | None
    moved_to: str | None
    withheld: bool


def line_values(line: DigestLine) -> Mapping[str, Any]:
    """A line's own values: one that is withheld has its reference, and how it stands."""
    values: dict[str, Any] = {
        "ref": line.ref,
        "standing": _standing(line),
        "acknowledge": line.ref if line.open else None,
    }
    if not line.withheld:
        values |= {
            "severity": severity_words(line.severity) if line.severity else None,
            "title": _title(line),
            "state": line.state,
        }
    return {name: value for name, value in values.items() if value not in (None, "")}


def _title(line: DigestLine) -> Markup:
    """The title: a link to the message of its own, where it has one."""
    plain = _one_line(line.title, _LONGEST_TITLE) or "?"
    shown = truncate(inert(plain), _LONGEST_TITLE, markup=True)
    return Markup(_linked(shown, line.moved_to), plain)


def _standing(line: DigestLine) -> Markup | None:
    state = truncate(inert(_one_line(line.state, _LONGEST_STATE)), _LONGEST_STATE, markup=True)
    reference = inert(line.ref)
    page = None if line.withheld else line.url
    parts = [_linked(reference, page) if reference else "", state, _moved(line)]
    if not reference and not line.withheld and page is not None:
        parts.insert(0, _linked("Studio", page))
    said = " · ".join(part for part in parts if part)
    plain = " · ".join(part for part in (line.ref, line.state, _moved(line)) if part)
    return Markup(said, plain) if said else None


def _moved(line: DigestLine) -> str:
    return digest_words.line_moved() if line.moved_to and not line.withheld else ""


def _linked(words: str, address: str | None) -> str:
    checked = link(address)
    if checked is None or len(checked) > _LONGEST_ADDRESS:
        return words
    return f"<{escape(checked)}|{words}>"


def _one_line(text: str, limit: int) -> str:
    return truncate(" ".join(clean(text[: 4 * limit]).split()), limit, markup=False)


def _unlinked(text: str, limit: int) -> str:
    return truncate(unlinked(_one_line(text, limit)), limit, markup=True)


def plain_line(line: DigestLine) -> str:
    """The line in words only (mrkdwn)."""
    state = _unlinked(line.state, _LONGEST_PLAIN_STATE)
    standing = ", ".join(part for part in (unlinked(line.ref), state, _moved(line)) if part)
    if line.withheld:
        return standing or "?"
    title = _unlinked(line.title, _LONGEST_PLAIN_TITLE) or "?"
    severity = f"{severity_words(line.severity)}: " if line.severity else ""
    return f"{severity}{title}" + (f" ({standing})" if standing else "")
