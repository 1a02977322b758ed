"""What the demo's page says of the people one may act as: their part, and what the rules let them do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from compliance_bot.cli.demonstration.cast import bring_in, cast_of
from compliance_bot.cli.demonstration.place import furnish
from compliance_bot.clock import SystemClock
from compliance_bot.rulebook import Rulebook, compile_rulebook
from compliance_bot.sandbox.faults import Faults
from compliance_bot.sandbox.slack import report
from compliance_bot.sandbox.slack.world import SlackWorld
from compliance_bot.sandbox.studio.world import StudioWorld

Cast = dict[str, dict[str, Any]]


@pytest.fixture
def rulebook(tmp_path: Path) -> Rulebook:
    place = furnish(tmp_path / "demo", speed=1)
    return compile_rulebook(place.rules, place.templates)[0]


@pytest.fixture
async def cast(rulebook: Rulebook) -> Cast:
    slack = SlackWorld(clock=SystemClock(), faults=Faults())
    studio = StudioWorld(clock=SystemClock(), faults=Faults())
    studio.tell_story()
    await bring_in(lambda path, given: join(slack, path, given))
    people = list(studio.records.people.values())
    told = await cast_of(rulebook, report.state(slack), {"people": people, "now": studio.clock.now()})
    handles = {one.id: one.handle for one in slack.workspace.people.values() if not one.stranger}
    return {handles[one["user"]]: dict(one) for one in told if one["user"] in handles}


async def join(slack: SlackWorld, path: str, given: Any) -> None:
    getattr(slack, path.removeprefix("/world/slack/"))(**given)


async def test_there_are_a_lead_an_engineer_a_manager_and_a_guest(cast: Cast) -> None:
    parts = {one["part"]: handle for handle, one in cast.items() if one["part"]}
    assert parts == {"lead": "carol", "engineer": "bob", "manager": "manager", "guest": "gina"}


async def test_each_part_may_something_else(cast: Cast) -> None:
    may = {handle: set(one["may"]) for handle, one in cast.items()}
    assert may["gina"] < may["bob"] < may["carol"] < may["manager"]
    assert "approve an audit" in may["manager"] & may["omar"]
    assert "resolve" in may["bob"]
    assert cast["gina"]["never"].startswith("A guest may do nothing here")


async def test_there_is_another_manager_to_delegate_to_who_reads_the_same_channels(cast: Cast) -> None:
    assert cast["omar"]["may"] == cast["manager"]["may"]
