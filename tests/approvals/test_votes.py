from __future__ import annotations

from dataclasses import replace

import pytest

from compliance_bot.approvals import execute, votes
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Press, Reply
from compliance_bot.model.approvals import ApprovalState, VoteOutcome
from compliance_bot.model.delivery import EffectKind, Never
from compliance_bot.store import projects as project_store
from compliance_bot.store.transaction import Transaction
from tests.approvals.stage import ANN, BEN, CLEO, DANA, DAY, MANAGERS, PEOPLE, START, Desk, a_project
from tests.cases.projects_stage import list_projects
from tests.cases.stage import rules_saying

CHANNEL = "CCOMPLIANCE"
TWO = f"{MANAGERS}\napprovals: {{needed: 2}}"


async def test_an_approval_is_written_to_studio_once_and_shown_on_every_copy(desk: Desk) -> None:
    await desk.asked()
    reply = await desk.approves(ANN)
    assert reply is not None
    assert (reply["say"], (await desk.approval()).state) == ("approval_taken", ApprovalState.DECIDING)
    await desk.deliver()
    (write,) = desk.said(EffectKind.STUDIO_VERDICT)
    assert write["operation"] == "approve"
    assert write["expected"] == ["pending"]
    assert (write["body"]["auditor"], write["body"]["reviewer"]) == ("a-ada", "a-bert")
    approval = await desk.approval()
    assert (approval.state, approval.outcome, approval.sync) == (
        ApprovalState.DECIDED,
        "in_progress",
        "confirmed",
    )
    for place in (CHANNEL, f"D{ANN[1:]}", f"D{BEN[1:]}"):
        said = desk.words(place)
        assert "Approved by <@UANNANNA>" in said
        assert "auditor Ada, reviewer Bert, due 2025-12-24" in said
        assert "confirmed by Studio" in said
        assert "open_approve_form" not in said
    assert await desk.said_lines() == ["decided"]
    assert await desk.told() == [(DANA, "approval_granted")]


async def test_the_vote_and_the_chain_hold_by_which_right_and_on_what(desk: Desk) -> None:
    approval = await desk.asked()
    await desk.approves(ANN)
    (vote,) = await desk.votes()
    assert (vote.right, vote.rules_hash) == ("studio:manager", desk.rulebook.hash)
    assert vote.facts_hash == approval.facts.hash
    (entry,) = await desk.rows("SELECT body FROM audit WHERE body ->> '$.kind' = 'decision.approve'")
    assert approval.facts.hash in entry["body"]
    assert "ann@" not in entry["body"]
    assert await desk.whole_chain()


async def test_a_second_manager_is_told_who_was_first(desk: Desk) -> None:
    await desk.asked()
    await desk.approves(ANN)
    late = await desk.approves(BEN)
    assert late is not None
    assert (late["say"], late["state"], late["name"]) == ("approval_over", "deciding", "Ann")
    await desk.deliver()
    later = await desk.rejects(CLEO)
    assert later is not None
    assert (later["say"], later["state"]) == ("approval_over", "decided")
    assert len(desk.said(EffectKind.STUDIO_VERDICT)) == 1


async def test_our_own_approval_is_no_news_when_the_list_tells_of_it(desk: Desk) -> None:
    await list_projects(desk, a_project())
    await desk.asked()
    await desk.approves(ANN)
    await desk.deliver()
    desk.later(1)
    assert await list_projects(desk, a_project(status="in_progress", auditor_name="Ada")) == 0
    known = await desk.database.read(lambda tx: project_store.find(tx, "p-1"))
    assert known is not None
    assert known.project.auditor_name == "Ada"


async def test_a_rejection_hands_the_reason_to_studio_and_to_the_requester(desk: Desk) -> None:
    await desk.asked()
    await desk.rejects(BEN, "Scope is unclear")
    await desk.deliver()
    (write,) = desk.said(EffectKind.STUDIO_VERDICT)
    assert write["operation"] == "reject"
    assert write["body"]["reason"] == "Scope is unclear (by Ben from Slack, ref AP-0001)"
    assert (await desk.approval()).outcome == "rejected"
    assert await desk.told() == [(DANA, "approval_rejected")]
    (told,) = desk.said(EffectKind.DIRECT)
    assert "Scope is unclear" in told["arguments"]["text"]


