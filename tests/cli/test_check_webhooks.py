"""What ``check`` says of each incoming webhook, from rules.yaml and what Slack shows."""

from __future__ import annotations

from compliance_bot.cli.checkup.lines import Verdict
from compliance_bot.cli.checkup.webhooks import webhooks
from compliance_bot.config.schema import Rules
from compliance_bot.model.slack import Channel, Directory

ALERTS = Channel(id="C0ALERTS1", name="alerts", member=True)


def said(name: str, *channels: str) -> tuple[Verdict, str]:
    document = {
        "slack_config": {"default_channel": "#alerts"},
        "routing_rules": {"r": {"condition": "true", "channels": list(channels)}},
    }
    directory = Directory(
        channels_by_id={ALERTS.id: ALERTS},
        channels_by_name={"alerts": ALERTS, "alerts-of-old": ALERTS},
        webhooks=frozenset({name}),
    )
    (line,) = webhooks(Rules.model_validate(document), directory, [name])
    return line.verdict, line.words


def test_a_webhook_for_a_channel_of_the_rules_is_said_with_it() -> None:
    assert said("ALERTS") == (Verdict.GOOD, "SLACK_WEBHOOK_ALERTS is for #alerts, where the bot is refused")
    assert said("BOARD_ROOM", "#board-room")[0] is Verdict.GOOD


def test_a_webhook_that_no_rule_would_ever_use_is_a_doubt() -> None:
    verdict, words = said("ALRETS")
    assert verdict is Verdict.DOUBT
    assert "nothing ever goes there" in words


def test_a_channel_is_known_by_the_name_that_it_had() -> None:
    assert said("ALERTS_OF_OLD", "#alerts-of-old")[0] is Verdict.GOOD


def test_a_name_that_rules_fill_in_may_come_to_it() -> None:
    assert said("TEAM_BLUE", "#team-{{ project }}")[0] is Verdict.GOOD
    assert said("TEEM_BLUE", "#team-{{ project }}")[0] is Verdict.DOUBT


def test_two_channels_that_are_spelled_alike_are_a_doubt() -> None:
    verdict, words = said("A_B", "#a-b", "#a_b")
    assert verdict is Verdict.DOUBT
    assert "#a-b and #a_b" in words
