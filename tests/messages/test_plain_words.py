"""What a person wrote in Slack, without Slack's markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.messages.plain_words import as_plain


def name_of(person_id: str) -> str | None:
    return {"U0BOB0001": "Bob Builder"}.get(person_id)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("ask <@U0BOB0001>", "ask @Bob Builder"),
        ("ask <@U0NEW0001>", "ask @U0NEW0001"),
        ("ask <@U0NEW0001|nina>", "ask @nina"),
        ("in <#C0ALERTS1|alerts> and <#C0ALERTS1>", "in #alerts and #C0ALERTS1"),
        ("<!subteam^S1|@team> <!subteam^S1> <!here> <!here|@here>", "@team @subteam @here @here"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("<https://a.example/x|the ticket>", "the ticket (https://a.example/x)"),
        ("<https://a.example|https://a.example>", "https://a.example"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<!date^1764000000^{date}|24 Nov>", "24 Nov"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&amp;lt;", "&lt;"),
        ("  two\nlines  ", "two\nlines"),
        ("", ""),
    ],
)
def test_markup_becomes_words(written: str, said: str) -> None:
    assert as_plain(written, name_of) == said


@given(st.text(max_size=200))
def test_no_text_is_too_strange(written: str) -> None:
    assert as_plain(written, name_of) == as_plain(written, name_of).strip()
