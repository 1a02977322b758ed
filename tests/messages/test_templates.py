from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.messages.sandbox import FILTERS
from compliance_bot.messages.templates import Message, TemplateFailed, Templates, load_templates
from compliance_bot.messages.values import Moment, link
from compliance_bot.messages.vocabulary import KNOWN_VALUES
from compliance_bot.rules.attributes import ATTRIBUTES

SECTION = {
    "type": "section",
    "text": {"type": "mrkdwn", "text": "*Issue:* {{ title }}\n*Score:* {{ score }}"},
}


def load(directory: Path, template: Any) -> Templates:
    text = template if isinstance(template, str) else json.dumps(template)
    (directory / "mine.json.j2").write_text(text, encoding="utf-8")
    loaded, problems = load_templates(directory)
    assert problems == ()
    return loaded


def refused(directory: Path, template: Any) -> str:
    text = template if isinstance(template, str) else json.dumps(template)
    (directory / "mine.json.j2").write_text(text, encoding="utf-8")
    loaded, problems = load_templates(directory)
    assert loaded.names == frozenset()
    return "; ".join(map(str, problems))


def first_text(message: Message) -> str:
    return str(message.blocks[0]["text"]["text"])


def test_blocks_as_the_builder_exports_them_work_without_a_text(tmp_path: Path) -> None:
    message = load(tmp_path, {"blocks": [SECTION]}).render("mine", {"title": "Leak", "score": 7})
    assert message.text == "*Issue:* Leak\n*Score:* 7"
    assert first_text(message) == "*Issue:* Leak\n*Score:* 7"


def test_a_line_whose_value_is_missing_is_left_out(tmp_path: Path) -> None:
    message = load(tmp_path, {"blocks": [SECTION]}).render("mine", {"title": "Leak"})
    assert first_text(message) == "*Issue:* Leak"


def test_a_field_whose_value_is_missing_goes_with_its_label(tmp_path: Path) -> None:
    fields = [{"type": "mrkdwn", "text": f"*{name}*\n{{{{ {name} }}}}"} for name in ("title", "score")]
    message = load(tmp_path, {"text": "Hi", "blocks": [{"type": "section", "fields": fields}]}).render(
        "mine", {"title": "Leak"}
    )
    assert [field["text"] for field in message.blocks[0]["fields"]] == ["*title*\nLeak"]


def test_a_block_of_which_no_line_is_left_goes(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"text": "Hi", "blocks": [SECTION, {"type": "divider"}]})
    assert loaded.render("mine", {}).blocks == ({"type": "divider"},)


def test_a_message_of_which_nothing_is_left_fails_by_name(tmp_path: Path) -> None:
    with pytest.raises(TemplateFailed, match="mine"):
        load(tmp_path, {"text": "{{ title }}", "blocks": [SECTION]}).render("mine", {})


def test_a_button_without_its_link_goes_and_the_empty_row_with_it(tmp_path: Path) -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "View"}, "url": "{{ issue_url }}"}
    loaded = load(tmp_path, {"text": "Hi", "blocks": [{"type": "actions", "elements": [button]}, SECTION]})
    assert len(loaded.render("mine", {"title": "x"}).blocks) == 1
    full = loaded.render("mine", {"title": "x", "issue_url": link("https://studio.example/f?a=1&b=2")})
    assert full.blocks[0]["elements"][0]["url"] == "https://studio.example/f?a=1&b=2"


def test_text_from_studio_never_becomes_a_link(tmp_path: Path) -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "View"}, "url": "{{ title }}"}
    loaded = load(
        tmp_path, {"text": "Hi", "blocks": [{"type": "actions", "elements": [button]}, {"type": "divider"}]}
    )
    assert "https://evil" not in str(loaded.render("mine", {"title": "https://evil.example"}).blocks)


def test_a_part_with_an_if_depends_on_a_value(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"text": "Hi", "blocks": [{"type": "divider", "if": "score > 5"}, SECTION]})
    assert len(loaded.render("mine", {"title": "x", "score": 6}).blocks) == 2
    assert len(loaded.render("mine", {"title": "x", "score": 5}).blocks) == 1
    assert len(loaded.render("mine", {"title": "x"}).blocks) == 1
    assert "if" not in loaded.render("mine", {"title": "x", "score": 6}).blocks[0]


def test_a_part_with_a_for_is_repeated(tmp_path: Path) -> None:
    line = {
        "type": "section",
        "for": "one in frameworks",
        "text": {"type": "plain_text", "text": "{{ one }}"},
    }
    message = load(tmp_path, {"text": "Hi", "blocks": [line]}).render(
        "mine", {"frameworks": ("SOC2", "<GDPR>")}
    )
    assert [block["text"]["text"] for block in message.blocks] == ["SOC2", "<GDPR>"]


def test_escaping_follows_the_field(tmp_path: Path) -> None:
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "{{ title }}"}},
        {"type": "section", "text": {"type": "plain_text", "text": "{{ title }}"}},
    ]
    message = load(tmp_path, {"text": "{{ title }}", "blocks": blocks}).render(
        "mine", {"title": "a <b> & *c* x.io"}
    )
    assert [block["text"]["text"] for block in message.blocks] == [
        "a &lt;b&gt; &amp; \u2217c\u2217 x.io",
        "a <b> & *c* x.io",
    ]
    assert message.text == "a &lt;b&gt; &amp; \u2217c\u2217 x.\u200bio"
    assert message.blocks[0]["text"]["verbatim"] is True


