from __future__ import annotations

from typing import Any

import pytest

from compliance_bot.approvals import delegate
from compliance_bot.approvals.delegate import Taker
from tests.approvals.stage import ANN, BEN, CLEO, DANA, MANAGERS, NEMO, Desk
from tests.cases.stage import rules_saying

CHANNEL = "CCOMPLIANCE"
TWO = f"{MANAGERS}\napprovals: {{needed: 2}}"


async def test_what_is_handed_on_is_asked_of_the_other_and_said(desk: Desk) -> None:
    await desk.asked(deciders=(ANN,))
    reply = await desk.hands(ANN, BEN)
    assert reply == {"say": "approval_handed", "ref": "AP-0001", "name": "Ben"}
    await desk.deliver()
    assert "open_approve_form" in desk.words(BEN)
    assert "Ann handed this to Ben." in desk.words(CHANNEL)
    assert await desk.said_lines() == ["handed"]
    assert await desk.told() == [(BEN, "approval_handed")]
    await desk.approves(BEN)
    assert (await desk.votes())[-1].delegated_from == ANN


@pytest.mark.parametrize(
    ("giver", "to", "right", "why"),
    [
        (ANN, ANN, "studio:manager", "self"),
        (ANN, DANA, "studio:manager", "requester"),
        (ANN, NEMO, None, "no_right"),
        (BEN, ANN, "studio:manager", "circle"),
        (CLEO, ANN, "studio:manager", "circle"),
    ],
)
async def test_what_cannot_be_handed_on_is_refused_at_once(
    desk: Desk, giver: str, to: str, right: str | None, why: str
) -> None:
    await desk.asked()
    if why == "circle":
        await desk.hands(ANN, BEN)
        await desk.hands(BEN, CLEO)
    reply = await desk.hands(giver, to, right=right)
    assert reply is not None
    assert (reply["say"], reply.get("why")) == ("approval_hand_refused", why)
    assert (await desk.audited())[-1] == "refusal.delegate"


@pytest.mark.parametrize(
    ("taker", "why"),
    [
        ({"email": None, "right": "members"}, "no_email"),
        ({"email": "eve@acme.test", "right": None, "known": False}, "unknown"),
    ],
)
async def test_nobody_is_handed_it_of_whom_slack_does_not_say_enough(
    desk: Desk, taker: dict[str, Any], why: str
) -> None:
    """Who has no address may be the one who asked."""
    await desk.asked()
    form = {"taker": Taker(id="UEVEEVEE", name="Eve", **taker).to_form()}
    reply = await desk.says(delegate.delegate, ANN, form)
    assert reply is not None
    assert (reply["say"], reply.get("why")) == ("approval_hand_refused", why)
    assert (await desk.audited())[-1] == "refusal.delegate"
    assert await desk.votes() == []


async def test_who_has_approved_has_nothing_to_hand_on_and_is_handed_nothing(desk: Desk) -> None:
    desk.rulebook = rules_saying(TWO)
    await desk.asked()
    await desk.approves(ANN)
    for giver, to, why in ((ANN, BEN, "voted_yourself"), (BEN, ANN, "voted")):
        reply = await desk.hands(giver, to)
        assert reply is not None
        assert reply["why"] == why


async def test_one_place_counts_once_whoever_fills_it(desk: Desk) -> None:
    desk.rulebook = rules_saying(TWO)
    await desk.asked()
    await desk.hands(ANN, BEN)
    await desk.approves(BEN)
    mine = await desk.approves(ANN)
    assert mine is not None
    assert (mine["say"], mine["name"]) == ("approval_place_taken", "Ben")
    last = await desk.approves(CLEO)
    assert last is not None
    assert last["say"] == "approval_taken"


async def test_who_gave_it_away_may_still_be_first(desk: Desk) -> None:
    desk.rulebook = rules_saying(TWO)
    await desk.asked()
    await desk.hands(ANN, BEN)
    await desk.approves(ANN)
    reply = await desk.approves(BEN)
    assert reply is not None
    assert reply["say"] == "approval_taken"
    assert (await desk.votes())[-1].delegated_from is None
