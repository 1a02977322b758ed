"""A world and a bot for each journey."""

import pytest
from bot_process import FAST, PATIENCE, Bot, within

from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.world import World


@pytest.fixture
async def world():
    """An embedded world with an empty Studio."""
    world = World(clock=WorldClock())
    world.studio.empty()
    await world.start()
    yield world
    await world.stop()


@pytest.fixture
async def bot(world, tmp_path):
    """A daemon, not started yet, with the shipped rules made fast."""
    bot = Bot(world, tmp_path, FAST)
    yield bot
    if bot.process is not None and bot.process.returncode is None:
        await bot.kill()


@pytest.fixture
def until(world):
    """Wait until something holds of the world."""

    async def waiting(holds, seconds=PATIENCE):
        await within(world.slack.until(holds), seconds)

    return waiting
