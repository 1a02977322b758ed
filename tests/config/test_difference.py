"""A difference is told where two files mean different things, in words that fit one line."""

from __future__ import annotations

import pytest

from compliance_bot.config.difference import (
    LONGEST_VALUE,
    PLAIN_NUMBERS,
    Kind,
    differences,
    template_differences,
)
from compliance_bot.config.load import load_text
from compliance_bot.config.schema import Rules


def rules(text):
    """A file, read."""
    loaded = load_text(text)
    assert loaded.rules is not None
    return loaded.rules


def said(before, after):
    """The differences of two files, as sentences."""
    return [str(one) for one in differences(rules(before), rules(after))]


INCIDENTS = """
routing_rules:
  incidents:
    condition: "severity == 'critical'"
    channels: ["#a"]
"""
INCIDENTS_ELSEWHERE = INCIDENTS.replace('["#a"]', '["#a", "#b"]')
TWO = """
routing_rules:
  first: {condition: "severity == 'critical'", channels: ["#a"]}
  second: {condition: "severity == 'high'", channels: ["#b"]}
"""
TWO_TURNED = """
routing_rules:
  second: {condition: "severity == 'high'", channels: ["#b"]}
  first: {condition: "severity == 'critical'", channels: ["#a"]}
"""
NOTHING = "delivery: {ping_once: false}"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (INCIDENTS, INCIDENTS_ELSEWHERE, ["routing_rules.incidents.channels: #a → #a, #b"]),
        (INCIDENTS_ELSEWHERE, INCIDENTS, ["routing_rules.incidents.channels: #a, #b → #a"]),
        (
            NOTHING,
            INCIDENTS,
            ["routing_rules.incidents: added (condition severity == 'critical', channels #a)"],
        ),
        (
            INCIDENTS,
            NOTHING,
            ["routing_rules.incidents: removed (condition severity == 'critical', channels #a)"],
        ),
        (NOTHING, "studio: {poll_interval: 5m}", ["studio.poll_interval: 1m → 5m"]),
        (NOTHING, "studio: {poll_interval: 1500ms}", ["studio.poll_interval: 1m → 1500ms"]),
        (NOTHING, "studio: {quota_per_hour: 0}", ["studio.quota_per_hour: 1000 → 0"]),
        (NOTHING, "studio: {projects: ['p-1']}", ["studio.projects: none → p-1"]),
        (NOTHING, "delivery: {per_channel: 0.5}", ["delivery.per_channel: 1 → 0.5"]),
        (NOTHING, "delivery: {ping_once: true}", ["delivery.ping_once: false → true"]),
        (NOTHING, "delivery: {shadow: '#trial'}", ["delivery.shadow: not set → #trial"]),
        (
            NOTHING,
            "access: {acknowledge: ['@team']}",
            ["access.acknowledge: members → @team"],
        ),
        (
            NOTHING,
            "sensitivity: {rules: [{condition: \"severity == 'low'\", class: public}]}",
            ["sensitivity.rules.1: added (condition severity == 'low', class public)"],
        ),
        (TWO, TWO_TURNED, ["routing_rules: now in the order second, first"]),
    ],
)
def test_each_kind_of_change_has_its_words(before, after, words):
    assert said(before, after) == words


def test_quiet_hours_that_come_or_go_are_told_whole():
    quiet = 'quiet_hours: {from: "22:00", to: "07:00"}'
    (came,) = differences(rules(NOTHING), rules(quiet))
    (went,) = differences(rules(quiet), rules(NOTHING))
    assert (came.kind, went.kind) == (Kind.ADDED, Kind.REMOVED)
    assert str(came).startswith("quiet_hours: added (from 22:00, to 07:00")


def test_other_words_for_the_same_are_no_difference():
    assert said("studio: {poll_interval: 60s}", "studio: {poll_interval: 1m, timeout: 10s}") == []


def test_a_long_value_is_cut():
    long = INCIDENTS.replace("severity == 'critical'", "title == '" + "x" * 500 + "'")
    (one,) = differences(rules(INCIDENTS), rules(long))
    assert len(one.after) == LONGEST_VALUE
    assert one.after.endswith("…")


def test_what_looks_like_a_secret_is_never_said():
    before = Rules()
    after = before.model_copy(update={"categories": {"x": "xoxb-1234567890-abcdefgh"}})
    (one,) = differences(before, after)
    assert "xoxb" not in str(one)


def test_every_number_with_a_fraction_is_a_duration_or_known_as_plain():
    schema = Rules.model_json_schema()
    plain = {
        name
        for section in (schema, *schema["$defs"].values())
        for name, one in section.get("properties", {}).items()
        if one.get("type") == "number"
    }
    assert plain == PLAIN_NUMBERS


def test_templates_that_came_went_or_changed_are_named():
    before = {"kept": "1", "changed": "2", "went": "3"}
    after = {"kept": "1", "changed": "4", "came": "5"}
    assert [str(one) for one in template_differences(before, after)] == [
        "templates/came: added",
        "templates/changed: changed",
        "templates/went: removed",
    ]


def test_half_a_character_in_a_name_can_still_be_written_down():
    odd = INCIDENTS.replace("incidents", '"inc\\ud800idents"')
    assert odd != INCIDENTS
    (one, *_) = differences(rules(NOTHING), rules(odd))
    assert one.path == "routing_rules.inc?idents"
