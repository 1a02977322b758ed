"""One entry of the audit chain for each decision, by its kind, in the transaction that decided it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from compliance_bot.handlers.deciders import OF_CASES
from compliance_bot.model.cases import CaseState
from tests.cases.stage import DAY, START, Stage, a_critical, a_finding

BOB, CAROL = "UBOBSMITH", "UCAROLYN"
STEPS: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "acknowledge": [("acknowledge", BOB, {})],
    "acknowledge_all": [],
    "undo": [("acknowledge", BOB, {}), ("undo", BOB, {"ref": "CB-0001 1"})],
    "snooze": [("snooze", BOB, {"until": START + DAY, "reason": "Later"})],
    "wake": [("snooze", BOB, {"until": START + DAY, "reason": "Later"}), ("wake", CAROL, {})],
    "resolve": [("resolve", BOB, {"reason": "Mended"})],
    "false_positive": [("false_positive", BOB, {"reason": "Test data"})],
    "accept_risk": [("accept_risk", BOB, {"reason": "Small"})],
    "confirm_proposal": [
        ("accept_risk", BOB, {"reason": "Small"}),
        ("confirm_proposal", CAROL, {"ref": "CB-0001 1"}),
    ],
    "decline_proposal": [
        ("accept_risk", BOB, {"reason": "Small"}),
        ("decline_proposal", CAROL, {"ref": "CB-0001 1"}),
    ],
    "assign": [("assign", BOB, {"slack_user": CAROL, "studio_user": "s-1", "name": "Carol"})],
    "comment": [("comment", BOB, {"words": "Asked the vendor"})],
    "fix_by": [("acknowledge", BOB, {}), ("fix_by", BOB, {"until": START + DAY})],
    "send_to_studio": [
        ("send_to_studio", BOB, {"words": "Look", "author": "Eve", "permalink": "https://a.slack.com/1"})
    ],
}
"""What is done so that each kind of row is decided once."""
KINDS = {
    "confirm_proposal": "decision.accept_risk",
    "decline_proposal": "proposal.declined",
}
"""Kinds of entries that are not named after the row."""


async def kinds(stage: Stage) -> list[tuple[str, dict[str, Any]]]:
    rows = await stage.rows("SELECT body FROM audit ORDER BY seq")
    return [(body["kind"], body) for row in rows for body in [json.loads(row["body"])]]


def test_every_kind_of_row_is_tried_here() -> None:
    assert set(STEPS) == set(OF_CASES)


@pytest.mark.parametrize("kind", [kind for kind in OF_CASES if kind != "acknowledge_all"])
async def test_a_decision_has_its_entry_with_who_by_which_right_and_a_hash_of_the_words(
    begun: Stage, kind: str
) -> None:
    await begun.observe(a_critical() if kind.endswith("_proposal") else a_finding())
    await begun.deliver()
    before = len(await kinds(begun))
    for action, person, form in STEPS[kind]:
        before = len(await kinds(begun))
        await begun.do(action, person, **form)
    (said, body), *more = (await kinds(begun))[before:]
    assert more == []
    assert said == KINDS.get(kind, f"decision.{kind}")
    facts = body["facts"]
    assert (facts["case"], facts["right"], facts["rules"]) == ("CB-0001", "members", begun.rulebook.hash)
    assert body["actor"].startswith("P-")
    assert person not in json.dumps(body)
    assert not {"Small", "Mended", "Test data", "Later", "Asked the vendor"} & set(facts.values())


async def test_what_changes_nothing_has_no_entry(begun: Stage) -> None:
    await begun.observe(a_finding())
    await begun.deliver()
    await begun.do("resolve", BOB, reason="Mended")
    before = len(await kinds(begun))
    for action, form in (
        ("acknowledge", {}),
        ("snooze", {"until": START + DAY, "reason": "Later"}),
        ("comment", {"words": "Late"}),
        ("wake", {}),
    ):
        await begun.do(action, CAROL, **form)
    case = await begun.case()
    assert case is not None
    assert case.state is CaseState.CLOSED
    assert len(await kinds(begun)) == before


async def test_who_may_not_be_their_own_second_person_is_refused_in_the_chain_too(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    await begun.do("accept_risk", BOB, reason="Small")
    await begun.do("confirm_proposal", BOB, ref="CB-0001 1")
    said, body = (await kinds(begun))[-1]
    assert said == "refusal.confirm_proposal"
    assert body["facts"]["reason"] == "second_is_first"
