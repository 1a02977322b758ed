"""What sleeps is listed with its end, by whom and why, to each as far as they may see it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from compliance_bot.insight import snoozed
from compliance_bot.messages.waiting import SnoozedView, show_snoozed
from tests.cases.stage import DAY, Stage, a_finding, a_stage, rules_saying


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage whose first walk found nothing."""
    stage = await a_stage(tmp_path, rulebook=rules_saying("grouping: {enabled: false}"))
    await stage.begin()
    yield stage
    await stage.database.close()


async def asleep(stage: Stage, name: str, days: int, **given: object) -> None:
    """A finding comes and Bob snoozes it for so many days."""
    await stage.observe(a_finding(name, created_at=stage.now, **given))
    await stage.deliver()
    await stage.do("snooze", studio_id=name, until=stage.now + days * DAY, reason=f"vendor of {name}")


async def listed(stage: Stage, asked_in: str | None = None) -> SnoozedView:
    """The list as somebody sees it who asks there."""
    view: SnoozedView = await stage.database.read(
        lambda tx: snoozed.listed(tx, stage.moment(), asked_in=asked_in)
    )
    return view


async def test_nothing_is_snoozed_and_that_is_said(stage: Stage) -> None:
    assert show_snoozed(await listed(stage)).text == "Nothing is snoozed."
    assert await stage.database.read(lambda tx: snoozed.counted(tx, stage.moment())) is None


async def test_everything_that_sleeps_is_listed_the_next_to_wake_first(stage: Stage) -> None:
    await asleep(stage, "a", 3)
    await asleep(stage, "b", 1)
    view = await listed(stage)
    assert [(one.title, one.who, one.reason) for one in view.lines] == [
        ("Finding b", "Bob", "vendor of b"),
        ("Finding a", "Bob", "vendor of a"),
    ]
    shown = str(show_snoozed(view).blocks)
    assert "2 findings are snoozed; the next to wake is first." in shown
    assert "until <!date^" in shown
    (case,) = [await stage.case("b")]
    counted = await stage.database.read(lambda tx: snoozed.counted(tx, stage.moment()))
    assert counted == (2, case.wake_at if case else None)


async def test_what_wakes_leaves_the_list(stage: Stage) -> None:
    await asleep(stage, "a", 3)
    await stage.do("wake", studio_id="a")
    assert (await listed(stage)).total == 0


async def test_of_other_projects_nothing_is_listed_nor_counted(stage: Stage) -> None:
    await asleep(stage, "a", 3, project_id="p-1")
    await asleep(stage, "b", 3, project_id="p-2")
    stage.rulebook = rules_saying("studio: {projects: [p-1]}")
    view = await listed(stage)
    assert ([one.title for one in view.lines], view.total) == (["Finding a"], 1)


async def test_title_and_reason_above_internal_are_left_out(stage: Stage) -> None:
    await asleep(stage, "secret", 3)
    stage.rulebook = rules_saying(
        "sensitivity: {rules: [{condition: \"type == 'finding'\", class: confidential}]}"
    )
    (line,) = (await listed(stage)).lines
    assert (line.title, line.reason) == (None, None)
    assert "secret" not in str(show_snoozed(await listed(stage)))
