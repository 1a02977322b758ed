from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.messages import limits
from compliance_bot.messages.digest import (
    DigestLine,
    DigestView,
    show_digest,
    show_digest_plainly,
    show_digest_withheld,
)
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import size
from compliance_bot.messages.templates import Templates, load_templates
from compliance_bot.model.findings import Severity
from compliance_bot.sandbox.slack.blocks.check import message_faults

OPEN = DigestLine(
    ref="CB-0001",
    severity=Severity.HIGH,
    title="Public bucket",
    state="",
    open=True,
    url="https://studio.example/findings/1",
    moved_to=None,
    withheld=False,
)
TAKEN = replace(OPEN, ref="CB-0002", state="acknowledged by Mia", open=False, severity=Severity.MEDIUM)
PERMALINK = "https://acme.slack.example/archives/C1/p1700000000000100"
MOVED = replace(OPEN, ref="CB-0003", title="Stolen key", severity=Severity.CRITICAL, moved_to=PERMALINK)
HIDDEN = replace(OPEN, ref="CB-0004", title="Layoffs in May", withheld=True)
NEWS = replace(OPEN, ref="", severity=None, title="Report ready: Q3", open=False)
VIEW = DigestView(
    ref="D-12",
    lines=(OPEN, TAKEN),
    total=2,
    handled=1,
    by_severity={Severity.MEDIUM: 1, Severity.HIGH: 1},
    emoji=":card_index_dividers:",
    mentions=("<!subteam^S012345>",),
    ping=True,
    since=1_700_000_000.0,
    until=None,
    note=None,
    urgent=False,
)


def many(number: int, **changes: Any) -> DigestView:
    """A digest of ``number`` open findings of medium severity."""
    lines = tuple(replace(OPEN, ref=f"CB-{place:04}", severity=Severity.MEDIUM) for place in range(number))
    counts = {"total": number, "handled": 0, "by_severity": {Severity.MEDIUM: number}}
    return replace(VIEW, **{"lines": lines[:20], **counts, **changes})


def shown_lines(message: Message) -> list[dict[str, Any]]:
    return [
        one for one in message.blocks if one["type"] == "section" and one.get("block_id") != "digest_mentions"
    ]


def words(message: Message, place: int = 0) -> str:
    return str(shown_lines(message)[place]["text"]["text"])


def all_button(message: Message) -> dict[str, Any] | None:
    rows = [one for one in message.blocks if one["type"] == "actions"]
    return rows[0]["elements"][0] if rows else None


def block(message: Message, block_id: str) -> str | None:
    for one in message.blocks:
        if one.get("block_id") == block_id:
            return str(one["text"]["text"] if "text" in one else one["elements"][0]["text"])
    return None


def test_the_first_words_count_honestly(templates: Templates) -> None:
    view = many(23, by_severity={Severity.MEDIUM: 21, Severity.HIGH: 2})
    message = show_digest(templates, view)
    assert message.text == ":card_index_dividers: 23 findings: 2 high, 21 medium"
    assert message.blocks[0]["text"]["text"] == message.text
    assert show_digest(templates, replace(view, handled=3)).text.endswith("21 medium; 3 of 23 handled")


def test_an_open_line_says_severity_title_and_reference_and_can_be_acknowledged(templates: Templates) -> None:
    line = shown_lines(show_digest(templates, VIEW))[0]
    assert line["text"]["text"] == "*High* · Public bucket\n<https://studio.example/findings/1|CB-0001>"
    assert line["accessory"]["action_id"] == "acknowledge_alert"
    assert line["accessory"]["value"] == "CB-0001"


def test_a_handled_line_says_how_it_stands_and_has_no_button(templates: Templates) -> None:
    line = shown_lines(show_digest(templates, VIEW))[1]
    assert line["text"]["text"].endswith("|CB-0002> · acknowledged by Mia")
    assert "accessory" not in line


def test_a_line_with_a_message_of_its_own_is_a_link_to_it(templates: Templates) -> None:
    message = show_digest(templates, replace(VIEW, lines=(MOVED,)))
    assert words(message).startswith(f"*Critical* · <{PERMALINK}|Stolen key>\n")
    assert words(message).endswith("|CB-0003> · has its own message")
    assert "(CB-0003, has its own message)" in show_digest_plainly(replace(VIEW, lines=(MOVED,))).text


def test_a_withheld_line_says_its_reference_and_nothing_else(templates: Templates) -> None:
    view = replace(VIEW, lines=(HIDDEN,))
    message = show_digest(templates, view)
    assert words(message) == "CB-0004"
    assert shown_lines(message)[0]["accessory"]["value"] == "CB-0004"
    for said in (str(message.blocks), show_digest_plainly(view).text):
        assert "Layoffs" not in said
        assert "studio.example" not in said


def test_what_is_no_case_has_neither_severity_nor_button(templates: Templates) -> None:
    view = replace(VIEW, lines=(NEWS, OPEN), total=2, by_severity={Severity.HIGH: 1}, handled=0)
    message = show_digest(templates, view)
    assert words(message) == "Report ready: Q3\n<https://studio.example/findings/1|Studio>"
    assert "accessory" not in shown_lines(message)[0]
    assert "2 messages: 1 high, 1 without a severity" in message.text
    assert "0 of 1 handled" in str(block(message, "digest_state"))


def test_a_digest_of_news_alone_has_nothing_to_handle(templates: Templates) -> None:
    message = show_digest(templates, replace(VIEW, lines=(NEWS,), total=12, by_severity={}, handled=0))
    assert message.text == ":card_index_dividers: 12 messages"
    assert all_button(message) is None
    assert "handled" not in str(message.blocks)


