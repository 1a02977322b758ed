"""Who reads the channels of the embedded Slack: two hands that must agree."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest

from compliance_bot.model.slack import Channel
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.world import World
from compliance_bot.slack.audience import AudienceReader
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.directory import DirectoryReader


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World(clock=WorldClock())
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def inside(world: World, session: aiohttp.ClientSession) -> SlackClient:
    return SlackClient(
        session=session,
        base_url=world.slack_api_url,
        bot_token=lambda: world.slack.settings.bot_token,
        app_token=lambda: world.slack.settings.app_token,
        clock=world.clock,
    )


async def read(world: World, inside: SlackClient) -> Mapping[str, Channel]:
    """Every channel with its readers, by name."""
    directory = DirectoryReader(client=inside, clock=world.clock)
    audience = AudienceReader(client=inside, clock=world.clock, directory=directory, named=list)
    await directory.refresh()
    await audience.read(list(directory.snapshot.channels_by_id))
    return directory.snapshot.channels_by_name


async def test_each_channel_is_as_its_members_are(world: World, inside: SlackClient) -> None:
    found = await read(world, inside)
    told = {name: (one.private, one.shared_outside, one.guests) for name, one in found.items()}
    assert told["compliance"] == told["general"] == (False, False, False)
    assert told["audit-room"] == (True, False, False)
    assert told["shared-with-partner"] == (False, True, None)
    assert not any(one.undescribed for one in found.values())


async def test_a_guest_and_a_stranger_are_found_among_the_members(world: World, inside: SlackClient) -> None:
    world.slack.add_guest("compliance", "grace", guest="single")
    world.slack.share_outside("compliance-alerts")
    world.slack.invite("compliance-alerts", "U0CAROL001")
    world.slack.workspace.channel("compliance-alerts").shared_with = ()
    found = await read(world, inside)
    assert (found["compliance"].guests, found["compliance-alerts"].guests) == (True, True)
