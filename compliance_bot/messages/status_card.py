"""The answer of ``/compliance``: scores, critical issues and open tasks, for one pair of eyes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from compliance_bot.messages import held_words, status_words, waiting_words
from compliance_bot.messages.limits import fit
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import clean, truncate

_MOST_FRAMEWORKS = 25
"""Rows of the card; the rest is counted."""
_BAR = 10
"""Cells of a score's bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """What Studio said. None and ``missing`` are what it did not say; ``as_of`` is Unix seconds.

    ``frameworks``: name, score from 0 to 100 (or None), number of projects. ``filter``: the one
    framework that was asked for.
    """

    overall: int | None
    frameworks: tuple[tuple[str, int | None, int], ...]
    criticals: int | None
    open_tasks: int | None
    as_of: float
    missing: tuple[str, ...] = ()
    filter: str | None = None
    how: tuple[str, ...] = ()
    """How each figure is computed, one clause each."""
    held: tuple[int, float] | None = None
    """How many messages wait through quiet hours, and until when (Unix seconds)."""
    snoozed: tuple[int, float] | None = None
    """How many findings are snoozed, and when the first wakes (Unix seconds)."""


def show_status(view: StatusView) -> Message:
    """The card, within Slack's limits; what Studio does not tell is said, never shown as 0."""
    blocks: list[dict[str, Any]] = [_header(view)]
    blocks += [_figures(view)] if _has_figures(view) else []
    blocks += _frameworks(view)
    blocks.append(_footer(view))
    return fit(
        Message(
            text=status_words.status_text(view.overall, view.criticals, view.open_tasks, view.filter),
            blocks=tuple(blocks),
        )
    )


def _header(view: StatusView) -> dict[str, Any]:
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": status_words.status_heading(view.filter), "emoji": True},
    }


def _has_figures(view: StatusView) -> bool:
    return not (view.overall is None and view.criticals is None and view.open_tasks is None)


def _figures(view: StatusView) -> dict[str, Any]:
    figures = (
        (status_words.OVERALL_SCORE, view.overall, "/100"),
        (status_words.CRITICAL_ISSUES, view.criticals, ""),
        (status_words.OPEN_TASKS, view.open_tasks, ""),
    )
    fields = [
        {"type": "mrkdwn", "text": f"*{label}*\n{figure}{unit}", "verbatim": True}
        for label, figure, unit in figures
        if figure is not None
    ]
    return {"type": "section", "fields": fields}


def _frameworks(view: StatusView) -> list[dict[str, Any]]:
    if not view.frameworks:
        return [_section(status_words.no_frameworks())]
    shown = view.frameworks[:_MOST_FRAMEWORKS]
    lines: list[dict[str, Any]] = []
    for name, score, projects in shown:
        lines += _framework_line(name, score, projects, last=False)
    left = len(view.frameworks) - len(shown)
    if left:
        lines.append({"type": "text", "text": status_words.frameworks_left(left)})
    return [
        {"type": "divider"},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": lines}]},
    ]


def _framework_line(name: str, score: int | None, projects: int, *, last: bool) -> list[dict[str, Any]]:
    """A bar, the name as text that no markup can come from, and the figures."""
    said = truncate(" ".join(clean(name).split()) or "?", 80, markup=False)
    end = "" if last else "\n"
    return [
        {"type": "text", "text": _bar(score)},
        {"type": "text", "text": f"  {said}", "style": {"bold": True}},
        {"type": "text", "text": f"  {status_words.framework_figures(score, projects)}{end}"},
    ]


def _bar(score: int | None) -> str:
    if score is None:
        return "─" * _BAR
    filled = round(max(0, min(100, score)) * _BAR / 100)
    return "█" * filled + "░" * (_BAR - filled)


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _footer(view: StatusView) -> dict[str, Any]:
    lines = [held_words.held_note(*view.held)] if view.held else []
    lines += [waiting_words.snoozed_note(*view.snoozed)] if view.snoozed else []
    lines += [status_words.status_as_of(view.as_of), *map(status_words.status_gap, view.missing[:8])]
    lines += [status_words.status_how(view.how)] if view.how else []
    elements = [{"type": "mrkdwn", "text": line, "verbatim": True} for line in lines]
    return {"type": "context", "elements": elements}
