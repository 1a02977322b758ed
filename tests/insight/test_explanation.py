"""An explanation says where, to whom and why, by the code that would do it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_bot import metrics
from compliance_bot.insight.explanation import ALREADY_TOLD, PROJECT_UNKNOWN, explain
from compliance_bot.insight.imagined import Imagined
from compliance_bot.insight.stand_in import Implausible, finding_like
from compliance_bot.messages.explanation import message_lines, place_rows, rows
from compliance_bot.messages.why_words import WORDS, reason_words
from compliance_bot.model.events import Attribute, Cause, Change, Event
from compliance_bot.model.findings import FindingStatus, Severity
from compliance_bot.model.slack import Channel, Directory, UserGroup
from compliance_bot.rulebook import Rulebook
from compliance_bot.rules.attributes import ATTRIBUTES, EVENT_TYPES, KNOWN_VALUES, Kind
from compliance_bot.rules.trace import Reason
from tests.cases.stage import START, a_critical, a_directory, a_finding, rules_saying, shipped


def an_event(kind: str = "finding", change: Change = Change.NEW, **attributes: Attribute) -> Event:
    return Event(type=kind, studio_id="x-1", change=change, cause=Cause.STUDIO, attributes=attributes)


def directory_with(*, guests: bool | None = False, size: int | None = None) -> Directory:
    """The shipped names; what guests read and how large the groups are as asked."""
    known = a_directory()
    channels = {name: replace(one, guests=guests) for name, one in known.channels_by_name.items()}
    groups = {name: replace(one, size=size) for name, one in known.groups_by_handle.items()}
    return replace(
        known,
        channels_by_name=channels,
        channels_by_id={one.id: one for one in channels.values()},
        groups_by_handle=groups,
    )


def said(rulebook: Rulebook, subject, directory: Directory | None = None, now: float = START):
    return explain(rulebook, directory or a_directory(), subject, now)


def test_a_critical_security_finding_is_told_in_three_channels_each_with_its_reason() -> None:
    told = said(shipped(), a_critical())
    assert [place.channel for place in told.places] == [
        "#compliance-alerts",
        "#security-alerts",
        "#compliance",
    ]
    assert [(rule.name, rule.outcome) for rule in told.rules] == [
        ("security_incidents", "matched"),
        ("compliance_deadlines", "not matched"),
        ("report_ready", "not matched"),
    ]
    assert told.rules[0].reads == {"category": "security", "severity": "critical"}
    assert told.rules[1].reads == {"days_remaining": None, "type": "finding"}
    first = told.places[0]
    assert (first.because[0].reason, first.because[0].detail) == (
        "channel.of_alert_configuration",
        "critical_alerts",
    )
    assert "Public" not in (first.text or "")
    assert first.blocks[0]["type"] == "header"


def test_who_is_pinged_is_counted_where_the_size_is_known() -> None:
    told = said(shipped(), a_critical(), directory_with(size=4))
    assert [(ping.who, ping.kind, ping.people) for ping in told.places[0].pings] == [
        ("@compliance-team", "group", 4),
        ("@manager", "group", 4),
    ]
    rules = rules_saying(
        'alert_configuration: {critical_issues: {mentions: ["@here", "@bob", "@nobody"]}}\nrouting_rules: {}'
    )
    told = said(rules, a_critical())
    assert [(ping.who, ping.people) for ping in told.places[0].pings] == [("@here", None), ("@bob", 1)]
    assert told.places[0].unresolved == ("@nobody",)
    assert "@here (unknown number), @bob (1 person)" in dict(place_rows(told.places[0])).values()


def test_what_studio_calls_taken_up_is_shown_without_a_ping() -> None:
    told = said(shipped(), a_critical(status=FindingStatus.INVESTIGATING))
    assert told.untold is None
    assert [place.pings for place in told.places] == [(), (), ()]


@pytest.mark.parametrize(
    ("rules", "changes", "reason"),
    [
        ("{}", {"status": FindingStatus.RESOLVED}, "status.closed"),
        ("studio: {projects: [p-1]}", {"project_id": "p-2"}, "project.not_listed"),
        ("alert_configuration: {critical_issues: {enabled: false}}", {}, "type.disabled"),
    ],
)
def test_what_is_recorded_only_says_why(rules: str, changes: dict[str, object], reason: str) -> None:
    told = said(rules_saying(rules), a_critical(**changes))
    assert (told.untold, told.places) == (reason, ())
    assert told.to_dict()["told"] is False
    assert any(line[1].startswith("no, recorded only: ") for line in rows(told))


def test_above_the_ceiling_of_a_channel_it_is_withheld_and_says_nothing() -> None:
    told = said(shipped(), a_critical(title="Patient records"), directory_with(guests=True))
    place = told.places[0]
    assert (place.shown, place.ceiling, place.ceiling_because) == ("withheld", "public", "ceiling.guests")
    assert "Patient" not in str((place.text, place.blocks))
    assert "readers', 'up to public (guests read it): withheld" in str(list(place_rows(place)))


def test_while_nobody_knows_who_reads_a_channel_it_waits() -> None:
    (place, *_) = said(shipped(), a_critical(), directory_with(guests=None)).places
    assert (place.shown, place.waits, place.text) == ("unread", "audience.unread", None)
    assert [ping.who for ping in place.pings] == ["@compliance-team", "@manager"]


def test_a_channel_that_is_not_there_gives_way_to_the_default_and_says_so() -> None:
    told = said(shipped(), a_critical(), a_directory(without=("security-alerts",)))
    assert [place.channel for place in told.places] == ["#compliance-alerts", "#compliance"]
    assert "channel.unknown" in [why.reason for why in told.places[1].because]
    assert "please mend the channel" in " ".join(message_lines(told.places[1]))


def test_without_any_channel_it_waits_until_there_is_one() -> None:
    told = said(shipped(), a_finding(), Directory(complete=True))
    assert [(place.channel_id, place.shown, place.waits) for place in told.places] == [
        (None, "unread", "channel.unresolved")
    ]


def test_rules_below_a_stop_are_not_looked_at_and_a_replace_drops_what_came_before() -> None:
    rules = rules_saying(
        "routing_rules:\n"
        "  first: {condition: \"severity == 'critical'\", channels: ['#security-alerts'], "
        "replace: true, stop: true}\n"
        "  second: {condition: \"severity == 'critical'\", channels: ['#compliance']}\n"
    )
    told = said(rules, a_critical())
    assert [place.channel for place in told.places] == ["#security-alerts"]
    assert [rule.outcome for rule in told.rules] == ["matched", "not looked at"]
    assert ("rule", "first: matched, replace, stop") in list(rows(told))


def test_quiet_hours_hold_what_is_not_urgent() -> None:
    rules = rules_saying('quiet_hours: {from: "15:00", to: "19:00"}')  # the start is 16:00 UTC
    assert [place.held_until for place in said(rules, a_critical()).places] == [None, None, None]
    (place,) = said(rules, a_finding()).places
    assert place.held_until == START + 3 * 3600
    assert "held by quiet hours until 2025-11-24T19:00:00.000Z" in dict(place_rows(place))["leaves"]
    (place,) = said(rules, a_finding(), now=START + 4 * 3600).places
    assert place.held_until is None


def test_an_event_by_its_attributes_is_that_of_a_finding_which_has_them() -> None:
    written = an_event(severity="critical", category="security", title="Leak", frameworks=("SOC 2",))
    told = said(shipped(), written)
    assert [place.channel for place in told.places] == [
        "#compliance-alerts",
        "#security-alerts",
        "#compliance",
    ]
    assert told.notes == ("finding_category is taken to be 'data_leak'", "status is taken to be 'open'")
    assert told.attributes["framework"] == "SOC 2"


def test_what_a_finding_s_event_never_has_is_left_out_and_said() -> None:
    told = said(shipped(), an_event(severity="low", status="open", title="T", score=5, days_remaining=2))
    assert any(note.startswith("score is left out: a finding's event has none") for note in told.notes)
    assert told.attributes["days_remaining"] == 2
    assert "score" not in told.attributes


@pytest.mark.parametrize(
    ("attributes", "fault"),
    [
        ({}, "severity is missing"),
        ({"severity": "hgh"}, "did you mean high?"),
        ({"severity": "high", "status": "opne"}, "did you mean open?"),
        ({"severity": "high", "category": "securty"}, "did you mean security?"),
        ({"severity": "high", "due": "tomorrow"}, "due must be a day"),
        ({"severity": "high", "days_remaining": 10**9}, "farther away than anybody plans"),
    ],
)
def test_a_finding_that_cannot_be_is_told_with_the_near_miss(
    attributes: dict[str, Attribute], fault: str
) -> None:
    with pytest.raises(Implausible, match=fault.replace("?", r"\?")):
        said(shipped(), an_event(**attributes))


def test_a_project_s_name_that_only_studio_can_tell_is_said_to_be_unknown() -> None:
    rules = rules_saying(
        "routing_rules: {a: {condition: \"project == 'Payments'\", channels: ['#compliance']}}"
    )
    assert PROJECT_UNKNOWN in said(rules, a_critical(agent_id="a-1")).notes
    assert PROJECT_UNKNOWN not in said(rules, a_critical()).notes
    assert PROJECT_UNKNOWN not in said(shipped(), a_critical(agent_id="a-1")).notes


def test_a_change_of_a_finding_told_before_reminds_of_its_thread() -> None:
    raised = an_event(change=Change.SEVERITY_RAISED, severity="critical", title="T", status="open")
    assert ALREADY_TOLD in said(shipped(), raised).notes


def test_an_event_that_nothing_makes_yet_is_routed_and_says_so() -> None:
    told = said(shipped(), an_event("deadline", title="Review", days_remaining=2))
    assert [place.channel for place in told.places] == ["#compliance"]
    assert "nothing in this version makes an event of type deadline" in told.notes
    assert [rule.outcome for rule in told.rules] == ["not matched", "matched", "not matched"]


def test_with_nobody_to_ask_every_name_is_taken_to_exist() -> None:
    told = said(shipped(), a_critical(), Imagined())
    assert [place.shown for place in told.places] == ["shown"] * 3
    assert [ping.who for ping in told.places[0].pings] == ["@compliance-team", "@manager"]
    assert {ping.people for ping in told.places[0].pings} == {None}


def test_in_shadow_mode_all_goes_to_one_channel_and_nobody_is_pinged() -> None:
    rules = rules_saying('delivery: {shadow: "#compliance-reports"}')
    (place,) = said(rules, a_critical()).places
    assert (place.channel, place.pings) == ("#compliance-reports", ())
    assert set(place.named) == {"@compliance-team", "@manager", "@security-team"}
    assert "Shadow mode" in " ".join(message_lines(place))


def test_an_explanation_is_neither_logged_nor_counted_as_an_event() -> None:
    before = [line for line in metrics.render().splitlines() if b"events_routed" in line]
    with structlog.testing.capture_logs() as logs:
        said(shipped(), a_critical())
    assert logs == []
    assert [line for line in metrics.render().splitlines() if b"events_routed" in line] == before


def test_nothing_of_one_explanation_stays_for_the_next() -> None:
    first, second = (said(shipped(), a_critical()).to_dict() for _ in range(2))
    assert first == second


def test_every_named_reason_has_words() -> None:
    assert {reason.value for reason in Reason} == set(WORDS)
    for reason in Reason:
        words = reason_words(reason.value, "x\n\x1b[31my")
        assert "\x1b" not in words
        assert "\n" not in words


def test_a_group_known_only_by_its_id_and_a_channel_of_no_guests_are_no_trouble() -> None:
    known = a_directory()
    lost = replace(known, groups_by_handle={"compliance-team": UserGroup(id="S9", handle="x", name="x")})
    told = said(shipped(), a_critical(), lost)
    assert [ping.who for ping in told.places[0].pings] == ["@x"]
    private = Channel(id="CX", name="compliance", private=True, member=True)
    told = said(
        shipped(),
        a_finding(),
        Directory(channels_by_name={"compliance": private}, channels_by_id={"CX": private}, complete=True),
    )
    assert [place.ceiling for place in told.places] == ["confidential"]


_VALUES = {
    Kind.TEXT: st.text(max_size=20),
    Kind.NUMBER: st.integers(-400, 400) | st.floats(allow_nan=False, allow_infinity=False),
    Kind.TEXTS: st.lists(st.text(max_size=8), max_size=3).map(tuple),
}
_ATTRIBUTES = st.fixed_dictionaries(
    {"severity": st.sampled_from([*Severity, "urgent"])},
    optional={
        name: st.sampled_from(values) if (values := KNOWN_VALUES.get(name)) else _VALUES[kind]
        for name, kind in ATTRIBUTES.items()
        if name not in ("severity", "type", "id", "change")
    },
)


@given(st.sampled_from(EVENT_TYPES), st.sampled_from(list(Change)), _ATTRIBUTES)
@settings(max_examples=60, deadline=None)
def test_any_event_is_explained_or_said_to_be_implausible(
    kind: str, change: Change, attributes: dict[str, Attribute]
) -> None:
    event = an_event(kind, change, **attributes)
    if kind == "finding":
        with contextlib.suppress(Implausible):
            finding_like(event, categories={}, now=START)
            kind = "plausible"
    if kind == "finding":
        return
    told = said(shipped(), event)
    json.dumps(told.to_dict())
    for place in told.places:
        list(place_rows(place))
        list(message_lines(place))
    assert all(isinstance(words, str) for _, words in rows(told))


LADDER = """
escalation:
  - {after: 90m, mentions: ["@manager"], channel: "#compliance-reports"}
  - {match: "severity == 'critical'", after: 30m, mentions: ["@security-team"], repeat: 1}
