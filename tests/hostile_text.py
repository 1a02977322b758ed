"""The worst that Studio could write, and what must hold of every message made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from compliance_bot.messages import limits
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import size
from compliance_bot.sandbox.slack.blocks.check import message_faults

PIECES = (
    "<!here>",
    "<!channel>",
    "<!everyone>",
    "<@U0EVIL00>",
    "<@W0EVIL00|Bob>",
    "<!subteam^S0EVIL>",
    "<#C0EVIL0>",
    "<https://evil.example|safe>",
    "<mailto:evil@evil.example|mail>",
    "<!date^1^{date}^https://evil.example|x>",
    "https://evil.example/a?b&c",
    "HTTP://EVIL.EXAMPLE www.evil.example evil.example/x",
    "mailto:evil@evil.example tel:+41791234567 slack://evil.example",
    "@here @channel @everyone @bob #general",
    "*bold* _it_ ~st~ `code` ``` ```",
    "```\n",
    "> quote\n> two\n>>> all",
    "• one\n1. two\n- three",
    ":rotating_light::skull: :evil:",
    "\u202eesrever\u2066\u202d\u200f\u2069",
    "👩\u200d👩\u200d👧\u200d👦🇩🇪👍🏽",
    "\u200d\u200d\ufe0f\u0301\u0301\u20e3",
    "z\u0300\u0301\u0302\u0303" * 60,
    "\x00\x01\x1f\x7f\x85",
    "\ud800\udfff",
    "\ufdd0\ufdd1\ufffe\ufeff",
    '"}],"blocks":[{"type":"divider"}',
    "{{ issue_url }}{% if x %}{# #}",
    "&amp;&lt;!here&gt;&#60;!here&#62;",
    "&amp",
    "\n\r\n\u2028\u2029\v\f",
    "\n" * 3_000,
    "evil@evil.example",
    "None",
    "x" * 3_000,
    "&" * 700,
    "<>&" * 400,
    "<" * 50_000,
    "🚀" * 20_000,
    "w " * 25_000,
)
_RECIPE = st.lists(
    st.one_of(st.integers(0, len(PIECES) - 1), st.text(st.characters(exclude_categories=[]), max_size=30)),
    max_size=6,
)
"""Numbers stand for pieces: Hypothesis prints what it draws, and 50,000 characters are a warning."""

TRUSTED = ("<@U0BOB00>", "<@U012345>", "<!subteam^S012345>", "<!here>")
"""Mentions that the rules name: markup of ours."""
PAGE = "https://studio.example/findings/f-1?a=1&b=2"
PERMALINK = "https://acme.slack.example/archives/C1/p1700000000000100"
_DATE = re.compile(r"<!date\^-?\d+\^\{date_short_pretty\} \{time\}\|\d{4}-\d\d-\d\d \d\d:\d\d UTC>")
_LINK = re.compile(rf"<(?:{'|'.join(re.escape(one.replace('&', '&amp;')) for one in (PAGE, PERMALINK))})\|")
_INERT = re.compile(r"(?:[^&<>]|&(?:amp|lt|gt);)*", re.DOTALL)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\ufeff]")
_CALLING = re.compile(r"(?<!\w)@(?:here|channel|everyone|bob)")
_OWN_LINE_LIMIT = 1_000


def a_text(data: st.DataObject) -> str:
    """One hostile text."""
    return _cooked(data.draw(_RECIPE))


def some_texts(data: st.DataObject, least: int, most: int) -> list[str]:
    """Several hostile texts."""
    return [_cooked(recipe) for recipe in data.draw(st.lists(_RECIPE, min_size=least, max_size=most))]


def _cooked(recipe: list[int | str]) -> str:
    return "".join(PIECES[part] if isinstance(part, int) else part for part in recipe)


def dictionaries(part: Any) -> Iterator[dict[str, Any]]:
    """Every object in blocks."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list | tuple) else ():
        yield from dictionaries(inner)


def without_ours(text: str, mentions: tuple[str, ...]) -> str:
    """The mrkdwn without the markup that is the bot's own: dates, its links, mentions of the rules."""
    text = _DATE.sub("", text)
    for mention in mentions:
        text = text.replace(mention, "", 1)
    while _LINK.search(text):
        before, _, rest = text.partition(_LINK.search(text)[0])  # type: ignore[index]  # it was found
        label, closing, after = rest.partition(">")
        assert closing, f"a link that does not end: {text[:200]}"
        assert "<" not in label
        text = before + label + after
    return text


def assert_inert(text: str, mentions: tuple[str, ...] = ()) -> None:
    """No markup in mrkdwn but ours, no half entity, nothing that no message may carry."""
    text = without_ours(text, mentions)
    assert _INERT.fullmatch(text), text[:300]
    assert not _FORBIDDEN.search(text)
    assert not re.search("[\ud800-\udfff]", text)


def assert_calls_nobody_and_links_nothing(text: str, mentions: tuple[str, ...] = ()) -> None:
    """The same for the words of a message, in which Slack looks for addresses by itself."""
    assert_inert(text, mentions)
    lowered = text.lower()
    for alive in ("evil.example", "mailto:evil", "tel:+"):
        assert alive not in lowered
    assert "://" not in without_ours(text, mentions).replace(PAGE.replace("&", "&amp;"), "")
    assert not _CALLING.search(text)


def assert_plain_harmless(message: Message, mentions: tuple[str, ...] = ()) -> None:
    """A message of words only."""
    assert message.blocks == ()
    assert message.text.strip()
    assert size(message.text) <= limits.TEXT + _OWN_LINE_LIMIT
    assert_calls_nobody_and_links_nothing(message.text, mentions)
    json.dumps(message.text, ensure_ascii=False).encode()


def assert_harmless(message: Message, mentions: tuple[str, ...] = (), page: str = PAGE) -> None:
    """A payload that Slack takes, within the budget, with nothing alive in it but ours."""
    payload = json.dumps({"text": message.text, "blocks": message.blocks}, ensure_ascii=False).encode()
    assert not _FORBIDDEN.search(payload.decode())
    assert message_faults(list(message.blocks)) == []
    assert 0 < size(message.text) <= limits.TEXT
    assert size(message.text) + limits.count(message.blocks) <= limits.BUDGET
    assert_calls_nobody_and_links_nothing(message.text, mentions)
    for part in dictionaries(message.blocks):
        kind = part.get("type")
        assert kind not in ("link", "user", "usergroup", "broadcast", "channel", "markdown")
        assert part.get("url", page) == page
        if kind == "mrkdwn":
            assert part["verbatim"] is True
            assert part["text"].strip()
            assert_inert(part["text"], mentions)
