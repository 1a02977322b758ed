"""The ladder of a case: what is said again while nobody acts, when, to whom, and what stops it."""

from __future__ import annotations

import pytest

from compliance_bot.cases import escalation
from compliance_bot.model.cases import CaseState
from compliance_bot.model.delivery import EffectKind, Never
from compliance_bot.model.findings import FindingStatus, Severity
from compliance_bot.store import away
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
from tests.cases.stage import Stage, a_critical, a_finding, pings, rules_saying

SECURITY, MANAGER = "<!subteam^SSECURITY-TEAM>", "<!subteam^SMANAGER>"


@pytest.fixture
async def open_case(begun: Stage) -> Stage:
    """A critical finding, told and shown, with a ladder of four rungs."""
    begun.rulebook = with_ladder()
    await begun.observe(a_critical())
    await begun.deliver()
    return begun


async def test_nobody_is_called_before_the_first_rung(open_case: Stage) -> None:
    await pass_time(open_case, 30 * MINUTE - 2)
    assert reminders(open_case) == []


async def test_each_rung_is_said_once_in_the_thread_with_pings_that_ring(open_case: Stage) -> None:
    await pass_time(open_case, 30 * MINUTE)
    (line,) = threads(open_case)
    (primary, *_) = await open_case.posts()
    assert line["thread_ts"] == primary.ts
    assert line["text"].startswith(f"{SECURITY} Nobody has acknowledged this yet: reminder 1 of 3.")
    await pass_time(open_case, 29 * MINUTE)
    assert len(reminders(open_case)) == 1
    await pass_time(open_case, MINUTE)
    assert "reminder 2 of 3" in reminders(open_case)[1]


async def test_a_rung_is_urgent_whatever_the_message_was(begun: Stage) -> None:
    begun.rulebook = with_ladder("escalation: [{after: 30m, mentions: ['@manager']}]")
    await begun.observe(a_finding())
    await begun.deliver()
    begun.later(30 * MINUTE)
    await run_clock(begun)
    (row,) = await begun.rows("SELECT lane FROM effect WHERE kind = 'thread'")
    assert row["lane"] == 0


async def test_a_rung_brings_out_the_message_that_quiet_hours_hold(begun: Stage) -> None:
    """It is urgent, and stands in a thread: what nobody has seen nobody can act on."""
    night = "quiet_hours: {from: '15:00', to: '14:00'}"
    begun.rulebook = with_ladder("escalation: [{after: 30m, mentions: ['@manager']}]", night)
    await begun.observe(a_finding())
    await begun.deliver()
    assert begun.said(EffectKind.POST) == []
    await pass_time(begun, 30 * MINUTE)
    assert len(begun.said(EffectKind.POST)) == len(reminders(begun)) == 1
    (primary,) = await begun.posts()
    assert threads(begun)[0]["thread_ts"] == primary.ts


async def test_a_rung_waits_for_the_message_it_is_about(begun: Stage) -> None:
    begun.rulebook = with_ladder()
    await begun.observe(a_critical())
    await pass_time(begun, 31 * MINUTE)
    kinds = [kind for kind, _, _ in begun.sent]
    assert kinds.index("thread") > kinds.index("post")
    assert len(reminders(begun)) == 1


async def test_a_rung_is_also_told_in_its_channel_and_pings_there(open_case: Stage) -> None:
    await pass_time(open_case, HOUR)
    before = len(open_case.said(EffectKind.POST))
    await pass_time(open_case, HOUR)
    (there,) = open_case.said(EffectKind.POST)[before:]
    assert there["arguments"]["channel"] == "CCOMPLIANCE-REPORTS"
    assert pings(there) == [MANAGER]
    assert "Nobody has acknowledged this yet: reminder 3 of 3" in str(there)
    assert MANAGER in reminders(open_case)[-1]


async def test_a_rung_in_a_channel_that_has_the_message_is_said_under_it(begun: Stage) -> None:
    begun.rulebook = with_ladder(
        "escalation: [{after: 30m, mentions: ['@manager'], channel: '#security-alerts', repeat: 1}]"
    )
    await begun.observe(a_critical())
    await begun.deliver()
    posts = {post.channel_name: post for post in await begun.posts()}
    await pass_time(begun, 30 * MINUTE)
    places = {line["thread_ts"] for line in threads(begun)}
    (primary, *_) = await begun.posts()
    assert places == {primary.ts, posts["security-alerts"].ts}
    assert all(MANAGER in line["text"] for line in threads(begun))


