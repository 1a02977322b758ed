"""What holds of every form: when it opens, for whom, and what becomes of what is sent off."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from compliance_bot.messages import case_forms
from compliance_bot.sandbox.faults import Fault
from tests.handlers.form_desk import ALERTS, Desk

CLOSE = "open_close_form"
CLOSING = {case_forms.OUTCOME: "resolve", case_forms.REASON: "patched"}


async def refusals(desk: Desk) -> list[tuple[str, str]]:
    rows = await desk.stage.rows("SELECT body FROM audit ORDER BY seq")
    bodies = [json.loads(row["body"]) for row in rows]
    return [(one["kind"], one["facts"]["reason"]) for one in bodies if one["kind"].startswith("refusal.")]


async def test_a_press_is_acked_then_the_form_opens_and_is_filled(desk: Desk) -> None:
    await desk.opens()
    await desk.press("manager", CLOSE)
    assert "payload" not in desk.acks[0]
    assert [call.method for call in desk.world.slack.calls][-3:].count("views.open") <= 1
    assert desk.fields("manager") == [case_forms.OUTCOME, case_forms.REASON]


async def test_the_form_opens_before_slack_is_asked_who_presses(desk: Desk) -> None:
    await desk.opens()
    await desk.press("manager", CLOSE)
    methods = [call.method for call in desk.world.slack.calls]
    assert methods.index("views.open") < methods.index("users.info") < methods.index("views.update")


async def test_who_may_not_reads_why_in_the_form_and_it_is_on_record(desk: Desk) -> None:
    await desk.opens()
    await desk.press("bob", CLOSE)
    assert "under access.resolve in rules.yaml (reference R-" in desk.shown("bob")
    assert desk.fields("bob") == []
    assert await refusals(desk) == [("refusal.resolve", "not_listed")]


@pytest.mark.parametrize("who", ["gina", "U0CAROL001"])
async def test_guests_and_strangers_are_refused(desk: Desk, who: str) -> None:
    case = await desk.opens()
    click = await desk.world.slack.click("manager", ALERTS, desk.ts, CLOSE)
    person = desk.world.slack.workspace.person(who)
    trigger = desk.world.slack.workspace.new_trigger(person.id)
    await desk.hand_on(click, user={"id": person.id, "team_id": person.team_id}, trigger_id=trigger)
    assert desk.fields(who) == []
    assert len(await refusals(desk)) == 1
    assert case.ref not in desk.shown(who)


async def test_while_slack_cannot_say_who_it_is_nobody_may(desk: Desk) -> None:
    await desk.opens()
    desk.world.slack.refuse("users.info", "internal_error", times=None)
    await desk.press("manager", CLOSE)
    assert "Slack can't tell right now" in desk.shown("manager")
    assert await refusals(desk) == [("refusal.resolve", "unknown")]


@pytest.mark.parametrize("code", ["expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"])
async def test_a_press_that_came_too_late_is_told_to_press_again(desk: Desk, code: str) -> None:
    await desk.opens()
    desk.world.slack.refuse("views.open", code)
    await desk.press("manager", CLOSE)
    (said,) = desk.whispers("manager")
    assert said.startswith("That took too long for Slack to open the form.")


async def test_a_slack_that_opens_nothing_is_said_with_a_reference(desk: Desk) -> None:
    await desk.opens()
    desk.world.slack.refuse("views.open", "ratelimited")
    await desk.press("manager", CLOSE)
    (said,) = desk.whispers("manager")
    assert "Slack would not open the form" in said
    assert "reference F-" in said


async def test_a_slack_that_does_not_answer_in_time_is_told_to_press_again(desk: Desk) -> None:
    await desk.opens()
    desk.world.slack.faults.lay(Fault(call="views.open", times=1, drop="before"))
    await desk.press("manager", CLOSE)
    (said,) = desk.whispers("manager")
    assert said.startswith("That took too long")


async def test_a_form_closed_while_it_loads_is_no_fault(desk: Desk) -> None:
    await desk.opens()
    desk.world.slack.refuse("views.update", "not_found")
    await desk.press("manager", CLOSE)
    assert desk.whispers("manager") == []


async def test_a_button_whose_case_nobody_knows_says_so(desk: Desk) -> None:
    await desk.opens()
    click = await desk.world.slack.click("manager", ALERTS, desk.ts, CLOSE)
    action = {**click.payload["actions"][0], "value": "CB-ZZZZ"}
    await desk.hand_on(click, actions=[action])
    assert "I don't know CB-ZZZZ any more" in desk.shown("manager")


async def test_what_fails_on_our_side_is_said_with_a_reference(desk: Desk) -> None:
    await desk.opens()
    click = await desk.world.slack.click("manager", ALERTS, desk.ts, CLOSE)
    await desk.stage.write(lambda tx: tx.execute("UPDATE object SET state = '{' WHERE id > 0"))
    await desk.hand_on(click)
    assert "Something went wrong on my side" in desk.shown("manager")
    assert "reference E-" in desk.shown("manager")


async def test_what_is_sent_off_is_recorded_before_the_ack_closes_it(desk: Desk) -> None:
    case = await desk.opens()
    await desk.press("manager", CLOSE)
    assert await desk.submit("manager", **CLOSING) is None
    (row,) = await desk.inbox()
    assert (row["kind"], row["person"], row["channel"]) == ("resolve", "U0MANAGR01", ALERTS)
    body = json.loads(row["body"])
    assert body["value"] == case.ref
    assert body["message_ts"] == desk.ts
    assert body["version"] == case.version
    assert body["form"] == {"reason": "patched", "severity": "critical"}
    assert body["response_url"].startswith("http")


async def test_a_submission_that_comes_twice_is_recorded_once(desk: Desk) -> None:
    await desk.opens()
    await desk.press("manager", CLOSE)
    view = desk.view("manager")
    sent = await desk.world.slack.submit_view("manager", view.id, CLOSING)
    await asyncio.gather(desk.hand_on(sent), desk.hand_on(sent))
    await desk.hand_on(sent)
    assert len(await desk.inbox()) == 1


async def test_a_blank_reason_is_said_at_its_field_and_nothing_is_recorded(desk: Desk) -> None:
    await desk.opens()
    await desk.press("manager", CLOSE)
    answer = await desk.submit("manager", **{**CLOSING, case_forms.REASON: " \n\t "})
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == [case_forms.REASON]
    assert await desk.inbox() == []


async def test_a_submission_that_cannot_be_recorded_stays_open_and_says_so(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.opens()
    await desk.press("manager", CLOSE)
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = await desk.submit("manager", **CLOSING)
    assert answer["errors"][case_forms.OUTCOME].startswith("I couldn't record that.")
    assert await desk.inbox() == []


async def test_a_form_of_another_version_of_the_bot_is_told_to_be_opened_again(desk: Desk) -> None:
    await desk.opens()
    await desk.press("manager", CLOSE)
    view = desk.view("manager")
    sent = await desk.world.slack.submit_view("manager", view.id, CLOSING)
    for metadata in ("", "{", "[]", '{"ref": 7}'):
        await desk.hand_on(sent, view={**sent.payload["view"], "private_metadata": metadata})
        answer = desk.acks[-1]["payload"]
        assert answer["response_action"] == "update"
        assert "opened too long ago" in str(answer["view"])
    assert await desk.inbox() == []


async def test_a_form_of_another_workspace_reaches_nobody(desk: Desk) -> None:
    await desk.opens()
    click = await desk.world.slack.click("manager", ALERTS, desk.ts, CLOSE)
    await desk.hand_on(click, team={"id": "T0OTHER01"}, user={"id": "U0X", "team_id": "T0OTHER01"})
    assert desk.acks == []
    assert desk.world.slack.calls_of("views.open") == []


async def test_a_choice_overtaken_by_the_next_changes_nothing(desk: Desk) -> None:
    await desk.opens()
    await desk.press("manager", CLOSE)
    before = desk.shown("manager")
    desk.world.slack.refuse("views.update", "hash_conflict")
    await desk.choose("manager", case_forms.OUTCOME, "accept_risk")
    assert desk.shown("manager") == before
