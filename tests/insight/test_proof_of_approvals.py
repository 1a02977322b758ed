"""``audit show`` of approvals and votes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.insight import proof
from tests.approvals.stage import ANN, DANA, Desk, a_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A project that waits for two managers who were asked."""
    desk = await a_desk(tmp_path)
    await desk.asked()
    desk.later(60)
    yield desk
    await desk.database.close()


async def asked(desk: Desk, reference: str) -> dict[str, Any]:
    found: dict[str, Any] = await desk.database.read(
        lambda tx: proof.shown(tx, desk.directory, reference, now=desk.now, zone=None)
    )
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]  # JSON has no types


async def words(desk: Desk, reference: str) -> str:
    told = await asked(desk, reference)
    assert told["found"], told
    lines = [line for heading, rows in told["sections"] for line in (heading, *map(" | ".join, rows))]
    return "\n".join(lines)


async def test_a_vote_says_who_approved_what_by_which_right_and_what_studio_made_of_it(desk: Desk) -> None:
    await desk.approves(ANN)
    await desk.deliver()
    said = await words(desk, "AP-0001-1")
    assert "AP-0001-1 · approve · VERIFIED" in said
    assert "Ann approved it. It is about the audit project" in said
    assert f"person | Ann (Slack {ANN}" in said
    assert "right | the entry studio:manager of access in rules.yaml" in said
    assert "auditor name | Ada" in said
    assert "the approval | waiting → decided" in said
    assert "verdict approve: written" in said
    assert "a direct message to Ann: since" in said


async def test_an_approval_is_its_whole_life(desk: Desk) -> None:
    await desk.approves(ANN)
    await desk.deliver()
    said = await words(desk, "ap-1")
    order = [
        "the bot asked 3 people to decide it",
        "the bot asked in #compliance",
        "Ann approved it",
        "the bot wrote into Studio: verdict approve",
    ]
    places = [said.index(line) for line in order]
    assert places == sorted(places)
    assert "AP-0001 · audit project · VERIFIED" in said
    assert "needed | 1 person; 1 approved" in said
    assert "asked for a decision: approval AP-0001, decided: in_progress" in await words(desk, "p-1")


async def test_who_was_refused_stands_there_with_the_reason(desk: Desk) -> None:
    await desk.approves(DANA)
    assert "was refused to approve: requester" in await words(desk, "AP-0001")
    assert "nobody has voted on AP-0001 yet" in (await asked(desk, "AP-0001-3"))["sentence"]


async def test_a_vote_that_was_changed_is_named(desk: Desk) -> None:
    await desk.approves(ANN)
    await desk.write(lambda tx: tx.execute("UPDATE vote SET details = '{}'"))
    for reference in ("AP-0001", "AP-0001-1"):
        assert "DOES NOT MATCH: reason and details (by their hash)" in await words(desk, reference)
