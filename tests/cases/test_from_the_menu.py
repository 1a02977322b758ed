from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.delivery import EffectKind, Never
from compliance_bot.model.findings import Severity
from tests.cases.stage import DAY, Stage, a_critical, a_finding, rules_saying

HIGH = {"severity": Severity.HIGH, "category": "data_leak"}


async def the_case(stage: Stage) -> Case:
    case = await stage.case()
    assert case is not None
    return case


@pytest.fixture
async def told(begun: Stage) -> Stage:
    """A critical finding told everywhere."""
    await begun.observe(a_critical())
    await begun.deliver()
    return begun


async def statuses(stage: Stage) -> list[str]:
    return [one["body"]["status"] for one in stage.said(EffectKind.STUDIO_STATUS)]


async def test_a_snooze_keeps_who_why_and_until_when_and_may_be_prolonged_and_undone(told: Stage) -> None:
    first, later = told.now + DAY, told.now + 2 * DAY
    reply = await told.do("snooze", reason="vendor is asked", until=first)
    assert reply is not None
    assert (reply["say"], reply["until"]) == ("snoozed", first)
    await told.do("snooze", "UCAROLYN", reason="vendor is slow", until=later)
    case = await the_case(told)
    assert (case.state, case.wake_at, case.snoozed_by, case.snooze_reason) == (
        CaseState.SNOOZED,
        later,
        "UCAROLYN",
        "vendor is slow",
    )
    await told.undo("UCAROLYN")
    case = await the_case(told)
    assert (case.state, case.wake_at, case.snooze_reason) == (CaseState.SNOOZED, first, "vendor is asked")


@pytest.mark.parametrize(
    ("form", "say"),
    [
        ({"reason": " ", "until": 9e9}, "reason_missing"),
        ({"reason": "why", "until": 1.0}, "date_is_past"),
        ({"reason": "why"}, "date_is_past"),
        ({"reason": "why", "until": 9e9}, "snooze_too_long"),
    ],
)
async def test_a_snooze_that_cannot_be_meant_is_answered_and_nothing_sleeps(
    told: Stage, form: dict[str, object], say: str
) -> None:
    reply = await told.do("snooze", **form)
    assert reply is not None
    assert reply["say"] == say
    assert (await the_case(told)).state is CaseState.OPEN


async def test_a_raised_severity_breaks_a_snooze(begun: Stage) -> None:
    await begun.observe(a_finding(**HIGH))
    await begun.do("snooze", reason="later", until=begun.now + DAY)
    await begun.observe(a_critical())
    case = await the_case(begun)
    assert (case.state, case.wake_at, case.snooze_reason) == (CaseState.OPEN, None, None)


async def test_a_severity_raised_below_critical_breaks_a_snooze_too(begun: Stage) -> None:
    await begun.observe(a_finding(severity=Severity.MEDIUM))
    await begun.deliver()
    await begun.do("snooze", reason="why", until=begun.now + DAY)
    await begun.observe(a_finding(severity=Severity.HIGH))
    case = await the_case(begun)
    assert (case.state, case.wake_at) == (CaseState.OPEN, None)


async def test_waking_is_open_again_and_a_second_wake_is_told(told: Stage) -> None:
    await told.do("snooze", reason="later", until=told.now + DAY)
    assert await told.do("wake", "UCAROLYN") is None
    assert (await the_case(told)).state is CaseState.OPEN
    assert await told.do("wake") == {"say": "not_snoozed", "ref": "CB-0001"}


async def test_an_assignment_is_written_told_and_its_echo_makes_no_event(told: Stage) -> None:
    events = await told.events()
    reply = await told.do("assign", slack_user="UCAROLYN", studio_user="u-7", name="Carol")
    assert reply is not None
    assert (reply["say"], reply["here_only"]) == ("assigned", False)
    await told.deliver()
    (write,) = told.said(EffectKind.STUDIO_ASSIGN)
    assert write["body"] == {"assignee": "u-7"}
    assert (await told.known()).finding.assignee_id == "u-7"
    await told.observe(a_critical(assignee_id="u-7", assignee_name="Carol"))
    assert await told.events() == events
    assert (await the_case(told)).owner == "UCAROLYN"
    direct = await told.rows("SELECT key FROM effect WHERE kind = 'direct'")
    assert [one["key"] for one in direct] == ["direct:decision:1:UCAROLYN"]


