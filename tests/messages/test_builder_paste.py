"""What Block Kit Builder exports is a template as it stands: nothing is renamed, dropped or understood."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.messages.templates import Templates, load_templates
from compliance_bot.sandbox.slack.blocks.check import message_faults

PACKAGE = Path(__file__).parents[2] / "compliance_bot"

EXPORT = (Path(__file__).parent / "builder_export.json").read_text(encoding="utf-8")
"""Nearly every block of the Builder's palette, as its clipboard holds it."""
NEWER: tuple[dict[str, Any], ...] = (
    {
        "type": "data_table",
        "caption": "Findings",
        "page_size": 5,
        "rows": [
            [{"type": "raw_text", "text": "Title"}, {"type": "raw_number", "value": 3}],
            [{"type": "raw_text", "text": "A"}, {"type": "raw_number", "value": 4, "text": "four"}],
        ],
    },
    {"type": "alert", "text": {"type": "mrkdwn", "text": "Look"}, "level": "warning"},
    {
        "type": "card",
        "title": {"type": "plain_text", "text": "A card"},
        "body": {"type": "mrkdwn", "text": "b"},
    },
    {
        "type": "container",
        "title": {"type": "plain_text", "text": "More"},
        "is_collapsible": True,
        "child_blocks": [{"type": "divider"}],
    },
    {
        "type": "data_visualization",
        "title": "Score",
        "chart_type": "line",
        "data": {"series": [[1, 2.5, None]]},
    },
    {"type": "plan", "title": "Plan", "tasks": [{"task_id": "1", "title": "One", "status": "pending"}]},
    {"type": "markdown", "text": "**bold** [a](https://x.example)\n\n| a | b |\n|---|---|"},
    {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "action_id": "x"}]},
    {"type": "something_of_2031", "deep": [[{"anything": [None, True, 1.5, "x", {}, []]}]], "text": "words"},
)


def load(directory: Path, text: str) -> Templates:
    (directory / "mine.json.j2").write_text(text, encoding="utf-8")
    loaded, problems = load_templates(directory)
    assert problems == ()
    return loaded


def verbatim(part: Any) -> Any:
    """The same, with the one thing that is added: Slack makes no links of its own in our mrkdwn."""
    if isinstance(part, dict):
        own = {"verbatim": True} if part.get("type") == "mrkdwn" else {}
        return {key: verbatim(value) for key, value in part.items()} | own
    return [verbatim(item) for item in part] if isinstance(part, list) else part


def test_an_export_works_as_a_template_untouched(tmp_path: Path) -> None:
    message = load(tmp_path, EXPORT).render("mine", {"title": "Leak", "score": 82, "issue_id": "CB-1"})
    by_hand = EXPORT.replace("{{ title }}", "Leak").replace("{{ score }}", "82")
    wanted = json.loads(by_hand.replace("{{ issue_id }}", "CB-1"))["blocks"]
    assert list(message.blocks) == verbatim(wanted)
    assert message_faults(list(message.blocks)) == []
    assert message.text == "New request :tada:"


def test_an_export_with_a_byte_order_mark_and_windows_line_ends_is_the_same(tmp_path: Path) -> None:
    plain = load(tmp_path, EXPORT).render("mine", {"title": "Leak"})
    assert load(tmp_path, "\ufeff" + EXPORT.replace("\n", "\r\n")).render("mine", {"title": "Leak"}) == plain


@pytest.mark.parametrize("block", NEWER, ids=lambda block: block["type"])
def test_a_block_that_nobody_here_knows_passes_as_it_is(tmp_path: Path, block: dict[str, Any]) -> None:
    text = json.dumps({"text": "Hi", "blocks": [block]})
    assert list(load(tmp_path, text).render("mine", {}).blocks) == verbatim([block])


@pytest.mark.parametrize("block", NEWER, ids=lambda block: block["type"])
def test_it_passes_also_beside_texts_that_have_to_be_cut(tmp_path: Path, block: dict[str, Any]) -> None:
    long = {"type": "section", "text": {"type": "plain_text", "text": "w" * 3_000}}
    text = json.dumps({"text": "Hi", "blocks": [*[long] * 6, block]})
    assert load(tmp_path, text).render("mine", {}).blocks[-1] == verbatim(block)


def test_the_models_of_slacks_sdk_touch_no_block() -> None:
    """They drop what they do not know (slack_sdk 3.47: unknown blocks become None)."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            assert not any(name.startswith("slack_sdk.models") for name in names), file
