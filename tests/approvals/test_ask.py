from __future__ import annotations

from dataclasses import replace

import pytest

from compliance_bot.model.approvals import ApprovalPostState, ApprovalRole, ApprovalState
from tests.approvals.stage import ANN, BEN, CLEO, DANA, DAY, START, Desk, a_project
from tests.cases.stage import rules_saying

CHANNEL = "CCOMPLIANCE"


async def test_a_project_is_asked_about_in_its_channel_and_before_each_who_may(desk: Desk) -> None:
    await desk.asked()
    copies = await desk.copies()
    assert [(copy.channel_id, copy.role) for copy in copies] == [
        (CHANNEL, ApprovalRole.PRIMARY),
        (ANN, ApprovalRole.DIRECT),
        (BEN, ApprovalRole.DIRECT),
        (CLEO, ApprovalRole.DIRECT),
    ]
    assert [copy.place for copy in copies] == [CHANNEL, *(f"D{one[1:]}" for one in (ANN, BEN, CLEO))]


async def test_the_message_says_what_is_approved_by_whom_and_since_when(desk: Desk) -> None:
    await desk.asked()
    said = desk.words(CHANNEL)
    for fact in ("Audit p-1", "SOC 2", "Dana (dana@acme.test)", "2025-12-01", "3 days", "see Studio"):
        assert fact in said
    assert "May decide: Ann, Ben, Cleo; one of them is enough." in said
    assert [button["action_id"] for button in _buttons(desk)] == [
        "open_approve_form",
        "open_reject_form",
        "open_delegate_form",
    ]


def _buttons(desk: Desk) -> list[dict[str, str]]:
    blocks = desk.shown(CHANNEL)["blocks"]
    row = next((block for block in blocks if block.get("block_id") == "approval_buttons"), None)
    return [] if row is None else list(row["elements"])


async def test_the_same_project_is_asked_about_once(desk: Desk) -> None:
    await desk.asked()
    for _ in range(3):
        assert await desk.ask() is None
    assert len(await desk.events("p-1")) == 1


async def test_who_asked_is_not_asked(desk: Desk) -> None:
    approval = await desk.asked(deciders=(ANN, DANA))
    assert [one.id for one in approval.deciders] == [ANN]
    assert DANA not in [copy.channel_id for copy in await desk.copies()]


async def test_an_answer_from_before_the_decision_asks_nothing_anew(desk: Desk) -> None:
    await desk.asked()
    before = desk.now
    desk.later(1)
    await desk.reads(a_project(status="rejected"))
    assert await desk.ask(sent_at=before) is None
    assert await desk.ask() is not None
    assert (await desk.approval("AP-0002")).episode == 2


async def test_a_project_left_out_by_the_rules_is_not_asked_about(desk: Desk) -> None:
    desk.rulebook = rules_saying("studio: {projects: [p-other]}")
    assert await desk.ask() is None


async def test_where_the_rules_tell_of_no_approvals_it_is_only_recorded(desk: Desk) -> None:
    desk.rulebook = rules_saying("alert_configuration: {approval_requests: {enabled: false}}")
    approval = await desk.asked()
    assert (approval.state, await desk.copies()) == (ApprovalState.WAITING, [])


@pytest.mark.parametrize("change", [{"deactivated": True}, {"guest": True}])
async def test_who_left_before_it_went_out_is_not_told(desk: Desk, change: dict[str, bool]) -> None:
    ben = replace(desk.directory.people_by_id[BEN], **change)
    desk.directory = replace(desk.directory, people_by_id={**desk.directory.people_by_id, BEN: ben})
    await desk.asked()
    told = [copy.channel_id for copy in await desk.copies() if copy.state is ApprovalPostState.SHOWN]
    assert told == [CHANNEL, ANN, CLEO]


async def test_two_are_needed_where_the_rules_ask_for_a_second_person(desk: Desk) -> None:
    desk.rulebook = rules_saying(
        "approvals: {second_person_for: [{action: approve, match: \"framework == 'SOC 2'\"}]}"
    )
    assert (await desk.asked()).needed == 2
    assert "2 different people must approve" in desk.words(CHANNEL)


async def test_in_shadow_mode_nobody_is_asked_alone(desk: Desk) -> None:
    desk.rulebook = rules_saying("delivery: {shadow: '#security-alerts'}")
    await desk.asked()
    assert [copy.channel_id for copy in await desk.copies()] == ["CSECURITY-ALERTS"]


async def test_a_channel_with_guests_is_told_that_something_waits_and_nothing_of_it(desk: Desk) -> None:
    channel = replace(desk.directory.channels_by_id[CHANNEL], guests=True)
    others = {**desk.directory.channels_by_id, CHANNEL: channel}
    named = {**desk.directory.channels_by_name, "compliance": channel}
    desk.directory = replace(desk.directory, channels_by_id=others, channels_by_name=named)
    await desk.asked()
    assert "Audit p-1" not in desk.words(CHANNEL)
    assert _buttons(desk) == []
    assert "Audit p-1" in desk.words(ANN)


async def test_changed_dates_stand_in_every_copy_and_are_said(desk: Desk) -> None:
    await desk.asked()
    await desk.reads(a_project(due=START + 61 * DAY + 5))
    await desk.deliver()
    assert all("61" not in copy.channel_id and copy.shown_version == 2 for copy in await desk.copies())
    assert await desk.said_lines() == ["changed"]
    (line,) = desk.said_text("approval_line")
    assert "due date" in line


async def test_an_older_word_of_studio_changes_nothing(desk: Desk) -> None:
    approval = await desk.asked()
    await desk.reads(a_project(status="rejected"), sent_at=approval.read_at - 1)
    assert (await desk.approval()).state is ApprovalState.WAITING


async def test_what_is_decided_in_studio_is_said_on_every_copy_without_buttons(desk: Desk) -> None:
    await desk.asked()
    await desk.reads(a_project(status="in_progress", auditor_name="Ada"))
    await desk.deliver()
    approval = await desk.approval()
    assert (approval.state, approval.outcome) == (ApprovalState.ELSEWHERE, "in_progress")
    for place in (CHANNEL, f"D{ANN[1:]}"):
        assert "Decided in Studio, not here: in progress (Ada)" in desk.words(place)
    assert _buttons(desk) == []
    assert await desk.audited() == ["approval.asked", "approval.decided_in_studio"]


async def test_a_message_that_slack_lost_is_posted_afresh(desk: Desk) -> None:
    await desk.asked()
    await desk.reads(a_project(name="Another name"))
    for effect in await desk.claim():
        lost = effect.kind.value == "approval_edit" and "CCOMPLIANCE" in str(effect.payload)
        await desk.finish(effect, desk.gone() if lost else None)
    await desk.deliver()
    primary = (await desk.copies())[0]
    assert (primary.generation, primary.state.value) == (2, "shown")
    assert "Another name" in desk.words(CHANNEL)