async def test_a_rejection_without_a_reason_is_none(desk: Desk) -> None:
    await desk.asked()
    assert await desk.rejects(ANN, reason=" \n ") == {"say": "reason_missing", "ref": "AP-0001"}
    assert await desk.votes() == []
    assert (await desk.approval()).state is ApprovalState.WAITING


async def test_the_requester_can_neither_approve_nor_reject_nor_delegate(desk: Desk) -> None:
    await desk.asked()
    for reply in (await desk.approves(DANA), await desk.rejects(DANA), await desk.hands(DANA, ANN)):
        assert reply is not None
        assert reply["say"] == "approval_own_request"
    assert await desk.votes() == []
    assert (await desk.audited())[1:] == ["refusal.approve", "refusal.reject", "refusal.delegate"]


async def test_the_requester_is_known_by_the_alias_of_their_address(desk: Desk) -> None:
    await desk.asked(requester=None)
    reply = await desk.approves(DANA)
    assert reply is not None
    assert reply["say"] == "approval_own_request"


async def test_whom_slack_gives_no_address_of_cannot_decide_since_they_may_have_asked(desk: Desk) -> None:
    await desk.asked()
    reply = await desk.approves("UGHOSTLY")
    assert reply is not None
    assert reply["say"] == "approval_nobody_known"


async def test_what_changed_since_it_was_seen_makes_the_click_void(desk: Desk) -> None:
    seen = (await desk.asked()).facts.hash
    await desk.reads(a_project(due=START + 80 * DAY))
    reply = await desk.approves(ANN, facts=seen)
    assert reply is not None
    assert reply["say"] == "approval_changed"
    (vote,) = await desk.votes()
    assert (vote.outcome, vote.facts_hash) == (VoteOutcome.VOID, seen)
    await desk.deliver()
    assert "2026-02-12" in desk.words(CHANNEL)
    assert desk.said(EffectKind.STUDIO_VERDICT) == []


async def test_a_click_that_is_bound_to_nothing_decides_nothing(desk: Desk) -> None:
    await desk.asked()
    form = {"auditor": "a-ada", "reviewer": "a-bert", "due": None, "facts": None}
    reply = await desk.says(votes.approve, ANN, form)
    assert reply is not None
    assert reply["say"] == "approval_changed"
    assert (await desk.approval()).state is ApprovalState.WAITING


@pytest.mark.parametrize("pair", [("ada", "zoe"), ("zoe", "ada"), ("ada", "ada")])
async def test_people_who_left_studios_list_or_are_one_are_not_written(
    desk: Desk, pair: tuple[str, str]
) -> None:
    await desk.asked()
    reply = await desk.approves(ANN, pair=pair)
    assert reply is not None
    assert reply["say"] == "approval_not_staff"
    assert await desk.votes() == []


async def test_two_different_people_are_counted_and_studio_is_written_once(desk: Desk) -> None:
    desk.rulebook = rules_saying(TWO)
    await desk.asked()
    first = await desk.approves(ANN)
    assert first is not None
    assert (first["say"], first["have"], first["needed"]) == ("approval_counted", 1, 2)
    again = await desk.approves(ANN)
    assert again is not None
    assert again["say"] == "approval_counted_already"
    await desk.deliver()
    assert "1 of 2 approved: <@UANNANNA>" in desk.words(CHANNEL)
    assert desk.said(EffectKind.STUDIO_VERDICT) == []
    last = await desk.approves(BEN, pair=("carl", "ada"))
    assert last is not None
    assert last["say"] == "approval_taken"
    await desk.deliver()
    (write,) = desk.said(EffectKind.STUDIO_VERDICT)
    assert write["body"]["auditor"] == "a-carl"
    assert "Approved by <@UBENBENB> (with Ann)" in desk.words(CHANNEL)


