"""What time does to cases: each exactly once, said, audited, and from then on a case like any other."""

from __future__ import annotations

from typing import Any

import pytest

from compliance_bot.cases import due
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.model.delivery import EffectKind, Never
from compliance_bot.model.findings import FindingStatus, Severity
from tests.cases.clock_stage import (
    HOUR,
    MINUTE,
    entries,
    pass_time,
    reminders,
    run_clock,
    threads,
    with_ladder,
)
from tests.cases.stage import DAY, Stage, a_critical

SECURITY = "<!subteam^SSECURITY-TEAM>"


@pytest.fixture
async def shown(begun: Stage) -> Stage:
    """A critical finding, told and shown, with a ladder."""
    begun.rulebook = with_ladder()
    await begun.observe(a_critical())
    await begun.deliver()
    return begun


async def the_case(stage: Stage) -> Case:
    case = await stage.case()
    assert case is not None
    return case


async def directs(stage: Stage) -> list[tuple[str, str]]:
    """Whom was told what by direct message."""
    rows = await stage.rows(
        "SELECT pace_key, intent ->> 'sentence' AS said FROM effect WHERE kind = 'direct'"
    )
    return [(row["pace_key"], row["said"]) for row in rows]


async def clock_events(stage: Stage) -> list[tuple[str, str, str]]:
    rows = await stage.rows("SELECT change, before, after FROM event WHERE cause = 'clock' ORDER BY id")
    return [(row["change"], row["before"], row["after"]) for row in rows]


# ---------------------------------------------------------------- a snooze ends


async def asleep(stage: Stage, seconds: float = 3 * HOUR) -> None:
    await stage.do("snooze", reason="Waiting for the vendor", until=stage.now + seconds)
    await stage.deliver()


async def test_a_snooze_that_ends_opens_the_case_and_says_so(shown: Stage) -> None:
    await asleep(shown)
    await pass_time(shown, 3 * HOUR - 1)
    assert (await the_case(shown)).state is CaseState.SNOOZED
    await pass_time(shown, 1)
    case = await the_case(shown)
    assert (case.state, case.wake_at, case.snooze_reason) == (CaseState.OPEN, None, None)
    assert "Bob's snooze ended" in threads(shown)[-1]["text"]
    assert await directs(shown) == [("UBOBSMITH", "snooze_ended")]
    assert await clock_events(shown) == [("reopened", "snoozed", "open")]
    (entry,) = await entries(shown, "case.snooze_ended")
    assert entry["decision"] is not None
    assert await shown.whole_chain()


async def test_after_a_snooze_the_ladder_begins_with_its_first_rung(shown: Stage) -> None:
    await pass_time(shown, 30 * MINUTE)
    await asleep(shown)
    await pass_time(shown, 3 * HOUR)
    await pass_time(shown, 30 * MINUTE - 1)
    assert len(reminders(shown)) == 1
    await pass_time(shown, 1)
    assert "reminder 1 of 3" in reminders(shown)[1]


async def test_a_snooze_ends_once_and_waking_by_hand_leaves_nothing_to_end(shown: Stage) -> None:
    await asleep(shown)
    await shown.do("wake")
    await pass_time(shown, 4 * HOUR)
    assert await clock_events(shown) == []
    assert await run_clock(shown) == 0


async def test_a_raised_severity_breaks_the_snooze_for_good(begun: Stage) -> None:
    begun.rulebook = with_ladder()
    await begun.observe(a_critical(severity=Severity.HIGH))
    await begun.deliver()
    await asleep(begun)
    await begun.observe(a_critical())
    case = await the_case(begun)
    assert (case.state, case.wake_at) == (CaseState.OPEN, None)
    await pass_time(begun, 4 * HOUR)
    assert await clock_events(begun) == []


async def test_undo_of_a_snooze_leaves_nothing_to_end(shown: Stage) -> None:
    await asleep(shown)
    await shown.undo()
    await pass_time(shown, 29 * MINUTE)
    assert await clock_events(shown) == []
    assert (await the_case(shown)).wake_at is None


