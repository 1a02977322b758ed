"""Block Kit's limits, each just met and just passed."""

from __future__ import annotations

from typing import Any

import pytest

from compliance_bot.sandbox.slack.blocks.check import message_faults, view_faults
from tests.sandbox.slack.cases import home, modal, words

Blocks = list[dict[str, Any]]


def text(length: int) -> dict[str, Any]:
    """A mrkdwn object of that length."""
    return {"type": "mrkdwn", "text": "x" * length}


def button(**more: Any) -> dict[str, Any]:
    """A button Slack takes."""
    return {"type": "button", "text": words("Go"), **more}


def actions(*elements: dict[str, Any]) -> Blocks:
    """One actions block."""
    return [{"type": "actions", "elements": list(elements)}]


def select(**more: Any) -> dict[str, Any]:
    """A static select Slack takes."""
    return {"type": "static_select", "placeholder": words(), "options": options(1), **more}


def options(count: int, **more: Any) -> Blocks:
    """Options of a select."""
    return [{"text": words("t"), "value": f"v{number}", **more} for number in range(count)]


def confirm(**more: Any) -> dict[str, Any]:
    """A confirm dialogue."""
    return {"title": words(), "text": words(), "confirm": words(), "deny": words(), **more}


def table(rows: int, cells: int = 1) -> Blocks:
    """A table."""
    return [{"type": "table", "rows": [[{"type": "raw_text", "text": "c"}] * cells] * rows}]


def inputs(**more: Any) -> Blocks:
    """One input block."""
    return [{"type": "input", "label": words(), "element": {"type": "plain_text_input"}, **more}]


LIMITS: list[tuple[str, Any, int, str]] = [
    ("blocks", lambda n: [{"type": "divider"}] * n, 50, "/blocks"),
    ("header", lambda n: [{"type": "header", "text": words("x" * n)}], 150, "/blocks/0/text/text"),
    ("section", lambda n: [{"type": "section", "text": text(n)}], 3000, "/blocks/0/text/text"),
    ("fields", lambda n: [{"type": "section", "fields": [text(1)] * n}], 10, "/blocks/0/fields"),
    ("field", lambda n: [{"type": "section", "fields": [text(n)]}], 2000, "/blocks/0/fields/0/text"),
    ("actions", lambda n: actions(*[button()] * n), 25, "/blocks/0/elements"),
    ("context", lambda n: [{"type": "context", "elements": [text(1)] * n}], 10, "/blocks/0/elements"),
    ("block_id", lambda n: [{"type": "divider", "block_id": "x" * n}], 255, "/blocks/0/block_id"),
    ("button text", lambda n: actions(button(text=words("x" * n))), 75, "/blocks/0/elements/0/text/text"),
    ("button value", lambda n: actions(button(value="x" * n)), 2000, "/blocks/0/elements/0/value"),
    (
        "button url",
        lambda n: actions(button(url="https://" + "x" * (n - 8))),
        3000,
        "/blocks/0/elements/0/url",
    ),
    ("action_id", lambda n: actions(button(action_id="x" * n)), 255, "/blocks/0/elements/0/action_id"),
    (
        "label of a button",
        lambda n: actions(button(accessibility_label="x" * n)),
        75,
        "/blocks/0/elements/0/accessibility_label",
    ),
    ("options", lambda n: actions(select(options=options(n))), 100, "/blocks/0/elements/0/options"),
    (
        "option text",
        lambda n: actions(select(options=[{"text": words("x" * n), "value": "v"}])),
        75,
        "/blocks/0/elements/0/options/0/text/text",
    ),
    (
        "option value",
        lambda n: actions(select(options=[{"text": words(), "value": "x" * n}])),
        150,
        "/blocks/0/elements/0/options/0/value",
    ),
    (
        "placeholder",
        lambda n: actions(select(placeholder=words("x" * n))),
        150,
        "/blocks/0/elements/0/placeholder/text",
    ),
    (
        "overflow",
        lambda n: actions({"type": "overflow", "options": options(n)}),
        5,
        "/blocks/0/elements/0/options",
    ),
    (
        "checkboxes",
        lambda n: actions({"type": "checkboxes", "options": options(n)}),
        10,
        "/blocks/0/elements/0/options",
    ),
    (
        "confirm title",
        lambda n: actions(button(confirm=confirm(title=words("x" * n)))),
        100,
        "/blocks/0/elements/0/confirm/title/text",
    ),
    (
        "confirm text",
        lambda n: actions(button(confirm=confirm(text=words("x" * n)))),
        300,
        "/blocks/0/elements/0/confirm/text/text",
    ),
    (
        "confirm yes",
        lambda n: actions(button(confirm=confirm(confirm=words("x" * n)))),
        30,
        "/blocks/0/elements/0/confirm/confirm/text",
    ),
    (
        "image alt",
        lambda n: [{"type": "image", "image_url": "https://a.example/i.png", "alt_text": "x" * n}],
        2000,
        "/blocks/0/alt_text",
    ),
    ("label", lambda n: inputs(label=words("x" * n)), 2000, "/blocks/0/label/text"),
    ("hint", lambda n: inputs(hint=words("x" * n)), 2000, "/blocks/0/hint/text"),
    (
        "max_length",
        lambda n: inputs(element={"type": "plain_text_input", "max_length": n}),
        3000,
        "/blocks/0/element/max_length",
    ),
    (
        "max_files",
        lambda n: inputs(element={"type": "file_input", "max_files": n}),
        10,
        "/blocks/0/element/max_files",
    ),
    ("markdown", lambda n: [{"type": "markdown", "text": "x" * n}], 12_000, "/blocks/0/text"),
    ("rows", table, 100, "/blocks/0/rows"),
    ("cells", lambda n: table(1, n), 20, "/blocks/0/rows/0"),
    ("tables", lambda n: table(1) * n, 1, "/blocks"),
]


