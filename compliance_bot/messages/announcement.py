"""A message that tells one event and is over: no case stands behind it, and nobody has to press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance_bot.messages import announcement_words, case_words, framing
from compliance_bot.messages.limits import TEXT, balance
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import clean, escape, truncate, unlinked
from compliance_bot.messages.templates import TemplateFailed, Templates
from compliance_bot.messages.values import link
from compliance_bot.messages.vocabulary import KNOWN_VALUES
from compliance_bot.messages.wording import status_words
from compliance_bot.model.events import Event

_VIEW = "View Details"
_LONGEST_FACT = 400
"""UTF-16 units of a title and of one line of the plain form."""
_LONGEST_VALUE = 1_000
"""UTF-16 units of any other text of an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementView:
    """All that an announcement is made of.

    ``before`` and ``after`` are Studio's words for what changed. ``mentions`` are Slack markup that
    pings; ``note`` something the reader must know (mrkdwn of ``wording``). ``reference`` names the
    event where nothing else of it may be shown.
    """

    event: Event
    before: str | None
    after: str | None
    template: str
    emoji: str
    mentions: tuple[str, ...]
    note: str | None
    reference: str


def show_announcement(templates: Templates, view: AnnouncementView) -> Message:
    """The message within Slack's limits. A template that cannot be filled gives way to a stand-in."""
    notes = [("announcement_note", view.note)]
    try:
        filled = templates.fill(view.template, announcement_values(view))
    except TemplateFailed:
        filled = _stand_in(view)
        notes.append(("announcement_template", case_words.template_failed_note(view.template)))
    blocks = framing.without_acknowledge(filled.blocks[: framing.MOST_TEMPLATE_BLOCKS])
    own = [framing.context(name, line) for name, line in notes if line]
    text = truncate(filled.text, _LONGEST_FACT, markup=True)
    return balance(Message(text=text, blocks=(*_with_mentions(blocks, view), *own)))


def show_announcement_plainly(view: AnnouncementView) -> Message:
    """The same in words only, for when Slack will not take the blocks."""
    attributes = view.event.attributes
    score = attributes.get("score")
    lines = [
        f"{view.emoji} {_headline(view)}".strip(),
        " ".join(view.mentions),
        announcement_words.facts(
            _text(attributes.get("project")),
            _text(attributes.get("framework")),
            score if isinstance(score, int) else None,
        ),
        escape(_url(view) or ""),
        view.note or "",
    ]
    return Message(text="\n".join(truncate(line, _LONGEST_FACT, markup=True) for line in lines if line))


def show_announcement_withheld(view: AnnouncementView) -> Message:
    """For readers who may not know what it is about: that there is something, and where."""
    said = announcement_words.update_withheld(view.reference)
    blocks = _with_mentions((framing.section(said), *_view_button(view)), view)
    return balance(Message(text=said, blocks=blocks))


def announcement_values(view: AnnouncementView) -> Mapping[str, Any]:
    """What the templates may show of it: the event's attributes, and what it comes to in words."""
    attributes = view.event.attributes
    words, title, address = _happened(view), title_of(view.event), _url(view)
    values: dict[str, Any] = {
        **{name: _shown(value) for name, value in attributes.items() if name in KNOWN_VALUES},
        "emoji": view.emoji,
        "update_type": words,
        "change": words,
        "title": title,
        "message": f"{title}: {words}",
        "status": status_words(_text(attributes.get("status")) or "").capitalize(),
        "url": address,
        "issue_url": address,
        "report_url": address,
        "report_name": title if view.event.type == "report" else None,
    }
    return {name: value for name, value in values.items() if value is not None and value not in ("", ())}


def title_of(event: Event) -> str:
    """What the event is about, in plain text and short."""
    title = event.attributes.get("title") or event.attributes.get("project") or event.studio_id
    return _short(str(title), _LONGEST_FACT)


def _happened(view: AnnouncementView) -> str:
    return announcement_words.what_happened(view.event.change, view.before, view.after)


def _headline(view: AnnouncementView) -> str:
    """The fact as mrkdwn; Studio's own words stand in both of its parts."""
    return unlinked(f"{_happened(view)}: {title_of(view.event)}")


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _url(view: AnnouncementView) -> str | None:
    return link(_text(view.event.attributes.get("url")))


def _shown(value: Any) -> Any:
    return _short(value, _LONGEST_VALUE) if isinstance(value, str) else value


def _short(text: str, limit: int) -> str:
    return truncate(clean(text[: 2 * limit]), limit, markup=False)


def _with_mentions(blocks: tuple[dict[str, Any], ...], view: AnnouncementView) -> tuple[dict[str, Any], ...]:
    return framing.with_mentions(blocks, "announcement_mentions", view.mentions)


def _view_button(view: AnnouncementView) -> tuple[dict[str, Any], ...]:
    address = _url(view)
    if address is None:
        return ()
    button = {"type": "button", "action_id": "view_details", "text": framing.plain(_VIEW), "url": address}
    return ({"type": "actions", "elements": [button]},)


def _stand_in(view: AnnouncementView) -> Message:
    """What is shown where the template fails."""
    facts = truncate(f"{_happened(view)}: {title_of(view.event)}", TEXT, markup=False)
    section = {"type": "section", "text": {**framing.plain(facts), "emoji": False}}
    return Message(text=f"{view.emoji} {_headline(view)}".strip(), blocks=(section, *_view_button(view)))
