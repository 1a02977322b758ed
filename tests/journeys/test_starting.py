"""Starting: what can never work ends with one sentence and 78; what may come back is waited for."""

import re
import signal
import sqlite3

import pytest
from bot_process import FAST

from compliance_bot.sandbox.faults import Fault
from compliance_bot.state_directory import LOCK_FILE
from compliance_bot.store.database import DATABASE_FILE
from tests.journeys.health_page import SLACK_AWAY, green, logged, page_until, says
from tests.journeys.steps import (
    ALERTS,
    LIST,
    OPERATIONS,
    a_finding,
    an_operations_channel,
    notices,
    polls,
    telling,
    with_operations,
)

RULES = {**FAST, "studio": {**FAST["studio"], "full_walk_interval": "1h", "first_run": "all"}}


async def refused(bot, code=78):
    """Start the daemon, which must refuse: the one sentence it ends with."""
    await bot.launch()
    assert await bot.ended() == code, bot.log()
    sentence = bot.log().splitlines()[-1]
    assert sentence.startswith("compliance-bot: ")
    assert "Traceback" not in bot.log()
    return sentence


# ---------------------------------------------------------------- what can never work


@pytest.mark.parametrize(
    "setting", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "STUDIO_URL", "STUDIO_TOKEN_AUDITOR"]
)
async def test_a_missing_setting_is_one_sentence(bot, setting):
    bot.extra = {setting: "", "STUDIO_TOKEN_MANAGER": ""}
    sentence = await refused(bot)
    assert re.match(f"compliance-bot: {setting.removesuffix('_AUDITOR')} is missing: ", sentence)
    assert len(bot.log().splitlines()) == 1


async def test_swapped_tokens_are_told_as_such(bot, world):
    tokens = world.slack.settings
    bot.extra = {"SLACK_BOT_TOKEN": tokens.app_token, "SLACK_APP_TOKEN": tokens.bot_token}
    assert "holds the other token" in await refused(bot)
    assert tokens.bot_token not in bot.log()


@pytest.mark.parametrize(
    ("setting", "token"), [("SLACK_BOT_TOKEN", "xoxb-1-wrong"), ("SLACK_APP_TOKEN", "xapp-1-wrong")]
)
async def test_a_wrong_slack_token_is_named_with_the_allow_list(bot, setting, token):
    bot.extra = {setting: token}
    sentence = await refused(bot)
    assert f"refuses {setting} (invalid_auth)" in sentence
    assert "IP allow list" in sentence
    assert token not in bot.log()


async def test_a_missing_scope_is_named(bot, world):
    world.slack.settings.scopes.discard("usergroups:read")
    assert "lacks the scopes usergroups:read" in await refused(bot)


async def test_an_app_token_without_its_scope_is_named(bot, world):
    world.slack.settings.app_scopes.clear()
    assert "SLACK_APP_TOKEN lacks the scope connections:write" in await refused(bot)


async def test_broken_rules_are_told_with_their_place(bot):
    bot.rules = {
        **FAST,
        "routing_rules": {"loud": {"condition": "severty == 'critical'", "channels": ["#a"]}},
    }
    sentence = await refused(bot)
    assert re.search(r"rules\.yaml:\d+:\d+ routing_rules\.loud\.condition: .*did you mean severity", sentence)


async def test_the_clock_of_a_demo_is_refused_beside_a_real_studio(bot):
    bot.extra = {"STUDIO_URL": "https://studio.example.com"}
    assert "COMPLIANCE_BOT_CLOCK is for the demo" in await refused(bot)


def a_foreign_file(path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE theirs (x)")


def a_newer_file(path):
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA application_id = 0x43424F54")
        database.execute("PRAGMA user_version = 999")


def a_torn_file(path):
    path.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 20)


