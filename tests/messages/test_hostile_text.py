"""Whatever Studio writes: a payload within Slack's limits, and nothing alive in it but ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance_bot.messages import limits
from compliance_bot.messages.case_message import CaseView, show_case, show_case_plainly
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import size
from compliance_bot.messages.status_card import StatusView, show_status
from compliance_bot.messages.templates import Templates
from compliance_bot.model.cases import CaseState, StudioSync
from compliance_bot.sandbox.slack.blocks.check import message_faults

MakeView = Callable[..., CaseView]
PIECES = (
    "<!here>",
    "<!channel>",
    "<@U0EVIL00>",
    "<!subteam^S0EVIL>",
    "<#C0EVIL0>",
    "<https://evil.example|safe>",
    "<!date^1^{date}|x>",
    "https://evil.example/a?b&c",
    "*bold* _it_ ~st~ `code` ```",
    "> quote\n> two",
    "\u202eesrever\u2066",
    "👩‍👩‍👧‍👦🇩🇪👍🏽",
    "\x00\x1f\x7f\ud800\ufdd0\ufdd1",
    '"}],"blocks":[{"type":"divider"}',
    "{{ issue_url }}{% if x %}",
    "&amp;&lt;!here&gt;",
    "\n\r\n\u2028",
    "evil@evil.example",
    "x" * 3_000,
    "&" * 700,
    "<" * 50_000,
    "🚀" * 20_000,
)
HOSTILE = st.one_of(
    st.lists(
        st.one_of(st.sampled_from(PIECES), st.text(st.characters(exclude_categories=[]), max_size=30)),
        max_size=6,
    ).map("".join)
)
OURS = re.compile(
    r"<!date\^\d+\^\{date_short_pretty\} \{time\}\|\d{4}-\d\d-\d\d \d\d:\d\d UTC>"
    r"|<@U0BOB00>|<@U012345>|<!subteam\^S012345>"
)
ENTITIES = re.compile(r"(?:[^&<>]|&(?:amp|lt|gt);)*", re.DOTALL)


def mrkdwn_texts(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            assert part["verbatim"] is True
            yield part["text"]
        for value in part.values():
            yield from mrkdwn_texts(value)
    elif isinstance(part, list | tuple):
        for item in part:
            yield from mrkdwn_texts(item)


def assert_harmless(message: Message) -> None:
    payload = json.dumps({"text": message.text, "blocks": message.blocks}).encode("utf-8")
    assert json.loads(payload)["text"] == message.text
    assert json.dumps(message.blocks, ensure_ascii=False).encode("utf-8")
    assert message_faults(list(message.blocks)) == []
    assert 0 < size(message.text) <= limits.TEXT
    assert size(message.text) + limits.count(message.blocks) <= limits.BUDGET
    for text in (message.text, *mrkdwn_texts(message.blocks)):
        assert text.strip()
        assert ENTITIES.fullmatch(OURS.sub("", text)), text[:200]
    assert "evil.example" not in message.text
    assert not re.search(
        "[\x00-\x08\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef]", json.dumps(message.blocks, ensure_ascii=False)
    )


@pytest.mark.parametrize("template", ["critical_alert", "compliance_update"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_text_of_studio_gets_out_of_its_place(
    templates: Templates, a_view: MakeView, template: str, data: st.DataObject
) -> None:
    texts = {
        name: data.draw(HOSTILE, name)
        for name in (
            "title",
            "description",
            "category",
            "account",
            "resource",
            "recommendation",
            "assignee_name",
        )
    }
    several = {
        name: tuple(data.draw(st.lists(HOSTILE, max_size=4), name)) for name in ("frameworks", "controls")
    }
    case = {
        "state": data.draw(st.sampled_from(CaseState)),
        "sync": data.draw(st.sampled_from(StudioSync)),
        "sync_note": data.draw(HOSTILE),
        "closed_reason": data.draw(HOSTILE),
        "acknowledged_by": data.draw(st.sampled_from(["U0BOB00", None, "<!here>"])),
        "acknowledged_name": data.draw(HOSTILE),
    }
    view = a_view(case=case, finding={**texts, **several}, template=template, url=None)
    message = show_case(templates, view)
    assert_harmless(message)
    kinds = [block["type"] for block in message.blocks]
    assert set(kinds) <= {"header", "section", "rich_text", "actions", "context"}
    assert len(kinds) <= 10
    assert "http" not in str([block for block in message.blocks if block["type"] == "actions"])
    plain = show_case_plainly(view)
    assert size(plain.text) <= limits.TEXT + 1_000
    assert ENTITIES.fullmatch(OURS.sub("", plain.text))
    assert "evil.example" not in plain.text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(HOSTILE, st.none() | st.integers(-5, 200), st.integers(0, 9)), max_size=60),
    HOSTILE,
    st.lists(HOSTILE, max_size=12),
)
def test_no_name_of_studio_breaks_the_status_card(
    frameworks: list[tuple[str, int | None, int]], asked: str, missing: list[str]
) -> None:
    message = show_status(
        StatusView(
            overall=None,
            frameworks=tuple(frameworks),
            criticals=2,
            open_tasks=None,
            as_of=1_700_000_000.0,
            missing=tuple(missing),
            filter=asked,
        )
    )
    assert_harmless(message)
