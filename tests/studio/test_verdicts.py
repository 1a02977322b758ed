"""Verdicts against the embedded Studio: once, by the people chosen, and whatever is answered, the truth."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from compliance_bot.clock import iso
from compliance_bot.model.approvals import facts_of
from compliance_bot.model.delivery import (
    Absent,
    CannotTell,
    Done,
    Effect,
    EffectKind,
    EffectState,
    Found,
    Lane,
    Never,
    Outcome,
    Retry,
    Unknown,
)
from compliance_bot.sandbox.studio.fixture import AUDITOR, CUSTOMER, MANAGER, SECOND_AUDITOR
from compliance_bot.studio.hands import StudioHands
from compliance_bot.studio.verdicts import PATIENCE, VerdictPerformer
from tests.studio.embedded_studio import START, Embedded

APPROVE = "PUT /api/manager/projects/{id}/approve"
REJECT = "PUT /api/manager/projects/{id}/reject"
STATUS = "PUT /api/auditor/projects/{id}/status"
DETAIL = "GET /api/manager/projects/{id}"
DUE = 1_798_761_600.0
FAILED = {"error": "Failed to approve project"}


def an_effect(
    operation: str, studio_id: str, body: dict[str, Any], *, attempt: int = 1, **more: Any
) -> Effect:
    payload = {"operation": operation, "studio_id": studio_id, "body": body, **more}
    return Effect(
        id=1,
        kind=EffectKind.STUDIO_VERDICT,
        key="verdict:1",
        lane=Lane.URGENT,
        order_key="studio:1",
        pace_key="studio",
        intent={},
        state=EffectState.SENDING,
        attempt=attempt,
        created_at=0.0,
        not_before=0.0,
        payload=json.dumps(payload).encode(),
    )


def an_approval(project: str, *, facts: str | None = None, attempt: int = 1, **people: str) -> Effect:
    body = {"auditor": AUDITOR, "reviewer": SECOND_AUDITOR, "due": DUE, "facts": facts, **people}
    return an_effect("approve", project, body, attempt=attempt, expected=["pending"])


def a_rejection(project: str) -> Effect:
    return an_effect("reject", project, {"reason": "Scope is unclear", "facts": None}, expected=["pending"])


def pending(embedded: Embedded, **fields: Any) -> str:
    """A project that waits for approval; its id."""
    given = {"status": "pending", "auditorId": None, "reviewerAuditorId": None, **fields}
    return embedded.world.add_project(**given)


def a_performer(embedded: Embedded, **how: Any) -> VerdictPerformer:
    return VerdictPerformer(studio=embedded.client(retry_attempts=0, **how), clock=embedded.clock)


def row(embedded: Embedded, project: str) -> dict[str, Any]:
    return dict(embedded.world.records.projects[project])


def result(outcome: Outcome | Found) -> dict[str, Any]:
    assert isinstance(outcome, Done | Found)
    return dict(outcome.result)


async def test_an_approval_gives_the_project_to_the_two_who_were_chosen(embedded: Embedded) -> None:
    project = pending(embedded)
    said = result(await a_performer(embedded).perform(an_approval(project)))
    assert (said["status"], said["as_decided"], said["written"]) == ("in_progress", True, True)
    stored = row(embedded, project)
    assert (stored["status"], stored["auditorId"], stored["reviewerAuditorId"], stored["dueDate"]) == (
        "in_progress",
        AUDITOR,
        SECOND_AUDITOR,
        iso(DUE),
    )


async def test_what_changed_since_it_was_approved_is_not_written(embedded: Embedded) -> None:
    project = pending(embedded)
    seen = facts_of(await embedded.client().project(project)).hash
    embedded.world.change_project(project, dueDate=iso(START + 86_400))
    outcome = await a_performer(embedded).perform(an_approval(project, facts=seen))
    assert outcome == Never(reason="changed")
    assert row(embedded, project)["status"] == "pending"
    now = facts_of(await embedded.client().project(project)).hash
    assert result(await a_performer(embedded).perform(an_approval(project, facts=now)))["as_decided"]


async def test_a_list_and_a_detail_tell_the_same_facts(embedded: Embedded) -> None:
    project = pending(embedded)
    studio = embedded.client()
    listed = next(one for one in (await studio.projects()).rows if one.id == project)
    assert facts_of(listed) == facts_of(await studio.project(project))


async def test_a_second_attempt_finds_what_the_first_did(embedded: Embedded) -> None:
    project = pending(embedded)
    performer = a_performer(embedded)
    await performer.perform(an_approval(project))
    said = result(await performer.perform(an_approval(project, attempt=2)))
    assert (said["as_decided"], said["written"]) == (True, True)
    assert len(embedded.world.calls_of(APPROVE)) == 1


async def test_a_project_that_others_approved_with_others_is_not_ours(embedded: Embedded) -> None:
    project = pending(embedded)
    embedded.world.change_project(
        project, status="in_progress", auditorId=SECOND_AUDITOR, reviewerAuditorId=AUDITOR
    )
    said = result(await a_performer(embedded).perform(an_approval(project)))
    assert (said["as_decided"], said["who"]) == (False, "Rev Iewer")
    assert embedded.world.calls_of(APPROVE) == []


async def test_the_same_auditor_with_another_reviewer_is_not_ours(embedded: Embedded) -> None:
    project = pending(embedded)
    embedded.world.change_project(project, status="in_progress", auditorId=AUDITOR, reviewerAuditorId=MANAGER)
    assert not result(await a_performer(embedded).perform(an_approval(project)))["as_decided"]


async def test_an_answer_that_is_lost_after_the_write_is_found(embedded: Embedded) -> None:
    project = pending(embedded)
    embedded.lay(APPROVE, times=1, drop="after")
    performer = a_performer(embedded)
    effect = an_approval(project)
    assert isinstance(await performer.perform(effect), Unknown)
    sighted = (await performer.find([effect]))[effect.key]
    assert isinstance(sighted, Found)
    assert result(sighted)["as_decided"] is True
    assert row(embedded, project)["status"] == "in_progress"


async def test_an_answer_that_is_lost_before_the_write_is_absent(embedded: Embedded) -> None:
    project = pending(embedded)
    embedded.lay(APPROVE, times=1, drop="before")
    performer = a_performer(embedded)
    effect = an_approval(project)
    assert isinstance(await performer.perform(effect), Unknown)
    assert (await performer.find([effect]))[effect.key] == Absent()


async def test_an_error_after_the_write_is_no_error(embedded: Embedded) -> None:
    """Two managers at once: one is answered 200, the other 500, and both mean that it is approved."""
    project = pending(embedded)
    embedded.lay(APPROVE, times=1, effect_first=True, status=500, body=FAILED)
    said = result(await a_performer(embedded).perform(an_approval(project)))
    assert (said["as_decided"], said["written"]) == (True, True)


async def test_an_error_because_another_was_first_tells_who(embedded: Embedded) -> None:
    project = pending(embedded)
    held = embedded.lay(APPROVE, times=1, hold="before")
    effect = an_approval(project)
    writing = asyncio.ensure_future(a_performer(embedded).perform(effect))
    await held.reached.wait()
    embedded.world.change_project(
        project, status="in_progress", auditorId=SECOND_AUDITOR, reviewerAuditorId=AUDITOR
    )
    held.release()
    said = result(await writing)
    assert (said["status"], said["as_decided"], said["who"]) == ("in_progress", False, "Rev Iewer")


async def test_a_person_whom_studio_does_not_know_is_its_last_word_after_some_tries(
    embedded: Embedded,
) -> None:
    project = pending(embedded)
    performer = a_performer(embedded)
    unknown = "a0000000-0000-4000-8000-000000000099"
    first = await performer.perform(an_approval(project, auditor=unknown))
    assert isinstance(first, Retry)
    last = await performer.perform(an_approval(project, auditor=unknown, attempt=PATIENCE))
    assert last == Never(reason="broken")
    assert row(embedded, project)["status"] == "pending"


async def test_a_rejection_keeps_its_reason_in_studio(embedded: Embedded) -> None:
    project = pending(embedded)
    said = result(await a_performer(embedded).perform(a_rejection(project)))
    assert (said["status"], said["as_decided"]) == ("rejected", True)
    assert row(embedded, project)["rejectionReason"] == "Scope is unclear"


async def test_a_rejection_of_what_is_approved_meanwhile_changes_nothing(embedded: Embedded) -> None:
    project = pending(embedded)
    embedded.world.change_project(project, status="in_progress", auditorId=AUDITOR)
    said = result(await a_performer(embedded).perform(a_rejection(project)))
    assert (said["status"], said["as_decided"]) == ("in_progress", False)
    assert embedded.world.calls_of(REJECT) == []


async def test_a_deleted_project_is_never_written(embedded: Embedded) -> None:
    outcome = await a_performer(embedded).perform(an_approval("b0000000-0000-4000-8000-000000000099"))
    assert outcome == Never(reason="deleted")


async def test_while_studio_is_away_it_waits_and_spends_no_attempt(embedded: Embedded) -> None:
    project = pending(embedded)
    embedded.world.away(None)
    performer = a_performer(embedded)
    outcome = await performer.perform(an_approval(project))
    assert isinstance(outcome, Retry)
    assert outcome.blocked
    sighted = (await performer.find([an_approval(project)]))["verdict:1"]
    assert isinstance(sighted, CannotTell)
    assert sighted.temporary


async def test_a_report_is_approved_by_its_reviewer(embedded: Embedded) -> None:
    project = embedded.world.add_project(
        status="review_pending", auditorId=SECOND_AUDITOR, reviewerAuditorId=AUDITOR
    )
    effect = an_effect("project_status", project, {"status": "approved"}, expected=["review_pending"])
    said = result(await a_performer(embedded).perform(effect))
    assert (said["status"], said["as_decided"]) == ("approved", True)
    assert row(embedded, project)["status"] == "approved"


async def test_a_report_without_a_note_cannot_be_returned_and_studio_says_why(embedded: Embedded) -> None:
    project = embedded.world.add_project(
        status="review_pending", auditorId=SECOND_AUDITOR, reviewerAuditorId=AUDITOR
    )
    effect = an_effect("project_status", project, {"status": "returned"}, expected=["review_pending"])
    outcome = await a_performer(embedded).perform(effect)
    assert outcome == Never(reason="Cannot return report without flags or reviewer notes")


async def test_who_is_not_the_reviewer_is_told_so(embedded: Embedded) -> None:
    project = embedded.world.add_project(status="review_pending")
    effect = an_effect("project_status", project, {"status": "approved"}, expected=["review_pending"])
    outcome = await a_performer(embedded).perform(effect)
    assert outcome == Never(reason="Only the assigned reviewer can approve")


async def test_a_request_is_called_complete_once(embedded: Embedded) -> None:
    studio = embedded.client()
    request = await studio.create_request(customer_id=CUSTOMER, title="Upload proof")
    effect = an_effect("request_status", request.id, {"status": "Completed"})
    performer = a_performer(embedded)
    for attempt in (1, 2):
        said = result(await performer.perform(effect))
        assert (said["status"], said["as_decided"]) == ("Completed", True), attempt
    assert len(embedded.world.calls_of("PUT /api/auditor/requests/{id}")) == 1


@pytest.mark.parametrize("payload", [b"", b"[]", b'{"operation": "approve", "studio_id": "x", "body": {}}'])
async def test_a_payload_that_cannot_be_read_is_never_carried_out(embedded: Embedded, payload: bytes) -> None:
    effect = an_approval("x")
    broken = Effect(**{name: getattr(effect, name) for name in effect.__slots__} | {"payload": payload})
    assert isinstance(await a_performer(embedded).perform(broken), Never)


async def test_each_kind_of_write_goes_to_the_performer_that_knows_it(embedded: Embedded) -> None:
    project = pending(embedded)

    class Other:
        async def perform(self, effect: Effect) -> Outcome:
            raise AssertionError(effect.kind)

        async def find(self, effects: list[Effect]) -> dict[str, Any]:
            return {effect.key: Absent() for effect in effects}

    hands = StudioHands(findings=Other(), verdicts=a_performer(embedded))
    assert result(await hands.perform(an_approval(project)))["as_decided"]
    assert isinstance((await hands.find([an_approval(project)]))["verdict:1"], Found)