async def test_a_snooze_undone_again_after_its_end_has_passed_ends_at_once(shown: Stage) -> None:
    await asleep(shown, 5 * MINUTE)
    shown.later(4 * MINUTE)
    await shown.press()
    shown.later(2 * MINUTE)
    await shown.undo()
    await pass_time(shown, 0)
    assert (await the_case(shown)).state is CaseState.OPEN


# ---------------------------------------------------------------- a promise


async def promised(stage: Stage, seconds: float = 3 * DAY) -> None:
    await stage.press()
    await stage.do("fix_by", until=stage.now + seconds)
    await stage.deliver()


async def test_a_promise_that_passes_opens_the_case_and_calls_the_same_people(shown: Stage) -> None:
    await promised(shown)
    until = (await the_case(shown)).fix_by
    await pass_time(shown, 3 * DAY)
    case = await the_case(shown)
    assert (case.state, case.fix_by, case.remind_at, case.owner) == (CaseState.OPEN, None, None, None)
    line = next(line["text"] for line in threads(shown) if "was to be fixed by" in line["text"])
    assert SECURITY in line
    assert f"<!date^{int(until or 0)}" in line
    assert ("UBOBSMITH", "fix_by_passed") in await directs(shown)
    assert await clock_events(shown) == [("reopened", "acknowledged", "open")]
    assert len(await entries(shown, "case.fix_by_passed")) == 1


async def test_who_promised_is_reminded_once_before_and_not_after(shown: Stage) -> None:
    await promised(shown)
    remind_at = (await the_case(shown)).remind_at
    assert remind_at is not None
    await pass_time(shown, remind_at - shown.now)
    assert await directs(shown) == [("UBOBSMITH", "fix_by_near")]
    assert sum("To be fixed by" in line["text"] for line in threads(shown)) == 1
    await pass_time(shown, HOUR)
    assert len(await directs(shown)) == 1
    assert len(await entries(shown, "case.reminded")) == 1


async def test_late_to_both_the_reminder_gives_way_to_what_has_passed(shown: Stage) -> None:
    await promised(shown)
    await pass_time(shown, 10 * DAY)
    assert [said for _, said in await directs(shown)] == ["fix_by_passed"]
    assert await entries(shown, "case.reminded") == []


async def test_a_promise_kept_has_no_end(shown: Stage) -> None:
    await promised(shown)
    await shown.observe(a_critical(status=FindingStatus.RESOLVED))
    await pass_time(shown, 10 * DAY)
    assert await clock_events(shown) == []
    assert await directs(shown) == []


async def test_after_a_promise_has_passed_the_ladder_begins(shown: Stage) -> None:
    await promised(shown)
    await pass_time(shown, 3 * DAY)
    await pass_time(shown, 30 * MINUTE)
    assert "reminder 1 of 3" in reminders(shown)[0]


# ---------------------------------------------------------------- an accepted risk


async def accepted(stage: Stage, seconds: float = 30 * DAY) -> None:
    """Accept the risk for so long, without a second person."""
    stage.rulebook = with_ladder(more="approvals: {second_person_for: []}")
    await stage.do("accept_risk", reason="Only a test system", until=stage.now + seconds)
    await stage.deliver()


def written(stage: Stage) -> list[dict[str, Any]]:
    """The statuses written into Studio."""
    return [request["body"]["status"] for request in stage.said(EffectKind.STUDIO_STATUS)]


async def test_a_risk_accepted_no_more_opens_a_new_episode_and_studio_follows(shown: Stage) -> None:
    await accepted(shown)
    assert (await the_case(shown)).state is CaseState.CLOSED
    await pass_time(shown, 30 * DAY)
    case = await the_case(shown)
    assert (case.state, case.episode, case.risk_until) == (CaseState.OPEN, 2, None)
    assert written(shown) == ["accepted_risk", "open"]
    assert (await shown.known()).finding.status is FindingStatus.OPEN
    assert ("UBOBSMITH", "risk_ended") in await directs(shown)
    assert await clock_events(shown) == [("reopened", "closed", "open")]
    (entry,) = await entries(shown, "case.risk_ended")
    assert entry["episode"] == 2
    await pass_time(shown, 30 * MINUTE)
    assert len(reminders(shown)) == 1


