"""A finding in full, in a modal for one pair of eyes: its facts, what to do, and what was done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compliance_bot.messages import case_form_words, details_words, framing
from compliance_bot.messages.case_forms import Head
from compliance_bot.messages.modal import Block, Modal, said
from compliance_bot.messages.mrkdwn import clean, inert, truncate
from compliance_bot.messages.stripped import stripped
from compliance_bot.messages.values import Moment, link
from compliance_bot.messages.wording import datum

DETAILS = "details"
"""The callback id."""
MOST_COMMENTS, MOST_DECISIONS = 10, 20

_FACTS_IN_A_BLOCK = 10
_LONGEST_WORDS = 1_500
"""UTF-16 units of a description or a recommendation."""
_LONGEST_SEEN = 20_000
"""Characters of one text worth looking at for credentials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentTold:
    """A comment of Studio's. ``at``: Unix seconds."""

    words: str
    author: str | None
    at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTold:
    """What a person decided here, when (Unix seconds) and why."""

    at: float
    name: str
    action: str
    reason: str | None
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsView:
    """All that is shown. Times are Unix seconds; texts are as Studio wrote them.

    ``facts``: by the names of ``details_words.FACTS``; times among them are ``Moment``. ``comments``: newest
    first, None where Studio did not answer. ``decisions``: oldest first. ``told``: whether the reader may
    know what it is about.
    """

    head: Head
    told: bool
    facts: Mapping[str, str | Moment]
    description: str
    action: str
    url: str | None
    as_of: float
    opened_at: float
    comments: Sequence[CommentTold] | None
    decisions: Sequence[DecisionTold]


def show_details(view: DetailsView) -> Modal:
    """The modal; nothing in it is to be filled in."""
    head, title = view.head, view.head.title
    about = case_form_words.head(head.ref, title and stripped(title), head.severity, head.state)
    told = [framing.section(details_words.not_to_be_told())]
    if view.told:
        told = [*_facts(view.facts), *_texts(view), *_comments(view.comments), *_history(view)]
        told.append(framing.context("as_of", details_words.as_of(view.as_of)))
    blocks = (said(about), *_link(view.url), *told)
    return Modal(title=f"Details {head.ref}", blocks=blocks, version=head.version)


def _facts(facts: Mapping[str, str | Moment]) -> list[Block]:
    """Two in a line, ten in a block: Slack's limit."""
    told = [
        {"type": "mrkdwn", "text": f"*{label}*\n{_value(facts[name])}", "verbatim": True}
        for name, label in details_words.FACTS.items()
        if facts.get(name)
    ]
    groups = [told[at : at + _FACTS_IN_A_BLOCK] for at in range(0, len(told), _FACTS_IN_A_BLOCK)]
    return [{"type": "section", "fields": group} for group in groups]


def _value(value: str | Moment) -> str:
    return value.markup if isinstance(value, Moment) else datum(stripped(value[:_LONGEST_SEEN]))


def _texts(view: DetailsView) -> list[Block]:
    parts = (("*Description*", view.description), ("*Required action*", view.action))
    return [framing.section(f"{label}\n{words}") for label, text in parts if (words := _words(text))]


def _words(text: str) -> str:
    """Several lines of data, inert, without credentials."""
    safe = clean(stripped(text[:_LONGEST_SEEN]))
    lines = [inert(line) for line in safe.split("\n") if line.strip()]
    return truncate("\n".join(lines), _LONGEST_WORDS, markup=True)


def _comments(comments: Sequence[CommentTold] | None) -> list[Block]:
    if comments is None:
        return [framing.section(details_words.comments_unknown())]
    shown = comments[:MOST_COMMENTS]
    lines = [
        framing.context(f"comment_{place}", details_words.commented(one.author, one.at, _one(one.words)))
        for place, one in enumerate(shown)
    ]
    left = len(comments) - len(shown)
    more = [framing.context("comments_left", details_words.earlier(left))] if left else []
    return [framing.section(details_words.comments_heading(len(comments))), *lines, *more]


def _history(view: DetailsView) -> list[Block]:
    if not view.decisions:
        return [framing.section(details_words.nothing_happened())]
    shown = view.decisions[-MOST_DECISIONS:]
    left = len(view.decisions) - len(shown)
    lines = [details_words.earlier(left)] if left else [details_words.opened(view.opened_at)]
    lines += [
        details_words.decided(
            one.at, one.name, one.action, one.reason and _one(one.reason), undone=one.undone
        )
        for one in shown
    ]
    below = [framing.context(f"history_{place}", line) for place, line in enumerate(lines)]
    return [{"type": "divider"}, framing.section(details_words.history_heading()), *below]


def _one(text: str) -> str:
    return stripped(text[:_LONGEST_SEEN])


def _link(url: str | None) -> list[Block]:
    address = link(url)
    if address is None:
        return []
    look = {
        "type": "button",
        "action_id": "view_details",
        "text": framing.plain("Open in Studio"),
        "url": address,
    }
    return [{"type": "actions", "block_id": "look", "elements": [look]}]
