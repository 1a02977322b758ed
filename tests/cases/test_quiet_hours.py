"""What becomes of a case while its message waits for the end of quiet hours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance_bot.model.delivery import EffectKind, Lane
from compliance_bot.model.findings import FindingStatus, Severity
from compliance_bot.store import held
from tests.cases.stage import Stage, a_finding, a_stage, pings, rules_saying

QUIET = 'quiet_hours: {from: "15:00", to: "17:00"}\nalert_configuration: {}\n'
"""Every type speaks in threads."""
GENERAL = "CCOMPLIANCE"


@pytest.fixture
async def night(tmp_path):
    """A stage in quiet hours where one finding waits to be told in #compliance."""
    stage = await a_stage(tmp_path, rulebook=rules_saying(QUIET))
    await stage.begin()
    await stage.observe(leak(stage))
    await stage.deliver()
    assert stage.said(EffectKind.POST) == []
    yield stage
    await stage.database.close()


def leak(stage: Stage, **changes: object):
    """The finding, as Studio tells it now."""
    return replace(a_finding("f-1", category="data_leak", created_at=stage.now), **changes)


async def waiting(stage: Stage) -> int:
    """How many messages are held."""
    return sum(there.count for there in await stage.database.read(held.counted))


async def test_a_message_that_waits_goes_at_once_when_its_case_becomes_critical(night: Stage) -> None:
    await night.observe(leak(night, severity=Severity.CRITICAL))
    await night.deliver()

    said = {one["arguments"]["channel"]: one for one in night.said(EffectKind.POST)}
    assert set(said) == {GENERAL, "CCOMPLIANCE-ALERTS", "CSECURITY-ALERTS"}
    assert len(night.said(EffectKind.POST)) == 3
    assert pings(said[GENERAL])
    assert await waiting(night) == 0


async def test_its_line_in_the_thread_comes_right_after_it(night: Stage) -> None:
    await night.observe(leak(night, severity=Severity.CRITICAL))
    await night.deliver()
    (line,) = night.said(EffectKind.THREAD)
    (primary, *_) = await night.posts()
    assert line["arguments"]["thread_ts"] == primary.ts


async def test_one_that_is_only_taken_up_in_studio_waits_on(night: Stage) -> None:
    await night.observe(leak(night, status=FindingStatus.INVESTIGATING))
    await night.deliver()
    assert night.said(EffectKind.POST) == []
    assert await waiting(night) == 1


async def test_a_failed_attempt_still_waits_its_time(night: Stage) -> None:
    (post,) = await night.posts()
    key = f"post:{post.id}:{post.generation}"
    await night.write(
        lambda tx: tx.execute("UPDATE effect SET attempt = 2, error = 'fatal_error' WHERE key = ?", (key,))
    )
    await night.write(lambda tx: held.hurry(tx, key, Lane.URGENT, night.now))
    row = await night.effect(key)
    assert row is not None
    assert (row.lane, row.not_before > night.now) == (Lane.URGENT, True)
