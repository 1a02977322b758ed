"""A channel's welcome: once, what was recorded before, what will land here, and who is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance_bot.messages import framing, welcome_words
from compliance_bot.messages.limits import fit
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import clean, truncate, unlinked
from compliance_bot.messages.templates import TemplateFailed, Templates
from compliance_bot.messages.values import Markup

_MOST_LINES = 20
_LONGEST_LINE = 300
"""UTF-16 units of one sentence about what will land here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeView:
    """All that a welcome is made of. All texts are plain text.

    ``counts`` (by severity) and ``total``: what was recorded and not told when Studio was first
    read, at ``since`` (Unix seconds). ``lands``: a sentence for each thing that will land here, and
    why. ``pings``: who is called in this channel, as text. ``shadow``: this is the shadow channel.
    """

    channel_name: str
    counts: Mapping[str, int]
    total: int
    lands: tuple[str, ...]
    pings: tuple[str, ...]
    since: float
    shadow: bool


def show_welcome(templates: Templates, view: WelcomeView) -> Message:
    """The welcome within Slack's limits; without its template it is said plainly."""
    try:
        return templates.render("welcome", welcome_values(view))
    except TemplateFailed:
        said = show_welcome_plainly(view)
        return fit(Message(text=said.text, blocks=(framing.section(said.text),)))


def show_welcome_plainly(view: WelcomeView) -> Message:
    """The same in words only."""
    lines = [
        unlinked(welcome_words.welcome_heading(view.channel_name)),
        welcome_words.welcome_shadow() if view.shadow else "",
        _counts(view),
        "What will land here:",
        *(f"• {unlinked(line)}" for line in _lands(view)),
        f"Who is called: {unlinked(', '.join(_pings(view)))}" if view.pings else "",
    ]
    return fit(Message(text="\n".join(line for line in lines if line)))


def show_welcome_withheld(view: WelcomeView) -> Message:
    """The welcome for readers who may not know what findings are about, nor how many there are."""
    said = welcome_words.welcome_withheld()
    if view.shadow:
        said = f"{welcome_words.welcome_shadow()}\n{said}"
    return Message(text=said, blocks=(framing.section(said),))


def welcome_values(view: WelcomeView) -> Mapping[str, Any]:
    """What the template may show of it; what there is not is absent."""
    shadow = welcome_words.welcome_shadow() if view.shadow else None
    counts = _counts(view)
    values: dict[str, Any] = {
        "heading": welcome_words.welcome_heading(view.channel_name),
        "channel": clean(view.channel_name),
        "total": view.total,
        "counts": Markup(counts, counts),
        "notice": Markup(shadow, shadow) if shadow else None,
        "lines": _lands(view),
        "mentions": ", ".join(_pings(view)),
    }
    return {name: value for name, value in values.items() if value not in (None, "")}


def _counts(view: WelcomeView) -> str:
    return welcome_words.welcome_counts(view.counts, view.total, view.since)


def _lands(view: WelcomeView) -> tuple[str, ...]:
    said = tuple(filter(None, map(_one_line, view.lands)))
    left = len(said) - _MOST_LINES
    if left > 0:
        return (*said[:_MOST_LINES], f"and {left} more: see rules.yaml")
    return said or (welcome_words.nothing_lands(),)


def _pings(view: WelcomeView) -> tuple[str, ...]:
    return tuple(filter(None, map(_one_line, view.pings)))


def _one_line(text: str) -> str:
    words = " ".join(clean(text[: 4 * _LONGEST_LINE]).split())
    return truncate(words, _LONGEST_LINE, markup=False)
