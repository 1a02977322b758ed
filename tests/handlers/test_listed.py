"""What is of no listed project is decided in Studio alone, and that is said and noted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from compliance_bot.approvals import ask
from compliance_bot.approvals.ask import Asked
from compliance_bot.cases.press import Press, Reply
from compliance_bot.handlers import listed
from compliance_bot.handlers.approval_forms import ApprovalForms
from compliance_bot.handlers.deciders import Rule
from compliance_bot.handlers.form_spec import Opening
from compliance_bot.handlers.replies import SENTENCES
from compliance_bot.model.platform import AuditRequest
from compliance_bot.store import requests
from compliance_bot.store.transaction import Transaction
from tests.approvals.stage import ANN, MANAGERS, Desk, a_desk
from tests.cases.stage import a_finding, rules_saying

LISTED = rules_saying(f"{MANAGERS}\nstudio: {{projects: [p-2]}}")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with a finding of no project, a project that waits, and requests of two projects."""
    desk = await a_desk(tmp_path)
    await desk.begin()
    await desk.observe(a_finding("a", created_at=desk.now))
    await desk.asked()
    for number in (1, 2):
        await desk.write(lambda tx, number=number: a_request(tx, desk, number))
    yield desk
    await desk.database.close()


def a_request(tx: Transaction, desk: Desk, number: int) -> None:
    request = AuditRequest(id=f"r-{number}", title="Proof", status="Pending", project_id=f"p-{number}")
    object_id = requests.add(tx, request, sent_at=desk.now, now=desk.now)
    ask.ask_of_request(tx, desk.moment(), request, object_id, Asked(), sent_at=desk.now)


def decided(tx: Transaction, _moment: object, pressed: Press) -> Reply | None:
    return {"say": "decided", "ref": pressed.ref}


@pytest.mark.parametrize("ref", ["CB-0001", "CB-0001 7", "AP-0001", "AP-0002 facts"])
async def test_what_is_of_no_listed_project_is_refused_and_that_is_audited(desk: Desk, ref: str) -> None:
    pressed = Press(inbox_id=1, ref=ref, person=ANN, person_name="Ann", person_email=None, right="members")
    rule = Rule(right="comment", decide=decided)

    def click(tx: Transaction) -> Reply | None:
        return listed.decide(tx, desk.moment(), rule, "comment", pressed)

    assert await desk.write(click) == {"say": "decided", "ref": ref}
    desk.rulebook = LISTED
    reply = await desk.write(click)
    assert reply is not None
    assert reply["say"] == "project_not_listed"
    assert "studio.projects" in SENTENCES[reply["say"]](reply)
    assert (await desk.audited())[-1] == "refusal.comment"


async def test_what_is_of_a_listed_project_or_unknown_is_decided(desk: Desk) -> None:
    desk.rulebook = LISTED
    for ref in ("AP-0003", "CB-0009", ""):
        assert (
            await desk.database.read(lambda tx, ref=ref: listed.is_outside(tx, desk.moment(), ref)) is False
        )


async def test_a_form_of_what_is_of_no_listed_project_does_not_open(desk: Desk) -> None:
    desk.rulebook = LISTED
    forms = ApprovalForms(database=desk.database, moment=desk.moment, who_may=who_may)
    spec = next(one for one in forms.specs() if one.kind == "approve")
    ann = desk.directory.people_by_id[ANN]
    opening = Opening(
        ref="AP-0001",
        person=ann,
        rights={"approve": "members"},
        channel=None,
        ts=None,
        thread=None,
        now=desk.now,
    )
    assert "no project that may be decided about here" in str(await spec.fill(opening))


async def who_may() -> None:
    """Every member."""
