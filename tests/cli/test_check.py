from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance_bot.config.places import packaged_place
from compliance_bot.sandbox.faults import Fault

from .conftest import RULES, Ended, Living

Run = Callable[..., Ended]


def faults(ended: Ended) -> list[dict[str, str]]:
    return [line for line in json.loads(ended.out)["lines"] if line["verdict"] == "fault"]


def test_a_world_that_is_right_has_no_fault(command: Run, living: Living) -> None:
    ended = command("check", "--json")
    assert faults(ended) == []
    assert ended.code == 0


def test_the_steps_come_in_the_order_of_mending(command: Run, living: Living) -> None:
    lines = json.loads(command("check", "--json").out)["lines"]
    steps = list(dict.fromkeys(line["step"] for line in lines))
    wanted = ["settings", "rules", "tokens", "scopes", "socket", "channels", "mentions", "access"]
    assert steps[: len(wanted)] == wanted
    assert steps[-1] == "database"


def test_people_read_lines_with_their_mend(command: Run, living: Living) -> None:
    ended = command("check")
    assert "ok    tokens: SLACK_BOT_TOKEN" in ended.out
    assert ended.out.splitlines()[-1] == "All is well."


def test_each_missing_setting_is_the_first_and_only_fault(
    command: Run, living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLACK_APP_TOKEN")
    (line,) = faults(command("check", "--json"))
    assert "SLACK_APP_TOKEN" in line["words"]
    assert "xapp-" in line["mend"]


def test_a_token_that_studio_does_not_know_is_a_fault(
    command: Run, living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_TOKEN_MANAGER", "a-token-of-last-year")
    (line,) = faults(command("check", "--json"))
    assert "as manager" in line["words"]
    assert "STUDIO_TOKEN_MANAGER" in line["mend"]


def test_a_broken_rules_file_sends_to_validate(command: Run, living: Living, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("nonsense: 1\n")
    (line,) = faults(command("check", "--json"))
    assert "validate" in line["mend"]


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
def test_a_wrong_token_is_named_with_where_to_copy_it_and_the_allow_list(
    command: Run, living: Living, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "xoxb-1-2-canary" if name == "SLACK_BOT_TOKEN" else "xapp-1-2-canary")
    ended = command("check", "--json")
    (line,) = [line for line in faults(ended) if line["step"] == "tokens"]
    assert name in line["words"]
    assert "allow list" in line["mend"]
    assert "canary" not in ended.out + ended.err


def test_a_missing_scope_is_named(command: Run, living: Living) -> None:
    settings = living.world.slack.settings
    settings.scopes.discard("usergroups:read")
    (line,) = [line for line in faults(command("check", "--json")) if line["step"] == "scopes"]
    assert "usergroups:read" in line["words"]
    assert "install the app again" in line["mend"]


def test_a_channel_that_is_not_there_is_named_with_its_place(
    command: Run, living: Living, tmp_path: Path
) -> None:
    (tmp_path / "rules.yaml").write_text(RULES.replace("#compliance-alerts", "#nowhere"))
    (line,) = faults(command("check", "--json"))
    assert "#nowhere (notification_types.critical_alerts.channel)" in line["words"]


def test_a_channel_without_the_bot_is_joined_by_fix(command: Run, living: Living, tmp_path: Path) -> None:
    living.call(lambda: living.world.slack.add_channel("lonely", members=[]))
    (tmp_path / "rules.yaml").write_text(RULES.replace("#compliance-alerts", "#lonely"))
    (line,) = faults(command("check", "--json"))
    assert "/invite" in line["mend"]
    assert command("check", "--fix", "--json").code == 0


def test_an_unknown_mention_is_named(command: Run, living: Living, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES.replace("@on-call", "@nobody-at-all"))
    (line,) = faults(command("check", "--json"))
    assert line["step"] == "mentions"
    assert "@nobody-at-all" in line["words"]


def live(ended: Ended) -> list[tuple[str, str]]:
    lines = [line for line in json.loads(ended.out)["lines"] if line["step"] == "live"]
    return [(line["words"], line["verdict"]) for line in lines]


def test_live_posts_in_each_channel_and_leaves_nothing_behind(command: Run, living: Living) -> None:
    posted = [verdict for words, verdict in live(command("check", "--live", "--json")) if "posted" in words]
    assert posted == ["good"] * 3


def test_live_has_slack_judge_every_template(command: Run, living: Living) -> None:
    judged = [said for said in live(command("check", "--live", "--json")) if "templates/" in said[0]]
    names = sorted(path.name for path in packaged_place("templates").glob("*.json.j2"))
    assert judged == [(f"Slack takes templates/{name}", "good") for name in names]


def test_live_names_the_template_that_slack_refuses(
    command: Run, living: Living, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(packaged_place("templates"), tmp_path / "templates")
    (tmp_path / "templates" / "mine.json.j2").write_text(
        '{"text": "{{ title }}", "blocks": [{"type": "marquee", "text": "{{ title }}"}]}'
    )
    monkeypatch.setenv("COMPLIANCE_BOT_TEMPLATES", str(tmp_path / "templates"))
    (line,) = faults(command("check", "--live", "--json"))
    assert line["words"].startswith("Slack refuses templates/mine.json.j2: ")
    assert "/blocks/0" in line["words"]
    assert line["mend"] == "correct templates/mine.json.j2 at that place"


def test_every_setting_that_is_wrong_has_a_mend_of_its_own(
    command: Run, living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_PROXY", "socks5://proxy")
    (line,) = faults(command("check", "--json"))
    assert "STUDIO_PROXY" in line["mend"]


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("STUDIO_TOKEN_AUDITOR", "wrong", "STUDIO_TOKEN"),
        ("STUDIO_URL", "http://127.0.0.1:9", "STUDIO_PROXY"),
    ],
)
def test_a_studio_that_refuses_or_is_away_is_named_with_its_mend(
    command: Run, living: Living, monkeypatch: pytest.MonkeyPatch, name: str, value: str, mend: str
) -> None:
    monkeypatch.setenv(name, value)
    (line,) = faults(command("check", "--json"))
    assert line["step"] == "studio"
    assert mend in line["mend"]


def test_a_slack_that_cannot_be_reached_is_told_apart_from_a_wrong_token(
    command: Run, living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    found = [line for line in faults(command("check", "--json")) if line["step"] == "tokens"]
    assert len(found) == 2
    assert all("port 443" in line["mend"] for line in found)


def test_a_proxy_that_lets_no_websocket_through_is_named(command: Run, living: Living) -> None:
    living.call(lambda: living.world.slack.faults.lay(Fault(call="link", status=404, body="<html>")))
    (line,) = [line for line in faults(command("check", "--json")) if line["step"] == "socket"]
    assert "WebSocket" in line["mend"]


@pytest.mark.usefixtures("state")
def test_the_record_is_verified_too(command: Run, living: Living) -> None:
    lines = json.loads(command("check", "--json").out)["lines"]
    assert [line["verdict"] for line in lines if line["step"] in ("database", "audit")] == ["good", "good"]
