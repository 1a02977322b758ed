"""What the tests of time share: rules with a ladder, and a clock that is moved by hand."""

from __future__ import annotations

import json
from typing import Any

from compliance_bot.cases import due
from compliance_bot.model.delivery import EffectKind
from tests.cases.stage import Stage, rules_saying

MINUTE, HOUR = 60.0, 3600.0
LADDER = """
escalation:
  - match: "severity == 'critical'"
    after: 30m
    mentions: ["@security-team"]
    repeat: 1
  - match: "severity == 'critical'"
    after: 2h
    mentions: ["@manager"]
    channel: "#compliance-reports"
"""
"""Rungs at 30 and 60 minutes, and at two hours; only for what is critical."""


def with_ladder(text: str = LADDER, more: str = "") -> Any:
    """The shipped rules with a ladder."""
    return rules_saying(f"{text}\n{more}")


async def run_clock(stage: Stage, limit: int = 100) -> int:
    """Let time do what is due now."""
    done: int = await stage.write(lambda tx: due.run(tx, stage.moment(), limit))
    return done


async def pass_time(stage: Stage, seconds: float) -> None:
    """Move time on in one jump, let it do what is due, and let everything go that is planned."""
    stage.later(seconds)
    while await run_clock(stage):
        pass
    await stage.deliver()


def threads(stage: Stage) -> list[dict[str, Any]]:
    """The lines of threads that were posted, in order."""
    return [request["arguments"] for request in stage.said(EffectKind.THREAD)]


def reminders(stage: Stage) -> list[str]:
    """The texts of the rungs that were said, in order."""
    return [line["text"] for line in threads(stage) if "Nobody has acknowledged" in line["text"]]


async def entries(stage: Stage, kind: str) -> list[dict[str, Any]]:
    """The entries of the audit chain of one kind."""
    rows = await stage.rows("SELECT body FROM audit ORDER BY seq")
    bodies = [json.loads(row["body"]) for row in rows]
    return [body["facts"] for body in bodies if body["kind"] == kind]