async def test_the_last_rung_is_the_last(open_case: Stage) -> None:
    for _ in range(10):
        await pass_time(open_case, HOUR / 2)
    assert len(reminders(open_case)) == 3
    case = await open_case.case()
    assert case is not None
    assert case.next_step_at is None


async def test_rungs_missed_while_nobody_was_there_are_said_as_one(open_case: Stage) -> None:
    await pass_time(open_case, 5 * HOUR)
    (line,) = reminders(open_case)
    assert line.startswith(f"{SECURITY} {MANAGER} Nobody has acknowledged this yet: reminder 3 of 3.")
    assert "3 of them fell due since <!date^" in line
    (entry,) = await entries(open_case, "case.escalated")
    assert (entry["merged"], entry["step"], entry["of"]) == (3, 3, 3)


async def test_a_late_rung_says_when_it_was_due(open_case: Stage) -> None:
    await pass_time(open_case, 45 * MINUTE)
    (line,) = reminders(open_case)
    assert "It was due <!date^" in line


async def test_an_acknowledgement_stops_the_ladder(open_case: Stage) -> None:
    await pass_time(open_case, 30 * MINUTE)
    await open_case.press()
    await pass_time(open_case, 10 * HOUR)
    assert len(reminders(open_case)) == 1


async def test_a_rung_that_has_not_left_when_somebody_acknowledges_is_not_said(open_case: Stage) -> None:
    open_case.later(30 * MINUTE)
    assert await run_clock(open_case) == 1
    await open_case.press()
    await open_case.deliver()
    assert reminders(open_case) == []


@pytest.mark.parametrize("kind", ["resolve", "snooze"])
async def test_what_is_closed_or_asleep_climbs_no_ladder(open_case: Stage, kind: str) -> None:
    form = {"until": open_case.now + 20 * HOUR} if kind == "snooze" else {}
    await open_case.do(kind, reason="Known", **form)
    await pass_time(open_case, 10 * HOUR)
    assert reminders(open_case) == []


async def test_studio_that_takes_it_up_stops_the_ladder(open_case: Stage) -> None:
    await open_case.observe(a_critical(status=FindingStatus.INVESTIGATING))
    await pass_time(open_case, 10 * HOUR)
    assert reminders(open_case) == []


async def test_back_to_open_starts_the_ladder_from_its_first_rung(open_case: Stage) -> None:
    await pass_time(open_case, 30 * MINUTE)
    await open_case.observe(a_critical(status=FindingStatus.INVESTIGATING))
    open_case.later(3 * HOUR)
    await open_case.observe(a_critical())
    await pass_time(open_case, 30 * MINUTE - 2)
    assert len(reminders(open_case)) == 1
    await pass_time(open_case, 2)
    assert "reminder 1 of 3" in reminders(open_case)[1]


async def test_undo_leaves_the_time_that_was_left(open_case: Stage) -> None:
    await pass_time(open_case, 20 * MINUTE)
    await open_case.press()
    open_case.later(5 * MINUTE)
    await open_case.undo()
    await pass_time(open_case, 10 * MINUTE - 3)
    assert reminders(open_case) == []
    await pass_time(open_case, 3)
    assert len(reminders(open_case)) == 1


async def test_what_studio_refuses_goes_on_with_the_time_that_was_left(open_case: Stage) -> None:
    await pass_time(open_case, 20 * MINUTE)
    await open_case.press()
    (write,) = await open_case.claim(only=EffectKind.STUDIO_STATUS)
    open_case.later(HOUR)
    await open_case.finish(write, Never(reason="403"))
    await pass_time(open_case, 10 * MINUTE - 3)
    assert reminders(open_case) == []
    await pass_time(open_case, 3)
    assert len(reminders(open_case)) == 1


async def test_nobody_is_called_at_once_for_what_an_undo_opened(open_case: Stage) -> None:
    open_case.later(30 * MINUTE - 3)
    await open_case.press()
    await open_case.undo()
    await pass_time(open_case, escalation.SOONEST - 1)
    assert reminders(open_case) == []
    await pass_time(open_case, 1)
    assert len(reminders(open_case)) == 1


