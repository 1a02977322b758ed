from __future__ import annotations

import pytest

from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.delivery import EffectKind, Never
from compliance_bot.model.findings import FindingStatus, Severity
from tests.cases.stage import DAY, Stage, a_critical

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


async def test_an_acknowledgement_that_had_not_left_is_cancelled_not_countered(told: Stage) -> None:
    await told.press()
    reply = await told.undo()
    assert reply is not None
    assert (reply["say"], reply["stays"]) == ("undone", None)
    case = await the_case(told)
    assert (case.state, case.owner, case.acknowledged_by, case.acknowledged_at) == (
        CaseState.OPEN,
        None,
        None,
        None,
    )
    await told.deliver()
    assert await statuses(told) == []
    assert told.said(EffectKind.STUDIO_COMMENT) == []


async def test_an_acknowledgement_that_studio_has_is_countered_and_said_there(told: Stage) -> None:
    await told.press()
    await told.deliver()
    await told.undo()
    await told.deliver()
    assert await statuses(told) == ["investigating", "open"]
    assert told.said(EffectKind.STUDIO_STATUS)[-1]["expected"] == ["investigating"]
    assert "undone" in told.said(EffectKind.STUDIO_COMMENT)[-1]["body"]["content"]
    assert (await told.lines())[-1] == "undone"
    assert (await told.known()).finding.status is FindingStatus.OPEN
    assert (await the_case(told)).sync is StudioSync.CONFIRMED
    await told.observe(a_critical())
    assert (await the_case(told)).state is CaseState.OPEN


async def test_what_is_on_its_way_is_countered_behind_it(told: Stage) -> None:
    await told.press()
    (status,) = await told.claim(only=EffectKind.STUDIO_STATUS)
    await told.undo()
    await told.finish(status)
    await told.deliver()
    assert await statuses(told) == ["investigating", "open"]


async def test_a_closing_taken_back_leaves_the_acknowledgement_as_it_was(told: Stage) -> None:
    await told.press()
    await told.deliver()
    before = await the_case(told)
    await told.do("resolve", reason="mended")
    await told.deliver()
    reply = await told.undo()
    assert reply is not None
    assert reply["stays"] == "resolved_stamp"
    await told.deliver()
    case = await the_case(told)
    assert (case.state, case.acknowledged_by, case.owner, case.decision_id) == (
        before.state,
        before.acknowledged_by,
        before.owner,
        before.decision_id,
    )
    assert (case.closed_by, case.closed_reason, case.closed_at) == (None, None, None)
    assert await statuses(told) == ["investigating", "resolved", "investigating"]


async def test_undoing_an_unsent_closing_lets_the_acknowledgement_go_out(told: Stage) -> None:
    await told.press()
    await told.do("resolve", reason="mended")
    await told.undo()
    await told.deliver()
    assert await statuses(told) == ["investigating"]


async def test_only_who_clicked_may_undo(told: Stage) -> None:
    await told.press("UBOBSMITH")
    reply = await told.undo("UCAROLYN")
    assert reply == {"say": "undo_not_yours", "ref": "CB-0001", "who": "UBOBSMITH", "name": "Bob"}
    assert (await the_case(told)).state is CaseState.ACKNOWLEDGED


async def test_of_what_two_decided_both_may_undo(told: Stage) -> None:
    await told.do("accept_risk", reason="vendor is gone")
    await told.do("confirm_proposal", "UCAROLYN", ref="CB-0001 1")
    reply = await told.undo("UBOBSMITH")
    assert reply is not None
    assert reply["say"] == "undone"
    assert (await the_case(told)).state is CaseState.OPEN


async def test_after_ten_minutes_it_is_too_late(told: Stage) -> None:
    at = told.now
    await told.press()
    told.later(601)
    assert await told.undo() == {"say": "undo_too_late", "ref": "CB-0001", "at": at}


async def test_a_second_undo_is_told_so(told: Stage) -> None:
    await told.press()
    await told.undo()
    assert await told.do("undo", ref="CB-0001 1") == {"say": "undone_already", "ref": "CB-0001"}
    assert await told.undo() == {"say": "undo_impossible", "ref": "CB-0001"}


async def test_what_has_moved_since_is_not_undone(told: Stage) -> None:
    await told.press()
    await told.observe(a_critical(status=FindingStatus.RESOLVED))
    assert await told.undo() == {"say": "undo_overtaken", "ref": "CB-0001"}
    assert (await the_case(told)).state is CaseState.CLOSED


async def test_a_silent_edit_is_no_change(told: Stage) -> None:
    await told.press()
    await told.deliver()
    await told.observe(a_critical(status=FindingStatus.INVESTIGATING, occurrences=7))
    reply = await told.undo()
    assert reply is not None
    assert reply["say"] == "undone"


async def test_a_later_decision_on_top_must_be_undone_first(told: Stage) -> None:
    await told.press()
    await told.do("snooze", reason="until the vendor answers", until=told.now + DAY)
    assert await told.do("undo", ref="CB-0001 1") == {"say": "undo_overtaken", "ref": "CB-0001"}
    await told.undo()
    assert (await the_case(told)).state is CaseState.ACKNOWLEDGED
    assert (await told.do("undo", ref="CB-0001 1") or {})["say"] == "undone"
    assert (await the_case(told)).state is CaseState.OPEN


async def test_an_undo_that_studio_refuses_is_itself_taken_back(told: Stage) -> None:
    await told.do("resolve", reason="mended")
    await told.deliver()
    await told.undo()
    (status,) = await told.claim(only=EffectKind.STUDIO_STATUS)
    await told.finish(status, Never(reason="no way back"))
    case = await the_case(told)
    assert (case.state, case.closed_by) == (CaseState.CLOSED, "UBOBSMITH")


async def test_an_unknown_number_is_an_unknown_button(told: Stage) -> None:
    for value in ("CB-0001", "CB-0001 99", "CB-0001 x", "CB-9999 1", ""):
        assert (await told.do("undo", ref=value or "?") or {})["say"] == "unknown_button"


async def test_our_own_write_taken_back_while_it_flew_is_no_news(told: Stage) -> None:
    events = await told.events()
    await told.do("resolve", reason="mended")
    (status,) = await told.claim(only=EffectKind.STUDIO_STATUS)
    await told.undo()
    await told.observe(a_critical(status=FindingStatus.RESOLVED))
    assert (await the_case(told)).state is CaseState.OPEN
    await told.finish(status)
    await told.deliver()
    assert (await told.known()).finding.status is FindingStatus.OPEN
    assert await told.events() == events
