"""Whatever Studio writes: a payload within Slack's limits, and nothing alive in it but ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hostile_text import (
    PAGE,
    PERMALINK,
    a_text,
    assert_harmless,
    assert_plain_harmless,
    dictionaries,
    some_texts,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import meta

from compliance_bot.messages.announcement import (
    AnnouncementView,
    show_announcement,
    show_announcement_plainly,
    show_announcement_withheld,
)
from compliance_bot.messages.case_message import (
    CaseView,
    Proposed,
    show_case,
    show_case_plainly,
    show_case_withheld,
)
from compliance_bot.messages.digest import (
    DigestLine,
    DigestView,
    show_digest,
    show_digest_plainly,
    show_digest_withheld,
)
from compliance_bot.messages.sandbox import ENVIRONMENT
from compliance_bot.messages.templates import Templates, load_templates
from compliance_bot.messages.values import Markup, Moment, link
from compliance_bot.messages.vocabulary import KNOWN_VALUES
from compliance_bot.messages.welcome import (
    WelcomeView,
    show_welcome,
    show_welcome_plainly,
    show_welcome_withheld,
)
from compliance_bot.model.cases import CaseState, StudioSync
from compliance_bot.model.events import Cause, Change, Event
from compliance_bot.model.findings import Severity
from compliance_bot.rules.attributes import ATTRIBUTES, EVENT_TYPES, Kind

MakeView = Callable[..., CaseView]
DIRECTORY = Path(__file__).parents[2] / "templates"
NAMES = sorted(path.name.removesuffix(".json.j2") for path in DIRECTORY.glob("*.json.j2"))
MENTIONS = ("<!subteam^S012345>", "<@U012345>")
ADDRESSES = st.sampled_from([None, PAGE, "https://studio.example/<!here>", "javascript:alert(1)", "<!here>"])
SHIPPED, _ = load_templates(DIRECTORY)
"""Loaded here and no fixture: Hypothesis prints every argument of a test, and this one is long."""
modest = settings(max_examples=30, deadline=None)


def spread(names: Any, pool: list[Any], shift: int = 0) -> dict[str, Any]:
    return {name: pool[(place + shift) % len(pool)] for place, name in enumerate(sorted(names))}


def source(name: str) -> str:
    return (DIRECTORY / f"{name}.json.j2").read_text(encoding="utf-8")


def values_for(texts: list[str], shift: int) -> Mapping[str, Any]:
    """Every name that a template may use, each with something that it was not made for."""
    line = spread(("ref", "severity", "title", "state", "standing", "acknowledge"), texts, shift)
    lines = tuple(texts) if shift % 2 else (line,) * 20
    several = {"frameworks": tuple(texts[:3]), "controls": tuple(texts), "lines": lines}
    mixed = [*texts, Moment(1_700_000_000.0), link(PAGE), Markup("a", "b")]
    other = spread(("due", "at", "url", "issue_url", "report_url", "counts", "more", "notice"), mixed, shift)
    numbers = {"days_remaining": -2.5, "occurrences": shift % 2 == 0}
    return {**spread(KNOWN_VALUES, texts, shift), **several, **other, **numbers}


@pytest.mark.parametrize("name", NAMES)
def test_every_value_that_a_template_shows_is_given_hostile_texts(name: str) -> None:
    assert meta.find_undeclared_variables(ENVIRONMENT.parse(source(name))) <= KNOWN_VALUES | {"line"}
    assert set(values_for(["x"] * 6, 0)) == KNOWN_VALUES


@pytest.mark.parametrize("name", NAMES)
@modest
@given(data=st.data())
def test_no_value_gets_out_of_its_place_in_any_template(name: str, data: st.DataObject) -> None:
    texts, shift = some_texts(data, 4, 6), data.draw(st.integers(0, 60))
    message = SHIPPED.render(name, values_for([f"{text}." for text in texts], shift))
    assert_harmless(message)
    own = json.loads(source(name))["blocks"]
    assert {block["type"] for block in message.blocks} <= {block["type"] for block in own}
    assert len(message.blocks) <= len(own) + 20
    ids = {part.get("action_id") for part in dictionaries(message.blocks)}
    assert ids <= {part.get("action_id") for part in dictionaries(own)}


@pytest.mark.parametrize("name", NAMES)
@modest
@given(data=st.data())
def test_no_text_of_a_finding_gets_out_of_its_case(a_view: MakeView, name: str, data: st.DataObject) -> None:
    texts, shift = some_texts(data, 4, 6), data.draw(st.integers(0, 60))
    words = ("title", "description", "category", "account", "resource", "recommendation", "assignee_name")
    several = {"frameworks": tuple(texts[:3]), "controls": tuple(texts[3:])}
    case = {
        "state": data.draw(st.sampled_from(CaseState)),
        "sync": data.draw(st.sampled_from(StudioSync)),
        "acknowledged_by": data.draw(st.sampled_from([None, "<!here>", texts[0]])),
        "closed_by": data.draw(st.sampled_from([None, "<!here>", texts[0]])),
        "decision_id": data.draw(st.sampled_from([None, 12])),
        **spread(("sync_note", "closed_reason", "acknowledged_name"), texts, shift),
        **spread(("closed_name", "snoozed_name", "snooze_reason"), texts, shift + 1),
    }
    view = a_view(
        case=case,
        finding={**spread(words, texts, shift), **several},
        template=name,
        url=data.draw(ADDRESSES),
        change=texts[shift % len(texts)],
        project=texts[-1],
        mentions=MENTIONS,
        reason=data.draw(st.sampled_from([None, texts[1]])),
        proposed=data.draw(st.sampled_from([None, Proposed(action=texts[0], name=texts[2], at=0.0)])),
    )
    assert_harmless(show_case(SHIPPED, view), MENTIONS)
    assert_harmless(show_case_withheld(view), MENTIONS)
    assert_plain_harmless(show_case_plainly(view), MENTIONS)


def an_event(texts: list[str], data: st.DataObject) -> Event:
    by_kind = {Kind.TEXT: texts[0], Kind.NUMBER: 7, Kind.TEXTS: tuple(texts)}
    attributes = {name: by_kind[kind] for name, kind in ATTRIBUTES.items()}
    own = {"title": texts[1], "project": texts[2], "url": data.draw(ADDRESSES) or ""}
    return Event(
        type=data.draw(st.sampled_from(EVENT_TYPES)),
        studio_id=texts[3][:100],
        change=data.draw(st.sampled_from(Change)),
        cause=Cause.STUDIO,
        attributes={**attributes, **own},
    )


@pytest.mark.parametrize("name", [*NAMES, "no_such"])
@modest
@given(data=st.data())
def test_no_text_of_an_event_gets_out_of_its_announcement(name: str, data: st.DataObject) -> None:
    texts = some_texts(data, 4, 6)
    view = AnnouncementView(
        event=an_event(texts, data),
        before=data.draw(st.sampled_from([None, texts[3]])),
        after=texts[0],
        template=name,
        emoji=":bar_chart:",
        mentions=MENTIONS,
        note=None,
        reference="E-7",
    )
    message = show_announcement(SHIPPED, view)
    assert "acknowledge_alert" not in str(message.blocks)
    assert_harmless(message, MENTIONS)
    assert_harmless(show_announcement_withheld(view), MENTIONS)
    assert_plain_harmless(show_announcement_plainly(view), MENTIONS)


def a_line(data: st.DataObject) -> DigestLine:
    return DigestLine(
        ref=data.draw(st.sampled_from(["", "CB-7F3K"])),
        severity=data.draw(st.sampled_from([None, *Severity])),
        title=a_text(data),
        state=a_text(data),
        open=data.draw(st.booleans()),
        url=data.draw(ADDRESSES),
        moved_to=data.draw(st.sampled_from([None, PERMALINK, "https://evil.example/|x>"])),
        withheld=data.draw(st.booleans()),
    )


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_no_title_gets_out_of_its_line_in_a_digest(data: st.DataObject) -> None:
    some = [a_line(data) for _ in range(data.draw(st.integers(1, 6)))]
    lines = tuple((some * data.draw(st.integers(1, 5)))[:20])
    view = DigestView(
        ref="D-12",
        lines=lines,
        total=len(lines) + 3,
        handled=1,
        by_severity={Severity.HIGH: len(lines)},
        emoji=":card_index_dividers:",
        mentions=MENTIONS,
        ping=data.draw(st.booleans()),
        since=0.0,
        until=None,
        note=None,
        urgent=False,
    )
    message = show_digest(SHIPPED, view)
    assert_harmless(message, MENTIONS)
    shown = [one for one in message.blocks if one["type"] == "section" and "block_id" not in one]
    assert len(shown) <= len(lines)
    assert_harmless(show_digest(Templates({}), view), MENTIONS)
    assert_harmless(show_digest_withheld(view), MENTIONS)
    assert_plain_harmless(show_digest_plainly(view), MENTIONS)


@modest
@given(data=st.data())
def test_no_name_breaks_a_welcome(data: st.DataObject) -> None:
    texts = some_texts(data, 1, 30)
    view = WelcomeView(
        channel_name=texts[0],
        counts={"high": 1, texts[0]: 2},
        total=data.draw(st.integers(0, 3)),
        lands=tuple(texts),
        pings=tuple(texts),
        since=0.0,
        shadow=data.draw(st.booleans()),
    )
    assert_harmless(show_welcome(SHIPPED, view))
    assert_harmless(show_welcome(Templates({}), view))
    assert_harmless(show_welcome_withheld(view))
    assert_plain_harmless(show_welcome_plainly(view))