async def test_a_raised_severity_chooses_the_ladder_anew(begun: Stage) -> None:
    begun.rulebook = with_ladder()
    await begun.observe(a_finding())
    await begun.deliver()
    await pass_time(begun, 5 * HOUR)
    assert reminders(begun) == []
    await begun.observe(a_finding(severity=Severity.CRITICAL))
    await pass_time(begun, 30 * MINUTE)
    assert "reminder 1 of 3" in reminders(begun)[0]


async def test_a_reload_changes_no_ladder_that_is_climbed(open_case: Stage) -> None:
    open_case.rulebook = rules_saying("escalation: []")
    await pass_time(open_case, 30 * MINUTE)
    assert len(reminders(open_case)) == 1


async def test_a_reload_brings_no_ladder_to_what_is_open(begun: Stage) -> None:
    await begun.observe(a_critical())
    begun.rulebook = with_ladder()
    await pass_time(begun, 10 * HOUR)
    assert reminders(begun) == []


async def test_a_mention_that_slack_does_not_know_is_told_in_the_line(begun: Stage) -> None:
    begun.rulebook = with_ladder("escalation: [{after: 5m, mentions: ['@manager', '@nobody']}]")
    await begun.observe(a_critical())
    await begun.deliver()
    await pass_time(begun, 5 * MINUTE)
    (line,) = reminders(begun)
    assert line.startswith(f"{MANAGER} Nobody has")
    assert "Slack knows nobody called @\u200bnobody" in line


async def test_the_deputy_of_who_is_away_is_called_too(begun: Stage) -> None:
    begun.rulebook = with_ladder("escalation: [{after: 5m, mentions: ['@bob', '@carol']}]")
    await begun.observe(a_critical())
    await begun.deliver()
    deputy = away.Deputy(person="UDEPUTYDAN", name="Dan")
    await begun.write(
        lambda tx: away.begin(
            tx,
            person="UBOBSMITH",
            person_name="Bob",
            until=begun.now + HOUR,
            deputy=deputy,
            now=begun.now,
        )
    )
    await pass_time(begun, 5 * MINUTE)
    (line,) = reminders(begun)
    assert line.startswith("<@UBOBSMITH> <@UCAROLYN> <@UDEPUTYDAN> Nobody has")
    assert "<@UBOBSMITH> is away: <@UDEPUTYDAN> stands in" in line


async def test_a_channel_that_cannot_be_found_gives_way_to_the_default_and_says_so(begun: Stage) -> None:
    begun.rulebook = with_ladder("escalation: [{after: 5m, channel: '#lost', mentions: ['@manager']}]")
    await begun.observe(a_critical())
    await begun.deliver()
    await pass_time(begun, 5 * MINUTE)
    (line, *_) = threads(begun)
    assert "Meant for #\u200blost, which can't be found" in line["text"]


async def test_in_shadow_mode_nobody_is_called(begun: Stage) -> None:
    begun.rulebook = with_ladder(more="delivery: {shadow: '#compliance-reports'}")
    await begun.observe(a_critical())
    await begun.deliver()
    await pass_time(begun, 2 * HOUR)
    (line,) = threads(begun)
    assert line["channel"] == "CCOMPLIANCE-REPORTS"
    assert "<!subteam" not in line["text"]
    assert "Shadow mode: this would ping @\u200bsecurity-team, @\u200bmanager" in line["text"]


async def test_rungs_go_to_the_thread_where_follow_ups_do_not(begun: Stage) -> None:
    begun.rulebook = with_ladder(more="alert_configuration: {critical_alerts: {threading: false}}")
    await begun.observe(a_critical())
    await begun.deliver()
    await pass_time(begun, 30 * MINUTE)
    assert len(reminders(begun)) == 1


async def test_a_new_episode_has_a_ladder_of_its_own(open_case: Stage) -> None:
    await pass_time(open_case, 30 * MINUTE)
    await open_case.observe(a_critical(status=FindingStatus.RESOLVED))
    await pass_time(open_case, 10 * HOUR)
    await open_case.observe(a_critical())
    await pass_time(open_case, 30 * MINUTE)
    case = await open_case.case()
    assert case is not None
    assert (case.state, case.episode) == (CaseState.OPEN, 2)
    assert len(reminders(open_case)) == 2


# ---------------------------------------------------------------- what a digest lists

GROUPED = "grouping: {enabled: true, threshold: 1, window: 60s}"
FLAT = "escalation: [{after: 30m, mentions: ['@manager'], repeat: 1}]"


