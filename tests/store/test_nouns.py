from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from compliance_bot.model.cases import CaseState
from compliance_bot.store import cases, cursors, inbox, objects, quota
from compliance_bot.store.database import Database
from compliance_bot.store.objects import Standing
from tests.cases.stage import a_critical, a_finding

NOW = 1_764_000_000.0


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "bot.db")
    yield database
    await database.close()


def add(finding, *, walk: int = 1, now: float = NOW, standing: Standing = Standing.TOLD):
    return lambda tx: objects.add(tx, finding, standing=standing, sent_at=now, now=now, walk=walk)


async def test_a_finding_comes_back_as_it_was_written(database: Database) -> None:
    full = a_critical(
        title="\U0001f9e8 e\u0301", frameworks=("SOC 2", "ISO"), controls=("CC6.1",), due=NOW, occurrences=3
    )
    await database.write(add(full))
    known = await database.read(lambda tx: objects.find(tx, full.id))
    assert known is not None
    assert known.finding == full
    assert known.fingerprint == objects.fingerprint(full)


def test_every_field_of_a_finding_is_written_down() -> None:
    stored = json.loads(objects.to_state(a_critical()))
    assert set(stored) == {field.name for field in dataclasses.fields(a_critical())}


def test_a_state_that_another_version_wrote_is_read_as_far_as_we_know_it() -> None:
    stored = json.loads(objects.to_state(a_critical())) | {"a_field_of_tomorrow": 1}
    del stored["occurrences"]
    assert objects.from_state(json.dumps(stored)) == a_critical()


async def test_twenty_thousand_rows_are_added_found_and_seen_again_a_page_at_a_time(
    database: Database,
) -> None:
    rows = [a_finding(f"f-{number}") for number in range(20_000)]
    for start in range(0, len(rows), 500):
        page = rows[start : start + 500]
        await database.write(lambda tx, page=page: [add(one)(tx) for one in page])
    for start in range(0, len(rows), 500):
        ids = [one.id for one in rows[start : start + 500]]
        marks = await database.read(lambda tx, ids=ids: objects.fingerprints(tx, ids))
        assert len(marks) == 500
        seen = [mark.id for mark in marks.values()]
        await database.write(
            lambda tx, seen=seen: objects.seen_again(tx, seen, sent_at=NOW + 9, now=NOW + 9, walk=2)
        )
    assert await database.read(objects.count) == {"told": 20_000}
    row = await database.read(lambda tx: tx.one("SELECT min(seen_walk), min(accepted_at) FROM object"))
    assert row is not None
    assert tuple(row) == (2, NOW + 9)


async def test_more_ids_than_one_question_takes_are_found(database: Database) -> None:
    await database.write(lambda tx: [add(a_finding(f"f-{number}"))(tx) for number in range(1_200)])
    ids = [f"f-{number}" for number in range(1_300)]
    assert len(await database.read(lambda tx: objects.find_many(tx, ids))) == 1_200
    assert len(await database.read(lambda tx: objects.fingerprints(tx, ids))) == 1_200


async def test_an_older_answer_never_makes_what_we_know_older(database: Database) -> None:
    number = await database.write(add(a_finding()))
    await database.write(lambda tx: objects.seen_again(tx, [number], sent_at=NOW - 5, now=NOW, walk=None))
    known = await database.read(lambda tx: objects.find_by_row(tx, number))
    assert (known.accepted_at, known.seen_walk) == (NOW, 1)


def test_a_case_is_quoted_without_letters_that_look_alike() -> None:
    assert [cases.reference(number) for number in (1, 31, 32, 32**4)] == [
        "CB-0001",
        "CB-000Z",
        "CB-0010",
        "CB-10000",
    ]
    assert not set("ILOU") & set("".join(cases.reference(number)[3:] for number in range(1, 40)))


async def test_of_two_who_saw_the_same_version_one_changes_the_case(database: Database) -> None:
    def open_one(tx):
        number = add(a_finding())(tx)
        return cases.open_case(
            tx, object_id=number, state=CaseState.OPEN, severity="high", owner=None, now=NOW
        )

    case = await database.write(open_one)

    def change(tx):
        return cases.change(tx, case, expected=(CaseState.OPEN,), state=CaseState.ACKNOWLEDGED)

    assert [await database.write(change), await database.write(change)] == [True, False]


