"""The effect of other rules is what routing itself says of the newest events."""

from __future__ import annotations

import pytest

from compliance_bot.insight.rules_effect import rules_effect
from compliance_bot.messages.reload_words import RulesEffect, effect_words
from compliance_bot.model.events import Cause, Change, Event
from compliance_bot.store import events
from tests.cases.stage import START, a_critical, a_directory, a_finding, a_stage, rules_saying, shipped

ELSEWHERE = """
routing_rules:
  all_to_security:
    condition: "severity == 'high'"
    channels: ["#security-alerts"]
    mentions: ["@security-team"]
"""


def an_event(**attributes):
    return Event(
        type="finding",
        studio_id="f-1",
        change=Change.NEW,
        cause=Cause.STUDIO,
        attributes={"finding_category": "misconfiguration", "severity": "high", **attributes},
    )


def without_zero_width(words):
    return words.replace("\u200b", "")


def test_events_that_a_new_rule_takes_elsewhere_are_counted_by_channel():
    told = [an_event(), an_event(), an_event(severity="low")]
    effect = rules_effect(told, rules_saying("routing_rules: {}"), rules_saying(ELSEWHERE), a_directory())
    assert effect == RulesEffect(
        events=3, elsewhere=2, channels={"security-alerts": 2}, pings=(0, 2), silenced=0, voiced=0, priority=0
    )
    assert without_zero_width(effect_words(effect)) == (
        "Of the last 3 events, 2 would go elsewhere: #security-alerts +2. Mentions in them: 2 instead of 0."
    )


def test_rules_that_mean_the_same_have_no_effect():
    effect = rules_effect([an_event()], shipped(), shipped(), a_directory())
    assert effect_words(effect) == "Of the last event, none would go elsewhere."


def test_before_the_first_event_nothing_is_claimed():
    effect = rules_effect([], shipped(), rules_saying(ELSEWHERE), a_directory())
    assert effect_words(effect).startswith("No event was routed yet")


def test_what_is_switched_off_is_counted_and_leaves_its_channel():
    off = rules_saying("alert_configuration: {compliance_updates: {enabled: false}}")
    effect = rules_effect([an_event()], shipped(), off, a_directory())
    assert (effect.silenced, effect.voiced, effect.channels) == (1, 0, {"compliance": -1})
    assert "1 would not be told any more" in effect_words(effect)
    back = rules_effect([an_event()], off, shipped(), a_directory())
    assert "1 would now be told" in effect_words(back)


def test_another_lane_is_counted():
    urgent = rules_saying(
        'notification_types: {compliance_updates: {channel: "#compliance", priority: urgent}}'
    )
    effect = rules_effect([an_event()], shipped(), urgent, a_directory())
    assert "1 would have another priority" in effect_words(effect)


def test_another_group_of_a_category_counts_as_the_new_rules_would_have_it():
    group = """
categories: {misconfiguration: security}
routing_rules:
  security: {condition: "category == 'security'", channels: ["#security-alerts"]}
"""
    effect = rules_effect([an_event(category="compliance")], shipped(), rules_saying(group), a_directory())
    assert effect.channels == {"security-alerts": 1}


@pytest.fixture
async def stage(tmp_path):
    stage = await a_stage(tmp_path)
    yield stage
    await stage.database.close()


async def test_only_events_that_rules_were_asked_about_are_looked_at(stage):
    await stage.begin(a_finding("old", created_at=START - 60))
    await stage.observe(a_critical("one", frameworks=("SOC 2",)))
    await stage.observe(a_critical("one", frameworks=("SOC 2",), assignee_id="u-1"))
    await stage.observe(a_finding("two"))
    newest = await stage.database.read(lambda tx: events.newest_routed(tx, 10))
    assert [(one.studio_id, one.change) for one in newest] == [("one", Change.NEW), ("two", Change.NEW)]
    assert newest[0].attributes["frameworks"] == ("SOC 2",)
    last = await stage.database.read(lambda tx: events.newest_routed(tx, 1))
    assert [one.studio_id for one in last] == ["two"]