"""


def test_the_ladder_that_it_would_climb_is_shown_in_the_order_of_time() -> None:
    told = said(rules_saying(LADDER), a_critical())
    assert [(rung.after / 60, rung.step) for rung in told.ladder] == [(30, 2), (60, 2), (90, 1)]
    labelled = list(rows(told))
    first = labelled.index(("climbs", "after 30 min: @security-team"))
    assert labelled[first + 1 : first + 3] == [
        ("", "after 1 h: @security-team"),
        ("", "after 1 h 30 min: @manager, in #compliance-reports too"),
    ]
    assert told.to_dict()["ladder"][2] == {
        "after": 5400.0,
        "step": 1,
        "mentions": ["@manager"],
        "channel": "#compliance-reports",
    }


def test_what_somebody_took_up_or_is_not_told_climbs_no_ladder() -> None:
    rulebook = rules_saying(LADDER)
    assert said(rulebook, a_critical(status=FindingStatus.INVESTIGATING)).ladder == ()
    assert said(rulebook, a_critical(status=FindingStatus.RESOLVED)).ladder == ()


def test_a_long_ladder_is_counted() -> None:
    told = said(rules_saying("escalation: [{after: 1h, mentions: ['@manager'], repeat: 30}]"), a_critical())
    assert ("", "and 21 more") in list(rows(told))
