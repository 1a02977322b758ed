from __future__ import annotations

from compliance_bot.approvals import ask, votes
from compliance_bot.approvals.ask import Asked
from compliance_bot.model.approvals import Approval, ApprovalKind, ApprovalState, Decider
from compliance_bot.model.delivery import EffectKind, Never
from compliance_bot.model.platform import AuditRequest
from compliance_bot.store import requests, studio_users
from compliance_bot.store.studio_users import StudioUser
from compliance_bot.store.transaction import Transaction
from tests.approvals.stage import ANN, BEN, DANA, DAY, START, Desk, a_project

CHANNEL = "CCOMPLIANCE"
THE_CUSTOMER = StudioUser(studio_id="c-dana", name="Dana", email="dana@acme.test")
ASKED = Asked(deciders=(Decider(id=ANN, name="Ann"),))


async def a_review(desk: Desk) -> Approval:
    """A report waits for its review."""
    project = a_project(status="review_pending")
    await desk.write(lambda tx: ask.ask_for_review(tx, desk.moment(), project, ASKED, sent_at=desk.now))
    desk.later(1)
    await desk.deliver()
    return await desk.approval()


async def a_request(desk: Desk, ref: str = "AP-0001") -> Approval:
    """A request for evidence is open."""
    request = AuditRequest(
        id="r-1",
        title="Upload proof",
        status="Pending",
        description="Screenshot",
        project_name="Audit",
        customer_name="Dana",
        customer_id=THE_CUSTOMER.studio_id,
        due=(START // DAY + 5) * DAY,
    )

    def take(tx: Transaction) -> None:
        object_id = requests.add(tx, request, sent_at=desk.now, now=desk.now)
        ask.ask_of_request(tx, desk.moment(), request, object_id, ASKED, sent_at=desk.now)

    await desk.write(take)
    desk.later(1)
    await desk.deliver()
    return await desk.approval(ref)


def buttons(desk: Desk) -> list[str]:
    """The buttons of the channel's message, each by its action."""
    blocks = desk.shown(CHANNEL)["blocks"]
    row = next((block for block in blocks if block.get("block_id") == "approval_buttons"), {"elements": []})
    return [element["action_id"] for element in row["elements"]]


async def test_a_report_is_approved_by_a_press_that_slack_asks_about(desk: Desk) -> None:
    review = await a_review(desk)
    assert "Report to review" in desk.words(CHANNEL)
    assert buttons(desk) == ["approve_report", "return_report"]
    assert "can't be taken back" in desk.words(CHANNEL)
    await desk.says(votes.approve_report, ANN, {}, ref=f"{review.ref} {review.facts.hash}")
    await desk.deliver()
    (write,) = desk.said(EffectKind.STUDIO_VERDICT)
    assert (write["operation"], write["body"], write["expected"]) == (
        "project_status",
        {"status": "approved"},
        ["review_pending"],
    )
    assert (await desk.approval()).outcome == "approved"
    assert buttons(desk) == []
    assert await desk.told() == []


async def test_who_asked_can_neither_approve_their_report_nor_call_their_request_complete(desk: Desk) -> None:
    await desk.write(lambda tx: studio_users.note(tx, THE_CUSTOMER, at=desk.now))
    review = await a_review(desk)
    reply = await desk.says(votes.approve_report, DANA, {}, ref=f"{review.ref} {review.facts.hash}")
    assert reply is not None
    assert reply["say"] == "approval_own_request"
    request = await a_request(desk, "AP-0002")
    assert request.facts.requester_email == "dana@acme.test"
    reply = await desk.says(votes.complete_request, DANA, {}, ref=f"{request.ref} {request.facts.hash}")
    assert reply is not None
    assert reply["say"] == "approval_own_request"
    assert {(await desk.approval(ref)).state for ref in ("AP-0001", "AP-0002")} == {ApprovalState.WAITING}


async def test_an_answer_without_the_address_changes_nothing_of_a_report(desk: Desk) -> None:
    review = await a_review(desk)
    await desk.reads(a_project(status="review_pending", customer_email=None))
    after = await desk.approval()
    assert (after.facts, after.version) == (review.facts, review.version)


async def test_where_nobody_knows_who_asked_the_message_and_the_vote_say_so(desk: Desk) -> None:
    request = await a_request(desk)
    assert "Studio tells no e-mail address of who asked" in desk.words(CHANNEL)
    await desk.says(votes.complete_request, ANN, {}, ref=f"{request.ref} {request.facts.hash}")
    (vote,) = await desk.votes()
    assert vote.details == {"requester": "requester unknown"}


async def test_a_report_that_studio_does_not_take_back_says_why(desk: Desk) -> None:
    review = await a_review(desk)
    await desk.says(votes.return_report, ANN, {}, ref=f"{review.ref} {review.facts.hash}")
    (effect,) = await desk.claim(only=EffectKind.STUDIO_VERDICT)
    await desk.finish(effect, Never(reason="Cannot return report without flags or reviewer notes"))
    await desk.deliver()
    assert (await desk.approval()).state is ApprovalState.WAITING
    assert "flags or reviewer notes" in desk.words(CHANNEL)
    assert "put one in Studio first" in desk.words(CHANNEL)


async def test_what_the_button_was_drawn_for_has_changed(desk: Desk) -> None:
    review = await a_review(desk)
    await desk.reads(a_project(status="review_pending", ends=START + 99 * DAY))
    reply = await desk.says(votes.approve_report, ANN, {}, ref=f"{review.ref} {review.facts.hash}")
    assert reply is not None
    assert reply["say"] == "approval_changed"


async def test_a_request_is_called_complete(desk: Desk) -> None:
    request = await a_request(desk)
    assert request.kind is ApprovalKind.REQUEST
    for fact in ("Evidence request open", "Upload proof", "Screenshot", "2025-11-29"):
        assert fact in desk.words(CHANNEL)
    assert buttons(desk) == ["complete_request"]
    await desk.says(votes.complete_request, BEN, {}, ref=f"{request.ref} {request.facts.hash}")
    await desk.deliver()
    (write,) = desk.said(EffectKind.STUDIO_VERDICT)
    assert (write["operation"], write["body"]) == ("request_status", {"status": "Completed"})
    assert "Marked complete by <@UBENBENB>" in desk.words(CHANNEL)


async def test_a_verdict_of_another_kind_decides_nothing(desk: Desk) -> None:
    """An old or forged button names a request where a report is meant."""
    review = await a_review(desk)
    for decide in (votes.approve, votes.reject, votes.complete_request):
        reply = await desk.says(decide, ANN, {"reason": "x"}, ref=review.ref)
        assert reply == {"say": "approval_unknown", "ref": review.ref}
    assert await desk.votes() == []