async def test_a_second_account_of_the_same_human_is_no_second_person(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PEOPLE, "UANNTWOO", ("Ann again", "ann@slack.test"))
    aliases = "dana@slack.test: dana@acme.test, ann@slack.test: ann@acme.test"
    desk.rulebook = rules_saying(TWO.replace("dana@slack.test: dana@acme.test", aliases))
    await desk.asked()
    assert said(await desk.hands(ANN, "UANNTWOO")) == ("approval_hand_refused", "self")
    await desk.approves(ANN)
    again = await desk.approves("UANNTWOO")
    assert again is not None
    assert (again["say"], again["have"]) == ("approval_counted_already", 1)
    assert said(await desk.hands(BEN, "UANNTWOO")) == ("approval_hand_refused", "voted")
    assert said(await desk.hands("UANNTWOO", BEN)) == ("approval_hand_refused", "voted_yourself")
    assert (await desk.approval()).state is ApprovalState.WAITING


def said(reply: Reply | None) -> tuple[str, str | None]:
    """What was answered, and why."""
    assert reply is not None
    return reply["say"], reply.get("why")


async def test_approvals_of_what_has_changed_count_no_more_and_their_people_are_told(desk: Desk) -> None:
    desk.rulebook = rules_saying(TWO)
    await desk.asked()
    await desk.approves(ANN)
    await desk.reads(a_project(customer_name="Somebody else"))
    assert await desk.told() == [(ANN, "approval_void")]
    reply = await desk.approves(BEN)
    assert reply is not None
    assert (reply["say"], reply["have"]) == ("approval_counted", 1)


async def test_a_decision_that_reached_nobody_in_time_is_void_and_waits_again(desk: Desk) -> None:
    await desk.asked()
    await desk.approves(ANN)
    desk.later(desk.rulebook.rules.approvals.expires)
    await desk.deliver()
    approval = await desk.approval()
    assert (approval.state, approval.vote_id) == (ApprovalState.WAITING, None)
    assert await desk.told() == [(ANN, "approval_not_held")]
    assert "Waits again: Studio did not take the decision in time" in desk.words(CHANNEL)
    assert "open_approve_form" in desk.words(CHANNEL)
    await desk.approves(BEN)
    await desk.deliver()
    assert (await desk.approval()).state is ApprovalState.DECIDED


async def test_a_click_that_waited_expires_by_when_it_was_made(desk: Desk) -> None:
    await desk.asked()
    clicked = desk.now - 600

    def rejects(tx: Transaction, moment: Moment, press: Press) -> Reply | None:
        return votes.reject(tx, moment, replace(press, received_at=clicked))

    await desk.says(rejects, ANN, {"reason": "No", "facts": (await desk.approval()).facts.hash})
    effect = await desk.effect("verdict:1")
    assert effect is not None
    assert effect.expires_at == clicked + desk.rulebook.rules.approvals.expires


@pytest.mark.parametrize("reason", ["changed", "broken", "Project is not pending approval"])
async def test_what_studio_does_not_take_waits_again(desk: Desk, reason: str) -> None:
    await desk.asked()
    await desk.approves(ANN)
    (effect,) = await desk.claim(only=EffectKind.STUDIO_VERDICT)
    await desk.finish(effect, Never(reason=reason))
    assert (await desk.approval()).state is ApprovalState.WAITING
    assert [vote.outcome for vote in await desk.votes()] == [VoteOutcome.VOID]
    assert await desk.said_lines() == ["decided", "not_held"]


async def test_where_two_were_needed_both_have_to_speak_again(desk: Desk) -> None:
    desk.rulebook = rules_saying(TWO)
    await desk.asked()
    await desk.approves(ANN)
    await desk.approves(BEN)
    (effect,) = await desk.claim(only=EffectKind.STUDIO_VERDICT)
    await desk.finish(effect, Never(reason="changed"))
    assert [vote.outcome for vote in await desk.votes()] == [VoteOutcome.VOID, VoteOutcome.VOID]
    assert await desk.told() == [(ANN, "approval_not_held"), (BEN, "approval_not_held")]


async def test_who_was_first_in_studio_is_the_truth_and_ours_is_told(desk: Desk) -> None:
    await desk.asked()
    await desk.approves(ANN)
    (effect,) = await desk.claim(only=EffectKind.STUDIO_VERDICT)
    await desk.finish(effect, desk.answered("in_progress", as_decided=False, who="Carl"))
    await desk.deliver()
    assert (await desk.approval()).state is ApprovalState.ELSEWHERE
    assert "Decided in Studio, not here: in progress (Carl)" in desk.words(CHANNEL)
    assert await desk.told() == [(ANN, "approval_elsewhere")]


