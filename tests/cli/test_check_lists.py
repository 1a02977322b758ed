"""What ``check`` looks at, taken from rules.yaml and the templates alone."""

from __future__ import annotations

from compliance_bot.cli.checkup.templates import MADE_UP
from compliance_bot.config.load import load_text
from compliance_bot.config.places import packaged_place
from compliance_bot.config.schema import Rules
from compliance_bot.messages.vocabulary import KNOWN_VALUES
from compliance_bot.rules.named import named_channels, named_mentions


def test_every_name_that_a_template_may_use_has_a_made_up_value() -> None:
    assert set(MADE_UP) == KNOWN_VALUES


def test_only_what_may_be_written_to_is_looked_at() -> None:
    rules = load_text(packaged_place("rules.yaml").read_text()).rules
    assert rules is not None
    assert set(named_channels(rules)) == {
        "#compliance",
        "#compliance-alerts",
        "#compliance-reports",
        "#security-alerts",
    }
    assert set(named_mentions(rules)) == {"@compliance-team", "@manager", "@security-team", "@management"}


def test_a_channel_that_another_section_replaces_or_switches_off_is_left_out() -> None:
    document = {
        "notification_types": {
            "critical_alerts": {"channel": "#replaced", "mentions": ["@replaced"]},
            "scan_failures": {"channel": "#off", "mentions": ["@off"]},
        },
        "alert_configuration": {
            "critical_issues": {"channels": ["#alerts"], "mentions": []},
            "scan_failures": {"enabled": False},
        },
    }
    rules = Rules.model_validate(document)
    assert set(named_channels(rules)) == {"#compliance", "#alerts"}
    assert named_mentions(rules) == {}