def no_file_at_all(path):
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (a_foreign_file, "is not a database of compliance-bot"),
        (a_newer_file, "has schema version 999"),
        (a_torn_file, "cannot be used as a database"),
        (no_file_at_all, "cannot be used as a database"),
    ],
)
async def test_an_unusable_database_is_told_and_left_as_it_was(bot, spoil, words):
    bot.state.mkdir(mode=0o700)
    path = bot.state / DATABASE_FILE
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    assert words in await refused(bot)
    assert (path.read_bytes() if path.is_file() else None) == before


async def test_a_second_instance_is_refused_and_the_first_unharmed(bot, world, until):
    bot.rules = RULES
    await bot.start()
    code, _, sentence = await bot.command("run")
    assert code == 75
    assert f"process {bot.process.pid}" in sentence
    assert (bot.state / LOCK_FILE).read_text().strip() == str(bot.process.pid)

    a_finding(world, "After the second")
    await until(lambda: telling(world, ALERTS, "After the second"))
    assert (await bot.command("status"))[0] == 0
    assert await bot.stop() == 0


async def test_a_health_page_that_cannot_be_had_is_told(bot, world):
    bot.extra = {"COMPLIANCE_BOT_LISTEN": world.url.removeprefix("http://")}
    assert "cannot be listened on" in await refused(bot)


# ---------------------------------------------------------------- Slack away at the start


def slack_goes_away(world):
    """Every call is cut before it takes effect, and no socket stands."""
    faults = [world.slack.faults.lay(Fault(call=call, drop="before")) for call in ("*", "link")]
    world.slack.drop_sockets()
    return faults


def slack_comes_back(world, faults):
    for fault in faults:
        world.slack.faults.lift(fault)


async def test_without_slack_a_first_start_waits_degraded_and_connects_later(bot, world, until):
    bot.rules = RULES
    a_finding(world, "Public bucket")
    away = slack_goes_away(world)
    await bot.launch()
    page = await page_until(bot, lambda page: page["started"])
    assert says("Slack's channels are not known yet")(page)
    assert says(SLACK_AWAY)(page)

    slack_comes_back(world, away)
    await world.clock.run_at(20.0)
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    await page_until(bot, green)
    message = telling(world, ALERTS, "Public bucket")[0]
    click = await world.slack.click("bob", ALERTS, message.ts, "acknowledge_alert")
    assert await click.acked is not None
    await until(lambda: telling(world, ALERTS, "Acknowledged by"))
    assert await bot.stop() == 0


async def test_a_restart_without_slack_polls_and_records_at_once_and_tells_later(bot, world, until):
    bot.rules = RULES
    a_finding(world, "Before the outage")
    await bot.start()
    await until(lambda: telling(world, ALERTS, "Before the outage"))
    assert await bot.stop() == 0

    away = slack_goes_away(world)
    a_finding(world, "During the outage")
    await bot.launch()
    page = await page_until(bot, lambda page: page["started"] and page["ages"]["poll"] is not None)
    assert says(SLACK_AWAY)(page)
    assert not says("not known yet")(page)
    _, told, _ = await bot.command("status", "--json")
    assert '"findings": {"known": 2' in told or '"open": 2' in told, told

    slack_comes_back(world, away)
    await world.clock.run_at(20.0)
    await until(lambda: telling(world, ALERTS, "During the outage"))
    (message,) = telling(world, ALERTS, "During the outage")
    assert "<!subteam^S0COMPLI1>" in str(message.blocks)
    assert len(telling(world, ALERTS, "Before the outage")) == 1
    assert await bot.stop() == 0


async def test_a_list_that_slack_does_not_give_blocks_nothing(bot, world, until):
    bot.rules = RULES
    world.slack.refuse("usergroups.list", "plan_upgrade_required", times=None)
    a_finding(world, "Public bucket")
    await bot.start()
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    page = await bot.page("/readyz")
    assert "Slack does not list its groups: plan_upgrade_required." in page["notes"]
    assert "user groups need a paid Slack plan" in str(telling(world, ALERTS, "Public bucket")[0].blocks)
    assert await bot.stop() == 0


