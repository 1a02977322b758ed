"""What waits through quiet hours is listed, to each as far as they may see it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance_bot.cases.welcome import plan_welcomes
from compliance_bot.insight import held
from compliance_bot.messages.held import HeldView, show_held
from compliance_bot.model.delivery import EffectKind
from compliance_bot.model.findings import Severity
from compliance_bot.model.slack import Channel
from tests.cases.projects_stage import a_project, begun_with, list_projects
from tests.cases.stage import START, Stage, a_critical, a_directory, a_finding, a_stage, rules_saying

QUIET = """
quiet_hours: {from: "15:00", to: "17:00"}
grouping: {enabled: false}
sensitivity:
  rules:
    - condition: "severity == 'medium'"
      class: confidential
"""
END = START + 3_600
GENERAL = "CCOMPLIANCE"


@pytest.fixture
async def stage(tmp_path):
    """A stage in quiet hours whose first walk found nothing."""
    stage = await a_stage(tmp_path, rulebook=rules_saying(QUIET))
    await stage.begin()
    yield stage
    await stage.database.close()


async def tell(stage: Stage, *names: str, **given: object) -> None:
    """New findings come, and the outbox has its turn."""
    await stage.observe(*(a_finding(name, created_at=stage.now, **given) for name in names))
    await stage.deliver()


async def listed(stage: Stage, asked_in: str | None = None) -> HeldView:
    """The list as somebody sees it who asks there."""
    view: HeldView = await stage.database.read(lambda tx: held.listed(tx, stage.moment(), asked_in=asked_in))
    return view


async def test_nothing_waits_and_that_is_said(stage: Stage) -> None:
    view = await listed(stage)
    assert view.total == 0
    assert show_held(view).text == "No message waits for the end of quiet hours."
    assert await stage.database.read(held.waiting) is None


async def test_every_message_that_waits_is_listed_with_its_reference_and_end(stage: Stage) -> None:
    await tell(stage, "a", "b")
    view = await listed(stage)
    assert [(one.title, one.channel, one.until) for one in view.lines] == [
        ("Finding a", "#compliance", END),
        ("Finding b", "#compliance", END),
    ]
    assert all(one.ref.startswith("CB-") for one in view.lines)
    assert await stage.database.read(held.waiting) == (2, END)


async def test_what_is_urgent_is_neither_held_nor_listed(stage: Stage) -> None:
    await stage.observe(a_critical("hot", created_at=stage.now))
    await stage.deliver()
    assert (await listed(stage)).total == 0


async def test_at_the_end_the_list_is_empty(stage: Stage) -> None:
    await tell(stage, "a")
    stage.later(3_600)
    await stage.deliver()
    assert (await listed(stage)).total == 0


async def test_a_title_above_internal_is_shown_only_where_it_will_stand(stage: Stage) -> None:
    inner = Channel(id=GENERAL, name="compliance", member=True, private=True)
    known = a_directory(without=("compliance",))
    stage.directory = replace(
        known,
        channels_by_name={**known.channels_by_name, "compliance": inner},
        channels_by_id={**known.channels_by_id, GENERAL: inner},
    )
    await tell(stage, "secret", severity=Severity.MEDIUM)

    (elsewhere,) = (await listed(stage, "CCOMPLIANCE-ALERTS")).lines
    assert (elsewhere.title, elsewhere.channel) == (None, None)
    assert "secret" not in str(show_held(await listed(stage, "CCOMPLIANCE-ALERTS")))
    (there,) = (await listed(stage, GENERAL)).lines
    assert (there.title, there.channel) == ("Finding secret", "#compliance")


async def test_at_most_twenty_are_listed_and_the_rest_is_counted(stage: Stage) -> None:
    await tell(stage, *(f"f{number}" for number in range(23)))
    view = await listed(stage)
    assert (len(view.lines), view.total) == (20, 23)
    shown = show_held(view)
    assert shown.text.startswith("23 messages wait for the end of quiet hours: 23 for #compliance.")
    assert "and 3 more" in str(shown.blocks)


async def test_a_digest_and_a_welcome_are_listed_too(stage: Stage) -> None:
    stage.rulebook = rules_saying('quiet_hours: {from: "15:00", to: "17:00"}\n')
    await tell(stage, *(f"f{number}" for number in range(30)))
    await stage.write(lambda tx: plan_welcomes(tx, stage.moment()))
    await stage.deliver()
    titles = [one.title for one in (await listed(stage)).lines]
    assert "30 findings in one message" in titles
    assert "the channel's welcome" in titles


async def test_news_of_a_project_is_listed_with_its_title(stage: Stage) -> None:
    await begun_with(stage, a_project())
    await list_projects(stage, a_project(status="approved", score=62))
    await stage.deliver()
    (line,) = (await listed(stage)).lines
    assert (line.title, line.channel) == ("Audit p-1", "#compliance-reports")
    assert line.ref.startswith("event ")


def test_every_kind_that_quiet_hours_hold_can_be_listed() -> None:
    assert set(held._ABOUT) == {kind for kind in EffectKind if kind.is_notification}


async def test_operators_read_how_many_wait_where_and_until_when(stage: Stage) -> None:
    await tell(stage, "a", "b")
    counts = await stage.database.read(lambda tx: held.counted(tx, stage.directory))
    assert [one.as_json() for one in counts] == [
        {"channel": "#compliance", "count": 2, "until": "2025-11-24T17:00:00.000Z"}
    ]
