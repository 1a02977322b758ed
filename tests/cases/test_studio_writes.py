from __future__ import annotations

import pytest

from compliance_bot.cases import studio_answers
from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.delivery import Done, EffectKind, EffectState, Never, Retry, Unknown
from compliance_bot.model.findings import FindingStatus
from tests.cases.stage import Stage, a_critical, a_finding, rules_saying


async def the_case(stage: Stage) -> Case:
    case = await stage.case()
    assert case is not None
    return case


async def late(stage: Stage) -> int:
    return await stage.write(lambda tx: studio_answers.say_late(tx, stage.moment()))


@pytest.fixture
async def pressed(begun: Stage) -> Stage:
    """A critical finding told everywhere and acknowledged by Bob; nothing has left for Studio."""
    await begun.observe(a_critical())
    await begun.deliver()
    await begun.press()
    return begun


async def test_an_acknowledgement_is_one_status_then_one_comment_that_names_bob(pressed: Stage) -> None:
    assert [one.kind for one in await pressed.claim(only=EffectKind.STUDIO_COMMENT)] == []
    await pressed.deliver()
    (status,) = pressed.said(EffectKind.STUDIO_STATUS)
    assert status["operation"] == "set_status"
    assert (status["body"], status["expected"]) == ({"status": "investigating"}, ["open"])
    (comment,) = pressed.said(EffectKind.STUDIO_COMMENT)
    assert "Bob" in comment["body"]["content"]
    assert comment["body"]["ref"] in comment["body"]["content"]
    assert (await the_case(pressed)).sync is StudioSync.CONFIRMED
    assert (await pressed.known()).finding.status is FindingStatus.INVESTIGATING


async def test_a_write_open_for_a_minute_is_marked_on_every_copy_and_unmarked_when_it_is_there(
    pressed: Stage,
) -> None:
    await pressed.deliver(slack=True)
    pressed.later(59)
    assert await late(pressed) == 0
    pressed.later(1)
    assert await late(pressed) == 1
    assert await late(pressed) == 0
    await pressed.deliver(slack=True)
    assert all("not yet in Studio" in str(edit) for edit in pressed.said(EffectKind.EDIT)[-3:])
    await pressed.deliver()
    last = pressed.said(EffectKind.EDIT)[-3:]
    assert not any("not yet in Studio" in str(edit) for edit in last)
    assert (await the_case(pressed)).sync is StudioSync.CONFIRMED


async def test_refused_by_studio_gives_the_state_back_and_says_so_to_who_pressed(pressed: Stage) -> None:
    (status,) = await pressed.claim(only=EffectKind.STUDIO_STATUS)
    await pressed.finish(status, Never(reason="deleted"))
    case = await the_case(pressed)
    assert (case.state, case.sync, case.sync_note) == (CaseState.OPEN, StudioSync.REFUSED, "deleted")
    assert (case.owner, case.acknowledged_by) == (None, None)
    await pressed.deliver()
    assert "Studio refused: deleted" in str(pressed.said(EffectKind.EDIT)[-1])
    line = pressed.said(EffectKind.THREAD)[-1]["arguments"]
    assert line["thread_ts"]
    assert "deleted" in line["text"]
    assert pressed.said(EffectKind.STUDIO_COMMENT) == []
    comment = await pressed.effect("decision:1:comment")
    assert comment is not None
    assert (comment.state, comment.error) == (EffectState.SKIPPED, "predecessor.failed")


async def test_refused_gives_back_a_snooze_and_an_assignee(begun: Stage) -> None:
    await begun.observe(a_critical(assignee_id="u-1", assignee_name="Ann"))
    await begun.put_case(CaseState.SNOOZED)
    await begun.press()
    (status,) = await begun.claim(only=EffectKind.STUDIO_STATUS)
    await begun.finish(status, Never(reason="deleted"))
    case = await the_case(begun)
    assert (case.state, case.owner) == (CaseState.SNOOZED, "Ann")