async def test_a_token_that_slack_refuses_once_it_is_back_stops_the_sending_alone(bot, world):
    away = slack_goes_away(world)
    await bot.launch()
    await page_until(bot, says(SLACK_AWAY))
    world.slack.settings.token_faults[world.slack.settings.bot_token] = "account_inactive"
    slack_comes_back(world, away)
    await page_until(bot, says("Slack refuses the bot token (account_inactive)"))

    world.slack.settings.token_faults.clear()
    await world.clock.jump(60.0)
    await world.clock.run_at(20.0)
    await page_until(bot, green)
    assert await bot.stop() == 0


# ---------------------------------------------------------------- Studio away


def studio_refuses(world):
    refusal = Fault(call=LIST, status=401, body={"error": "Invalid token"})
    return world.studio.faults.lay(refusal)


@pytest.fixture
def told(bot, world):
    """The bot speaks of itself in a channel of its own."""
    an_operations_channel(world)
    bot.rules = with_operations(RULES)


@pytest.mark.parametrize("refuses", [True, False], ids=["refuses", "away"])
@pytest.mark.usefixtures("told")
async def test_a_studio_that_is_no_help_at_the_start_is_red_and_said_once_and_once_more_when_back(
    bot, world, until, refuses
):
    fault = studio_refuses(world) if refuses else world.studio.away()
    await bot.launch()
    await page_until(bot, says("Studio"))
    await until(lambda: len(notices(world)) == 1)
    assert "Studio can't be read" in notices(world)[0]
    assert bot.process.returncode is None

    world.studio.faults.lift(fault) if refuses else world.studio.back()
    await until(lambda: len(notices(world)) == 2)
    assert "Studio answers again" in notices(world)[1]
    await page_until(bot, green)
    assert await bot.stop() == 0
    assert len(notices(world)) == 2


@pytest.mark.usefixtures("told")
async def test_a_studio_that_goes_away_later_is_said_once_also_over_a_restart(bot, world, until):
    await bot.start()
    world.studio.away()
    await page_until(bot, says("Studio"))
    await until(lambda: len(notices(world)) == 1)
    assert await bot.stop() == 0

    await bot.launch()
    await page_until(bot, lambda page: page["started"] and says("Studio")(page))
    a_finding(world, "While it was away")
    world.studio.back()
    await until(lambda: telling(world, ALERTS, "While it was away"))
    await until(lambda: len(notices(world)) == 2)
    assert "Studio answers again" in notices(world)[1]
    await page_until(bot, green)
    assert await bot.stop() == 0


@pytest.mark.usefixtures("told")
async def test_a_lost_token_is_red_while_reading_goes_on_and_green_when_it_is_accepted(bot, world, until):
    await bot.start()
    token = world.slack.settings.bot_token
    world.slack.settings.token_faults[token] = "token_revoked"
    a_finding(world, "Told when the token is back")
    await page_until(bot, says("Slack refuses the bot token (token_revoked)"))
    page = await page_until(bot, says("Nothing is sent to slack"))
    assert page["ages"]["poll"] is not None
    calls = world.slack.counts["chat.postMessage"]
    a_finding(world, "Recorded all the same")
    await polls(world, 3)
    assert world.slack.counts["chat.postMessage"] == calls

    assert await bot.stop() == 0
    world.slack.settings.token_faults.clear()
    await bot.start()
    await until(lambda: telling(world, ALERTS, "Told when the token is back"))
    await until(lambda: len(telling(world, OPERATIONS, "refuses the bot's token")) == 1)
    assert await bot.stop() == 0


async def test_hup_is_heard_and_harms_nobody(bot):
    await bot.start()
    bot.process.send_signal(signal.SIGHUP)
    await logged(bot, "rules.unchanged")
    assert await bot.stop() == 0


async def test_the_start_and_the_stop_are_logged_with_what_is_needed_to_understand_them(bot):
    await bot.start()
    assert await bot.stop() == 0
    said = {one["event"]: one for one in bot.log_events()}
    assert set(said["starting"]) >= {"version", "sqlite", "rules", "state"}
    assert said["stopping"]["signal"] == "SIGTERM"
    assert "stopped" in said
