"""What ``check`` says of each channel's readers and of each mention."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import RULES, Ended, Living

Run = Callable[..., Ended]
ALERTS = "#compliance-alerts"


def line_of(ended: Ended, word: str) -> dict[str, str]:
    """The first line of the channels or the mentions that speaks of ``word``."""
    lines = [one for one in json.loads(ended.out)["lines"] if one["step"] in ("channels", "mentions")]
    return next(one for one in lines if one["words"].startswith(word))


def test_a_channel_of_colleagues_may_show_what_is_internal(command: Run, living: Living) -> None:
    line = line_of(command("check", "--json"), ALERTS)
    assert line["verdict"] == "good"
    assert line["words"].endswith("exactly once; it may show what is internal: a public channel")


def test_a_private_channel_may_show_what_is_confidential(
    command: Run, living: Living, tmp_path: Path
) -> None:
    (tmp_path / "rules.yaml").write_text(RULES.replace(ALERTS, "#audit-room"))
    line = line_of(command("check", "--json"), "#audit-room")
    assert (line["verdict"], line["mend"]) == ("good", "")
    assert "it may show what is confidential: a private channel" in line["words"]


def test_a_channel_with_a_guest_shows_references_and_the_mend_is_named(command: Run, living: Living) -> None:
    living.call(lambda: living.world.slack.invite("compliance-alerts", "gina"))
    ended = command("check", "--json")
    line = line_of(ended, ALERTS)
    assert line["verdict"] == "doubt"
    assert "what is public: guests read it, so findings stand there as a reference" in line["words"]
    assert line["mend"] == f"take the guests out of {ALERTS}, or raise it in sensitivity.channels"
    assert ended.code == 0, "it works, but less than one might think"


def test_a_channel_that_the_rules_raise_is_good_whoever_reads_it(
    command: Run, living: Living, tmp_path: Path
) -> None:
    living.call(lambda: living.world.slack.invite("compliance-alerts", "gina"))
    raised = f'sensitivity:\n  channels: {{"{ALERTS}": confidential}}\n'
    (tmp_path / "rules.yaml").write_text(RULES + raised)
    line = line_of(command("check", "--json"), ALERTS)
    assert line["verdict"] == "good"
    assert "what is confidential: as rules.yaml says of this channel" in line["words"]


def test_a_channel_shared_with_others_shows_references(command: Run, living: Living, tmp_path: Path) -> None:
    living.call(lambda: living.world.slack.add_channel("abroad", shared_with=("T0OTHERORG",)))
    (tmp_path / "rules.yaml").write_text(RULES.replace(ALERTS, "#abroad"))
    line = line_of(command("check", "--json"), "#abroad")
    assert line["verdict"] == "doubt"
    assert "what is public: another organisation reads it" in line["words"]
    assert line["mend"].startswith("name a channel of your own in place of #abroad")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("missing_scope", "Slack doesn't say who reads it, so findings stand there as a reference"),
        ("fetch_members_failed", "Slack could not say who reads it"),
    ],
)
def test_a_channel_whose_readers_slack_does_not_tell_is_a_doubt(
    command: Run, living: Living, code: str, words: str
) -> None:
    living.call(lambda: living.world.slack.refuse("conversations.members", code, times=None))
    line = line_of(command("check", "--json"), ALERTS)
    assert line["verdict"] == "doubt"
    assert words in line["words"]
    assert line["mend"]


def test_how_many_a_group_calls_is_told(command: Run, living: Living) -> None:
    assert line_of(command("check", "--json"), "@on-call")["words"] == "@on-call pings 1 person"


def test_a_group_with_nobody_inside_is_a_doubt(command: Run, living: Living) -> None:
    living.call(lambda: living.world.slack.set_group_members("on-call", []))
    line = line_of(command("check", "--json"), "@on-call")
    assert line["verdict"] == "doubt"
    assert "pings nobody: that user group is empty" in line["words"]


def test_without_a_paid_plan_each_group_that_is_named_is_a_fault_with_its_mend(
    command: Run, living: Living
) -> None:
    living.world.slack.settings.paid_plan = False
    ended = command("check", "--json")
    faults = [one for one in json.loads(ended.out)["lines"] if one["verdict"] == "fault"]
    assert faults == [line_of(ended, "@on-call")]
    assert "user groups need a paid Slack plan" in faults[0]["words"]
    assert "name people by handle or e-mail" in faults[0]["mend"]


def access_lines(ended: Ended) -> list[dict[str, str]]:
    """The lines about who may."""
    return [one for one in json.loads(ended.out)["lines"] if one["step"] == "access"]


def test_that_nobody_may_approve_is_a_doubt_until_a_manager_is_listed(
    command: Run, living: Living, tmp_path: Path
) -> None:
    (tmp_path / "rules.yaml").write_text(RULES.replace('manager: ["boss@example.com"]', "manager: []"))
    (line,) = access_lines(command("check", "--json"))
    assert (line["verdict"], line["mend"]) == ("doubt", "list their e-mails under people.roles.manager")
    assert line["words"].startswith("nobody may approve")


def test_an_address_that_slack_does_not_know_gives_nobody_a_right(
    command: Run, living: Living, tmp_path: Path
) -> None:
    people = living.world.slack.workspace.people.values()
    known = next(one.email for one in people if one.handle == "alice")
    (tmp_path / "rules.yaml").write_text(
        RULES.replace('"boss@example.com"', f'"{known}", "ghost@example.com"')
    )
    lines = access_lines(command("check", "--json"))
    assert [one["verdict"] for one in lines] == ["good", "doubt"]
    assert "ghost@example.com, whom Slack knows by no such address" in lines[1]["words"]
