"""A digest: one message for many cases, a line each, that is edited as they move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance_bot.messages import case_words, digest_words, framing
from compliance_bot.messages.digest_line import DigestLine, line_values, plain_line
from compliance_bot.messages.limits import TEXT, balance
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import truncate, unlinked
from compliance_bot.messages.templates import TemplateFailed, Templates
from compliance_bot.messages.values import Markup
from compliance_bot.model.findings import Severity

__all__ = [
    "ACKNOWLEDGE_ALL",
    "MOST_LINES",
    "DigestLine",
    "DigestView",
    "digest_values",
    "show_digest",
    "show_digest_plainly",
    "show_digest_withheld",
]

ACKNOWLEDGE_ALL = "acknowledge_all"
"""The action id of "Acknowledge all"; its value is the digest's reference and those of the lines."""
MOST_LINES = 20
"""Lines of one digest; what is beyond is counted."""

_LONGEST_CONTEXT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestView:
    """All that a digest is made of. Times are Unix seconds.

    ``lines``: at most ``MOST_LINES``, in order; ``total``, ``handled`` (no longer open) and
    ``by_severity`` count all members. ``mentions`` are Slack markup that stands in the message
    where ``ping`` says so; ``note`` is mrkdwn of ``wording``. ``until`` is None while more may join, which
    ends at ``joins_until`` where that is known.
    """

    ref: str
    lines: tuple[DigestLine, ...]
    total: int
    handled: int
    by_severity: Mapping[Severity, int]
    emoji: str
    mentions: tuple[str, ...]
    ping: bool
    since: float
    until: float | None
    note: str | None
    urgent: bool
    joins_until: float | None = None


def show_digest(templates: Templates, view: DigestView) -> Message:
    """The digest as it is to stand now; a template that cannot be filled gives way to plain lines."""
    notes = [("digest_note", view.note)]
    try:
        filled = templates.fill("digest", digest_values(view))
    except TemplateFailed:
        filled = _stand_in(view)
        notes.append(("digest_template", case_words.template_failed_note("digest")))
    notes.append(("digest_state", _state(view)))
    blocks = _with_mentions(filled.blocks[: framing.MOST_TEMPLATE_BLOCKS], view)
    own = [framing.context(name, line) for name, line in notes if line]
    return balance(Message(text=_text(filled.text, view), blocks=(*blocks, *own)))


def show_digest_plainly(view: DigestView) -> Message:
    """The same in words only, for when Slack will not take the blocks. It has no buttons."""
    lines = [
        f"{view.emoji} {_heading(view)}".strip(),
        " ".join(view.mentions) if view.ping else "",
        *(f"• {plain_line(line)}" for line in view.lines[:MOST_LINES]),
        _more(view) or "",
        view.note or "",
        _state(view),
        case_words.buttons_missing_note() if _acknowledgeable(view) else "",
    ]
    return Message(text="\n".join(truncate(line, _LONGEST_CONTEXT, markup=True) for line in lines if line))


def show_digest_withheld(view: DigestView) -> Message:
    """The digest for readers who may not know what it is about: references, and how many."""
    said = digest_words.digest_withheld(view.total, view.ref)
    references = ", ".join(unlinked(line.ref) for line in view.lines[:MOST_LINES] if line.ref)
    text = truncate(f"{said}\n{references}".strip(), TEXT, markup=True)
    blocks = _with_mentions((framing.section(text),), view)
    own = framing.context("digest_state", _state(view))
    return balance(Message(text=said, blocks=(*blocks, *_acknowledge_all(view), own)))


def digest_values(view: DigestView) -> Mapping[str, Any]:
    """What the template may show of it; what there is not is absent."""
    count = len(_acknowledgeable(view))
    more = _more(view)
    values: dict[str, Any] = {
        "emoji": view.emoji,
        "heading": _heading(view),
        "issue_id": view.ref,
        "total": view.total,
        "handled": view.handled,
        "lines": tuple(line_values(line) for line in view.lines[:MOST_LINES]),
        "more": Markup(more, more) if more else None,
        "acknowledge_all": _pressed(view),
        "acknowledge_count": digest_words.acknowledge_count(count),
        "acknowledge_words": digest_words.acknowledge_question(count),
    }
    return {name: value for name, value in values.items() if value not in (None, "")}


# ---------------------------------------------------------------- the digest's own lines


def _heading(view: DigestView) -> str:
    return digest_words.digest_heading(view.total, view.by_severity, urgent=view.urgent)


def _progress(view: DigestView) -> str:
    """Counted among the cases: what is none can't be handled."""
    cases = sum(view.by_severity.values())
    return digest_words.digest_progress(view.handled, cases) if cases else ""


def _state(view: DigestView) -> str:
    gathered = digest_words.digest_gathered(view.since, view.until, view.joins_until)
    return " · ".join(part for part in (view.ref, _progress(view), gathered) if part)


def _more(view: DigestView) -> str | None:
    listed = view.lines[:MOST_LINES]
    left = view.total - len(listed)
    if left <= 0:
        return None
    unlisted = Counter(view.by_severity)
    unlisted.subtract(Counter(line.severity for line in listed if line.severity))
    return digest_words.digest_more(len(listed), left, +unlisted)


def _text(text: str, view: DigestView) -> str:
    """The words for notifications: the fact first, then how much of it is handled."""
    progress = _progress(view) if view.handled else ""
    return truncate(f"{text}; {progress}" if progress else text, TEXT, markup=True)


def _acknowledgeable(view: DigestView) -> tuple[str, ...]:
    return tuple(line.ref for line in view.lines[:MOST_LINES] if line.open and line.ref)


def _pressed(view: DigestView) -> str | None:
    references = _acknowledgeable(view)
    return " ".join((view.ref, *references)) if references else None


def _acknowledge_all(view: DigestView) -> tuple[dict[str, Any], ...]:
    pressed = _pressed(view)
    if pressed is None:
        return ()
    count = len(_acknowledgeable(view))
    button = {
        "type": "button",
        "action_id": ACKNOWLEDGE_ALL,
        "text": framing.plain("Acknowledge all"),
        "value": pressed,
        "confirm": {
            "title": framing.plain(f"Acknowledge {digest_words.acknowledge_count(count)}?"),
            "text": framing.plain(digest_words.acknowledge_question(count)),
            "confirm": framing.plain("Acknowledge all"),
            "deny": framing.plain("Cancel"),
        },
    }
    return ({"type": "actions", "block_id": "digest_actions", "elements": [button]},)


def _stand_in(view: DigestView) -> Message:
    """What is shown where the template fails: the heading, the lines and the button."""
    lines = [_heading(view), *(plain_line(line) for line in view.lines[:MOST_LINES])]
    blocks = (*map(framing.section, lines), *_acknowledge_all(view))
    return Message(text=f"{view.emoji} {_heading(view)}".strip(), blocks=blocks)


def _with_mentions(blocks: tuple[dict[str, Any], ...], view: DigestView) -> tuple[dict[str, Any], ...]:
    return framing.with_mentions(blocks, "digest_mentions", view.mentions if view.ping else ())
