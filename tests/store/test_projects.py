from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from compliance_bot.model.delivery import EffectKind, Lane, PlannedEffect
from compliance_bot.model.events import Cause, Change, Event
from compliance_bot.store import announcements, effects, events, objects, projects
from compliance_bot.store.database import Database
from compliance_bot.store.objects import Standing
from compliance_bot.store.transaction import Transaction
from tests.cases.projects_stage import a_project, an_alert
from tests.cases.stage import a_finding

NOW = 1_764_000_000.0


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "bot.db")
    yield database
    await database.close()


def add(tx: Transaction, name: str = "p-1", **changes: object) -> int:
    project = a_project(name, **changes)
    return projects.add(tx, project, standing=Standing.BASELINE, sent_at=NOW, now=NOW)


async def test_a_project_comes_back_as_it_was_written_with_the_score_to_measure_from(
    database: Database,
) -> None:
    full = a_project(customer_name="é\U0001f9e8", controls_total=7, controls_done=3, created_at=NOW)
    await database.write(lambda tx: projects.add(tx, full, standing=Standing.BASELINE, sent_at=NOW, now=NOW))
    known = await database.read(lambda tx: projects.find(tx, "p-1"))
    assert known is not None
    assert (known.project, known.score_said, known.standing) == (full, 60, Standing.BASELINE)


async def test_what_is_accepted_replaces_what_was_known_but_not_the_score_said(database: Database) -> None:
    after = a_project(status="approved", score=63)

    def change(tx: Transaction) -> None:
        add(tx)
        known = projects.find(tx, "p-1")
        assert known is not None
        projects.accept(tx, known, after, score_said=known.score_said, at=NOW + 5, now=NOW + 6)

    await database.write(change)
    known = await database.read(lambda tx: projects.find(tx, "p-1"))
    assert known is not None
    assert (known.project, known.score_said, known.accepted_at) == (after, 60, NOW + 5)


async def test_a_state_that_another_version_wrote_is_read_as_far_as_we_know_it(database: Database) -> None:
    state = {"project": dataclasses.asdict(a_project()) | {"a_field_of_tomorrow": 1}, "score_said": 5}
    await database.write(add)
    await database.write(lambda tx: tx.execute("UPDATE object SET state = ?", (json.dumps(state),)))
    known = await database.read(lambda tx: projects.find(tx, "p-1"))
    assert known is not None
    assert known.project == a_project()


async def test_more_ids_than_one_question_takes_are_found(database: Database) -> None:
    await database.write(lambda tx: [add(tx, f"p-{number}") for number in range(1_100)])
    ids = [f"p-{number}" for number in range(1_200)]
    assert len(await database.read(lambda tx: projects.find_many(tx, ids))) == 1_100


async def test_an_alert_is_named_by_type_and_project_and_stands_until_it_is_gone(database: Database) -> None:
    def tell(tx: Transaction) -> list[str]:
        add(tx)
        for one in (an_alert(), an_alert("p-2"), an_alert(type="overdue")):
            projects.add_alert(tx, one, standing=Standing.TOLD, sent_at=NOW, now=NOW)
        standing = projects.standing_alerts(tx)
        objects.set_standing(tx, standing["stalled:p-2"].id, Standing.GONE)
        return list(projects.standing_alerts(tx))

    assert await database.write(tell) == ["stalled:p-1", "overdue:p-1"]
    gone = await database.read(lambda tx: projects.find_alerts(tx, ["stalled:p-2"]))
    assert gone["stalled:p-2"].standing is Standing.GONE


async def test_answers_without_an_alert_are_counted_until_it_is_seen_again(database: Database) -> None:
    def miss(tx: Transaction) -> list[int]:
        projects.add_alert(tx, an_alert(), standing=Standing.TOLD, sent_at=NOW, now=NOW)
        counted = []
        for later in (1, 2):
            (known,) = projects.standing_alerts(tx).values()
            counted.append(projects.miss_alert(tx, known, at=NOW + later))
        objects.seen_again(tx, [known.id], sent_at=NOW + 3, now=NOW + 3, walk=None)
        (known,) = projects.standing_alerts(tx).values()
        return [*counted, known.missing]

    assert await database.write(miss) == [1, 2, 0]


async def test_projects_and_alerts_are_not_counted_among_the_findings(database: Database) -> None:
    def tell(tx: Transaction) -> dict[str, int]:
        add(tx)
        projects.add_alert(tx, an_alert(), standing=Standing.TOLD, sent_at=NOW, now=NOW)
        objects.add(tx, a_finding("p-1"), standing=Standing.TOLD, sent_at=NOW, now=NOW, walk=1)
        objects.mark_missing(tx, walk=9, started_at=NOW + 9)
        return objects.count(tx)

    assert await database.write(tell) == {"told": 1}
    missing = await database.read(lambda tx: objects.missing(tx, walks=1))
    assert [studio_id for _, studio_id, _ in missing] == ["p-1"]
    assert len(missing) == 1


async def test_an_event_comes_back_as_it_was_written(database: Database) -> None:
    told = Event(
        type="update",
        studio_id="p-1",
        change=Change.SCORE,
        cause=Cause.STUDIO,
        attributes={"id": "p-1", "frameworks": ("SOC 2", "é"), "score": 65, "title": "Audit"},
    )

    def write(tx: Transaction) -> int:
        return events.add(tx, told, object_id=add(tx), before="60", after="65", now=NOW, rules_hash="h")

    number = await database.write(write)
    stored = await database.read(lambda tx: events.find(tx, number))
    assert (stored.event, stored.before, stored.after, stored.observed_at) == (told, "60", "65", NOW)
    with pytest.raises(LookupError):
        await database.read(lambda tx: events.find(tx, number + 1))


async def test_the_places_of_an_event_are_its_own_and_where_they_were_moved_to(database: Database) -> None:
    def plan(tx: Transaction) -> list[set[str]]:
        numbers = {}
        for event, place in ((1, "C1"), (1, "?later"), (11, "C2"), (2, "C3")):
            key = announcements.key_of(event, place)
            planned = PlannedEffect(
                kind=EffectKind.ANNOUNCEMENT,
                key=key,
                lane=Lane.NORMAL,
                order_key=key,
                pace_key=place,
                intent={"event": event},
            )
            numbers[place] = effects.insert(tx, planned, NOW) or 0
        effects.move(tx, numbers["?later"], "C9")
        return [announcements.places(tx, 1, but=number) for number in (0, numbers["C1"], numbers["?later"])]

    assert await database.write(plan) == [{"C1", "C9"}, {"C9"}, {"C1"}]
