"""Every shipped template, with every event's attributes, whole and with whatever may be missing missing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.cli.checkup.templates import made_up
from compliance_bot.messages import limits
from compliance_bot.messages.digest import ACKNOWLEDGE_ALL
from compliance_bot.messages.framing import ACKNOWLEDGE
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import size
from compliance_bot.messages.templates import Templates
from compliance_bot.rules.attributes import ALWAYS_PRESENT, ATTRIBUTES, EVENT_TYPES, Kind
from compliance_bot.sandbox.slack.blocks.check import message_faults

DIRECTORY = Path(__file__).parents[2] / "templates"
SHIPPED = (
    "critical_alert",
    "compliance_update",
    "report_ready",
    "approval_request",
    "deadline_reminder",
    "evidence_request",
    "evidence_receipt",
    "digest",
    "scan_failed",
    "daily_summary",
    "welcome",
    "away",
    "operations_notice",
)
SAMPLES: Mapping[Kind, Any] = {Kind.TEXT: "Words", Kind.NUMBER: 7, Kind.TEXTS: ("SOC2", "GDPR")}


def attributes(event_type: str, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """An event's attributes as conditions see them."""
    full = {name: SAMPLES[kind] for name, kind in ATTRIBUTES.items()}
    return {name: value for name, value in {**full, "type": event_type}.items() if name not in without}


def with_gaps(event_type: str) -> Iterator[dict[str, Any]]:
    optional = frozenset(ATTRIBUTES) - ALWAYS_PRESENT
    yield attributes(event_type)
    yield attributes(event_type, without=optional)
    for name in sorted(optional):
        yield attributes(event_type, without=frozenset({name}))
        yield attributes(event_type, without=optional - {name})


def assert_valid(message: Message) -> None:
    assert message_faults(list(message.blocks)) == []
    assert message.text.strip()
    assert size(message.text) + limits.count(message.blocks) <= limits.BUDGET
    shown = message.text + json.dumps(message.blocks)
    for slip in ("{{", "{%", "None", "Undefined", "\\ufdd"):
        assert slip not in shown


def dictionaries(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list | tuple) else ():
        yield from dictionaries(inner)


def test_every_template_of_the_contract_is_shipped_and_no_other(templates: Templates) -> None:
    assert templates.names == set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_whatever_an_event_lacks_the_message_is_one_that_slack_takes(
    templates: Templates, name: str, event_type: str
) -> None:
    for values in with_gaps(event_type):
        assert_valid(templates.render(name, values))


@pytest.mark.parametrize("name", SHIPPED)
def test_whatever_a_template_may_be_given_is_missing_one_by_one(templates: Templates, name: str) -> None:
    full = made_up(name)
    assert_valid(templates.render(name, full))
    for left_out in full:
        assert_valid(templates.render(name, {one: value for one, value in full.items() if one != left_out}))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_text_for_notifications_begins_with_the_fact(templates: Templates, name: str) -> None:
    said = templates.render(name, {**made_up(name), "heading": "Storage bucket is public"}).text[:80]
    facts = ("Storage bucket is public", "Quarterly report", "access-review", "214 findings")
    assert any(fact in said for fact in facts)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_button_is_dead_and_at_most_three_stand_in_a_row(templates: Templates, name: str) -> None:
    message = templates.render(name, made_up(name))
    for row in (block["elements"] for block in message.blocks if block["type"] == "actions"):
        assert len(row) <= 3
    for button in dictionaries(message.blocks):
        if button.get("type") == "button":
            assert "url" in button or button["action_id"] in (ACKNOWLEDGE, ACKNOWLEDGE_ALL)


@pytest.mark.parametrize("name", SHIPPED)
def test_severity_is_said_as_a_word_wherever_it_is_shown(templates: Templates, name: str) -> None:
    source = (DIRECTORY / f"{name}.json.j2").read_text(encoding="utf-8")
    if "severity" in source:
        lines = ({"severity": "Odd", "title": "x", "standing": "CB-1"},)
        said = templates.render(name, {**made_up("digest"), "severity": "Odd", "lines": lines})
        assert "Odd" in json.dumps(said.blocks)


@pytest.mark.parametrize("name", SHIPPED)
def test_times_are_date_tokens_in_blocks(templates: Templates, name: str) -> None:
    for text in dictionaries(templates.render(name, made_up(name)).blocks):
        if text.get("type") == "mrkdwn":
            assert "2026-01-01" not in text["text"].replace("|2026-01-01 00:00 UTC>", "")


def test_a_missing_value_takes_its_label_along(templates: Templates) -> None:
    for name in SHIPPED:
        for block in templates.render(name, {"id": "p-1", "change": "new"}).blocks:
            assert "fields" not in block


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-3, "Overdue"),
        (0, "Due today"),
        (1, "Due tomorrow"),
        (30, "Due in 30 days"),
        (None, "Deadline"),
    ],
)
def test_a_deadline_says_how_near_it_is(templates: Templates, days: int | None, words: str) -> None:
    values = {"title": "Access review"} | ({} if days is None else {"days_remaining": days})
    message = templates.render("deadline_reminder", values)
    assert message.text == f":clock9: {words}: Access review"
    assert message.blocks[0]["text"]["text"] == f":clock9: {words}"


@pytest.mark.parametrize("name", ["deadline_reminder", "daily_summary", "away", "scan_failed", "welcome"])
def test_a_list_of_sentences_is_a_list_of_plain_text(templates: Templates, name: str) -> None:
    message = templates.render(name, {"id": "x", "lines": ("<!here> *one*", "two")})
    rich = next(block for block in message.blocks if "rich_text_list" in str(block))
    assert [line["elements"][0]["text"] for line in rich["elements"][1]["elements"]] == [
        "<!here> *one*",
        "two",
    ]
