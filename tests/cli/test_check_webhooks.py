"""What ``check`` says of each incoming webhook, from rules.yaml and what Slack shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance_bot.cli.checkup.lines import Verdict
from compliance_bot.cli.checkup.webhooks import webhooks
from compliance_bot.config.schema import Rules
from compliance_bot.model.slack import Channel, Directory

from .conftest import RULES, Ended, Living

Run = Callable[..., Ended]
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


@pytest.fixture
def hooked(living: Living, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The alerts go to #board-room, which Slack does not show the bot and a webhook reaches; its address."""
    address: str = living.call(lambda: living.world.slack.add_webhook("board-room"))
    monkeypatch.setenv("SLACK_WEBHOOK_BOARD_ROOM", address)
    (tmp_path / "rules.yaml").write_text(RULES.replace("#compliance-alerts", "#board-room"))
    return address


def lines_of(ended: Ended, name: str) -> list[dict[str, str]]:
    return [one for one in json.loads(ended.out)["lines"] if one["words"].startswith(name)]


def test_a_channel_that_only_a_webhook_reaches_has_its_guarantee_ceiling_and_mend(
    command: Run, living: Living, hooked: str, tmp_path: Path
) -> None:
    ended = command("check", "--json")
    (line,) = lines_of(ended, "#board-room")
    assert line["verdict"] == "doubt"
    assert "SLACK_WEBHOOK_BOARD_ROOM alone: at least once" in line["words"]
    assert "it may show what is public" in line["words"]
    assert "sensitivity.channels" in line["mend"]
    assert hooked not in f"{ended.out} {ended.err}"
    assert ended.code == 0

    rules = (tmp_path / "rules.yaml").read_text()
    (tmp_path / "rules.yaml").write_text(rules + 'sensitivity: {channels: {"#board-room": confidential}}')
    (line,) = lines_of(command("check", "--json"), "#board-room")
    assert line["verdict"] == "good"


def test_a_channel_without_the_bot_but_with_a_webhook_is_a_doubt_and_not_a_fault(
    command: Run, living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = living.world.slack.settings.bot_user
    living.call(lambda: living.world.slack.kick("compliance-alerts", bot))
    assert command("check", "--json").code == 1
    monkeypatch.setenv(
        "SLACK_WEBHOOK_COMPLIANCE_ALERTS",
        living.call(lambda: living.world.slack.add_webhook("compliance-alerts")),
    )
    ended = command("check", "--live", "--json")
    first, tried = lines_of(ended, "#compliance-alerts")
    assert (first["verdict"], tried["verdict"]) == ("doubt", "good")
    assert "not tried" in tried["words"]
    assert ended.code == 0
    assert not living.world.slack.webhooks.calls
