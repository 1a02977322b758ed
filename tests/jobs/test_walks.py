from __future__ import annotations

from compliance_bot.cases import baseline
from compliance_bot.clock import iso
from compliance_bot.store import objects
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio import walk
from tests.jobs.stage import DETAIL, LIST, Reader, Town

NO_QUOTA = "studio: {quota_per_hour: 0}"
WALK_EVERY = 900


async def test_ten_thousand_rows_that_move_under_a_walk_and_a_restart_are_each_one_event(
    town: Town, live
) -> None:
    world = town.world
    world.seed(10_000, status="open", severity="high")
    order = list(world.findings.ids)
    reader = await live(NO_QUOTA)
    reader.start(reader.walker.run())
    await reader.until_walked(1)
    assert await reader.events() == []
    assert await reader.database.read(objects.count) == {"baseline": 10_000}

    second_page = town.lay(LIST, hold="before", times=1, where=lambda asked: int(asked["page"]) > 1)
    await town.clock.jump(WALK_EVERY)
    await second_page.reached.wait()
    inserted = world.add_finding(severity="critical", status="open")
    back_dated = world.add_finding(severity="critical", firstSeenAt=iso(town.clock.now() - 9_000))
    for gone in order[10:15]:
        world.remove_finding(gone)
    world.change_finding(order[9_000], severity="critical")
    middle = town.lay(LIST, hold="before", times=1, where=lambda asked: int(asked["page"]) > 10)
    second_page.release()
    await middle.reached.wait()
    before = world.calls_by_route()[LIST]
    await reader.kill()
    middle.release()

    reader = await live(NO_QUOTA)
    await reader.poller._poll()
    reader.start(reader.walker.run())
    await reader.until_walked(2)
    expected = {(inserted, "new"), (back_dated, "new"), (order[9_000], "severity_raised")}
    assert set(await reader.events()) == expected
    assert len(await reader.events()) == 3
    assert world.calls_by_route()[LIST] - before < 18  # it went on, and did not begin anew
    await town.clock.jump(WALK_EVERY)
    await reader.until_walked(3)
    await reader.poller._poll()
    assert len(await reader.events()) == 3
    assert await reader.rows("SELECT key FROM effect GROUP BY key HAVING count(*) > 1") == []


async def test_an_empty_answer_and_a_500_on_page_two_in_two_walks_close_nobody_and_are_said_once(
    town: Town, live
) -> None:
    town.world.seed(1_200, status="open", severity="high")
    reader = await live("studio: {quota_per_hour: 0, first_run: all}")
    reader.start(reader.walker.run())
    await reader.until_walked(1)
    told = await reader.events()
    assert len(told) == 1_200

    empty = {"success": True, "data": [], "pagination": {"total": 10_000, "page": 1, "limit": 500}}
    town.lay(LIST, status=200, body=empty, times=1)
    await town.clock.jump(WALK_EVERY)
    await reader.until(
        lambda tx: tx.one("SELECT 1 FROM cursor WHERE name = 'troubles' AND value LIKE '%walk%'")
    )
    town.lay(LIST, status=500, body={"error": "x"}, where=lambda asked: int(asked["page"]) > 1)
    await town.clock.run_at(2_000)
    await reader.until(
        lambda tx: tx.one(
            "SELECT 1 FROM cursor WHERE name = 'walk:finding' AND value ->> 'number' >= 3"
            " AND value ->> 'broken' LIKE '%500%'"
        )
    )
    await town.clock.run_at(0)
    assert "walk" in reader.troubles.known
    assert await reader.events() == told
    assert await reader.rows("SELECT id FROM \"case\" WHERE state = 'closed'") == []
    assert await reader.rows("SELECT id FROM object WHERE missing_walks > 0") == []
    assert town.world.calls_of(DETAIL) == []
    assert len(await reader.notices()) == 1


async def test_a_finding_that_two_walks_miss_is_asked_for_and_closed_by_its_404(town: Town, live) -> None:
    kept = town.world.seed(30, status="open", severity="high")
    reader = await live("studio: {quota_per_hour: 0, first_run: all}")
    reader.start(reader.walker.run())
    await reader.until_walked(1)
    town.world.remove_finding(kept[3])
    for number in (2, 3):
        await town.clock.jump(WALK_EVERY)
        await reader.until_walked(number)
    await reader.until(lambda tx: tx.one("SELECT 1 FROM \"case\" WHERE state = 'closed'"))
    assert (await reader.events())[30:] == [(kept[3], "gone")]
    assert len(town.world.calls_of(DETAIL)) == 1


async def test_a_stop_between_the_last_page_and_its_conclusions_loses_none_and_draws_none_twice(
    town: Town, live
) -> None:
    town.world.seed(30, status="open", severity="high")
    reader = await live()
    await reader.walker._walk(walk.begin(1, town.clock.now()))
    await reader.kill()
    reader = await live()
    reader.start(reader.walker.run())
    await reader.until(baseline.is_complete)
    await reader.kill()
    for _ in range(3):
        reader = await live()
        reader.start(reader.walker.run())
        await reader.database.write(lambda _tx: None)
        await reader.kill()
    reader = await live()
    (row,) = await reader.rows("SELECT max(missing_walks) AS most FROM object")
    assert row["most"] == 0
    counted = await reader.rows("SELECT 1 FROM audit WHERE body LIKE '%baseline.complete%'")
    assert len(counted) == 1


async def test_the_quota_is_kept_over_twenty_restarts_in_an_hour(town: Town, live) -> None:
    town.world.seed(20, status="open", severity="high")
    rules = "studio: {poll_interval: 1s, full_walk_interval: 1s}"
    for _ in range(20):
        reader = await live(rules)
        reader.start(reader.poller.newest(), reader.walker.run(), reader.poller.living())
        for _ in range(15):
            await _poll_once_more(reader)
        await reader.kill()
    assert town.world.busiest_hour() <= 500  # of 1,000: the other half is for people
    reader = await live(rules)
    spent = [await _spent(reader, purpose) for purpose in ("poll", "walk")]
    assert sum(spent) >= 400
    assert spent[1] <= 240
    assert sum(spent) >= len(town.world.calls)  # written down before it is made


async def _poll_once_more(reader: Reader) -> None:
    """Move time on until the poller asked again, or the machine's half is spent."""
    before = await _spent(reader, "poll")
    while await _spent(reader, "poll") == before and await reader.database.read(_count) < 500:
        await reader.town.clock.jump(1)
        await reader.database.write(lambda _tx: None)


async def _spent(reader: Reader, purpose: str) -> int:
    return await reader.database.read(lambda tx: _count(tx, purpose))


def _count(tx: Transaction, purpose: str | None = None) -> int:
    row = tx.one("SELECT count(*) FROM quota_call WHERE ? IS NULL OR purpose = ?", (purpose, purpose))
    return int(row[0]) if row else 0