async def test_the_echo_may_come_before_the_answer(told: Stage) -> None:
    events = await told.events()
    await told.do("assign", slack_user="UCAROLYN", studio_user="u-7", name="Carol")
    (write,) = await told.claim(only=EffectKind.STUDIO_ASSIGN)
    await told.observe(a_critical(assignee_id="u-7", assignee_name="Carol"))
    await told.finish(write)
    assert await told.events() == events


async def test_given_back_in_studio_later_it_is_said(told: Stage) -> None:
    await told.do("assign", slack_user="UCAROLYN", studio_user="u-7", name="Carol")
    await told.deliver()
    await told.observe(a_critical(assignee_id="u-8", assignee_name="Eve"))
    await told.observe(a_critical(assignee_id="u-7", assignee_name="Carol"))
    assert [change for change, _, _ in await told.events()].count("assigned") == 2
    assert (await the_case(told)).owner == "Carol"


async def test_whom_studio_gave_it_to_meanwhile_stays(told: Stage) -> None:
    await told.do("assign", slack_user="UCAROLYN", studio_user="u-7", name="Carol")
    told.later(1)
    await told.observe(a_critical(assignee_id="u-8", assignee_name="Eve"))
    (write,) = await told.claim(only=EffectKind.STUDIO_ASSIGN)
    assert json.loads(write.payload or b"")["expected"] == [""]
    assert (await told.undo() or {})["say"] == "undo_overtaken"
    assert (await the_case(told)).owner == "Eve"


async def test_a_snooze_on_top_leaves_the_acknowledgement_on_its_way(told: Stage) -> None:
    await told.press()
    await told.do("snooze", reason="vendor is asked", until=told.now + DAY)
    await told.deliver()
    assert await statuses(told) == ["investigating"]
    assert (await the_case(told)).sync is StudioSync.CONFIRMED


async def test_an_acknowledgement_refused_under_a_snooze_leaves_it_asleep(told: Stage) -> None:
    await told.press()
    await told.do("snooze", reason="vendor is asked", until=told.now + DAY)
    (status,) = await told.claim(only=EffectKind.STUDIO_STATUS)
    await told.finish(status, Never(reason="no way"))
    case = await the_case(told)
    assert (case.state, case.acknowledged_by, case.sync) == (CaseState.SNOOZED, None, StudioSync.REFUSED)


async def test_what_is_overtaken_is_awaited_no_more(told: Stage) -> None:
    await told.press()
    await told.do("snooze", reason="vendor is asked", until=told.now + DAY)
    await told.do("wake")
    await told.deliver()
    assert (await the_case(told)).sync is StudioSync.NONE
    assert told.said(EffectKind.STUDIO_COMMENT) == []


async def test_what_others_decided_since_is_not_undone(told: Stage) -> None:
    await told.press()
    await told.do("assign", "UCAROLYN", slack_user="UDAVE0001", studio_user=None, name="Dave")
    assert (await told.do("undo", ref="CB-0001 1") or {})["say"] == "undo_overtaken"
    assert (await the_case(told)).owner == "UDAVE0001"


async def test_what_was_promised_since_is_not_undone(told: Stage) -> None:
    await told.press()
    await told.do("fix_by", "UCAROLYN", until=told.now + DAY)
    assert (await told.do("undo", ref="CB-0001 1") or {})["say"] == "undo_overtaken"
    await told.undo("UCAROLYN")
    assert (await told.do("undo", ref="CB-0001 1") or {})["say"] == "undone"


async def test_what_became_more_severe_since_is_not_undone(begun: Stage) -> None:
    """A case that somebody has stays theirs below critical, so nothing else keeps it from Undo."""
    await begun.observe(a_finding(severity=Severity.MEDIUM))
    await begun.deliver()
    await begun.press()
    begun.later(60)
    await begun.observe(a_finding(severity=Severity.HIGH))
    assert (await the_case(begun)).state is CaseState.ACKNOWLEDGED
    assert (await begun.do("undo", ref="CB-0001 1") or {})["say"] == "undo_overtaken"


