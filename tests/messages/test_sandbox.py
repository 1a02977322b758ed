"""What a placeholder may do: name, test, loop once, filter. All else is refused when it is loaded."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance_bot.messages.templates import TemplateFailed, load_templates

LOOP = "{% for one in frameworks %}{{ one }}{% endfor %}"
PIECES = (
    *("{{", "}}", "{%", "%}", "{#", "#}", " title ", " frameworks ", " if ", " else", " endif ", " for "),
    *(" in ", " endfor ", "upper", "|", ".", ",", "[", "]", "(", ")", "'", '"', "1", "-", "+", "\\"),
)


def refused(directory: Path, template: Any) -> str:
    (directory / "mine.json.j2").write_text(json.dumps(template), encoding="utf-8")
    loaded, problems = load_templates(directory)
    assert loaded.names == frozenset()
    return "; ".join(map(str, problems))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ titel }}", "did you mean title?"),
        ("{{ title", "unexpected end of template"),
        ("{% if title %}", "Unexpected end of template"),
        ("{{ title.upper() }}", "call"),
        ("{{ range(1000000000) }}", "call"),
        ("{% for one in range(10**9) %}x{% endfor %}", "call"),
        ("{{ lipsum() }}", "call"),
        ("{{ 'a' * 100000000 }}", "mul"),
        ("{{ 9 ** 99999999 }}", "pow"),
        ("{{ 'a' % title }}", "mod"),
        ("{{ title ~ title }}", "concat"),
        ("{{ title[1:5] }}", "slice"),
        ("{{ {'a': 1} }}", "dict"),
        ("{% set title = 'x' %}", "assign"),
        ("{% include 'x' %}", "include"),
        ("{% import 'x' as y %}", "import"),
        ("{% extends 'x' %}", "extends"),
        ("{% macro a() %}{% endmacro %}", "macro"),
        ("{% call title() %}{% endcall %}", "callblock"),
        ("{% block a %}{% endblock %}", "block"),
        ("{% filter upper %}a{% endfilter %}", "filterblock"),
        ("{% with one = 1 %}{% endwith %}", "with"),
        ("{% autoescape false %}{% endautoescape %}", "is not something a template can do"),
        ("{{ title | safe }}", "no filter is called safe"),
        ("{{ title | attr('x') }}", "no filter is called attr"),
        ("{{ title is odious }}", "odious"),
        ("{% for a in 'ab' %}{% for b in 'ab' %}{{ b }}{% endfor %}{% endfor %}", "loop inside a loop"),
        ("{{ title.__class__ }}", "__class__ is not something a template can see"),
        ("{{ title['__class__'] }}", "__class__ is not something a template can see"),
        ("{{ title.a._b }}", "_b is not something a template can see"),
        ("{{ self.blocks }}", "self is not something a template can see"),
        ("{{ namespace }}", "no value is called namespace"),
        (f"{{{{ {'9' * 5_000} }}}}", "5000 digits"),
        ("<{{ title }}|View>", "inside <…>"),
        ("<@{{ title }}>", "inside <…>"),
    ],
)
def test_what_a_template_cannot_do_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    template = {"text": "Hi", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]}
    said = refused(tmp_path, template)
    assert said.startswith("mine.json.j2 blocks.0.text.text: ")
    assert words in said


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 5_000 + "title" + ")" * 5_000 + " }}",
        "{{ " + "not " * 5_000 + "title }}",
        "{{ title" + "|upper" * 5_000 + " }}",
        "{{ title" + ".a" * 5_000 + " }}",
        "{% if title %}" * 200 + "x" + "{% endif %}" * 200,
    ],
)
def test_nesting_without_end_is_told_and_breaks_nothing(tmp_path: Path, text: str) -> None:
    assert "nested too deeply" in refused(tmp_path, {"text": text, "blocks": []})


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    st.sampled_from(["%s", "{{ %s }}", "{%% if %s %%}x{%% endif %%}"]),
)
def test_whatever_stands_in_a_template_it_is_told_or_it_works(tmp_path: Path, text: str, around: str) -> None:
    template = {"text": around % text, "blocks": [{"type": "divider"}]}
    (tmp_path / "mine.json.j2").write_text(json.dumps(template), encoding="utf-8")
    loaded, problems = load_templates(tmp_path)
    assert bool(problems) is not bool(loaded.names)
    with contextlib.suppress(TemplateFailed):
        if loaded.names:
            loaded.render("mine", {"title": "x", "frameworks": ("SOC2",)})


def test_a_repeated_part_repeats_none_inside_it(tmp_path: Path) -> None:
    inner = {"for": "b in frameworks", "type": "mrkdwn", "text": "{{ b }}"}
    block = {"for": "a in frameworks", "type": "context", "elements": [inner]}
    assert "loop inside a loop" in refused(tmp_path, {"text": "Hi", "blocks": [block]})
    looping = {"for": "a in lines", "type": "header", "text": {"type": "plain_text", "text": LOOP}}
    assert "loop inside a loop" in refused(tmp_path, {"text": "Hi", "blocks": [looping]})
