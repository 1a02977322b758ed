"""The sections of Studio's own Slack guide, pasted as they stand there, do what their words say."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance_bot.handlers.manifest import left_out, manifest
from compliance_bot.model.delivery import Lane
from compliance_bot.model.events import Attribute, Cause, Change, Event
from compliance_bot.rulebook import Rulebook, RulesRefused, compile_rulebook
from compliance_bot.rules.routing import Routing
from tests.cases.stage import a_directory

GUIDE = Path(__file__).parents[1] / "config" / "testdata" / "guide"
TEMPLATES = Path(__file__).parents[2] / "templates"
DIRECTORY = a_directory()
WITH_TOKENS = (
    "slack_config:\n"
    '  bot_token: "xoxb-your-bot-token"\n'
    '  app_token: "xapp-your-app-token"\n'
    '  signing_secret: "your-signing-secret"\n'
)
"""How the guide begins that section; the rest is as in the fixture."""

CRITICAL_SECURITY = {"type": "finding", "severity": "critical", "category": "security"}
CRITICAL_COMPLIANCE = {"type": "finding", "severity": "critical", "category": "compliance"}
HIGH_SECURITY = {"type": "finding", "severity": "high", "category": "security"}
REPORT_READY = {"type": "report", "status": "ready"}
DUE_IN_3 = {"type": "deadline", "days_remaining": 3}
DUE_IN_4 = {"type": "deadline", "days_remaining": 4}
UPDATE = {"type": "update", "status": "approved"}


def section(name: str) -> str:
    return (GUIDE / f"{name}.yaml").read_text(encoding="utf-8")


@pytest.fixture
def pasted(tmp_path):
    """Compiles sections of the guide, pasted one behind the other."""

    def compiled(*names: str, also: str = "") -> Rulebook:
        file = tmp_path / "rules.yaml"
        file.write_text("\n".join([*map(section, names), also]), encoding="utf-8")
        return compile_rulebook(file, TEMPLATES)[0]

    return compiled


def routed(rulebook: Rulebook, attributes: dict[str, Attribute]) -> Routing:
    values = {name: value for name, value in attributes.items() if name != "type"}
    event = Event(
        type=str(attributes["type"]), studio_id="x", change=Change.NEW, cause=Cause.STUDIO, attributes=values
    )
    return rulebook.route(event, DIRECTORY)


def where(routing: Routing) -> dict[str, list[str]]:
    """Channel → who is pinged there, by handle."""
    handles = {f"<!subteam^{group.id}>": name for name, group in DIRECTORY.groups_by_handle.items()}
    return {one.channel_name: [handles[markup] for markup in one.mentions] for one in routing.destinations}


# ---------------------------------------------------------------- slack_config


def test_the_guide_s_tokens_are_refused_each_with_its_place_and_where_it_belongs(tmp_path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(section("slack_config").replace("slack_config:\n", WITH_TOKENS), encoding="utf-8")
    with pytest.raises(RulesRefused) as refused:
        compile_rulebook(file, TEMPLATES)
    told = [(problem.line, problem.path, problem.hint) for problem in refused.value.problems]
    assert told == [
        (2, "slack_config.bot_token", "set SLACK_BOT_TOKEN instead"),
        (3, "slack_config.app_token", "set SLACK_APP_TOKEN instead"),
        (4, "slack_config.signing_secret", "leave it out: a bot on Socket Mode needs none"),
    ]


def test_without_its_tokens_it_says_where_each_kind_goes(pasted) -> None:
    rulebook = pasted("slack_config")
    assert where(routed(rulebook, CRITICAL_COMPLIANCE)) == {"compliance-alerts": []}
    assert where(routed(rulebook, REPORT_READY)) == {"compliance-reports": []}
    assert where(routed(rulebook, HIGH_SECURITY)) == {"compliance": []}
    assert where(routed(rulebook, UPDATE)) == {"compliance": []}
    assert rulebook.default_channel == "#compliance"


# ---------------------------------------------------------------- notification_types


@pytest.mark.parametrize(
    ("event", "name", "places", "lane", "emoji", "template"),
    [
        (
            CRITICAL_COMPLIANCE,
            "critical_alerts",
            {"compliance-alerts": ["compliance-team", "manager"]},
            Lane.URGENT,
            ":rotating_light:",
            "critical_alert",
        ),
        (
            HIGH_SECURITY,
            "compliance_updates",
            {"compliance": []},
            Lane.NORMAL,
            ":white_check_mark:",
            "compliance_update",
        ),
        (
            UPDATE,
            "compliance_updates",
            {"compliance": []},
            Lane.NORMAL,
            ":white_check_mark:",
            "compliance_update",
        ),
        (
            REPORT_READY,
            "report_notifications",
            {"compliance-reports": ["compliance-team"]},
            Lane.LOW,
            ":bar_chart:",
            "report_ready",
        ),
    ],
)
def test_each_notification_type_has_its_channel_priority_mentions_emoji_and_template(
    pasted, event, name, places, lane, emoji, template
) -> None:
    routing = routed(pasted("notification_types"), event)
    assert where(routing) == places
    assert (routing.notification, routing.lane, routing.emoji, routing.template) == (
        name,
        lane,
        emoji,
        template,
    )


# ---------------------------------------------------------------- alert_configuration


@pytest.mark.parametrize(
    ("event", "places", "emoji", "threading"),
    [
        (
            CRITICAL_COMPLIANCE,
            {"compliance-alerts": ["compliance-team", "manager"]},
            ":rotating_light:",
            True,
        ),
        (HIGH_SECURITY, {"compliance": []}, ":white_check_mark:", False),
        (DUE_IN_4, {"compliance": ["compliance-team"]}, ":clock:", True),
    ],
)
def test_each_alert_has_its_channels_mentions_emoji_and_threading(
    pasted, event, places, emoji, threading
) -> None:
    routing = routed(pasted("alert_configuration"), event)
    assert routing.enabled
    assert where(routing) == places
    assert (routing.emoji, routing.threading) == (emoji, threading)


def test_what_an_alert_says_replaces_what_its_notification_type_says(tmp_path) -> None:
    file = tmp_path / "rules.yaml"
    alerts = section("alert_configuration").replace("#compliance-alerts", "#security-alerts")
    file.write_text(section("notification_types") + alerts, encoding="utf-8")
    rulebook, warnings = compile_rulebook(file, TEMPLATES)
    assert where(routed(rulebook, CRITICAL_COMPLIANCE)) == {"security-alerts": ["compliance-team", "manager"]}
    assert "alert_configuration.critical_issues.channels" in {warning.path for warning in warnings}


def test_an_alert_that_is_not_enabled_is_told_nowhere(tmp_path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        section("alert_configuration").replace("enabled: true", "enabled: false"), encoding="utf-8"
    )
    rulebook = compile_rulebook(file, TEMPLATES)[0]
    for event in (CRITICAL_SECURITY, HIGH_SECURITY, DUE_IN_3):
        assert where(routed(rulebook, event)) == {}
    assert where(routed(rulebook, REPORT_READY)) != {}


# ---------------------------------------------------------------- routing_rules


@pytest.mark.parametrize(
    ("event", "places"),
    [
        (
            CRITICAL_SECURITY,
            {
                "compliance": ["security-team", "compliance-team"],
                "security-alerts": ["security-team", "compliance-team"],
            },
        ),
        (CRITICAL_COMPLIANCE, {"compliance": []}),
        (HIGH_SECURITY, {"compliance": []}),
        (DUE_IN_3, {"compliance": ["compliance-team"]}),
        (DUE_IN_4, {"compliance": []}),
        ({"type": "deadline"}, {"compliance": []}),
        (REPORT_READY, {"compliance": [], "compliance-reports": ["management"]}),
        ({"type": "report", "status": "draft"}, {"compliance": []}),
        ({"type": "update", "status": "ready"}, {"compliance": []}),
    ],
)
def test_the_routing_rules_alone_add_their_channels_and_mentions(pasted, event, places) -> None:
    assert where(routed(pasted("routing_rules"), event)) == places


def test_in_capitals_and_quotes_as_the_guide_writes_its_conditions(pasted) -> None:
    rules = {rule.name: rule.condition for rule in pasted("routing_rules").router.rules}
    assert rules["security_incidents"].text == "category == 'security' AND severity == 'critical'"
    assert rules["compliance_deadlines"].names == {"type", "days_remaining"}


# ---------------------------------------------------------------- all together


def test_pasted_together_a_channel_gets_one_message_with_the_mentions_of_whatever_named_it(pasted) -> None:
    rulebook = pasted("slack_config", "notification_types", "alert_configuration", "routing_rules")
    assert where(routed(rulebook, CRITICAL_SECURITY)) == {
        "compliance-alerts": ["compliance-team", "manager"],
        "security-alerts": ["security-team", "compliance-team"],
        "compliance": ["security-team", "compliance-team"],
    }
    assert where(routed(rulebook, REPORT_READY)) == {"compliance-reports": ["compliance-team", "management"]}
    assert where(routed(rulebook, DUE_IN_3)) == {"compliance": ["compliance-team"]}
    assert where(routed(rulebook, CRITICAL_COMPLIANCE)) == {
        "compliance-alerts": ["compliance-team", "manager"]
    }


# ---------------------------------------------------------------- slash_commands, debug_config


def test_the_commands_are_those_of_the_guide_and_the_manifest_has_their_words(pasted) -> None:
    commands = pasted("slash_commands").rules.slash_commands
    assert list(commands) == ["/compliance", "/evidence", "/risk", "/audit"]
    (shown,) = manifest(commands)["features"]["slash_commands"]
    assert (shown["command"], shown["description"]) == ("/compliance", "Check current compliance status")
    assert "framework" in shown["usage_hint"]
    assert set(left_out(commands)) == {"/evidence", "/risk", "/audit"}


def test_a_command_of_another_name_is_that_name_in_the_manifest(tmp_path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(section("slash_commands").replace("/compliance:", "/grc:"), encoding="utf-8")
    commands = compile_rulebook(file, TEMPLATES)[0].rules.slash_commands
    assert [one["command"] for one in manifest(commands)["features"]["slash_commands"]] == ["/grc"]


def test_debugging_as_the_guide_has_it_sets_level_time_limit_attempts_and_detail(pasted) -> None:
    rules = pasted("debug_config").rules
    debug = rules.debug_config
    assert rules.studio_timeout == 30
    assert (debug.enabled, debug.log_level, debug.retry_attempts, debug.detailed_logging) == (
        True,
        "debug",
        3,
        True,
    )
    off = pasted(also=section("debug_config").replace("enabled: true", "enabled: false")).rules
    assert off.studio_timeout == 10
