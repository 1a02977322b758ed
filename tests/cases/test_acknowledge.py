from __future__ import annotations

import asyncio

import pytest

from compliance_bot.cases import press
from compliance_bot.model.cases import CaseState, StudioSync
from compliance_bot.model.delivery import EffectKind
from compliance_bot.model.findings import FindingStatus
from tests.cases.stage import Stage, a_critical, a_finding, rules_saying


async def test_first_press_wins_and_the_second_is_told_who_was_first(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    at = begun.now
    assert await begun.press("UBOBSMITH") is None
    begun.later(1)
    reply = await begun.press("UCAROLYN")
    assert reply == {
        "say": "already_acknowledged",
        "ref": "CB-0001",
        "who": "UBOBSMITH",
        "name": "Bob",
        "at": at,
    }
    case = await begun.case()
    assert case is not None
    assert (case.state, case.owner, case.acknowledged_by) == (
        CaseState.ACKNOWLEDGED,
        "UBOBSMITH",
        "UBOBSMITH",
    )


async def test_of_twenty_presses_at_once_one_wins(begun: Stage) -> None:
    await begun.observe(a_critical())
    replies = await asyncio.gather(*(begun.press(f"U{number}") for number in range(20)))
    assert replies.count(None) == 1
    assert {reply["say"] for reply in replies if reply} == {"already_acknowledged"}
    assert len(await begun.rows("SELECT id FROM decision")) == 1


async def test_who_wins_on_old_data_is_told_of_when_they_are_with_a_thread_or_without(begun: Stage) -> None:
    begun.rulebook = rules_saying("alert_configuration: {critical_issues: {threading: false}}")
    asked_at = begun.now
    await begun.observe(a_critical())
    await begun.deliver()
    begun.later(31)
    assert await begun.press("UBOBSMITH") == {"say": "on_data_of", "ref": "CB-0001", "at": asked_at}
    assert await begun.lines() == []
    reply = await begun.press("UCAROLYN")
    assert reply is not None
    assert reply["say"] == "already_acknowledged"


async def test_a_decision_its_effects_and_its_audit_entry_stand_together(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    await begun.press()
    (decision,) = await begun.rows("SELECT * FROM decision")
    assert (decision["action"], decision["person"], decision["right"]) == (
        "acknowledge",
        "UBOBSMITH",
        "members",
    )
    assert decision["version_shown"] == 1
    assert decision["rules_hash"] == begun.rulebook.hash
    kinds = [row["kind"] for row in await begun.rows("SELECT kind FROM effect WHERE kind <> 'post'")]
    assert sorted(kinds) == ["edit", "edit", "edit", "studio_comment", "studio_status", "thread"]
    body = (await begun.rows("SELECT body FROM audit ORDER BY seq DESC LIMIT 1"))[0]["body"]
    assert '"decision.acknowledge"' in body
    assert "UBOBSMITH" not in body
    assert await begun.whole_chain()


async def test_nothing_of_a_decision_stands_when_its_audit_entry_fails(
    begun: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun.observe(a_critical())

    def broken(*_: object, **__: object) -> None:
        raise ValueError("broken")

    with monkeypatch.context() as patched:
        patched.setattr("compliance_bot.audit.chain.append", broken)
        with pytest.raises(ValueError, match="broken"):
            await begun.press()
    assert await begun.rows("SELECT id FROM decision") == []
    assert (await begun.case()).state is CaseState.OPEN  # type: ignore[union-attr]  # it was told
    assert await begun.press() is None


async def test_the_clicked_copy_is_edited_before_the_others(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    await begun.press()
    lanes = await begun.rows("SELECT lane, intent FROM effect WHERE kind = 'edit' ORDER BY lane, id")
    clicked = (await begun.posts())[0]
    assert [row["lane"] for row in lanes] == [0, 1, 1]
    assert f'"post":{clicked.id},' in lanes[0]["intent"]


async def test_a_press_on_a_closed_case_is_told_so(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.observe(a_critical(status=FindingStatus.RESOLVED))
    reply = await begun.press()
    assert reply is not None
    assert (reply["say"], reply["reason"]) == ("already_closed", "resolved")


async def test_a_press_on_a_button_of_no_case_is_told_so(begun: Stage) -> None:
    assert await begun.press(ref="CB-ZZZZ") == {"say": "unknown_button", "ref": "CB-ZZZZ"}


async def test_a_snoozed_case_can_be_acknowledged(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.put_case(CaseState.SNOOZED)
    assert await begun.press() is None
    assert (await begun.case()).state is CaseState.ACKNOWLEDGED  # type: ignore[union-attr]  # it was told


async def test_what_someone_in_studio_took_up_is_told_without_a_name(begun: Stage) -> None:
    await begun.observe(a_critical(status=FindingStatus.INVESTIGATING))
    reply = await begun.press()
    assert reply is not None
    assert (reply["say"], reply["who"]) == ("already_acknowledged", None)


async def test_a_status_studio_has_already_is_not_written_again_but_commented(begun: Stage) -> None:
    await begun.observe(a_finding())
    await begun.observe(a_finding(status=FindingStatus.INVESTIGATING))
    await begun.observe(a_critical(status=FindingStatus.INVESTIGATING))
    assert (await begun.case()).state is CaseState.OPEN  # type: ignore[union-attr]  # raised to critical
    assert await begun.press() is None
    await begun.deliver()
    assert begun.said(EffectKind.STUDIO_STATUS) == []
    assert len(begun.said(EffectKind.STUDIO_COMMENT)) == 1
    assert (await begun.case()).sync is StudioSync.NONE  # type: ignore[union-attr]  # nothing is awaited


async def test_a_decision_on_old_data_says_of_when_they_are(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    begun.later(31)
    await begun.press()
    await begun.deliver()
    assert "on data of" in begun.said(EffectKind.THREAD)[-1]["arguments"]["text"]


async def test_a_refusal_is_audited_without_the_persons_name(begun: Stage) -> None:
    await begun.write(
        lambda tx: press.refuse(
            tx,
            begun.moment(),
            person="UGUEST",
            action="acknowledge",
            ref="CB-0001",
            reason="guest",
            reference="R-1",
        )
    )
    body = (await begun.rows("SELECT body FROM audit ORDER BY seq DESC LIMIT 1"))[0]["body"]
    assert '"refusal.acknowledge"' in body
    assert "UGUEST" not in body
