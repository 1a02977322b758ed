"""``detailed_logging`` logs every call, counted in any case; never what was sent."""

from __future__ import annotations

import pytest
import structlog

from compliance_bot import metrics
from compliance_bot.app.call_log import CallLog
from compliance_bot.config.schema import Rules
from compliance_bot.studio.calls import CallRecord


def rules(*, enabled: bool, detailed: bool) -> Rules:
    return Rules.model_validate({"debug_config": {"enabled": enabled, "detailed_logging": detailed}})


def both_called(known: Rules) -> list[dict[str, object]]:
    calls = CallLog(rules=lambda: known)
    with structlog.testing.capture_logs() as logs:
        calls.slack("chat.postMessage", "channel_not_found", 0.01234)
        calls.studio(CallRecord(operation="findings", identity="manager", outcome="ok", seconds=1.5))
    return [dict(line) for line in logs]


def test_in_detail_every_call_is_a_line_with_how_it_ended_and_how_long_it_took() -> None:
    assert both_called(rules(enabled=True, detailed=True)) == [
        {
            "event": "slack.called",
            "log_level": "info",
            "method": "chat.postMessage",
            "outcome": "channel_not_found",
            "milliseconds": 12.3,
        },
        {
            "event": "studio.called",
            "log_level": "info",
            "operation": "findings",
            "identity": "manager",
            "outcome": "ok",
            "milliseconds": 1500.0,
        },
    ]


@pytest.mark.parametrize(("enabled", "detailed"), [(False, True), (True, False), (False, False)])
def test_without_it_calls_are_counted_only(enabled: bool, detailed: bool) -> None:
    assert both_called(rules(enabled=enabled, detailed=detailed)) == []
    figures = metrics.render().decode()
    assert 'slack_call_seconds_count{code="channel_not_found",method="chat.postMessage"}' in figures
    assert 'studio_call_seconds_count{operation="findings",outcome="ok"}' in figures


def test_a_reload_switches_it_on_for_the_next_call() -> None:
    known = [rules(enabled=False, detailed=False)]
    calls = CallLog(rules=lambda: known[0])
    with structlog.testing.capture_logs() as logs:
        calls.slack("auth.test", "ok", 0.1)
        known[0] = rules(enabled=True, detailed=True)
        calls.slack("auth.test", "ok", 0.1)
    assert len(logs) == 1