async def test_a_risk_accepted_for_an_hour_is_said_in_the_same_thread(shown: Stage) -> None:
    await accepted(shown, HOUR)
    await pass_time(shown, HOUR)
    said = [line["text"] for line in threads(shown)]
    assert any("The risk was accepted by Bob until" in line for line in said)


async def test_a_poll_that_sees_studio_follow_is_no_news(shown: Stage) -> None:
    await accepted(shown)
    await pass_time(shown, 30 * DAY)
    before = len(threads(shown))
    await shown.observe(a_critical())
    await shown.deliver()
    assert len(threads(shown)) == before
    assert (await the_case(shown)).state is CaseState.OPEN


async def test_studio_that_refuses_to_open_is_said_and_nothing_is_taken_back(shown: Stage) -> None:
    await accepted(shown)
    shown.later(30 * DAY)
    await run_clock(shown)
    (write,) = await shown.claim(only=EffectKind.STUDIO_STATUS)
    await shown.finish(write, Never(reason="409"))
    await shown.deliver()
    assert (await the_case(shown)).state is CaseState.OPEN
    assert any("Studio refused to open this again" in line["text"] for line in threads(shown))


async def test_studio_is_opened_also_where_somebody_has_taken_the_case_meanwhile(shown: Stage) -> None:
    await accepted(shown)
    shown.later(30 * DAY)
    await run_clock(shown)
    await shown.press()
    await shown.deliver()
    assert written(shown) == ["accepted_risk", "open", "investigating"]
    assert (await the_case(shown)).state is CaseState.ACKNOWLEDGED


async def test_what_studio_closed_otherwise_since_stays_closed(shown: Stage) -> None:
    await accepted(shown)
    await shown.observe(a_critical(status=FindingStatus.RESOLVED))
    await pass_time(shown, 30 * DAY)
    assert (await the_case(shown)).state is CaseState.CLOSED
    assert await clock_events(shown) == []
    assert await shown.database.read(due.next_at) is None


async def test_in_shadow_mode_studio_is_not_opened(shown: Stage) -> None:
    shadow = "approvals: {second_person_for: []}\ndelivery: {shadow: '#compliance-reports'}"
    shown.rulebook = with_ladder(more=shadow)
    await shown.do("accept_risk", reason="Only a test system", until=shown.now + DAY)
    await shown.deliver()
    await pass_time(shown, DAY)
    assert written(shown) == []


# ---------------------------------------------------------------- when, and how many


async def test_the_next_moment_is_the_earliest_that_counts(shown: Stage) -> None:
    assert await shown.database.read(due.next_at) == (await the_case(shown)).next_step_at
    await asleep(shown, DAY)
    assert await shown.database.read(due.next_at) == (await the_case(shown)).wake_at


async def test_no_more_are_moved_at_once_than_asked(begun: Stage) -> None:
    begun.rulebook = with_ladder(more="grouping: {enabled: false}")
    await begun.observe(*(a_critical(f"f-{number}") for number in range(5)))
    await begun.deliver()
    begun.later(30 * MINUTE)
    assert [await run_clock(begun, 2) for _ in range(4)] == [2, 2, 1, 0]


async def test_a_case_that_cannot_be_moved_holds_up_no_other(
    begun: Stage,
) -> None:
    begun.rulebook = with_ladder(more="grouping: {enabled: false}")
    await begun.observe(a_critical("f-1"), a_critical("f-2"))
    await begun.deliver()
    broken = await the_case(begun)
    await begun.write(lambda tx: tx.update("case", broken.id, ladder="not JSON"))
    await pass_time(begun, 30 * MINUTE)
    assert len(reminders(begun)) == 1
    assert (await the_case(begun)).next_step_at == begun.now + due.POSTPONED


async def test_what_is_due_is_decided_with_its_lines_or_not_at_all(shown: Stage) -> None:
    """A kill before the commit loses nothing, and one after it has nothing said twice."""
    shown.later(30 * MINUTE)

    def interrupted(tx: Any) -> None:
        due.run(tx, shown.moment(), 10)
        raise KeyError

    with pytest.raises(KeyError):
        await shown.write(interrupted)
    assert await shown.rows("SELECT 1 FROM effect WHERE kind = 'thread'") == []
    await pass_time(shown, 0)
    assert len(reminders(shown)) == 1
