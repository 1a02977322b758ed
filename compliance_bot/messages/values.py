"""What a template may be given, and how each value is said in each kind of field.

Plain text is data and never markup. Markup of ours travels in types of its own, so that text
from Studio can never pass for it: ``Moment`` (a date), ``Url`` (a checked link), ``Markup``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Undefined

from compliance_bot.messages.mrkdwn import clean, escape, inert, unlinked

MISSING = "\ufdd1"
"""Stands in rendered text for a value that is not there. ``clean`` removes it from data."""

_BAD_IN_URL = re.compile(r"[\s<>|\"'`\\{}^]")
_DAY = 86_400
_LONGEST_VALUE = 12_000
"""Characters of one value worth looking at; no field takes more."""


class Kind(StrEnum):
    """The kinds of fields that text can stand in."""

    TEXT = "text"
    MRKDWN = "mrkdwn"
    PLAIN = "plain"
    URL = "url"
    NUMBER = "number"


class Url(str):
    """A link that may be a link: made by ``link`` only."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, Unix seconds UTC; each reader sees it in their own zone."""

    seconds: float

    @property
    def plain(self) -> str:
        """``2026-11-24 09:00 UTC``, where Slack draws no dates."""
        return datetime.fromtimestamp(int(self.seconds), UTC).strftime("%Y-%m-%d %H:%M UTC")

    @property
    def markup(self) -> str:
        """Slack's date token, with the plain form for old clients."""
        return f"<!date^{int(self.seconds)}^{{date_short_pretty}} {{time}}|{self.plain}>"


def day_or_moment(seconds: float) -> Moment | str:
    """A date of Studio's is a midnight in UTC: said as that day wherever it is read; else a time."""
    if seconds % _DAY:
        return Moment(seconds)
    return datetime.fromtimestamp(int(seconds), UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class Markup:
    """mrkdwn made by us, and the same without markup."""

    markup: str
    plain: str


def link(address: str | None) -> Url | None:
    """A checked http(s) address; None for anything that could be more, or less, than a link."""
    if not address or not address.isascii() or not address.isprintable() or _BAD_IN_URL.search(address):
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        return None
    return Url(address)


def _words(value: Any) -> str | None:
    """Data as one text; None when there is nothing to say."""
    match value:
        case None | Undefined():
            return None
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.10g}"
        case str() | int():
            return str(value)[:_LONGEST_VALUE]
        case list() | tuple() | set() | frozenset():
            said = [word for word in map(_words, value) if word]
            return ", ".join(said) or None
    return None


def _say_mrkdwn(value: Any) -> str:
    if type(value) is str:
        return inert(value[:_LONGEST_VALUE])
    if isinstance(value, Moment | Markup):
        return value.markup
    if type(value) is Url:
        return escape(value)
    words = _words(value)
    return MISSING if words is None else inert(words)


def _say_text(value: Any) -> str:
    if isinstance(value, Moment | Markup):
        return value.plain if isinstance(value, Moment) else value.markup
    if type(value) is Url:
        return escape(value)
    words = _words(value)
    return MISSING if words is None else unlinked(words)


def _say_plain(value: Any) -> str:
    if type(value) is str:
        return clean(value[:_LONGEST_VALUE])
    if isinstance(value, Moment | Markup):
        return value.plain
    words = _words(value)
    return MISSING if words is None else clean(words)


def _say_url(value: Any) -> str:
    if type(value) is Url:
        return value
    words = _words(value)
    return MISSING if words is None else quote(clean(words), safe="")


def _say_number(value: Any) -> str:
    if isinstance(value, Moment):
        return str(int(value.seconds))
    return str(int(value)) if isinstance(value, int | float) else MISSING


SAY: Mapping[Kind, Callable[[Any], str]] = {
    Kind.TEXT: _say_text,
    Kind.MRKDWN: _say_mrkdwn,
    Kind.PLAIN: _say_plain,
    Kind.URL: _say_url,
    Kind.NUMBER: _say_number,
}
