from __future__ import annotations

import json
from typing import Any

import pytest

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
from compliance_bot.studio.failures import StudioQuotaSpent
from compliance_bot.studio.performer import StudioPerformer, carries
from compliance_bot.studio.quota import Purpose
from tests.studio.embedded_studio import Embedded

FIRST = "e0000000-0000-4000-8000-000000000001"
DETAIL = "GET /api/findings/{id}"
PUT = "PUT /api/findings/{id}"
COMMENT = "POST /api/findings/{id}/comments"
FAILED = {"error": "Failed to update finding"}


def an_effect(kind: EffectKind, payload: Any, *, attempt: int = 1, key: str = "k") -> Effect:
    return Effect(
        id=1,
        kind=kind,
        key=key,
        lane=Lane.NORMAL,
        order_key="studio:e1",
        pace_key="studio",
        intent={},
        state=EffectState.SENDING,
        attempt=attempt,
        created_at=0.0,
        not_before=0.0,
        payload=payload if payload is None else json.dumps(payload).encode(),
    )


def a_status(status: str = "investigating", *, expected: str | None = "open", attempt: int = 1) -> Effect:
    payload = {
        "operation": "set_status",
        "studio_id": FIRST,
        "body": {"status": status},
        "expected_status": expected,
    }
    return an_effect(EffectKind.STUDIO_STATUS, payload, attempt=attempt, key="status")


def a_comment(reference: str = "ref CB-12", *, attempt: int = 1, finding: str = FIRST) -> Effect:
    body = {"content": f"Acknowledged by Bob ({reference})", "ref": reference}
    payload = {"operation": "comment", "studio_id": finding, "body": body}
    return an_effect(EffectKind.STUDIO_COMMENT, payload, attempt=attempt, key=f"comment {reference}")


def a_performer(embedded: Embedded, **how: Any) -> StudioPerformer:
    return StudioPerformer(studio=embedded.client(retry_attempts=0, **how), clock=embedded.clock)


def done(outcome: Outcome | Found) -> dict[str, Any]:
    assert isinstance(outcome, Done | Found)
    return dict(outcome.result)


def comments(embedded: Embedded) -> list[str]:
    return [str(row["content"]) for row in embedded.world.comments(FIRST)]


async def test_a_status_is_written_after_a_look(embedded: Embedded) -> None:
    result = done(await a_performer(embedded).perform(a_status()))
    assert (result["status"], result["written"]) == ("investigating", True)
    assert result["updated_at"] is not None
    assert result["answered_at"] <= embedded.clock.now()
    assert embedded.spent == [Purpose.REREAD, Purpose.DECISION]


async def test_a_finding_that_moved_on_is_not_overwritten(embedded: Embedded) -> None:
    embedded.world.change_finding(FIRST, status="in_progress")
    result = done(await a_performer(embedded).perform(a_status()))
    assert (result["status"], result["written"]) == ("in_progress", False)
    assert embedded.world.put_count() == 0


async def test_a_status_that_stands_at_a_later_attempt_is_taken_for_ours(embedded: Embedded) -> None:
    embedded.world.change_finding(FIRST, status="investigating")
    assert done(await a_performer(embedded).perform(a_status(attempt=2)))["written"] is True
    assert done(await a_performer(embedded).perform(a_status(attempt=1)))["written"] is False


async def test_resolving_stamps_who_did_it(embedded: Embedded) -> None:
    result = done(await a_performer(embedded).perform(a_status("resolved")))
    assert result["status"] == "resolved"
    assert embedded.world.finding(FIRST)["resolvedAt"] is not None


async def test_a_deleted_finding_is_looked_at_once_and_never_written(embedded: Embedded) -> None:
    embedded.world.remove_finding(FIRST)
    assert await a_performer(embedded).perform(a_status()) == Never(reason="deleted")
    assert len(embedded.world.calls_of(DETAIL)) == 1
    assert embedded.world.put_count() == 0


async def test_a_finding_deleted_between_look_and_write_is_told_from_an_outage(embedded: Embedded) -> None:
    embedded.lay(DETAIL, status=404, body={"error": "Finding not found"}, where=once_written(embedded))
    embedded.lay(PUT, status=500, body=FAILED)
    assert await a_performer(embedded).perform(a_status()) == Never(reason="deleted")
    assert embedded.world.put_count() == 1


def once_written(embedded: Embedded) -> Any:
    return lambda _arguments: embedded.world.put_count() > 0


