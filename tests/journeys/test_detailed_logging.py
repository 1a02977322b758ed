"""The guide's ``detailed_logging``: every call in the log, by how it ended and how long it took."""

import yaml
from bot_process import FAST, ROOT
from journey_steps import a_critical_is_shown

GUIDE = ROOT / "tests" / "config" / "testdata" / "guide" / "debug_config.yaml"
SECRETS = ("xoxb-demo", "xapp-demo", "studio-manager-token", "studio-auditor-token")


async def test_in_detail_every_call_stands_in_the_log_and_nothing_that_was_said(world, bot, until):
    bot.rules = {**FAST, **yaml.safe_load(GUIDE.read_text())}
    await bot.start()
    await a_critical_is_shown(world, until, title="Public bucket of patients")
    await bot.settled()
    lines = bot.log_events()
    slack = [one for one in lines if one["event"] == "slack.called"]
    studio = [one for one in lines if one["event"] == "studio.called"]
    assert {"chat.postMessage", "apps.connections.open", "users.list"} <= {one["method"] for one in slack}
    assert len([one for one in slack if one["method"] == "chat.postMessage"]) == len(
        world.slack.calls_of("chat.postMessage")
    )
    assert {one["outcome"] for one in studio} <= {"ok", "unchanged"}
    assert all(one["milliseconds"] >= 0 for one in (*slack, *studio))
    assert not any(secret in bot.log() for secret in SECRETS)
    assert "patients" not in str([*slack, *studio])


async def test_without_it_no_call_stands_in_the_log(world, bot, until):
    bot.rules = FAST
    await bot.start()
    await a_critical_is_shown(world, until)
    assert not [one for one in bot.log_events() if one["event"] in ("slack.called", "studio.called")]
    (routed,) = [one for one in bot.log_events() if one["event"] == "event.routed"]
    assert "rule.matched security_incidents" in routed["reasons"]