async def test_the_same_verdict_by_another_hand_is_not_ours(desk: Desk) -> None:
    await desk.asked()
    await desk.rejects(ANN, "My reason")
    (effect,) = await desk.claim(only=EffectKind.STUDIO_VERDICT)
    await desk.finish(effect, desk.answered("rejected", written=False))
    await desk.deliver()
    assert (await desk.approval()).state is ApprovalState.ELSEWHERE
    assert await desk.told() == [(ANN, "approval_elsewhere")]
    assert "confirmed by Studio" not in desk.words(CHANNEL)
    assert "My reason" not in desk.words(CHANNEL)


async def test_what_was_deleted_in_studio_is_over(desk: Desk) -> None:
    await desk.asked()
    await desk.approves(ANN)
    (effect,) = await desk.claim(only=EffectKind.STUDIO_VERDICT)
    await desk.finish(effect, Never(reason="deleted"))
    await desk.deliver()
    assert (await desk.approval()).state is ApprovalState.GONE
    assert "Deleted in Studio" in desk.words(CHANNEL)
    assert (await desk.audited())[-1] == "approval.gone"


async def test_a_message_to_one_person_is_as_sensitive_as_what_it_speaks_of(desk: Desk) -> None:
    rule = "sensitivity: {rules: [{condition: \"type == 'approval'\", class: confidential}]}"
    desk.rulebook = rules_saying(f'{MANAGERS}\ndelivery: {{shadow: "#compliance"}}\n{rule}')
    await desk.asked()
    await desk.rejects(ANN, "secret reason")
    await desk.deliver()
    (text,) = desk.said_text("direct")
    assert "AP-0001" in text
    assert "secret reason" not in text
    assert "Audit p-1" not in text


async def test_in_shadow_mode_it_is_recorded_here_only(desk: Desk) -> None:
    desk.rulebook = rules_saying(f"{MANAGERS}\ndelivery: {{shadow: '#compliance'}}")
    await desk.asked()
    await desk.approves(ANN)
    await desk.deliver()
    assert desk.said(EffectKind.STUDIO_VERDICT) == []
    approval = await desk.approval()
    assert (approval.state, approval.sync) == (ApprovalState.DECIDED, "none")
    assert "recorded here only" in desk.words(CHANNEL)
    desk.later(600)
    assert await desk.ask() is None, "Studio still says pending, and was never told"


async def test_what_was_decided_while_slack_was_away_is_shown_decided_and_asks_nobody(desk: Desk) -> None:
    await desk.staffed("ada", "bert", "carl")
    await desk.ask()
    await desk.approves(ANN)
    await desk.deliver(only=EffectKind.STUDIO_VERDICT)
    assert (await desk.approval()).state is ApprovalState.DECIDED
    await desk.deliver()
    assert "Ann" in desk.words(CHANNEL)
    assert "open_approve_form" not in str(desk.shown(CHANNEL))
    told = [request["arguments"]["channel"] for request in desk.said(EffectKind.APPROVAL)]
    assert told == [CHANNEL]


async def test_a_press_on_what_nobody_knows_is_answered(desk: Desk) -> None:
    reply = await desk.says(votes.approve, ANN, {}, ref="AP-9999")
    assert reply == {"say": "approval_unknown", "ref": "AP-9999"}


async def test_an_echo_of_our_own_write_decides_nothing_before_studio_has_answered(desk: Desk) -> None:
    await desk.asked()
    await desk.approves(ANN)
    await desk.reads(a_project(status="in_progress"))
    assert (await desk.approval()).state is ApprovalState.DECIDING
    await desk.deliver()
    assert (await desk.approval()).state is ApprovalState.DECIDED


async def test_a_decision_that_takes_long_says_so(desk: Desk) -> None:
    await desk.asked()
    await desk.approves(ANN)
    await desk.deliver(slack=True)
    assert "being written to Studio" in desk.words(CHANNEL)
    desk.later(execute.SAID_AFTER)
    assert await desk.write(lambda tx: execute.say_late(tx, desk.moment())) == 1
    await desk.deliver(slack=True)
    assert "not yet in Studio" in desk.words(CHANNEL)
