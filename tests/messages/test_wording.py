"""Every sentence: made of hostile arguments it stays a sentence; every refusal helps."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Sequence
from enum import Enum
from types import ModuleType
from typing import Any

import pytest

from compliance_bot.messages import case_words, refusal_words, status_words, wording
from compliance_bot.messages.notice import say, show_notice
from compliance_bot.messages.templates import Templates, load_templates
from compliance_bot.model.findings import FindingStatus, Severity

HOSTILE = (
    "<!here> *b* _i_ ~s~ `c` <@U0EVIL00> https://evil.example &amp; @here\n> q \x00\u202e" + "x<&>" * 500
)
PLAIN_TEXT = {
    "action_words",
    "category_words",
    "severity_words",
    "status_words",
    "change_words",
    "studio_comment",
    "trouble_vanished",
    "status_heading",
    "framework_figures",
    "frameworks_left",
}
DATE = re.compile(r"<!date\^\d+\^\{date_short_pretty\} \{time\}\|[^<>]*>")


def sentences(module: ModuleType) -> list[Callable[..., str]]:
    found = inspect.getmembers(module, inspect.isfunction)
    return [one for name, one in found if one.__module__ == module.__name__ and not name.startswith("_")]


SENTENCES = [
    sentence
    for module in (wording, case_words, refusal_words, status_words)
    for sentence in sentences(module)
]


def hostile(kind: Any) -> Any:
    """The worst argument of a type."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if typing.get_origin(kind) is Sequence:
        return [HOSTILE] * 50
    options = typing.get_args(kind) or (kind,)
    return HOSTILE if str in options else 1_700_000_000


def called(sentence: Callable[..., str]) -> str:
    kinds = typing.get_type_hints(sentence)
    return sentence(**{name: hostile(kind) for name, kind in kinds.items() if name != "return"})


@pytest.mark.parametrize("sentence", [one for one in SENTENCES if one.__name__ not in PLAIN_TEXT])
def test_no_argument_puts_life_into_a_sentence(sentence: Callable[..., str]) -> None:
    said = DATE.sub("", called(sentence))
    assert said.strip() or sentence.__name__ == "when_said"
    assert "<" not in said
    assert not re.search(r"&(?!(?:amp|lt|gt);)", said)
    assert "https://" not in said
    assert "@here" not in said
    assert not re.search(r"[\x00\u202e]", said)
    assert not re.search(r"(?<![A-Za-z0-9])[*~](?![A-Za-z0-9 ])", said)


@pytest.mark.parametrize("sentence", [one for one in SENTENCES if one.__name__ in PLAIN_TEXT])
def test_plain_sentences_carry_no_control_characters(sentence: Callable[..., str]) -> None:
    assert not re.search(r"[\x00-\x1f\u202e]", called(sentence).replace("\n", " "))


@pytest.mark.parametrize("refusal", wording.Refusal)
def test_every_refusal_names_cause_mend_and_reference(refusal: wording.Refusal) -> None:
    said = refusal_words.refused(
        refusal, action="acknowledge", allowed=("@compliance-team", "members"), reference="R-17"
    )
    assert "acknowledge" in said
    assert "Please" in said
    assert "R-17" in said


def test_whoever_may_not_is_told_who_may() -> None:
    said = refusal_words.refused(
        wording.Refusal.NOT_LISTED, action="approve", allowed=("Ann", "Bob"), reference="R-1"
    )
    assert "Ann or Bob" in said
    nobody = refusal_words.refused(wording.Refusal.NOT_LISTED, action="approve", allowed=(), reference="R-1")
    assert "nobody yet" in nobody


def test_every_sentence_that_takes_a_reference_says_it() -> None:
    for sentence in SENTENCES:
        kinds = typing.get_type_hints(sentence)
        if "reference" in kinds and sentence.__name__ != "datum":
            arguments = {
                name: hostile(kind) for name, kind in kinds.items() if name not in ("return", "reference")
            }
            assert "CB-7F3K" in sentence(**arguments, reference="CB-7F3K"), sentence.__name__


def test_second_press_is_told_who_was_first() -> None:
    said = wording.already_acknowledged("U0BOB00", "Bob", 1_700_000_000.0, "CB-7F3K")
    assert said.startswith("<@U0BOB00> was first: CB-7F3K is acknowledged already, <!date^1700000000^")
    assert wording.already_acknowledged(None, None, None, "CB-1").startswith("Someone in Studio was first")


def test_a_slack_id_that_is_none_is_said_as_a_name() -> None:
    assert wording.person("<!here>", None) == "&lt;!here&gt;"


def test_the_comment_in_studio_names_person_and_reference() -> None:
    said = wording.studio_comment("Bob", "bob@example.com", "CB-7F3K-1")
    assert said == "Acknowledged from Slack by Bob (bob@example.com) — ref CB-7F3K-1"


def test_an_unknown_framework_gets_the_near_miss_and_the_list() -> None:
    said = wording.unknown_framework("SOC3", "SOC2", ("SOC2", "GDPR"))
    assert said == "I know no framework called SOC3. Did you mean SOC2? There are: SOC2 and GDPR."


def test_a_group_that_the_plan_does_not_have_is_told_apart_from_a_name_nobody_has() -> None:
    unknown = wording.mentions_unresolved_note(["@team"])
    lacking = wording.mentions_unresolved_note(["@team"], no_groups=True)
    assert "Slack knows nobody called" in unknown
    assert "user groups need a paid Slack plan" in lacking
    assert wording.mentions_unresolved_note(["ann@example.com"], no_groups=True).startswith(
        "Slack knows nobody"
    )


def test_a_long_list_is_cut_and_counted() -> None:
    said = wording.unknown_framework("x", None, [f"F{number}" for number in range(25)])
    assert "F19 and 5 more" in said
    assert "F20" not in said


def test_a_sentence_becomes_a_message_whose_links_are_ours_only() -> None:
    message = say(wording.thread_severity_raised(Severity.LOW, Severity.HIGH, 0.0))
    assert message.blocks[0]["text"]["verbatim"] is True
    assert message.text == message.blocks[0]["text"]["text"]


def test_a_notice_keeps_the_markup_of_its_sentence(templates: Templates) -> None:
    words = wording.notice_dead_letter("a finding", "#alerts", "is_archived", "E-4")
    message = show_notice(templates, words)
    assert "`compliance-bot deadletters retry`" in message.blocks[0]["text"]["text"]
    assert message.text.startswith("Compliance bot: Not delivered: a finding")


def test_a_notice_goes_out_without_its_template(tmp_path: Any) -> None:
    nothing, _ = load_templates(tmp_path)
    words = wording.thread_closed(FindingStatus.RESOLVED, 0.0)
    assert show_notice(nothing, words) == say(words)