async def test_refused_without_threading_still_tells_who_pressed(begun: Stage) -> None:
    begun.rulebook = rules_saying("routing_rules: {}")
    await begun.observe(a_finding())
    await begun.press()
    (status,) = await begun.claim(only=EffectKind.STUDIO_STATUS)
    await begun.finish(status, Never(reason="deleted"))
    await begun.deliver()
    assert "UBOBSMITH" in begun.said(EffectKind.THREAD)[-1]["arguments"]["text"]


async def test_after_a_refusal_somebody_may_acknowledge_again(pressed: Stage) -> None:
    (status,) = await pressed.claim(only=EffectKind.STUDIO_STATUS)
    await pressed.finish(status, Never(reason="deleted"))
    assert await pressed.press("UCAROLYN") is None
    assert (await the_case(pressed)).sync is StudioSync.PENDING


async def test_a_late_refusal_of_the_first_hand_leaves_the_second_hands_acknowledgement(
    pressed: Stage,
) -> None:
    (status,) = await pressed.claim(only=EffectKind.STUDIO_STATUS)
    await pressed.observe(a_critical(status=FindingStatus.INVESTIGATING))
    await pressed.observe(a_critical())
    await pressed.press("UBOBSMITH")
    await pressed.finish(status, Never(reason="deleted"))
    case = await the_case(pressed)
    assert (case.state, case.acknowledged_by, case.sync) == (
        CaseState.ACKNOWLEDGED,
        "UBOBSMITH",
        StudioSync.PENDING,
    )


async def test_a_write_that_studio_moved_on_from_is_over_without_a_word(pressed: Stage) -> None:
    (status,) = await pressed.claim(only=EffectKind.STUDIO_STATUS)
    facts = {"status": "resolved", "updated_at": None, "answered_at": pressed.now, "written": False}
    await pressed.finish(status, Done(result=facts))
    assert (await the_case(pressed)).sync is StudioSync.CONFIRMED
    await pressed.observe(a_critical(status=FindingStatus.RESOLVED))
    assert (await the_case(pressed)).state is CaseState.CLOSED


async def test_an_overtaken_decision_is_not_written(pressed: Stage) -> None:
    await pressed.observe(a_critical(status=FindingStatus.RESOLVED))
    await pressed.deliver()
    assert pressed.said(EffectKind.STUDIO_STATUS) == []
    status = await pressed.effect("decision:1:status")
    assert status is not None
    assert status.error == "decision.overtaken"


async def test_reopened_in_studio_while_the_outcome_was_unknown_is_not_written_again(pressed: Stage) -> None:
    (status,) = await pressed.claim(only=EffectKind.STUDIO_STATUS)
    await pressed.finish(status, Unknown(reason="no_answer"))
    await pressed.observe(a_critical(status=FindingStatus.INVESTIGATING))
    await pressed.observe(a_critical())
    assert (await the_case(pressed)).state is CaseState.OPEN
    await pressed.finish(status, Retry(reason="absent"))
    pressed.later(400)
    await pressed.deliver()
    assert len(pressed.said(EffectKind.STUDIO_STATUS)) == 1


async def test_an_overtaken_decision_does_not_confirm_the_one_after_it(pressed: Stage) -> None:
    await pressed.observe(a_critical(status=FindingStatus.RESOLVED))
    await pressed.observe(a_critical())
    await pressed.press("UCAROLYN")
    assert await pressed.claim(only=EffectKind.STUDIO_STATUS) == []
    assert (await the_case(pressed)).sync is StudioSync.PENDING
    await pressed.deliver()
    assert (await the_case(pressed)).sync is StudioSync.CONFIRMED
    assert len(pressed.said(EffectKind.STUDIO_STATUS)) == 1


async def test_the_message_shows_studios_new_status_by_a_silent_edit(begun: Stage) -> None:
    await begun.observe(a_finding())
    await begun.deliver()
    await begun.press()
    await begun.deliver()
    edits = len(begun.said(EffectKind.EDIT))
    begun.later(900)
    await begun.deliver()
    assert "Investigating" in str(begun.said(EffectKind.EDIT)[edits:])


async def test_nothing_asked_for_before_the_comment_was_stored_counts(pressed: Stage) -> None:
    pressed.later(5)
    await pressed.deliver()
    assert (await pressed.known()).accepted_at == pressed.now