async def a_burst(stage: Stage, count: int = 12) -> None:
    """So many findings at once, all but the first lines of one digest in #compliance."""
    stage.rulebook = with_ladder(FLAT, GROUPED)
    await stage.observe(*(a_finding(f"f-{number}") for number in range(count)))
    await stage.deliver()


async def test_the_members_of_a_digest_climb_together_with_an_honest_count(begun: Stage) -> None:
    await a_burst(begun)
    await pass_time(begun, 30 * MINUTE)
    under = [line for line in threads(begun) if "listed in D-1" in line["text"]]
    (line,) = under
    assert line["text"].startswith(f"{MANAGER} Nobody has acknowledged these yet: 12 of the 12 listed in D-1")
    (digest,) = await begun.rows("SELECT ts FROM digest")
    assert line["thread_ts"] == digest["ts"]
    (entry,) = await entries(begun, "case.escalated")
    assert entry["count"] == 12


async def test_members_that_somebody_took_are_not_counted(begun: Stage) -> None:
    await a_burst(begun)
    for number in range(5):
        await begun.press(studio_id=f"f-{number}")
    await pass_time(begun, 30 * MINUTE)
    (line,) = threads(begun)[-1:]
    assert "7 of the 12 listed in D-1 are still open" in line["text"]


async def test_members_that_came_within_the_window_climb_with_the_first(begun: Stage) -> None:
    await a_burst(begun, 5)
    begun.later(40)
    await begun.observe(a_finding("f-later"))
    await begun.deliver()
    await pass_time(begun, 30 * MINUTE - 41)
    assert len(reminders(begun)) == 1
    await pass_time(begun, MINUTE)
    assert len(reminders(begun)) == 1
    await pass_time(begun, 29 * MINUTE)
    assert len(reminders(begun)) == 2


async def test_a_digest_whose_members_are_all_taken_is_not_mentioned(begun: Stage) -> None:
    await a_burst(begun, 3)
    begun.later(30 * MINUTE)
    await run_clock(begun)
    for number in range(3):
        await begun.press(studio_id=f"f-{number}")
    await begun.deliver()
    assert reminders(begun) == []


async def test_a_channel_gets_one_digest_of_what_a_digest_climbed_with(begun: Stage) -> None:
    rungs = "escalation: [{after: 30m, mentions: ['@manager'], channel: '#security-alerts', repeat: 1}]"
    begun.rulebook = with_ladder(rungs, GROUPED)
    await begun.observe(*(a_finding(f"f-{number}") for number in range(12)))
    await begun.deliver()
    await pass_time(begun, 30 * MINUTE)
    there = [one for one in begun.sent if one[2].get("arguments", {}).get("channel") == "CSECURITY-ALERTS"]
    assert 1 <= len(there) <= 7, "a few by themselves, the others in a digest"
    before = len(begun.sent)
    await pass_time(begun, 30 * MINUTE)
    again = [request["arguments"] for kind, _, request in begun.sent[before:] if kind == "thread"]
    assert {line["channel"] for line in again} == {"CCOMPLIANCE", "CSECURITY-ALERTS"}
    assert len({line["thread_ts"] for line in again}) == len(again), "one line under each message"


async def test_where_each_is_pinged_once_the_thread_pings_and_the_channel_names(begun: Stage) -> None:
    rungs = "escalation: [{after: 30m, mentions: ['@manager'], channel: '#compliance-reports'}]"
    begun.rulebook = with_ladder(rungs, "delivery: {ping_once: true}")
    await begun.observe(a_critical())
    await begun.deliver()
    before = len(begun.said(EffectKind.POST))
    await pass_time(begun, 30 * MINUTE)
    (there,) = begun.said(EffectKind.POST)[before:]
    assert pings(there) == []
    assert MANAGER in reminders(begun)[0]


async def test_where_readers_may_not_see_it_the_rung_still_calls(begun: Stage) -> None:
    hidden = "sensitivity: {rules: [{condition: \"severity == 'critical'\", class: confidential}]}"
    begun.rulebook = with_ladder(more=hidden)
    await begun.observe(a_critical())
    await begun.deliver()
    await pass_time(begun, 30 * MINUTE)
    (line,) = threads(begun)
    assert line["text"].startswith(SECURITY)
    assert "Finding f-1" not in line["text"]
