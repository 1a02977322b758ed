from __future__ import annotations

import pytest

from compliance_bot.jobs.poll import GROW_EVERY
from tests.jobs.stage import LIST, Town

TOO_LARGE = "x" * 4_500_000


async def poll(reader) -> None:
    """One poll, with time running so that the client's own tries come to an end."""
    await reader.town.clock.run_at(100.0)
    await reader.poller._guarded(reader.poller._poll)
    await reader.town.clock.run_at(0.0)


async def begun(live, rules: str = "studio: {quota_per_hour: 0}"):
    reader = await live(rules)
    reader.start(reader.walker.run())
    await reader.until_walked(1)
    reader.tasks.pop().cancel()
    return reader


async def test_a_new_finding_is_told_within_one_poll(town: Town, live) -> None:
    town.world.seed(20, status="open")
    reader = await begun(live)
    critical = town.world.add_finding(severity="critical", status="open")
    reader.start(reader.poller.newest())
    await reader.until(lambda tx: tx.one("SELECT 1 FROM event"))
    assert await reader.events() == [(critical, "new")]
    await reader.until(lambda _tx: reader.poller.last_complete == town.clock.now())


async def test_a_burst_is_read_on_through_until_something_is_known(town: Town, live) -> None:
    town.world.seed(20, status="open")
    reader = await begun(live)
    await town.clock.jump(60)
    burst = {town.world.add_finding(severity="high", status="open") for _ in range(1_300)}
    calls = len(town.world.calls_of(LIST))
    await poll(reader)
    assert {finding for finding, _ in await reader.events()} == burst
    assert len(town.world.calls_of(LIST)) - calls == 3


async def test_away_and_back_is_said_once_each_also_over_a_restart(town: Town, live) -> None:
    town.world.seed(3, status="open")
    reader = await begun(live)
    town.world.away()
    for _ in range(3):
        await poll(reader)
        await town.clock.jump(60)
    assert list(reader.troubles.known) == ["studio"]
    assert len(await reader.notices()) == 1
    await reader.kill()
    reader = await live("studio: {quota_per_hour: 0}")
    assert list(reader.troubles.known) == ["studio"]
    await poll(reader)
    assert len(await reader.notices()) == 1
    town.world.back()
    await poll(reader)
    await poll(reader)
    assert dict(reader.troubles.known) == {}
    assert len(await reader.notices()) == 2


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status": 200, "body": "<html>hello</html>"}, id="HTML"),
        pytest.param({"status": 200, "body": {"success": True, "data": "no list"}}, id="wrong types"),
        pytest.param(
            {"status": 200, "body": {"success": True, "data": None, "pagination": None}}, id="nulls"
        ),
        pytest.param({"status": 500, "body": {"error": "Failed to fetch findings"}}, id="500"),
        pytest.param({"status": 401, "body": {"error": "Unauthorized"}}, id="401"),
    ],
)
async def test_an_answer_that_makes_no_sense_changes_nothing_and_degrades(
    town: Town, live, answer: dict
) -> None:
    town.world.seed(3, status="open")
    reader = await begun(live)
    town.lay(LIST, **answer)
    await poll(reader)
    assert "studio" in reader.troubles.known
    assert await reader.events() == []
    town.faults.lift_all()
    await poll(reader)
    assert dict(reader.troubles.known) == {}


async def test_one_row_too_large_to_read_hides_none_of_the_others(town: Town, live) -> None:
    town.world.seed(600, status="open")
    reader = await begun(live)
    await town.clock.jump(60)
    critical = town.world.add_finding(severity="critical", status="open")
    await town.clock.jump(1)
    town.world.add_finding(severity="low", status="open", description=TOO_LARGE)
    await poll(reader)
    assert await reader.events() == [(critical, "new")]
    assert dict(reader.troubles.known) == {}
    calls = len(town.world.calls_of(LIST))
    await poll(reader)
    assert len(town.world.calls_of(LIST)) - calls <= 2
    for _ in range(GROW_EVERY):
        await poll(reader)
    assert len(town.world.calls_of(LIST)) - calls < 60
