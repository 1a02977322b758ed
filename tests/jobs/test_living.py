"""What was told and lives is asked for by itself: a change deep in the list waits for no walk."""

from __future__ import annotations

from compliance_bot.clock import iso
from compliance_bot.jobs.poll import LIVING_EVERY, LIVING_MOST
from compliance_bot.sandbox.studio.quota import busiest_hour
from compliance_bot.studio.walk import LARGEST_PAGE
from tests.jobs.stage import DETAIL, LIST, Reader, Town
from tests.jobs.test_poll import begun, poll

HOUR, DAY = 3600.0, 86_400.0
STEP = 12.0
TELL_ALL = "studio: {quota_per_hour: 0, first_run: all}"


async def move_on(reader: Reader, seconds: float) -> None:
    """Move time on and let what it wakes run; a read still under way then costs a step, and no more."""
    await reader.town.clock.jump(seconds)
    for _ in range(3):
        await reader.database.write(lambda _tx: None)


async def turn(reader: Reader) -> str:
    """Move time on until the next one is asked for; its id in Studio."""
    asked = reader.town.world.next_call(DETAIL)
    while not asked.done():
        await move_on(reader, LIVING_EVERY)
    return asked.result().path.rpartition("/")[2]


async def an_hour(reader: Reader) -> None:
    """An hour in steps much shorter than the time between two reads."""
    for _ in range(int(HOUR / STEP)):
        await move_on(reader, STEP)


async def test_a_told_finding_changed_far_beyond_page_one_is_said_within_a_round_without_a_walk(
    town: Town, live
) -> None:
    old = iso(town.clock.now() - 30 * DAY)
    town.world.seed(LARGEST_PAGE + 100, status="resolved", severity="low")
    told = [town.world.add_finding(severity="high", status="open", firstSeenAt=old) for _ in range(5)]
    reader = await begun(live, TELL_ALL)
    assert town.world.findings.ids.index(told[0]) >= LARGEST_PAGE
    await town.clock.jump(60)
    lists = len(town.world.calls_of(LIST))

    town.world.change_finding(told[0], status="investigating")
    reader.start(reader.poller.living())
    asked = {await turn(reader) for _ in told}

    assert asked == set(told)
    await reader.until(lambda tx: tx.one("SELECT 1 FROM event WHERE change = 'status'"))
    assert (await reader.events())[-1] == (told[0], "status")
    assert [change for _, change in await reader.events()].count("status") == 1
    assert len(town.world.calls_of(LIST)) == lists


async def test_at_most_a_hundred_details_an_hour_are_asked_for_also_while_they_fail(town: Town, live) -> None:
    reader = await begun(live)
    for _ in range(3):
        town.world.add_finding(severity="critical", status="open")
    await poll(reader)
    reader.start(reader.poller.living())

    await an_hour(reader)
    answered = [call.at for call in town.world.calls_of(DETAIL)]
    town.lay(DETAIL, status=500, body={"error": "Failed to fetch finding"})
    await an_hour(reader)
    every = [call.at for call in town.world.calls_of(DETAIL)]

    assert 50 <= busiest_hour(answered) <= 100
    assert len(every) - len(answered) >= 50
    assert busiest_hour(every) <= 100
    assert len(await reader.events()) == 3


async def test_critical_ones_come_first_then_the_newest_and_what_is_closed_or_long_quiet_never(
    town: Town, live
) -> None:
    reader = await begun(live)
    quiet = town.world.add_finding(severity="critical", status="open")
    await poll(reader)
    await town.clock.jump(8 * DAY)

    def add(severity: str, hours_ago: float) -> str:
        first_seen = iso(town.clock.now() - hours_ago * HOUR)
        return town.world.add_finding(severity=severity, status="open", firstSeenAt=first_seen)

    older, newer = add("high", 5), add("high", 2)
    critical, newer_critical = add("critical", 6), add("critical", 3)
    closed = add("critical", 1)
    await poll(reader)
    town.world.change_finding(closed, status="resolved")
    await town.clock.jump(60)
    await poll(reader)

    reader.start(reader.poller.living())
    order = [newer_critical, critical, newer, older]
    assert [await turn(reader) for _ in range(8)] == [*order, *order]
    assert {quiet, closed}.isdisjoint(call.path.rpartition("/")[2] for call in town.world.calls_of(DETAIL))


async def test_a_round_takes_the_two_hundred_that_matter_most(town: Town, live) -> None:
    reader = await begun(live)
    found = [town.world.add_finding(severity="high", status="open") for _ in range(LIVING_MOST + 10)]
    critical = town.world.add_finding(severity="critical", firstSeenAt=iso(town.clock.now() - 5 * DAY))
    await poll(reader)
    assert len(await reader.events()) == len(found) + 1
    reader.start(reader.poller.living())

    asked = [await turn(reader) for _ in range(LIVING_MOST + 1)]
    assert asked[0] == critical
    assert asked[-1] == critical, "the next round"
    assert len(set(asked)) == LIVING_MOST


async def test_one_that_studio_has_no_more_is_left_to_the_walk(town: Town, live) -> None:
    reader = await begun(live)
    gone = town.world.add_finding(severity="critical", status="open")
    kept = town.world.add_finding(severity="high", status="open")
    await poll(reader)
    town.world.remove_finding(gone)
    reader.start(reader.poller.living())

    assert [await turn(reader) for _ in range(4)] == [gone, kept, gone, kept]
    assert [call.status for call in town.world.calls_of(DETAIL, gone)] == [404, 404]
    assert [change for _, change in await reader.events()] == ["new", "new"]
    standing = await reader.rows(
        'SELECT studio_id, standing, c.state FROM object JOIN "case" c ON object_id = object.id'
    )
    assert {(row["studio_id"], row["standing"], row["state"]) for row in standing} == {
        (gone, "told", "open"),
        (kept, "told", "open"),
    }
    assert dict(reader.troubles.known) == {}
