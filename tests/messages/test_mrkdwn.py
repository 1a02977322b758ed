from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.messages.mrkdwn import ELLIPSIS, clean, escape, inert, size, truncate, unlinked

HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from("*_~`<>&@#|!:/.\n\r\t \x00\u202e\u2066\u200d\ufe0f👩🏽🚀🇩🇪é…"),
        st.characters(exclude_categories=[]),
    ),
    max_size=200,
)


@given(HOSTILE)
def test_clean_text_can_be_sent_as_utf8_and_turns_no_direction(value: str) -> None:
    said = clean(value)
    assert said.encode("utf-8").decode("utf-8") == said
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", said)


@given(HOSTILE)
def test_inert_data_is_one_line_without_markup(value: str) -> None:
    said = inert(value)
    assert "<" not in said
    assert "`" not in said
    assert "\n" not in said
    for marker in re.finditer(r"[*_~]", said):
        assert said[marker.start() - 1 : marker.start()].isalnum()
        assert said[marker.end() : marker.end() + 1].isalnum()


def test_markers_inside_a_name_stay_so_that_it_can_be_copied() -> None:
    assert inert("my_bucket_1 and 2*3*4") == "my_bucket_1 and 2*3*4"


@pytest.mark.parametrize("text", ["*bold*", "_italic_", "~gone~", "`code`", "__init__", "(*x*)"])
def test_markers_at_an_edge_are_replaced_by_look_alikes(text: str) -> None:
    assert not set(inert(text)) & set("*_~`")


def test_data_cannot_begin_a_quote_or_a_line() -> None:
    assert inert("> said\n*Severity:* low") == "\u203a said \u2217Severity:\u2217 low"


@pytest.mark.parametrize(
    ("text", "alive"),
    [
        ("see https://evil.example/x", "https://"),
        ("evil.example", "evil.example"),
        ("mail bob@evil.example", "bob@evil"),
        ("@here and @channel", "@here"),
        ("#general", "#general"),
        ("mailto:x@y", "mailto:x"),
    ],
)
def test_bare_addresses_are_broken_where_slack_would_link_them(text: str, alive: str) -> None:
    assert alive not in unlinked(text)
    assert unlinked(text).replace("\u200b", "") == text


def test_accents_behind_an_entity_do_not_draw_the_cut_into_it() -> None:
    assert truncate("ab&gt;\u200d\u0301\u0301 and more", 7, markup=True) == "ab…"


@given(HOSTILE, st.integers(1, 60))
def test_a_cut_text_fits_and_cuts_no_entity(value: str, limit: int) -> None:
    cut = truncate(escape(clean(value)), limit, markup=True)
    assert size(cut) <= limit
    assert re.fullmatch(r"(?:[^&]|&(?:amp|lt|gt);)*", cut, re.DOTALL)


def test_a_text_that_fits_is_the_same_text() -> None:
    text = "é" * 10
    assert truncate(text, 10, markup=True) is text


def test_a_token_is_left_out_whole() -> None:
    text = "seen <!date^1^{date}|then> by <@U012345>"
    for limit in range(6, len(text)):
        cut = truncate(text, limit, markup=True)
        assert cut.count("<") == cut.count(">")


@pytest.mark.parametrize("sequence", ["👩‍🚀", "👍🏽", "🇩🇪", "e\u0301", "❤\ufe0f", "1\ufe0f\u20e3"])
def test_an_emoji_or_accented_letter_is_left_out_whole(sequence: str) -> None:
    text = "ab" + sequence + "cdefghijkl"
    for limit in range(4, 12):
        body = truncate(text, limit, markup=False).removesuffix(ELLIPSIS)
        assert body in ("ab", *(f"ab{sequence}{'cdefghijkl'[:count]}" for count in range(11)))


def test_length_is_counted_as_slack_counts_it() -> None:
    assert size("a🚀é") == 4