@pytest.mark.parametrize(
    ("make", "most", "pointer"), [one[1:] for one in LIMITS], ids=[one[0] for one in LIMITS]
)
def test_the_limit_may_be_met_and_not_passed(make: Any, most: int, pointer: str) -> None:
    assert message_faults(make(most)) == []
    assert any(fault.endswith(f"[json-pointer:{pointer}]") for fault in message_faults(make(most + 1)))


REFUSED: list[tuple[str, Blocks, str]] = [
    ("an unknown type", [{"type": "marquee"}], "unsupported type: marquee [json-pointer:/blocks/0/type]"),
    ("no type", [{}], "missing required field: type [json-pointer:/blocks/0]"),
    ("no text", [{"type": "header"}], "missing required field: text [json-pointer:/blocks/0]"),
    ("mrkdwn in a header", [{"type": "header", "text": text(1)}], 'value must be "plain_text"'),
    ("an empty text", [{"type": "header", "text": words("")}], "must be more than 0 characters"),
    ("a strange key", [{"type": "divider", "color": "red"}], "invalid additional property: color"),
    ("a strange style", actions(button(style="gold")), 'value must be "primary" or "danger"'),
    ("no scheme", actions(button(url="studio.example/1")), "must be a valid URL"),
    ("a script", actions(button(url="javascript:alert(1)")), "must be a valid URL"),
    ("a section of nothing", [{"type": "section"}], "must define one of: text, fields"),
    ("the same block twice", [{"type": "divider", "block_id": "a"}] * 2, "`block_id` already exists"),
    (
        "the same action twice",
        actions(button(action_id="a"), button(action_id="a")),
        "`action_id` 'a' already exists",
    ),
    ("an alert in a message", [{"type": "alert", "text": words()}], "unsupported type: alert"),
    (
        "a choice that is not offered",
        actions(select(initial_option=options(2)[1])),
        "must exactly match one of the options [json-pointer:/blocks/0/elements/0/initial_option]",
    ),
    (
        "a tick that is not offered",
        actions({"type": "checkboxes", "options": options(1), "initial_options": options(2)}),
        "must exactly match one of the options",
    ),
    ("an input among buttons", actions({"type": "plain_text_input"}), "unsupported type: plain_text_input"),
]


@pytest.mark.parametrize(
    ("blocks", "words_of"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED]
)
def test_it_is_refused_in_slacks_words(blocks: Blocks, words_of: str) -> None:
    assert any(words_of in fault for fault in message_faults(blocks))


@pytest.mark.parametrize("given", [None, "text", {"type": "divider"}, [3], [None], [["x"]]])
def test_what_is_no_list_of_blocks_is_refused(given: Any) -> None:
    assert message_faults(given)


VIEWS: list[tuple[str, Any, int]] = [
    ("title", lambda n: modal(title=words("x" * n)), 24),
    ("submit", lambda n: modal(submit=words("x" * n)), 24),
    ("close", lambda n: modal(close=words("x" * n)), 24),
    ("private_metadata", lambda n: modal(private_metadata="x" * n), 3000),
    ("callback_id", lambda n: modal(callback_id="x" * n), 255),
    ("external_id", lambda n: modal(external_id="x" * n), 255),
    ("blocks of a modal", lambda n: modal(blocks=[{"type": "divider"}] * n), 100),
    ("blocks of a home", lambda n: home(blocks=[{"type": "divider"}] * n), 100),
]


@pytest.mark.parametrize(("make", "most"), [one[1:] for one in VIEWS], ids=[one[0] for one in VIEWS])
def test_a_view_may_meet_its_limit_and_not_pass_it(make: Any, most: int) -> None:
    assert view_faults(make(most)) == []
    assert view_faults(make(most + 1))


def test_an_input_needs_a_submit() -> None:
    assert view_faults(modal(blocks=inputs())) == [
        "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]"
    ]
    assert view_faults(modal(blocks=inputs(), submit=words("Send"))) == []


async def test_a_refusal_of_blocks_points_at_the_place(hand: Any) -> None:
    body = await hand.call(
        "chat.postMessage", channel="C0ALERTS1", blocks=[{"type": "header", "text": text(1)}]
    )
    [line] = body["errors"]
    assert line == 'value must be "plain_text" [json-pointer:/blocks/0/text/type]'
    assert body["response_metadata"]["messages"] == [f"[ERROR] {line}"]


async def test_a_light_slack_does_not_look_at_blocks(slack: Any, hand: Any) -> None:
    slack.settings.light = True
    body = await hand.call("chat.postMessage", channel="C0ALERTS1", blocks=[{"type": "marquee"}])
    assert body["ok"] is True


async def test_blocks_validate_needs_no_token(hand: Any) -> None:
    body = await hand.call("blocks.validate", "", blocks=[{"type": "marquee"}])
    assert body["errors"][0]["pointer"] == "/blocks/0/type"
