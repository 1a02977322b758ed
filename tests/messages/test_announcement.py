from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hostile_text import assert_harmless

from compliance_bot.messages.announcement import (
    AnnouncementView,
    show_announcement,
    show_announcement_withheld,
)
from compliance_bot.messages.announcement_words import what_happened
from compliance_bot.messages.templates import Templates
from compliance_bot.model.events import Attribute, Cause, Change, Event

MENTIONS = ("<!subteam^S012345>",)
ATTRIBUTES: dict[str, Attribute] = {
    "id": "p-1",
    "type": "update",
    "source": "studio",
    "change": "status",
    "status": "review_pending",
    "title": "SOC 2 Type II 2026",
    "frameworks": ("SOC 2",),
    "framework": "SOC 2",
    "project": "SOC 2 Type II 2026",
    "project_id": "p-1",
    "score": 62,
    "url": "https://studio.example/projects/p-1",
    "due": "2026-12-31",
    "days_remaining": 9,
}


def an_announcement(
    change: Change = Change.STATUS, *, kind: str = "update", attributes: Any = None, **changes: Any
) -> AnnouncementView:
    given: dict[str, Any] = {
        "before": "in_progress",
        "after": "review_pending",
        "template": "compliance_update",
        "emoji": ":white_check_mark:",
        "mentions": MENTIONS,
        "note": None,
        "reference": "event 7",
    }
    facts = ATTRIBUTES | {"type": kind, "change": str(change)} | (attributes or {})
    event = Event(type=kind, studio_id="p-1", change=change, cause=Cause.STUDIO, attributes=facts)
    return AnnouncementView(event=event, **{**given, **changes})


@pytest.mark.parametrize(
    ("change", "before", "after", "words"),
    [
        (Change.STATUS, "in_progress", "returned", "Status changed from in progress to returned"),
        (Change.STATUS, "a\n<!here>", "b" * 90, f"Status changed from a <!here> to {'b' * 60}"),
        (Change.SCORE, "60", "72", "Score rose from 60 to 72"),
        (Change.SCORE, "72", "60", "Score fell from 72 to 60"),
        (Change.APPROVED, "review_pending", "approved", "Approved"),
        (Change.COMPLETED, "approved", "completed", "Completed"),
        (Change.STALLED, None, None, "Stalled"),
    ],
)
def test_what_happened_is_said_in_words(change: Change, before: str, after: str, words: str) -> None:
    assert what_happened(change, before, after) == words


def test_every_change_has_words() -> None:
    assert all(what_happened(change, None, None) for change in Change)


def test_an_update_leads_with_the_fact_and_links_the_project(templates: Templates) -> None:
    message = show_announcement(templates, an_announcement())
    assert message.text == (
        ":white_check_mark: Status changed from in progress to review pending: SOC 2 Type II 2026"
    )
    words = json.dumps(message.blocks)
    for part in ("SOC 2", "62/100", "Review pending", "https://studio.example/projects/p-1"):
        assert part in words
    assert "acknowledge_alert" not in words


def test_a_report_is_named_and_opened(templates: Templates) -> None:
    view = an_announcement(Change.APPROVED, kind="report", template="report_ready", emoji=":bar_chart:")
    message = show_announcement(templates, view)
    assert message.text == ":bar_chart: Report ready: SOC 2 Type II 2026"
    assert "Open Report" in json.dumps(message.blocks)
    without = show_announcement(
        templates,
        an_announcement(Change.APPROVED, kind="report", template="report_ready", attributes={"url": "/p"}),
    )
    assert "Open Report" not in json.dumps(without.blocks)


def test_mentions_stand_below_the_header_and_a_note_at_the_end(templates: Templates) -> None:
    message = show_announcement(templates, an_announcement(note="Meant for #gone"))
    assert message.blocks[1]["text"]["text"] == "<!subteam^S012345>"
    assert message.blocks[-1]["elements"][0]["text"] == "Meant for #gone"


def test_a_template_that_is_not_there_gives_way_to_the_facts(templates: Templates) -> None:
    message = show_announcement(templates, an_announcement(template="no_such"))
    assert "Status changed from in progress to review pending: SOC 2 Type II 2026" in str(message.blocks[1])
    assert "template no_such could not be filled" in str(message.blocks[-1])
    assert_harmless(message, MENTIONS, "https://studio.example/projects/p-1")


def test_what_may_not_be_shown_leaves_a_reference_and_the_way_to_studio() -> None:
    message = show_announcement_withheld(an_announcement())
    words = json.dumps([message.text, message.blocks])
    assert "event 7" in message.text
    assert not re.search("SOC|review|62|Status", words)
    assert "https://studio.example/projects/p-1" in words
    assert_harmless(message, MENTIONS, "https://studio.example/projects/p-1")
