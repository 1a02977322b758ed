"""Each complaint of the health page begins and ends with what it complains of."""

import contextlib
import json
import sqlite3

import aiohttp
import pytest
from bot_process import FAST, within

from compliance_bot.sandbox.faults import Fault
from compliance_bot.store.database import DATABASE_FILE
from tests.journeys.health_page import SLACK_AWAY, green, page_until, says
from tests.journeys.steps import (
    ALERTS,
    LIST,
    PUT,
    a_finding,
    an_operations_channel,
    notices,
    polls,
    press,
    telling,
    until_studio,
    with_operations,
)

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
    world.slack.settings.scopes.discard("im:history")
    await world.clock.run_at(300.0)
    await page_until(bot, says("lacks the scopes im:history"))
    world.slack.settings.scopes.add("im:history")
    await page_until(bot, lambda page: not says("lacks the scopes im:history")(page))
    await world.clock.run_at(1.0)
    await page_until(bot, green)


async def test_a_manager_token_that_studio_refuses_is_named_with_its_mend_and_said_once(world, bot, until):
    an_operations_channel(world)
    bot.rules = with_operations(RULES)
    refusal = world.studio.faults.lay(Fault(call="GET /api/manager/alerts", status=403, body={"error": "No"}))
    await bot.launch()
    await page_until(bot, says("Studio refuses STUDIO_TOKEN_MANAGER", "Renew it; its role must be manager"))
    await until(lambda: notices(world))
    world.studio.faults.lift(refusal)
    await world.clock.jump(400.0)
    await page_until(bot, green)
    assert len([one for one in notices(world) if "STUDIO_TOKEN_MANAGER" in one]) == 1


async def test_polls_that_stay_away_are_complained_of(world, bot):
    await bot.start()
    held = world.studio.faults.lay(Fault(call=LIST, hold="before"))
    await within(held.reached.wait())
    await world.clock.jump(25.0)
    assert not says("The last complete poll")(await bot.page("/readyz"))
    await world.clock.jump(10.0)
    await page_until(bot, says("The last complete poll of Studio is", "compliance-bot check"))
    world.studio.faults.lift(held)
    await page_until(bot, green)


async def test_a_spent_quota_is_named_and_said_once_and_people_are_still_served(world, bot, until):
    an_operations_channel(world)
    studio = {"poll_interval": "1s", "quota_per_hour": 20}
    bot.rules = with_operations({**RULES, "studio": {**RULES["studio"], **studio}})
    finding_id = a_finding(world, "Public bucket")
    await bot.launch()
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    await world.clock.run_at(20.0)
    await page_until(bot, says("this hour's calls to Studio (studio.quota_per_hour: 20) are spent until"))
    await until(lambda: [one for one in notices(world) if "quota_per_hour: 20" in one])
    await press(world, ALERTS, telling(world, ALERTS, "Public bucket")[0])
    await until_studio(world, lambda: world.studio.put_count(finding_id) == 1, PUT)
    assert len([one for one in notices(world) if "quota_per_hour: 20" in one]) == 1


async def test_an_operations_channel_that_slack_does_not_have_is_named(world, bot):
    bot.rules = with_operations(RULES)
    await bot.launch()
    await page_until(bot, says("#operations (slack_config.operations_channel) can't be found"))
    an_operations_channel(world)
    await world.clock.run_at(300.0)  # not a jump: it may not have gone to sleep until the next reading
    await page_until(bot, green)
    await world.clock.run_at(1.0)


async def test_status_counts_what_is_kept_silent_for_its_project_and_what_was_given_up(world, bot, until):
    bot.rules = {**RULES, "studio": {**RULES["studio"], "projects": ["p-1"]}}
    await bot.start()
    a_finding(world, "Of no project")
    await polls(world, 3)
    with contextlib.closing(sqlite3.connect(bot.state / DATABASE_FILE, isolation_level=None)) as foreign:
        foreign.execute(
            "INSERT INTO inbox (key, kind, body, received_at, state) "
            "VALUES ('k', 'mention', '{}', 0, 'failed')"
        )
    _, out, _ = await bot.command("status", "--json")
    told = json.loads(out)
    assert told["counts"]["findings"]["of no listed project"] == 1
    assert told["counts"]["inbox"] == {"failed": 1}
    assert "walk 1: 0 of 0 findings read; the next begins in its turn" in told["notes"]
