from __future__ import annotations

import asyncio
import json

import pytest

from compliance_bot.clock import iso
from compliance_bot.model.findings import Finding
from compliance_bot.studio.failures import FailureKind, StudioCallFailed
from compliance_bot.studio.platform.client import PlatformStudio
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.walk import WalkProgress, advance, begin, give_up, next_page, too_large, verdict
from tests.studio.embedded_studio import Embedded

LIST = "GET /api/findings"
Seen = dict[str, Finding]


async def one_page(studio: PlatformStudio, progress: WalkProgress, seen: Seen) -> WalkProgress:
    """One step as the poll job takes it."""
    request = next_page(progress)
    assert request is not None
    try:
        page = await studio.list_findings(request.page, request.limit, purpose=Purpose.WALK)
    except StudioCallFailed as failure:
        if failure.kind is FailureKind.TOO_LARGE:
            return too_large(progress)
        return give_up(progress, str(failure))
    seen |= {finding.id: finding for finding in page.findings}
    return advance(progress, page)


async def to_the_end(studio: PlatformStudio, progress: WalkProgress, seen: Seen) -> WalkProgress:
    while not progress.finished:
        progress = await one_page(studio, progress, seen)
    return progress


async def test_ten_thousand_rows_that_move_between_the_pages_and_a_restart_lose_nothing(
    embedded: Embedded,
) -> None:
    world = embedded.world
    world.empty()
    ids = world.seed(10_000)
    order = list(world.findings.ids)
    studio, seen = embedded.client(), Seen()
    progress = await one_page(studio, begin(1, embedded.clock.now()), seen)
    inserted = world.add_finding(severity="critical", status="open")
    back_dated = world.add_finding(firstSeenAt=iso(embedded.clock.now() - 9_000))
    for gone in order[10:15]:
        world.remove_finding(gone)
    world.change_finding(order[9000], status="investigating")
    for _ in range(7):
        progress = await one_page(studio, progress, seen)
    progress = WalkProgress.from_dict(json.loads(json.dumps(progress.to_dict())))
    progress = await to_the_end(embedded.client(), progress, seen)
    assert set(ids) - set(order[10:15]) <= set(seen)
    assert back_dated in seen
    assert seen[order[9000]].status == "investigating"
    assert inserted in {row.id for row in (await studio.list_findings(1, 500)).findings}
    assert verdict(progress).counts
    assert progress.drifted
    assert len(world.calls_of(LIST)) <= 24


async def test_an_empty_answer_and_a_500_on_page_two_make_two_walks_that_do_not_count(
    embedded: Embedded,
) -> None:
    embedded.world.empty()
    embedded.world.seed(1200)
    empty = {"success": True, "data": [], "pagination": {"total": 10_000, "page": 1, "limit": 500}}
    embedded.lay(LIST, status=200, body=empty, times=1)
    studio = embedded.client(retry_attempts=0)
    first = await to_the_end(studio, begin(1, 0.0), {})
    second = await one_page(studio, begin(2, 0.0), {})
    embedded.lay(LIST, status=500, body={"error": "Failed to fetch findings"}, times=1)
    second = await to_the_end(studio, second, {})
    assert not verdict(first).counts
    assert not verdict(second).counts
    assert "HTTP 500" in verdict(second).reason


async def test_a_page_over_four_megabytes_is_read_again_with_fewer_rows(embedded: Embedded) -> None:
    world = embedded.world
    world.empty()
    ids = world.seed(600)
    for identifier in ids[:40]:
        world.change_finding(identifier, description="x" * 200_000)
    giant = world.add_finding(description="x" * 5_000_000, firstSeenAt=iso(embedded.clock.now() - 4_000))
    seen: Seen = {}
    progress = await to_the_end(embedded.client(), begin(1, 0.0), seen)
    assert set(seen) == set(ids)
    assert giant not in seen
    assert (progress.unread, progress.seen) == (1, 601)
    assert verdict(progress).counts


async def test_the_loop_goes_on_while_a_large_page_is_parsed(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded.world.empty()
    embedded.world.seed(500)
    loop_thread = asyncio.to_thread
    aside: list[object] = []

    async def noted(*arguments: object) -> object:
        aside.append(arguments[0])
        return await loop_thread(*arguments)  # type: ignore[arg-type]  # passes on what it was given

    monkeypatch.setattr(asyncio, "to_thread", noted)
    assert (await embedded.client().list_findings(1, 500)).row_count == 500
    await embedded.client().list_findings(1, 2)
    assert len(aside) == 1