async def test_five_minutes_of_500_on_a_living_finding_end_in_one_write(embedded: Embedded) -> None:
    performer = a_performer(embedded)
    fault = embedded.lay(PUT, status=500, body=FAILED)
    outcomes = [await performer.perform(a_status(attempt=n)) for n in range(1, 6)]
    assert outcomes == [Retry(reason="studio_broken")] * 5
    embedded.faults.lift(fault)
    assert done(await performer.perform(a_status(attempt=6)))["written"] is True
    assert embedded.world.finding(FIRST)["status"] == "investigating"


async def test_a_500_that_took_effect_all_the_same_is_done(embedded: Embedded) -> None:
    embedded.lay(PUT, status=500, body=FAILED, effect_first=True)
    assert done(await a_performer(embedded).perform(a_status()))["written"] is True


async def test_a_status_whose_answer_was_lost_is_found(embedded: Embedded) -> None:
    embedded.lay(PUT, drop="after", times=1)
    performer = a_performer(embedded)
    assert isinstance(await performer.perform(a_status()), Unknown)
    sighting = (await performer.find([a_status()]))["status"]
    assert isinstance(sighting, Found)
    assert done(sighting)["written"] is True


def an_assignment(assignee: str, *, attempt: int = 1) -> Effect:
    payload = {"operation": "assign", "studio_id": FIRST, "body": {"assignee": assignee}}
    return an_effect(EffectKind.STUDIO_ASSIGN, payload, attempt=attempt, key="assign")


async def test_a_finding_is_given_to_a_user_once(embedded: Embedded) -> None:
    performer = a_performer(embedded)
    somebody = next(iter(embedded.world.records.people))
    assert done(await performer.perform(an_assignment(somebody)))["written"] is True
    assert done(await performer.perform(an_assignment(somebody)))["written"] is True
    assert len(embedded.world.calls_of("PUT /api/findings/{id}")) == 1
    theirs = json.loads(an_assignment("somebody else").payload or b"") | {"expected": [""]}
    late = an_effect(EffectKind.STUDIO_ASSIGN, theirs, key="assign")
    assert done(await performer.perform(late))["written"] is False
    assert isinstance((await performer.find([an_assignment(somebody)]))["assign"], Found)
    assert (await performer.find([an_assignment("nobody")])) == {"assign": Absent()}


async def test_a_user_whom_studio_does_not_take_is_given_up_after_some_attempts(embedded: Embedded) -> None:
    performer = a_performer(embedded)
    assert isinstance(await performer.perform(an_assignment("nobody")), Retry)
    assert await performer.perform(an_assignment("nobody", attempt=4)) == Never(reason="assignee_not_taken")


async def test_a_comment_stored_before_the_connection_dropped_is_written_once(embedded: Embedded) -> None:
    embedded.lay(COMMENT, drop="after", times=1)
    performer = a_performer(embedded)
    assert isinstance(await performer.perform(a_comment()), Unknown)
    assert isinstance((await performer.find([a_comment()]))["comment ref CB-12"], Found)
    assert "comment_id" in done(await performer.perform(a_comment(attempt=2)))
    assert comments(embedded) == ["Acknowledged by Bob (ref CB-12)"]


async def test_a_comment_lost_on_the_way_is_absent_and_then_written_once(embedded: Embedded) -> None:
    embedded.lay(COMMENT, drop="before", times=1)
    performer = a_performer(embedded)
    assert isinstance(await performer.perform(a_comment()), Unknown)
    assert await performer.find([a_comment()]) == {"comment ref CB-12": Absent()}
    done(await performer.perform(a_comment(attempt=2)))
    assert len(comments(embedded)) == 1


async def test_a_comment_answered_with_500_but_stored_is_done(embedded: Embedded) -> None:
    embedded.lay(COMMENT, status=500, body={"error": "Failed to add comment"}, effect_first=True)
    done(await a_performer(embedded).perform(a_comment()))
    assert len(comments(embedded)) == 1


async def test_a_comment_on_a_deleted_finding_is_given_up(embedded: Embedded) -> None:
    assert await a_performer(embedded).perform(a_comment(finding="gone")) == Never(reason="deleted")


async def test_the_reference_of_another_case_is_not_mistaken_for_ours(embedded: Embedded) -> None:
    performer = a_performer(embedded)
    done(await performer.perform(a_comment("ref CB-123")))
    assert await performer.find([a_comment("ref CB-12")]) == {"comment ref CB-12": Absent()}


async def test_a_comment_without_its_reference_gets_it(embedded: Embedded) -> None:
    payload = {"operation": "comment", "studio_id": FIRST, "body": {"content": "Done", "ref": "ref CB-9"}}
    done(await a_performer(embedded).perform(an_effect(EffectKind.STUDIO_COMMENT, payload)))
    assert comments(embedded) == ["Done (ref CB-9)"]