def test_a_time_is_a_date_token_in_mrkdwn_and_words_elsewhere(tmp_path: Path) -> None:
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "{{ due }}"}},
        {"type": "section", "text": {"type": "plain_text", "text": "{{ due }}"}},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "date", "timestamp": "{{ due }}", "format": "{date_short}"}],
                }
            ],
        },
    ]
    message = load(tmp_path, {"text": "Hi", "blocks": blocks}).render("mine", {"due": Moment(0.5)})
    assert message.blocks[0]["text"]["text"] == "<!date^0^{date_short_pretty} {time}|1970-01-01 00:00 UTC>"
    assert message.blocks[1]["text"]["text"] == "1970-01-01 00:00 UTC"
    assert message.blocks[2]["elements"][0]["elements"][0]["timestamp"] == 0


def test_the_private_marks_of_rendering_cannot_come_from_data(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"text": "Hi", "blocks": [SECTION]})
    assert (
        first_text(loaded.render("mine", {"title": "a\ufdd0b\ufdd1c", "score": 1}))
        == "*Issue:* abc\n*Score:* 1"
    )


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"type": ["section"]}, "blocks.0.type: must be a word"),
        ({"type": "section", "text": {"type": "mrkdwn"}}, 'needs a text under "text"'),
        ({"type": "section", "text": {"type": "plain_text", "text": 5}}, 'needs a text under "text"'),
    ],
)
def test_a_part_that_is_no_block_kit_is_told_with_its_place(tmp_path: Path, block: Any, words: str) -> None:
    assert words in refused(tmp_path, {"text": "Hi", "blocks": [block]})


def test_a_button_that_asks_first_is_not_shown_without_its_question(tmp_path: Path) -> None:
    asked = {"title": "Sure?", "text": "This closes {{ title }}", "confirm": "Yes", "deny": "No"}
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": "Close"},
        "value": "x",
        "confirm": {key: {"type": "plain_text", "text": text} for key, text in asked.items()},
    }
    row = {"type": "actions", "elements": [button]}
    loaded = load(tmp_path, {"text": "Hi", "blocks": [row, {"type": "divider"}]})
    assert loaded.render("mine", {}).blocks == ({"type": "divider"},)
    assert loaded.render("mine", {"title": "x"}).blocks[0]["elements"][0]["confirm"]


def test_an_empty_cell_of_a_table_is_a_dash_so_that_no_column_shifts(tmp_path: Path) -> None:
    row = [{"type": "raw_text", "text": f"{{{{ {name} }}}}"} for name in ("title", "score", "status")]
    loaded = load(tmp_path, {"text": "Hi", "blocks": [{"type": "table", "rows": [row]}]})
    shown = loaded.render("mine", {"title": "Leak", "status": "Open"}).blocks[0]["rows"][0]
    assert [cell["text"] for cell in shown] == ["Leak", "–", "Open"]  # noqa: RUF001 - the dash of tables


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    blocks = [
        {"type": "{{ title }}"},
        {"type": "section", "text": {"type": "plain_text", "text": "{{ nope }}"}},
    ]
    said = refused(tmp_path, {"text": "{{ neither }}", "blocks": blocks})
    assert "no value may stand" in said
    assert "nope" in said
    assert "neither" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"blocks": [{% if title %}{"type": "divider"}{% endif %}]}', 'key "if"'),
        ('{"blocks": [}', "mine.json.j2:1:13"),
        ("[]", "is not a message"),
        ('{"blocks": [], "attachments": []}', 'not "attachments"'),
        ('{"blocks": [], "blocks": []}', "stands twice"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_broken_file_says_what_to_mend(tmp_path: Path, text: str, words: str) -> None:
    assert words in refused(tmp_path, text)


def test_one_broken_template_leaves_the_others_standing(tmp_path: Path) -> None:
    (tmp_path / "bad.json.j2").write_text("{")
    (tmp_path / "good.json.j2").write_text('{"text": "Hi", "blocks": []}')
    loaded, problems = load_templates(tmp_path)
    assert loaded.names == {"good"}
    assert [problem.file for problem in problems] == ["bad.json.j2"]


def test_a_directory_without_templates_is_a_problem(tmp_path: Path) -> None:
    _, problems = load_templates(tmp_path / "nowhere")
    assert len(problems) == 1


def test_a_template_may_name_whatever_a_condition_may() -> None:
    assert set(ATTRIBUTES) <= KNOWN_VALUES


def test_the_templates_that_the_shipped_rules_name_are_shipped(templates: Templates) -> None:
    assert {"critical_alert", "compliance_update", "report_ready", "operations_notice"} <= templates.names


def test_the_readme_lists_every_value_and_every_filter() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    section = readme.partition("### Message templates")[2].partition("\n## ")[0]
    listed = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]*)`", section))))
    assert listed >= KNOWN_VALUES
    assert listed >= set(FILTERS)
