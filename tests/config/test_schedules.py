from datetime import datetime
from zoneinfo import ZoneInfo

from compliance_bot.config.schedules import next_runs, schedule_entries
from compliance_bot.config.schema import Rules, ScheduleEntry

ZURICH = ZoneInfo("Europe/Zurich")


def local(entry: ScheduleEntry, *start: int) -> list[str]:
    """The next two runs after a local time in Zurich, as local times."""
    after = datetime(*start, tzinfo=ZURICH).timestamp()  # type: ignore[arg-type,misc] # year, month, day, hour
    return [datetime.fromtimestamp(run, ZURICH).strftime("%d %H:%M %z") for run in next_runs(entry, after, 2)]


def test_reminders_of_the_guide_are_short_for_an_entry() -> None:
    rules = Rules.model_validate({"alert_configuration": {"deadline_reminders": {"schedule": "0 9 * * *"}}})
    entries = schedule_entries(rules)
    assert entries["deadline_reminders"].cron == "0 9 * * *"
    assert schedule_entries(Rules()) == {}


def test_entry_of_the_same_job_stands_alone() -> None:
    rules = Rules.model_validate(
        {
            "alert_configuration": {"deadline_reminders": {"schedule": "0 9 * * *"}},
            "schedule": {"mornings": {"job": "deadline_reminders", "cron": "0 9 * * *"}},
        }
    )
    assert list(schedule_entries(rules)) == ["mornings"]


def test_local_time_that_a_clock_change_skips_runs_at_the_next_valid_minute() -> None:
    entry = ScheduleEntry(job="daily_summary", cron="30 2 * * *", timezone="Europe/Zurich")
    assert local(entry, 2026, 3, 28, 12) == ["29 03:00 +0200", "30 02:30 +0200"]


def test_local_time_that_comes_twice_runs_once() -> None:
    entry = ScheduleEntry(job="daily_summary", cron="30 2 * * *", timezone="Europe/Zurich")
    assert local(entry, 2026, 10, 24, 12) == ["25 02:30 +0200", "26 02:30 +0100"]


def test_every_counts_from_now() -> None:
    assert next_runs(ScheduleEntry(job="compliance_scan", every="1h"), 100.0) == (3700.0, 7300.0, 10900.0)  # type: ignore[arg-type] # as the file writes it