async def test_a_promise_that_is_over_reopens_nothing_that_somebody_takes_now(told: Stage) -> None:
    await told.press()
    await told.do("fix_by", until=told.now + DAY)
    await told.do("snooze", reason="x", until=told.now + 3 * DAY)
    told.later(2 * DAY)
    await told.press("UCAROLYN")
    case = await the_case(told)
    assert (case.state, case.fix_by, case.remind_at) == (CaseState.ACKNOWLEDGED, None, None)


async def test_whom_studio_does_not_know_is_recorded_here_only(told: Stage) -> None:
    reply = await told.do("assign", slack_user="UCAROLYN", studio_user=None, name="Carol")
    assert reply is not None
    assert reply["here_only"] is True
    await told.deliver()
    assert told.said(EffectKind.STUDIO_ASSIGN) == []
    assert "recorded here only" in str(told.said(EffectKind.THREAD)[-1])


async def test_an_assignment_undone_says_what_studio_keeps(told: Stage) -> None:
    await told.do("assign", slack_user="UCAROLYN", studio_user="u-7", name="Carol")
    await told.deliver()
    reply = await told.undo()
    assert reply is not None
    assert (reply["say"], reply["stays"]) == ("undone", "assignee")
    assert (await the_case(told)).owner is None


async def test_an_assignment_that_had_not_left_is_cancelled(told: Stage) -> None:
    await told.do("assign", slack_user="UCAROLYN", studio_user="u-7", name="Carol")
    reply = await told.undo()
    assert reply is not None
    assert reply["stays"] is None
    await told.deliver()
    assert told.said(EffectKind.STUDIO_ASSIGN) == []


async def test_an_assignment_that_another_overtook_is_not_written(told: Stage) -> None:
    for name in ("Ann", "Ben"):
        await told.do("assign", slack_user=None, studio_user=f"s-{name}", name=name)
    for _ in range(2):
        await told.deliver(only=EffectKind.STUDIO_ASSIGN)
    assert [one["body"]["assignee"] for one in told.said(EffectKind.STUDIO_ASSIGN)] == ["s-Ben"]


async def test_an_assignment_does_not_overtake_an_acknowledgement(told: Stage) -> None:
    await told.press()
    await told.do("assign", slack_user="UCAROLYN", studio_user="u-7", name="Carol")
    await told.deliver()
    assert await statuses(told) == ["investigating"]


async def test_a_comment_stands_in_studio_by_name_and_is_never_undone(told: Stage) -> None:
    assert await told.do("comment", words="the bucket is <public> & old") is None
    await told.deliver()
    (comment,) = told.said(EffectKind.STUDIO_COMMENT)
    assert "the bucket is <public> & old" in comment["body"]["content"]
    assert comment["body"]["ref"] in comment["body"]["content"]
    assert await told.undo() == {"say": "undo_impossible", "ref": "CB-0001"}


async def test_a_message_is_sent_to_studio_once(told: Stage) -> None:
    form = {
        "words": "we rotated the key",
        "author": "Ann",
        "permalink": "https://acme.slack.com/archives/C/p1",
    }
    assert (await told.do("send_to_studio", **form) or {})["say"] == "sent_to_studio"
    assert (await told.do("send_to_studio", "UCAROLYN", **form) or {})["say"] == "sent_before"
    await told.deliver()
    (comment,) = told.said(EffectKind.STUDIO_COMMENT)
    assert "Ann wrote in Slack" in comment["body"]["content"]


async def test_a_promise_needs_who_took_it_and_a_day_to_come(told: Stage) -> None:
    until = told.now + 3 * DAY
    assert await told.do("fix_by", until=until) == {"say": "take_it_first", "ref": "CB-0001"}
    await told.press()
    assert (await told.do("fix_by", until=1.0) or {})["say"] == "date_is_past"
    assert (await told.do("fix_by", until=9e9) or {})["say"] == "date_too_far"
    assert (await told.do("fix_by", until=until) or {})["say"] == "fix_by_set"
    case = await the_case(told)
    assert case.fix_by == until
    assert case.remind_at is not None
    assert told.now < case.remind_at < until, "on the morning of the working day before"
    await told.undo()
    case = await the_case(told)
    assert (case.fix_by, case.remind_at) == (None, None)


NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(("free", "day"), [("", 27), ('"2025-11-27"', 26), ("thu, wed", 25)])
async def test_who_promised_is_reminded_on_their_own_working_morning(
    told: Stage, free: str, day: int
) -> None:
    """Thanksgiving of 2025 is the day before the end, a Friday."""
    told.rulebook = rules_saying(f'quiet_hours: {{from: "22:00", to: "23:00", holidays: [{free}]}}')
    bob = replace(told.directory.people_by_handle["bob"], time_zone=str(NEW_YORK))
    told.directory = replace(told.directory, people_by_id={bob.id: bob})
    await told.press()
    await told.do("fix_by", until=datetime(2025, 11, 28, 17, tzinfo=NEW_YORK).timestamp())
    assert (await the_case(told)).remind_at == datetime(2025, 11, day, 9, tzinfo=NEW_YORK).timestamp()


@pytest.mark.parametrize("kind", ["comment", "send_to_studio"])
async def test_blank_words_are_not_written_to_studio(told: Stage, kind: str) -> None:
    assert await told.do(kind, words=" \n", author="Ann") == {"say": "words_missing", "ref": "CB-0001"}
    assert await told.rows("SELECT id FROM decision") == []


async def test_who_has_it_already_is_not_given_it_again(told: Stage) -> None:
    form = {"slack_user": "UCAROLYN", "studio_user": None, "name": "Carol"}
    await told.do("assign", **form)
    assert (await told.do("assign", **form) or {})["say"] == "assigned_already"
    assert (await told.do("assign", slack_user=None, name=" ") or {})["say"] == "nobody_chosen"
    assert len(await told.rows("SELECT id FROM decision")) == 1


async def test_who_takes_it_on_themselves_is_not_told_so(told: Stage) -> None:
    await told.do("assign", "UCAROLYN", slack_user="UCAROLYN", studio_user=None, name="Carol")
    assert await told.rows("SELECT id FROM effect WHERE kind = 'direct'") == []


@pytest.mark.parametrize("kind", ["snooze", "assign", "comment", "fix_by", "wake", "send_to_studio"])
async def test_what_is_closed_takes_nothing_more(told: Stage, kind: str) -> None:
    await told.do("resolve", reason="mended")
    form = {"reason": "x", "until": told.now + DAY, "name": "Ann", "words": "x"}
    assert (await told.do(kind, **form) or {})["say"] == "already_closed"
    assert len(await told.rows("SELECT id FROM decision")) == 1


async def test_every_decision_is_one_row_and_one_entry_of_a_whole_chain(told: Stage) -> None:
    await told.press()
    await told.do("assign", slack_user="UCAROLYN", studio_user="u-7", name="Carol")
    await told.do("fix_by", until=told.now + 3 * DAY)
    await told.do("comment", words="on it")
    await told.do("snooze", reason="x", until=told.now + DAY)
    await told.do("wake")
    await told.do("false_positive", reason="x")
    await told.undo()
    actions = [row["action"] for row in await told.rows("SELECT action FROM decision ORDER BY id")]
    kinds = await told.rows(
        "SELECT body ->> 'kind' AS kind FROM audit WHERE body ->> 'kind' LIKE 'decision.%' ORDER BY seq"
    )
    assert [f"decision.{action}" for action in actions] == [row["kind"] for row in kinds]
    assert await told.whole_chain()


async def test_shadow_mode_writes_nothing_into_studio_and_says_so(begun: Stage) -> None:
    begun.rulebook = rules_saying("delivery: {shadow: '#compliance'}")
    await begun.observe(a_critical())
    await begun.deliver()
    await begun.do("resolve", reason="mended")
    await begun.do("undo", ref="CB-0001 1")
    await begun.do("assign", slack_user="UCAROLYN", studio_user="u-7", name="Carol")
    await begun.do("comment", words="on it")
    await begun.deliver()
    kinds = {kind for kind, _, _ in begun.sent}
    assert not [kind for kind in kinds if kind.startswith("studio")]
    assert "recorded here only" in str(begun.said(EffectKind.THREAD))
