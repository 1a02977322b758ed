"""The forms of a case, up to the row that their decider gets."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from compliance_bot.errors import StudioError
from compliance_bot.messages import case_forms
from compliance_bot.messages.case_form_words import OUTCOMES
from compliance_bot.model.cases import CaseState
from compliance_bot.model.findings import Comment, FindingDetail
from compliance_bot.model.slack import Person
from compliance_bot.rules.local_time import local
from compliance_bot.store import studio_users
from compliance_bot.store.studio_users import StudioUser
from tests.cases.stage import START, a_critical, rules_saying
from tests.handlers.form_desk import ROLES, Desk

CLOSE, FIX = "open_close_form", "open_fix_form"
BERLIN = ZoneInfo("Europe/Berlin")
"""The zone of everybody in the embedded workspace."""
DAY = 86_400.0


async def recorded(desk: Desk) -> tuple[str, dict[str, Any]]:
    (row,) = await desk.inbox()
    return row["kind"], json.loads(row["body"])["form"]


def date_in(days: float) -> str:
    return local(START + days * DAY, BERLIN).date().isoformat()


def at(day: str, time: str) -> float:
    return datetime.fromisoformat(f"{day} {time}").replace(tzinfo=BERLIN).timestamp()


# ---------------------------------------------------------------- close


async def options(desk: Desk, who: str) -> list[str]:
    (field,) = [one for one in desk.view(who).sent["blocks"] if one["block_id"] == case_forms.OUTCOME]
    return [one["value"] for one in field["element"]["options"]]


async def test_who_may_do_both_chooses_among_three_ways_to_close(desk: Desk) -> None:
    await desk.opens()
    await desk.press("manager", CLOSE)
    assert await options(desk, "manager") == list(OUTCOMES)


async def test_who_may_not_accept_a_risk_is_told_who_may(desk: Desk) -> None:
    await desk.opens()
    await desk.press("alice", CLOSE)
    assert await options(desk, "alice") == ["resolve", "false_positive"]
    assert "To accept the risk is for studio:manager" in desk.shown("alice")


async def test_a_risk_is_accepted_until_a_day_and_by_a_second_person(desk: Desk) -> None:
    await desk.opens()
    await desk.press("manager", CLOSE)
    await desk.choose("manager", case_forms.OUTCOME, "accept_risk")
    assert desk.fields("manager") == [case_forms.OUTCOME, case_forms.EXPIRES, case_forms.REASON]
    assert "a second person has to confirm this" in desk.shown("manager")
    await desk.submit("manager", **{case_forms.EXPIRES: date_in(30), case_forms.REASON: " costs too much "})
    kind, form = await recorded(desk)
    assert kind == "accept_risk"
    assert form == {"reason": "costs too much", "severity": "critical", "until": at(date_in(30), "09:00")}


async def test_what_the_rules_let_one_person_do_asks_for_no_second(desk: Desk) -> None:
    await desk.opens()
    await desk.press("manager", CLOSE)
    assert "second person" not in desk.shown("manager")


async def test_a_risk_accepted_before_its_day_was_shown_ends_as_it_would_have_been_offered(
    desk: Desk,
) -> None:
    """Slack may send the form off before our answer to the choice has arrived."""
    await desk.opens()
    await desk.press("manager", CLOSE)
    await desk.submit("manager", **{case_forms.OUTCOME: "accept_risk", case_forms.REASON: "why not"})
    _, form = await recorded(desk)
    assert form["until"] == at(date_in(90), "09:00")


async def test_a_risk_may_be_accepted_without_an_end(desk: Desk) -> None:
    await desk.opens()
    await desk.press("manager", CLOSE)
    await desk.choose("manager", case_forms.OUTCOME, "accept_risk")
    await desk.choose("manager", case_forms.EXPIRES, None)
    assert "never opened again by itself" in desk.shown("manager")
    await desk.submit("manager", **{case_forms.REASON: "for good"})
    assert (await recorded(desk))[1]["until"] is None


@pytest.mark.parametrize(("days", "words"), [(-1, "over already"), (2_000, "five years")])
async def test_a_risk_ends_in_the_years_to_come(desk: Desk, days: int, words: str) -> None:
    await desk.opens()
    await desk.press("manager", CLOSE)
    await desk.choose("manager", case_forms.OUTCOME, "accept_risk")
    answer = await desk.submit(
        "manager", **{case_forms.EXPIRES: date_in(days), case_forms.REASON: "costs too much"}
    )
    assert words in answer["errors"][case_forms.EXPIRES]


async def test_a_reason_longer_than_slacks_field_is_sent_back_with_its_length(desk: Desk) -> None:
    await desk.opens()
    await desk.press("manager", CLOSE)
    answer = await desk.submit("manager", **{case_forms.REASON: "x" * 3_001})
    assert "these are 3,001" in answer["errors"][case_forms.REASON]


async def test_what_is_closed_already_says_who_closed_it_and_how(desk: Desk) -> None:
    await desk.opens()
    stale = desk.ts
    closed = {"closed_reason": "false_positive", "closed_by": "U0BOB0001", "closed_name": "Bob"}
    await desk.put(CaseState.CLOSED, **closed, closed_at=START)
    desk.ts = stale
    await desk.press("manager", CLOSE)
    assert "is closed already (false positive) by <@U0BOB0001>" in desk.shown("manager")
    assert desk.fields("manager") == []


async def test_a_finding_outside_the_projects_that_may_be_told_of_is_not_spoken_of(desk: Desk) -> None:
    case = await desk.opens(title="Secret bucket")
    desk.stage.rulebook = rules_saying(ROLES + "studio: {projects: [other]}")
    await desk.press("manager", CLOSE)
    assert "no project that I may tell of" in desk.shown("manager")
    assert case.ref not in desk.shown("manager")


async def test_a_title_that_may_not_be_told_stays_out_of_every_form(desk: Desk) -> None:
    case = await desk.opens(title="Secret bucket")
    desk.stage.rulebook = rules_saying(
        ROLES + "sensitivity: {rules: [{condition: \"severity == 'critical'\", class: confidential}]}"
    )
    await desk.press("manager", CLOSE)
    assert case.ref in desk.shown("manager")
    assert "Secret bucket" not in desk.shown("manager")
    await desk.choose_in_menu("manager", "details")
    assert "may not be told here" in desk.shown("manager")
    assert "Secret bucket" not in desk.shown("manager")


# ---------------------------------------------------------------- snooze


async def test_a_snooze_follows_what_is_chosen_and_says_what_that_means(desk: Desk) -> None:
    await desk.opens()
    await desk.choose_in_menu("bob", "snooze")
    assert desk.fields("bob") == [case_forms.SNOOZE_END, case_forms.REASON]
    assert "Your time, Europe/Berlin" in desk.shown("bob")
    before = desk.shown("bob")
    await desk.choose("bob", case_forms.SNOOZE_END, "monday")
    until = at(date_in(7), "09:00")
    assert desk.shown("bob") != before
    assert f"<!date^{until:.0f}^" in desk.shown("bob")
    await desk.submit("bob", **{case_forms.REASON: "waits for the vendor"})
    assert await recorded(desk) == ("snooze", {"until": until, "reason": "waits for the vendor"})


async def test_a_snooze_ends_at_a_time_of_ones_own_in_ones_own_zone(desk: Desk) -> None:
    await desk.opens()
    await desk.choose_in_menu("bob", "snooze")
    await desk.choose("bob", case_forms.SNOOZE_END, "other")
    assert {case_forms.SNOOZE_DAY, case_forms.SNOOZE_TIME} <= set(desk.fields("bob"))
    await desk.choose("bob", case_forms.SNOOZE_DAY, date_in(3))
    await desk.choose("bob", case_forms.SNOOZE_TIME, "13:45")
    assert f"<!date^{at(date_in(3), '13:45'):.0f}^" in desk.shown("bob")
    await desk.submit("bob", **{case_forms.REASON: "lunch"})
    assert (await recorded(desk))[1]["until"] == at(date_in(3), "13:45")


@pytest.mark.parametrize(("days", "words"), [(-2, "over already"), (120, "within 90 days")])
async def test_a_snooze_ends_ahead_and_within_ninety_days(desk: Desk, days: int, words: str) -> None:
    await desk.opens()
    await desk.choose_in_menu("bob", "snooze")
    await desk.choose("bob", case_forms.SNOOZE_END, "other")
    answer = await desk.submit("bob", **{case_forms.SNOOZE_DAY: date_in(days), case_forms.REASON: "x"})
    assert words in answer["errors"][case_forms.SNOOZE_DAY]


async def test_what_was_chosen_stays_true_however_long_the_form_stands_open(desk: Desk) -> None:
    await desk.opens()
    await desk.choose_in_menu("bob", "snooze")
    await desk.choose("bob", case_forms.SNOOZE_END, "tomorrow")
    desk.stage.later(20 * 3_600.0)
    answer = await desk.submit("bob", **{case_forms.REASON: "slept over it"})
    assert "over already" in answer["errors"][case_forms.SNOOZE_END]


# ---------------------------------------------------------------- fix by


async def test_who_took_a_case_promises_a_working_day(desk: Desk) -> None:
    await desk.opens()
    await desk.put(CaseState.ACKNOWLEDGED, acknowledged_by="U0BOB0001", acknowledged_name="Bob")
    await desk.press("bob", FIX)
    await desk.choose("bob", case_forms.FIX_END, "days_5")
    assert "You are reminded the day before" in desk.shown("bob")
    await desk.submit("bob")
    kind, form = await recorded(desk)
    assert kind == "fix_by"
    assert local(form["until"], BERLIN).strftime("%H:%M") == "17:00"


async def test_a_day_that_nobody_works_is_no_working_day_of_a_promise(desk: Desk) -> None:
    await desk.opens()
    weekdays = "mon, tue, wed, thu"
    quiet = f'quiet_hours: {{from: "22:00", to: "23:00", holidays: [{weekdays}]}}'
    desk.stage.rulebook = rules_saying(ROLES + quiet)
    await desk.put(CaseState.ACKNOWLEDGED, acknowledged_by="U0BOB0001", acknowledged_name="Bob")
    await desk.press("bob", FIX)
    await desk.choose("bob", case_forms.FIX_END, "days_5")
    await desk.submit("bob")
    until = local((await recorded(desk))[1]["until"], BERLIN)
    assert until.strftime("%a") == "Fri"
    assert until.strftime("%a %d %b %H:%M") in desk.shown("bob")


async def test_a_day_of_ones_own_lies_ahead_and_within_a_year(desk: Desk) -> None:
    await desk.opens()
    await desk.put(CaseState.ACKNOWLEDGED, acknowledged_by="U0BOB0001", acknowledged_name="Bob")
    await desk.press("bob", FIX)
    await desk.choose("bob", case_forms.FIX_END, "other")
    for days, words in ((-1, "over already"), (500, "within a year")):
        answer = await desk.submit("bob", **{case_forms.FIX_DAY: date_in(days)})
        assert words in answer["errors"][case_forms.FIX_DAY]
    assert await desk.submit("bob", **{case_forms.FIX_DAY: date_in(9)}) is None
    assert (await recorded(desk))[1] == {"until": at(date_in(9), "17:00")}


async def test_what_is_open_again_by_now_has_to_be_taken_up_first(desk: Desk) -> None:
    await desk.opens()
    await desk.put(CaseState.ACKNOWLEDGED)
    stale = desk.ts
    await desk.put(CaseState.OPEN)
    desk.ts = stale
    await desk.press("bob", FIX)
    assert "Please acknowledge it first" in desk.shown("bob")


# ---------------------------------------------------------------- assign


async def studio_knows(desk: Desk, *users: StudioUser) -> None:
    await desk.stage.write(lambda tx: studio_users.take_auditors(tx, users, at=START))


async def test_somebody_of_slack_whom_studio_does_not_know_is_recorded_here_only(desk: Desk) -> None:
    await desk.opens()
    await desk.choose_in_menu("manager", "assign")
    await desk.choose("manager", case_forms.SLACK_USER, "U0BOB0001")
    assert "this is recorded here only" in desk.shown("manager")
    await desk.submit("manager")
    form = {"slack_user": "U0BOB0001", "studio_user": None, "name": "Bob Builder"}
    assert await recorded(desk) == ("assign", form)


async def test_somebody_of_slack_whom_studio_knows_is_assigned_there_too(desk: Desk) -> None:
    await desk.opens()
    await studio_knows(desk, StudioUser(studio_id="71", name="Robert B.", email="bob@example.com"))
    await desk.choose_in_menu("manager", "assign")
    await desk.choose("manager", case_forms.SLACK_USER, "U0BOB0001")
    assert "Bob Builder is Robert B. in Studio" in desk.shown("manager")
    await desk.submit("manager")
    assert (await recorded(desk))[1]["studio_user"] == "71"


async def test_somebody_of_studio_is_assigned_whether_slack_knows_them_or_not(desk: Desk) -> None:
    await desk.opens()
    await studio_knows(desk, StudioUser(studio_id="71", name="Nadia", email="nadia@elsewhere.example"))
    await desk.choose_in_menu("manager", "assign")
    await desk.choose("manager", case_forms.STUDIO_USER, "71")
    assert "Nadia is not known in this workspace" in desk.shown("manager")
    await desk.submit("manager")
    assert (await recorded(desk))[1] == {"slack_user": None, "studio_user": "71", "name": "Nadia"}


async def test_somebody_of_studio_whom_slack_knows_is_told_there_too(desk: Desk) -> None:
    await desk.opens()
    nadia = Person(id="U0NADIA01", handle="nadia", name="Nadia N.", email="nadia@example.com")
    desk.stage.directory = replace(desk.stage.directory, people_by_email={nadia.email or "": nadia})
    await studio_knows(desk, StudioUser(studio_id="71", name="Nadia", email=nadia.email))
    await desk.choose_in_menu("manager", "assign")
    await desk.choose("manager", case_forms.STUDIO_USER, "71")
    await desk.submit("manager")
    assert (await recorded(desk))[1] == {"slack_user": nadia.id, "studio_user": "71", "name": "Nadia"}


async def test_whoever_studio_named_is_offered_auditors_first(desk: Desk) -> None:
    await desk.opens()
    await studio_knows(desk, StudioUser(studio_id="71", name="Nadia"))
    await desk.stage.write(
        lambda tx: studio_users.note(tx, StudioUser(studio_id="72", name="Amir"), at=START)
    )
    await desk.choose_in_menu("manager", "assign")
    (field,) = [
        one for one in desk.view("manager").sent["blocks"] if one["block_id"] == case_forms.STUDIO_USER
    ]
    assert [one["value"] for one in field["element"]["options"]] == ["71", "72"]


async def test_exactly_one_person_is_chosen(desk: Desk) -> None:
    await desk.opens()
    await studio_knows(desk, StudioUser(studio_id="71", name="Nadia"))
    await desk.choose_in_menu("manager", "assign")
    assert case_forms.SLACK_USER in (await desk.submit("manager"))["errors"]
    both = {case_forms.SLACK_USER: "U0BOB0001", case_forms.STUDIO_USER: "71"}
    assert case_forms.STUDIO_USER in (await desk.submit("manager", **both))["errors"]
    assert await desk.inbox() == []


@pytest.mark.parametrize("who", ["U0GUEST001", "U0DAVE0001", "U0CAROL001"])
async def test_a_case_is_given_to_members_only(desk: Desk, who: str) -> None:
    await desk.opens()
    await desk.choose_in_menu("manager", "assign")
    await desk.choose("manager", case_forms.SLACK_USER, who)
    answer = await desk.submit("manager")
    assert "a member of this workspace" in answer["errors"][case_forms.SLACK_USER]


# ---------------------------------------------------------------- comment, details


async def test_a_comment_is_trimmed_and_never_blank(desk: Desk) -> None:
    await desk.opens()
    await desk.choose_in_menu("bob", "comment")
    answer = await desk.submit("bob", **{case_forms.WORDS: "\u00a0 \n"})
    assert answer["errors"] == {case_forms.WORDS: "Please write something."}
    await desk.submit("bob", **{case_forms.WORDS: "  looked at it\nmore tomorrow "})
    assert await recorded(desk) == ("comment", {"words": "looked at it\nmore tomorrow"})


async def test_the_details_hold_what_studio_and_people_said_but_no_credential(desk: Desk) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    finding = {
        "title": f"Open bucket of {key}",
        "description": f"Key {key} in the log",
        "resource": f"bucket-7 {key}",
        "recommendation": f"Rotate {key}",
    }
    await desk.opens(**finding)
    await desk.stage.deliver()
    await desk.stage.press()
    await desk.stage.do("comment", words=f"It is {key} indeed")
    desk.detail = FindingDetail(
        finding=a_critical(**finding), comments=(Comment(id="1", content=f"seen {key}", author="Ann"),)
    )
    await desk.choose_in_menu("bob", "details")
    shown = desk.shown("bob")
    for words in ("Open bucket", "bucket-7", "Rotate", "Ann", "seen", "Bob", "acknowledged it", "indeed"):
        assert words in shown
    assert key not in shown
    assert desk.view("bob").sent.get("submit") is None


async def test_who_may_not_view_reads_no_title_in_a_form(desk: Desk) -> None:
    case = await desk.opens(title="Secret bucket")
    desk.stage.rulebook = rules_saying("access: {view: ['@alice'], snooze: [members]}")
    await desk.choose_in_menu("bob", "snooze")
    assert case.ref in desk.shown("bob")
    assert "Secret bucket" not in desk.shown("bob")


async def test_the_details_stand_without_studio_too(desk: Desk) -> None:
    await desk.opens(resource="bucket-7")
    desk.detail = StudioError("away")
    await desk.choose_in_menu("bob", "details")
    assert "bucket-7" in desk.shown("bob")
    assert "did not answer just now" in desk.shown("bob")


async def test_what_is_over_can_still_be_looked_at(desk: Desk) -> None:
    await desk.opens(resource="bucket-7")
    await desk.put(CaseState.CLOSED, closed_reason="resolved")
    desk.detail = StudioError("away")
    await desk.choose_in_menu("bob", "details")
    assert "bucket-7" in desk.shown("bob")
