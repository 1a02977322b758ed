"""Who counts as a guest in a channel, and what is asked to know it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from compliance_bot.model.slack import Channel
from compliance_bot.slack.audience import GUESS_AFTER
from compliance_bot.slack.pages import PAGES
from compliance_bot.slack.readers import FEW, MOST
from tests.slack.audience_watch import BOT, Watch, Workspace, ok, recalled
from tests.slack.wire import Call


@pytest.mark.parametrize(
    ("person", "guests"),
    [
        ({}, False),
        ({"is_restricted": True}, True),
        ({"is_restricted": True, "is_ultra_restricted": True}, True),
        ({"team_id": "T0PARTNER1", "is_stranger": True}, True),
        ({"team_id": "T0PARTNER1"}, True),
        ({"is_bot": True, "is_restricted": True}, False),
        ({"deleted": True}, False),
    ],
)
@pytest.mark.parametrize("listed", [True, False])
async def test_a_guest_or_a_stranger_makes_it_a_channel_of_guests(
    watch: Watch, workspace: Workspace, person: dict[str, Any], *, guests: bool, listed: bool
) -> None:
    workspace.person("U0X", "x", listed=listed, **person)
    workspace.channel("C1", "alerts", "U0ANN", "U0X")
    await watch.directory.refresh()
    assert watch.channel().guests is None
    await watch.audience.read(["C1"])
    assert (watch.channel().guests, watch.channel().undescribed) == (guests, False)
    assert len(workspace.slack.of("users.info")) == (0 if listed else 1)


@pytest.mark.parametrize("flag", ["is_ext_shared", "is_pending_ext_shared"])
async def test_of_a_channel_shared_outside_the_members_are_not_asked_for(
    watch: Watch, workspace: Workspace, flag: str
) -> None:
    workspace.channel("C1", "alerts", "U0ANN")
    await watch.directory.refresh()
    workspace.channels["C1"][flag] = True
    await watch.audience.read(["C1"])
    assert watch.channel().shared_outside
    assert workspace.asked("conversations.members") == []


async def test_every_page_of_members_is_looked_at(watch: Watch, workspace: Workspace) -> None:
    def pages(call: Call) -> dict[str, Any]:
        if call.arguments.get("cursor") == "two":
            return ok(members=["U0GINA"])
        return ok(members=[BOT, "U0ANN"], response_metadata={"next_cursor": "two"})

    workspace.channel("C1", "alerts")
    workspace.slack.answers["conversations.members"] = pages
    await watch.directory.refresh()
    await watch.audience.read(["C1"])
    assert watch.channel().guests is True


@pytest.mark.parametrize("loop", [1, 2, None])
async def test_pages_of_members_without_an_end_never_mean_that_no_guest_is_inside(
    watch: Watch, workspace: Workspace, loop: int | None
) -> None:
    """Fails if those on the pages that were not read count as absent. ``loop``: pages in a circle."""

    def pages(call: Call) -> dict[str, Any]:
        page = int(call.arguments.get("cursor", "0")) + 1
        following = page if loop is None else page % loop + 1
        return ok(members=[BOT], response_metadata={"next_cursor": str(following)})

    workspace.channel("C1", "alerts")
    workspace.slack.answers["conversations.members"] = pages
    await watch.directory.refresh()
    await watch.audience.read(["C1"])
    assert watch.channel().guests is None
    watch.clock.advance(GUESS_AFTER)
    await watch.audience.read(["C1"])
    assert watch.channel().undescribed
    assert len(workspace.asked("conversations.members")) <= 2 * PAGES


async def test_what_else_info_says_of_a_channel_counts_too(watch: Watch, workspace: Workspace) -> None:
    workspace.channel("C1", "alerts")
    await watch.directory.refresh()
    workspace.channel("C1", "alarms", is_private=True, is_member=False)
    await watch.audience.read(["C1"])
    assert (watch.channel().private, watch.channel().member) == (True, False)
    assert watch.directory.snapshot.channel("#alarms") == watch.channel()


async def test_a_crowd_nobody_knows_yet_waits_for_the_list_of_everybody(
    watch: Watch, workspace: Workspace
) -> None:
    workspace.channel("C1", "alerts", *(f"U0NEW{number}" for number in range(FEW + 1)))
    watch.directory.recall(recalled(Channel(id="C1", name="alerts")))
    reading = asyncio.create_task(watch.audience.read(["C1"]))
    for number in range(FEW + 1):
        workspace.person(f"U0NEW{number}", f"new{number}")
    await watch.directory.refresh()
    await asyncio.wait_for(reading, 5)
    assert watch.channel().guests is False
    assert workspace.slack.of("users.info") == []


async def test_with_too_many_members_that_no_list_names_it_cannot_be_said(
    watch: Watch, workspace: Workspace
) -> None:
    workspace.channel("C1", "alerts", *(f"U0NEW{number}" for number in range(MOST + 1)))
    await watch.directory.refresh()
    await watch.audience.read(["C1"])
    assert watch.channel().guests is None
    assert workspace.slack.of("users.info") == []
