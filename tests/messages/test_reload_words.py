"""A notice of a reload fits one message, and says in it what matters."""

from __future__ import annotations

from compliance_bot.config.places import packaged_place
from compliance_bot.messages.notice import say, show_notice
from compliance_bot.messages.reload_words import (
    RulesEffect,
    effect_words,
    notice_mended,
    notice_refused,
    notice_reloaded,
    trouble_refused,
    unknown_command,
)
from compliance_bot.messages.templates import load_templates

TEMPLATES = load_templates(packaged_place("templates"))[0]
HOSTILE = "<!channel> <@U0BOB0001> *bold* <https://evil.example|here>\nnew line"


def a_notice(*differences, **given):
    known = {"before": "a" * 64, "after": "b" * 64, "effect": RulesEffect(events=3), "manifest": False}
    return notice_reloaded(differences=differences, **{**known, "warnings": 0, **given})


def test_a_file_that_changed_everything_still_says_what_it_would_have_done():
    words = a_notice(
        *(f"routing_rules.rule_{number}.condition: {'x' * 120} → {'y' * 120}" for number in range(60)),
        effect=RulesEffect(events=200, elsewhere=12, channels={f"c-{n}": n for n in range(1, 80)}),
        manifest=True,
        warnings=3,
    )
    for message in (show_notice(TEMPLATES, words), say(words)):
        shown = message.blocks[0]["text"]["text"]
        assert len(shown) <= 3000
        assert not shown.endswith("…")
        assert "more, named in the log and in the audit entry rules.reloaded" in shown
        assert "12 would go elsewhere" in shown
        assert "71 channels more" in shown
        assert "There are 3 warnings: compliance-bot validate." in shown


def test_each_difference_has_its_line():
    shown = show_notice(TEMPLATES, a_notice("one: 1 → 2", "two: 3 → 4")).blocks[0]["text"]["text"]
    assert "\n• one: 1 → 2\n• two: 3 → 4\n" in shown


def test_other_words_for_the_same_are_called_that():
    assert "• Only comments, or other words for the same" in a_notice()


def test_what_stands_in_a_file_can_ping_nobody_and_link_nowhere():
    for words in (
        a_notice(HOSTILE, effect=RulesEffect(events=1, channels={HOSTILE: 1})),
        notice_refused(HOSTILE, 2),
        unknown_command(HOSTILE, [HOSTILE]),
    ):
        assert "<" not in words
        assert "*bold*" not in words


def test_a_refusal_names_the_place_the_rest_and_the_mend():
    words = notice_refused("rules.yaml:4:2 x: is wrong", 2)
    assert "(and 2 more: compliance-bot validate). Mend it and reload again; a restart would fail" in words
    plain = trouble_refused("rules.yaml:4:2 x: is wrong", 0, 1_764_000_000.0)
    assert plain.startswith("The rules were asked to be read anew and are refused; those of 2025-11-24T16:00")
    assert "nothing changed" in notice_mended()


def test_one_event_is_called_one():
    assert effect_words(RulesEffect(events=1, elsewhere=1, channels={"a": 1})).startswith(
        "Of the last event,"
    )