def test_acknowledge_all_names_the_lines_listed_and_open_and_asks_with_their_number(
    templates: Templates,
) -> None:
    button = all_button(show_digest(templates, replace(VIEW, lines=(OPEN, TAKEN, MOVED, NEWS))))
    assert button is not None
    assert button["action_id"] == "acknowledge_all"
    assert button["value"] == "D-12 CB-0001 CB-0003"
    assert button["confirm"]["title"]["text"] == "Acknowledge 2 findings?"
    assert "the 2 findings listed here that are still open" in button["confirm"]["text"]["text"]


def test_nothing_open_leaves_no_button(templates: Templates) -> None:
    message = show_digest(templates, replace(VIEW, lines=(TAKEN,)))
    assert all_button(message) is None
    assert all_button(show_digest_withheld(replace(VIEW, lines=(TAKEN,)))) is None


def test_what_is_not_listed_is_counted_by_severity(templates: Templates) -> None:
    view = many(23, by_severity={Severity.HIGH: 1, Severity.MEDIUM: 22})
    said = "20 listed; 3 more (1 high, 2 medium) are not: please see Studio"
    assert said in str(show_digest(templates, view).blocks)
    assert said in show_digest_plainly(view).text
    assert "not: please" not in str(show_digest(templates, many(20)).blocks)


@pytest.mark.parametrize(
    ("until", "end"),
    [(None, "; more may join"), (1_700_000_060.0, " to <!date^1700000060^")],
)
def test_the_foot_says_how_much_is_handled_and_whether_more_may_join(
    templates: Templates, until: float | None, end: str
) -> None:
    foot = str(block(show_digest(templates, replace(VIEW, until=until)), "digest_state"))
    assert foot.startswith("D-12 · 1 of 2 handled · ")
    assert "<!date^1700000000^" in foot
    assert end in foot


def test_until_when_more_may_join_is_said_where_it_is_known(templates: Templates) -> None:
    foot = block(show_digest(templates, replace(VIEW, joins_until=1_700_000_060.0)), "digest_state")
    assert "; more may join until <!date^1700000060^" in str(foot)


def test_mentions_ping_only_where_they_are_to(templates: Templates) -> None:
    assert block(show_digest(templates, VIEW), "digest_mentions") == "<!subteam^S012345>"
    assert "<!subteam" not in str(show_digest(templates, replace(VIEW, ping=False)))
    assert "<!subteam" not in show_digest_plainly(replace(VIEW, ping=False)).text


def test_a_note_is_shown(templates: Templates) -> None:
    assert block(show_digest(templates, replace(VIEW, note="Meant for #gone")), "digest_note") == (
        "Meant for #gone"
    )


def test_a_storm_of_criticals_is_called_urgent(templates: Templates) -> None:
    view = replace(many(6, by_severity={Severity.CRITICAL: 6}), urgent=True)
    assert "6 urgent findings: 6 critical" in show_digest(templates, view).text


@pytest.mark.parametrize("title", ["W" * 5_000, "&" * 5_000, "🚀" * 5_000, "<>&" * 700, "a*b_" * 900])
def test_twenty_of_the_longest_titles_fit_and_every_line_keeps_its_reference(
    templates: Templates, title: str
) -> None:
    page = "https://studio.example/findings/" + "f" * 160
    lines = tuple(
        replace(OPEN, ref=f"CB-{place:04}", title=title, state="s" * 500, url=page, moved_to=PERMALINK)
        for place in range(20)
    )
    message = show_digest(templates, many(40, lines=lines))
    assert message_faults(list(message.blocks)) == []
    assert len(message.blocks) <= limits.BLOCKS
    assert size(message.text) + limits.count(message.blocks) <= limits.BUDGET
    for place, line in enumerate(shown_lines(message)):
        assert f"CB-{place:04}" in line["text"]["text"]


def test_the_plain_form_has_every_line_and_says_where_the_buttons_went() -> None:
    message = show_digest_plainly(replace(VIEW, lines=(OPEN, TAKEN, NEWS), total=3))
    assert message.blocks == ()
    assert "• High: Public bucket (CB-0001)\n" in message.text
    assert "• Medium: Public bucket (CB-0002, acknowledged by Mia)\n" in message.text
    assert "• Report ready: Q3\n" in message.text
    assert "please handle it in Studio" in message.text


def test_readers_from_outside_get_references_and_a_number() -> None:
    message = show_digest_withheld(replace(VIEW, lines=(OPEN, MOVED)))
    shown = message.text + str(message.blocks)
    for secret in ("Public bucket", "Stolen key", "high", "Critical", "studio.example", "acme.slack"):
        assert secret not in shown
    assert "CB-0001, CB-0003" in words(message)
    button = all_button(message)
    assert button is not None
    assert button["value"] == "D-12 CB-0001 CB-0003"
    assert message_faults(list(message.blocks)) == []


def test_without_its_template_the_digest_still_lists_and_acknowledges(tmp_path: Path) -> None:
    nothing, _ = load_templates(tmp_path)
    message = show_digest(nothing, VIEW)
    assert message.text.startswith(":card_index_dividers: 2 findings: 1 high, 1 medium")
    assert "High: Public bucket (CB-0001)" in str(message.blocks)
    assert "could not be filled" in str(block(message, "digest_template"))
    assert all_button(message) == all_button(show_digest_withheld(VIEW))
    assert message_faults(list(message.blocks)) == []
