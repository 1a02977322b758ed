"""Every routed event is counted by its reasons; the log names it, a storm in a few lines."""

from __future__ import annotations

import re

import structlog

from compliance_bot import metrics
from compliance_bot.cases.routed import LINES_A_SECOND
from tests.cases.stage import START, Stage, a_critical, a_finding, rules_saying


def counted(reason: str) -> float:
    found = re.search(rf'events_routed_total{{reason="{reason}"}} (\S+)', metrics.render().decode())
    return float(found[1]) if found else 0.0


async def test_each_reason_of_a_routed_event_is_counted_once(stage: Stage) -> None:
    reasons = ("type.by_table", "rule.matched", "channel.of_rule", "rule.not_matched")
    before = {reason: counted(reason) for reason in reasons}
    await stage.observe(a_critical())
    assert [counted(reason) - before[reason] for reason in reasons] == [1, 1, 1, 0]


async def test_a_routed_event_is_logged_with_where_it_goes_and_why(stage: Stage) -> None:
    with structlog.testing.capture_logs() as logs:
        await stage.observe(a_critical())
    (line,) = [one for one in logs if one["event"] == "event.routed"]
    assert line["log_level"] == "info"
    assert line["channels"] == ["compliance-alerts", "security-alerts", "compliance"]
    assert "rule.matched security_incidents" in line["reasons"]
    assert line["notification"] == "critical_alerts"


async def test_what_is_recorded_only_makes_no_line_at_info(stage: Stage) -> None:
    stage.rulebook = rules_saying("alert_configuration: {compliance_updates: {enabled: false}}")
    with structlog.testing.capture_logs() as logs:
        await stage.observe(a_finding())
    assert [one["log_level"] for one in logs if one["event"].startswith("event.routed")] == ["debug"]


async def test_a_storm_is_logged_in_a_few_lines_that_count_the_rest(stage: Stage) -> None:
    stage.later(10.0)
    with structlog.testing.capture_logs() as logs:
        await stage.observe(*(a_finding(f"f-{number}", created_at=START + 100) for number in range(100)))
        stage.later(10.0)
        await stage.observe(a_finding("f-last", created_at=START + 100))
    lines = [one for one in logs if one["event"] == "event.routed"]
    assert len(lines) == LINES_A_SECOND + 1
    assert lines[-1]["left_out"] == 100 - LINES_A_SECOND