async def test_one_look_settles_all_effects_of_a_finding(embedded: Embedded) -> None:
    performer = a_performer(embedded)
    done(await performer.perform(a_comment("ref CB-1")))
    embedded.spent.clear()
    sightings = await performer.find([a_status(), a_comment("ref CB-1"), a_comment("ref CB-2")])
    assert [type(sighting) for sighting in sightings.values()] == [Absent, Found, Absent]
    assert len(embedded.spent) == 1


async def test_a_studio_that_cannot_be_asked_cannot_tell(embedded: Embedded) -> None:
    embedded.world.away()
    assert await a_performer(embedded).find([a_status()]) == {
        "status": CannotTell(reason="studio_away", temporary=True)
    }


async def test_a_token_refused_in_a_look_up_is_no_passing_trouble(embedded: Embedded) -> None:
    embedded.lay(DETAIL, status=403, body={"error": "Insufficient permissions"})
    studio = embedded.client(retry_attempts=0)
    performer = StudioPerformer(studio=studio, clock=embedded.clock)
    assert await performer.find([a_status()]) == {"status": CannotTell(reason="studio_refused")}
    assert list(studio.health_seen.refusals) == ["auditor"]


async def test_a_deleted_finding_has_no_comment(embedded: Embedded) -> None:
    embedded.world.remove_finding(FIRST)
    assert await a_performer(embedded).find([a_comment()]) == {"comment ref CB-12": Absent()}


async def test_while_studio_is_away_no_attempt_is_spent(embedded: Embedded) -> None:
    embedded.world.away()
    assert await a_performer(embedded).perform(a_status()) == Retry(reason="studio_away", blocked=True)


async def test_while_the_database_behind_studio_is_down_no_attempt_is_spent(embedded: Embedded) -> None:
    embedded.lay(DETAIL, status=500, body={"error": "Failed to fetch findings"})
    assert await a_performer(embedded).perform(a_status()) == Retry(reason="studio_broken", blocked=True)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_token_blocks_and_is_known_until_a_write_succeeds(
    embedded: Embedded, status: int
) -> None:
    fault = embedded.lay(PUT, status=status, body={"error": "Insufficient permissions"})
    studio = embedded.client(retry_attempts=0)
    performer = StudioPerformer(studio=studio, clock=embedded.clock)
    assert await performer.perform(a_status()) == Retry(reason="studio_refused", blocked=True)
    await studio.finding(FIRST)
    assert list(studio.health_seen.refusals) == ["auditor (writing)"]
    embedded.world.faults.lift(fault)
    assert isinstance(await performer.perform(a_status()), Done)
    assert studio.health_seen.refusals == {}


async def test_a_rate_limit_parks_studio_for_as_long_as_it_said(embedded: Embedded) -> None:
    embedded.lay(DETAIL, status=429, body={}, headers={"Retry-After": "30"})
    outcome = await a_performer(embedded).perform(a_status())
    assert outcome == Retry(reason="studio_throttled", after=30.0, park=True, blocked=True)


async def test_a_spent_quota_parks_studio(embedded: Embedded) -> None:
    async def refuse(_purpose: Purpose) -> None:
        raise StudioQuotaSpent(after=600.0)

    outcome = await a_performer(embedded, spend=refuse).perform(a_status())
    assert outcome == Retry(reason="studio_quota", after=600.0, park=True, blocked=True)


async def test_a_write_that_html_answers_may_have_happened(embedded: Embedded) -> None:
    embedded.lay(PUT, status=200, body="<html>maintenance</html>")
    assert isinstance(await a_performer(embedded).perform(a_status()), Unknown)


async def test_a_route_that_is_absent_for_now_is_not_the_end_of_a_decision(embedded: Embedded) -> None:
    embedded.lay(PUT, status=404, body="<html>Cannot PUT</html>")
    assert await a_performer(embedded).perform(a_status()) == Retry(
        reason="studio_route_absent", blocked=True
    )


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {},
        [],
        {"operation": "set_status", "studio_id": FIRST, "body": {"status": "acknowledged"}},
        {"operation": "set_status", "studio_id": FIRST, "body": None},
        {"operation": "approve", "studio_id": FIRST, "body": {}},
    ],
)
async def test_a_payload_that_studio_could_only_answer_with_500_is_never_sent(
    embedded: Embedded, payload: Any
) -> None:
    assert isinstance(
        await a_performer(embedded).perform(an_effect(EffectKind.STUDIO_STATUS, payload)), Never
    )
    assert not embedded.world.calls


def test_a_reference_is_a_whole_word() -> None:
    assert carries("done (ref CB-12)", "ref CB-12")
    assert not carries("done (ref CB-123)", "ref CB-12")
    assert not carries("done (ref CB-12-2)", "ref CB-12")