async def test_cases_that_await_studio_are_found_by_their_index(database: Database) -> None:
    plan = await database.read(
        lambda tx: tx.all(
            "EXPLAIN QUERY PLAN SELECT id FROM \"case\" WHERE sync = 'pending' AND sync_since <= ?", (NOW,)
        )
    )
    assert "case_awaiting_studio" in plan[0]["detail"]


async def test_living_are_what_changed_lately_critical_first_then_newest(database: Database) -> None:
    def fill(tx):
        for number, severity, at in (
            (1, "high", NOW),
            (2, "critical", NOW),
            (3, "high", NOW),
            (4, "high", 0),
        ):
            finding = a_finding(f"f-{number}", severity=a_finding().severity.__class__(severity))
            row = add(finding)(tx)
            cases.open_case(tx, object_id=row, state=CaseState.OPEN, severity=severity, owner=None, now=NOW)
            tx.insert(
                "event",
                object_id=row,
                type="finding",
                change="new",
                cause="studio",
                observed_at=at,
                attributes="{}",
                rules_hash="x",
            )

    await database.write(fill)
    living = await database.read(lambda tx: cases.living_objects(tx, since=NOW - 9, limit=200))
    assert living == ["f-2", "f-3", "f-1"]


async def test_a_redelivery_is_no_second_inbox_row(database: Database) -> None:
    def receive(tx):
        return inbox.receive(
            tx,
            key="k",
            kind="acknowledge",
            person="U1",
            channel="C1",
            body={"a": "\u00e9"},
            now=NOW,
        )

    assert [await database.write(receive), await database.write(receive)] == [True, False]
    (row,) = await database.read(lambda tx: inbox.unfinished(tx, now=NOW, limit=9))
    assert (row.key, row.body, row.state) == ("k", {"a": "\u00e9"}, "received")


async def test_an_inbox_row_goes_from_received_to_decided_to_done(database: Database) -> None:
    def receive(tx, key):
        return inbox.receive(tx, key=key, kind="a", person=None, channel=None, body={}, now=NOW)

    for key in ("first", "second", "third"):
        await database.write(lambda tx, key=key: receive(tx, key))
    await database.write(lambda tx: inbox.decided(tx, 1, reply=None, now=NOW))
    await database.write(lambda tx: inbox.decided(tx, 2, reply={"say": "x"}, now=NOW))
    await database.write(lambda tx: inbox.put_off(tx, 3, until=NOW + 5))
    due = await database.read(lambda tx: inbox.unfinished(tx, now=NOW, limit=9))
    assert [(row.id, row.state, row.reply) for row in due] == [(2, "decided", {"say": "x"})]
    await database.write(lambda tx: inbox.answered(tx, 2))
    assert await database.read(inbox.next_due) == NOW + 5
    await database.write(lambda tx: inbox.give_up(tx, 3, now=NOW))
    assert await database.read(inbox.next_due) is None
    assert (await database.read(lambda tx: inbox.find(tx, 3))).attempt == 1


async def test_a_cursor_stands_where_it_was_moved_last(database: Database) -> None:
    assert await database.read(lambda tx: cursors.read(tx, "walk")) is None
    for value in (1, 2):
        await database.write(lambda tx, value=value: cursors.move(tx, "walk", {"at": value}, NOW))
    assert await database.read(lambda tx: cursors.read(tx, "walk")) == {"at": 2}


async def test_calls_are_forgotten_after_an_hour_and_not_by_a_new_process(tmp_path: Path) -> None:
    first = await Database.open(tmp_path / "bot.db")
    await first.write(lambda tx: [quota.spend(tx, "poll", NOW + second) for second in (0, 10)])
    await first.close()
    second = await Database.open(tmp_path / "bot.db")
    assert await second.read(lambda tx: quota.spent(tx, NOW + 20)) == [(NOW, "poll"), (NOW + 10, "poll")]
    await second.write(lambda tx: quota.spend(tx, "walk", NOW + 3605))
    assert await second.read(lambda tx: quota.spent(tx, NOW + 3605)) == [
        (NOW + 10, "poll"),
        (NOW + 3605, "walk"),
    ]
    await second.close()
