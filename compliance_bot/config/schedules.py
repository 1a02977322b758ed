"""When the jobs of rules.yaml run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim

from compliance_bot.config.schema import Job, Rules, ScheduleEntry

REMINDERS: Job = "deadline_reminders"


def schedule_entries(rules: Rules) -> Mapping[str, ScheduleEntry]:
    """Every entry of ``schedule``, and the one that ``alert_configuration`` is short for."""
    entries = dict(rules.schedule)
    alert = rules.alert_configuration.get(REMINDERS)
    if alert is None or alert.schedule is None or any(entry.job == REMINDERS for entry in entries.values()):
        return entries
    return {**entries, REMINDERS: ScheduleEntry(job=REMINDERS, cron=alert.schedule)}


def next_runs(entry: ScheduleEntry, after: float, count: int = 3) -> tuple[float, ...]:
    """The next ``count`` times of an entry later than ``after``, all Unix seconds.

    A local time that a clock change skips is the next valid minute; one that comes twice comes once.
    ``every`` is counted from ``after``.
    """
    if entry.cron is None:
        every = entry.every or 0.0
        return tuple(after + every * number for number in range(1, count + 1))
    start = datetime.fromtimestamp(after, UTC).astimezone(ZoneInfo(entry.timezone))
    return tuple(moment.timestamp() for moment in islice(CronSim(entry.cron, start), count))
