"""The fixtures of this room."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from compliance_bot import logs
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.world import World
from compliance_bot.slack.client import SlackClient, open_session
from tests.cases.stage import a_stage
from tests.handlers.form_desk import Desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk at which nothing has happened yet."""
    logs.configure("info", stream=io.StringIO(), pretty=False)
    world, stage = World(clock=WorldClock()), await a_stage(tmp_path)
    await world.start()
    async with open_session() as session:
        client = SlackClient(
            session=session,
            base_url=world.slack_api_url,
            bot_token=lambda: world.slack.settings.bot_token,
            app_token=lambda: world.slack.settings.app_token,
            clock=world.clock,
        )
        yield Desk(world=world, stage=stage, client=client)
    await world.stop()
    await stage.database.close()
