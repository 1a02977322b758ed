"""Each complaint of the health page begins and ends with what it complains of."""

import aiohttp
import pytest
from bot_process import FAST, within

from compliance_bot.sandbox.faults import Fault
from tests.journeys.health_page import SLACK_AWAY, green, page_until, says

RULES = {**FAST, "studio": {**FAST["studio"], "full_walk_interval": "1h", "first_run": "all"}}
FOREIGN = "Another process uses this app token"


@pytest.fixture(autouse=True)
def rules(bot):
    bot.rules = RULES


async def test_without_a_socket_it_is_red_until_one_stands_again(world, bot):
    await bot.start()
    away = world.slack.faults.lay(Fault(call="link", status=503, body="<html>away</html>"))
    world.slack.drop_sockets()
    await page_until(bot, says(SLACK_AWAY))
    world.slack.faults.lift(away)
    await world.clock.run_at(20.0)
    await page_until(bot, green)


async def test_socket_mode_switched_off_is_named_and_forgotten_when_it_is_on_again(world, bot):
    await bot.start()
    world.slack.disconnect("link_disabled")
    await page_until(bot, says("Socket Mode is switched off"))
    world.slack.settings.socket_mode = True
    await world.clock.run_at(600.0)
    await page_until(bot, green)
    await world.clock.run_at(1.0)
    away = world.slack.faults.lay(Fault(call="link", status=503, body="<html>away</html>"))
    world.slack.drop_sockets()
    page = await page_until(bot, says(SLACK_AWAY))
    assert not says("Socket Mode is switched off")(page)
    world.slack.faults.lift(away)


async def test_another_process_on_our_app_token_is_told_while_it_is_there(world, bot):
    headers = {"Authorization": f"Bearer {world.slack.settings.app_token}"}
    async with aiohttp.ClientSession() as session:
        async with session.post(world.slack_api_url + "apps.connections.open", headers=headers) as answer:
            ticket = (await answer.json())["url"]
        other = await session.ws_connect(ticket)
        await within(other.receive())
        await bot.launch()
        await page_until(bot, says(FOREIGN))
        await other.close()
        await within(world.slack.until(lambda: len(world.slack.sockets) == 1))
    world.slack.disconnect("refresh_requested")
    await page_until(bot, green)


async def test_a_scope_that_is_taken_away_while_it_runs_is_named(world, bot):
    await bot.start()
    world.slack.settings.scopes.discard("files:read")
    await world.clock.jump(700.0)
    await page_until(bot, says("lacks the scopes files:read"))
    world.slack.settings.scopes.add("files:read")
    await world.clock.jump(700.0)
    await page_until(bot, green)
