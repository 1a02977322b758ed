from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from compliance_bot.messages.message import Message
from compliance_bot.messages.templates import Templates, load_templates
from compliance_bot.messages.welcome import (
    WelcomeView,
    show_welcome,
    show_welcome_plainly,
    show_welcome_withheld,
)
from compliance_bot.sandbox.slack.blocks.check import message_faults

VIEW = WelcomeView(
    channel_name="compliance-alerts",
    counts={"medium": 211, "critical": 3},
    total=214,
    lands=("Critical findings (notification type critical_alerts)", "What rule gdpr matches"),
    pings=("@compliance-team", "@here"),
    since=1_700_000_000.0,
    shadow=False,
)


def listed(message: Message) -> list[str]:
    rich = next(block for block in message.blocks if block["type"] == "rich_text")
    return [line["elements"][0]["text"] for line in rich["elements"][1]["elements"]]


def test_the_welcome_says_what_was_recorded_what_will_land_and_who_is_called(templates: Templates) -> None:
    message = show_welcome(templates, VIEW)
    assert message.blocks[0]["text"]["text"] == ":wave: Studio now reports to #compliance-alerts"
    assert message.text.startswith(":wave: Studio now reports to #")
    shown = str(message.blocks)
    assert "214 findings (3 critical, 211 medium) were in Studio already" in shown
    assert "<!date^1700000000^" in shown
    assert listed(message) == list(VIEW.lands)
    assert "*Who is called*\\n@compliance-team, @here" in shown
    assert message_faults(list(message.blocks)) == []


def test_nobody_is_pinged_by_a_welcome(templates: Templates) -> None:
    for message in (show_welcome(templates, VIEW), show_welcome_plainly(VIEW)):
        assert "<!here" not in str(message)
        assert "@here" not in message.text


def test_a_channel_to_which_nothing_leads_is_told_so(templates: Templates) -> None:
    message = show_welcome(templates, replace(VIEW, lands=(), pings=()))
    assert "Nothing by itself" in listed(message)[0]
    assert "Who is called" not in str(message.blocks)


def test_one_finding_and_none_are_said_in_words(templates: Templates) -> None:
    one = str(show_welcome(templates, replace(VIEW, counts={"low": 1}, total=1)).blocks)
    assert "One finding (1 low) was in Studio already" in one
    assert "is left untold" in show_welcome_plainly(replace(VIEW, counts={}, total=0)).text


def test_a_long_list_is_cut_and_counted(templates: Templates) -> None:
    lands = tuple(f"Rule {number}" for number in range(31))
    assert listed(show_welcome(templates, replace(VIEW, lands=lands)))[-1] == "and 11 more: see rules.yaml"


def test_the_shadow_channel_is_told_that_this_is_a_trial(templates: Templates) -> None:
    shadow = replace(VIEW, shadow=True)
    for message in (
        show_welcome(templates, shadow),
        show_welcome_plainly(shadow),
        show_welcome_withheld(shadow),
    ):
        assert "Shadow mode" in message.text + str(message.blocks)
    assert "Shadow" not in str(show_welcome(templates, VIEW))


def test_readers_from_outside_get_neither_counts_nor_reasons() -> None:
    message = show_welcome_withheld(VIEW)
    shown = message.text + str(message.blocks)
    for secret in ("214", "critical", "gdpr", "compliance-team"):
        assert secret not in shown
    assert message_faults(list(message.blocks)) == []


def test_without_its_template_the_welcome_is_said_plainly(tmp_path: Path) -> None:
    nothing, _ = load_templates(tmp_path)
    message = show_welcome(nothing, VIEW)
    assert "• What rule gdpr matches" in message.blocks[0]["text"]["text"]
    assert message_faults(list(message.blocks)) == []
