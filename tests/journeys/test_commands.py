"""The commands beside a running daemon and without one, and what its pages tell."""

import json
import re

import aiohttp
import pytest
import yaml
from bot_process import FAST, ROOT, merged, within

from compliance_bot.sandbox.faults import Fault
from tests.journeys.health_page import green, page_until
from tests.journeys.steps import ALERTS, UPDATES, a_finding, press, telling

RULES = {**FAST, "studio": {**FAST["studio"], "full_walk_interval": "1h", "first_run": "all"}}
SECRETS = ("xoxb-demo-bot-token", "xapp-demo-app-token", "studio-manager-token", "studio-auditor-token")


@pytest.fixture(autouse=True)
def rules(bot):
    bot.rules = RULES


@pytest.fixture
async def busy(world, bot, until):
    """A running bot that has told a finding which Bob has taken: the finding's message."""
    a_finding(world, "Public bucket")
    await bot.start()
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    message = telling(world, ALERTS, "Public bucket")[0]
    await press(world, ALERTS, message)
    await until(lambda: telling(world, ALERTS, "Acknowledged by"))
    return message


async def body_of(bot, path):
    """Status and text of a page."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{bot.port}{path}") as answer,
    ):
        return answer.status, await answer.text()


# ---------------------------------------------------------------- the pages


@pytest.mark.usefixtures("busy")
async def test_the_pages_tell_how_long_ago_the_last_of_each_was(bot):
    assert await body_of(bot, "/healthz") == (200, '{"alive": true}')
    status, text = await body_of(bot, "/readyz")
    page = json.loads(text)
    assert status == 200
    assert set(page["ages"]) == {"envelope", "frame", "poll", "delivery"}
    assert all(age is not None and age >= 0 for age in page["ages"].values())
    assert "The clock follows an embedded world: DEMO." in page["notes"]


async def test_an_age_grows_with_the_world_s_clock(world, bot):
    await bot.start()
    held = world.studio.faults.lay(Fault(call="GET /api/findings", hold="before"))
    await within(held.reached.wait())
    await world.clock.jump(500.0)
    page = await page_until(bot, lambda page: page["ages"]["poll"] >= 500.0)
    assert page["ages"]["envelope"] is None
    held.release()


@pytest.mark.usefixtures("busy")
async def test_the_figures_hold_no_secret_and_name_nobody(world, bot):
    status, text = await body_of(bot, "/metrics")
    assert status == 200
    for figure in ("outbox_depth", "ack_seconds", "age_seconds", "ready", "slack_call_seconds"):
        assert f"compliance_bot_{figure}" in text
    assert re.search(r'compliance_bot_outbox_depth\{lane="urgent"\} \d', text)
    for told in (*SECRETS, "Bob", "U0BOB0001", "C0ALERTS1", "Public bucket"):
        assert told not in text
        assert told not in (await body_of(bot, "/readyz"))[1]


# ---------------------------------------------------------------- status and audit verify


@pytest.mark.usefixtures("busy")
async def test_status_and_audit_verify_ask_the_running_daemon_and_look_themselves_when_it_is_gone(bot):
    code, out, _ = await bot.command("status")
    assert code == 0
    assert out.splitlines()[0] == "Running, all well."
    code, out, err = await bot.command("status", "--json")
    running = json.loads(out)
    assert (code, running["running"], running["ready"]) == (0, True, True)
    assert running["counts"]["cases"]["acknowledged"] == 1
    assert all(json.loads(line) for line in err.splitlines())
    code, out, _ = await bot.command("audit", "verify", "--json")
    assert (code, json.loads(out)["whole"]) == (0, True)

    assert await bot.stop() == 0
    code, out, _ = await bot.command("status", "--json")
    alone = json.loads(out)
    assert (code, alone["running"]) == (1, False)
    assert alone["counts"]["cases"] == running["counts"]["cases"]
    code, out, _ = await bot.command("audit", "verify")
    assert code == 0, out


async def test_status_of_a_degraded_daemon_gives_its_reason_and_1(world, bot):
    await bot.start()
    world.studio.away()
    await page_until(bot, lambda page: not page["ready"])
    code, out, _ = await bot.command("status")
    assert code == 1
    assert "Studio" in out
    world.studio.back()
    await page_until(bot, green)


async def test_where_no_bot_ever_ran_status_says_so(bot):
    code, _, err = await bot.command("status")
    assert code == 2
    assert "no bot has run there" in err


@pytest.mark.usefixtures("busy")
async def test_a_log_line_is_json_and_holds_no_secret(bot):
    assert await bot.stop() == 0
    assert all(json.loads(line)["event"] for line in bot.log().splitlines())
    for secret in SECRETS:
        assert secret not in bot.log()


# ---------------------------------------------------------------- check


async def checked(bot):
    """The exit code of ``check`` and its lines."""
    code, out, err = await bot.command("check", "--json")
    assert "Traceback" not in err
    return code, json.loads(out)["lines"]


def faults(lines, step):
    return [line for line in lines if line["verdict"] == "fault" and line["step"] == step]


async def test_check_is_green_before_the_first_start_while_it_runs_and_after(bot):
    assert (await checked(bot))[0] == 0
    await bot.start()
    code, lines = await checked(bot)
    assert code == 0, lines
    assert any(line["step"] == "socket" and "a daemon runs" in line["words"] for line in lines)
    page = await bot.page("/readyz")
    assert page["ready"]
    assert await bot.stop() == 0
    code, lines = await checked(bot)
    assert code == 0, lines


async def without_the_bot(world, bot):
    world.slack.kick("compliance-alerts", world.slack.settings.bot_user)
    return "channels", "#compliance-alerts", "/invite"


async def archived(world, bot):
    world.slack.archive("compliance-alerts")
    return "channels", "#compliance-alerts is archived", "unarchive"


async def renamed(world, bot):
    world.slack.rename("compliance-alerts", "elsewhere")
    return "channels", "#compliance-alerts", "create #compliance-alerts"


async def nobody_s_handle(world, bot):
    rule = {"condition": "severity == 'low'", "channels": ["#compliance"], "mentions": ["@nobody"]}
    bot.rules = {**RULES, "routing_rules": {"low": rule}}
    return "mentions", "@nobody", "rules.yaml"


async def a_right_for_nobody(world, bot):
    bot.rules = {**RULES, "access": {"administer": ["@nobody"]}}
    return "access", "@nobody", "access.administer"


async def no_scope(world, bot):
    world.slack.settings.scopes.discard("users:read.email")
    return "scopes", "users:read.email", "install the app again"


async def a_wrong_bot_token(world, bot):
    bot.extra = {"SLACK_BOT_TOKEN": "xoxb-1-wrong"}
    return "tokens", "SLACK_BOT_TOKEN", "IP allow list"


async def socket_mode_off(world, bot):
    world.slack.settings.socket_mode = False
    return "tokens", "SLACK_APP_TOKEN", "Socket Mode on"


async def no_role_that_reads_findings(world, bot):
    bot.extra = {"STUDIO_TOKEN_AUDITOR": ""}
    return "studio", "no identity may read findings", "STUDIO_TOKEN_AUDITOR"


async def an_old_studio_token(world, bot):
    bot.extra = {"STUDIO_TOKEN_AUDITOR": "old", "STUDIO_TOKEN_MANAGER": ""}
    return "studio", "findings", "STUDIO_TOKEN"


async def studio_away(world, bot):
    world.studio.away()
    return "studio", "Studio", "STUDIO_PROXY"


async def a_missing_setting(world, bot):
    bot.extra = {"SLACK_APP_TOKEN": ""}
    return "settings", "SLACK_APP_TOKEN", "xapp-"


async def broken_rules(world, bot):
    bot.rules = {**RULES, "nonsense": 1}
    return "rules", "nonsense", "validate"


@pytest.mark.parametrize(
    "spoil",
    [
        without_the_bot,
        archived,
        renamed,
        nobody_s_handle,
        a_right_for_nobody,
        no_scope,
        a_wrong_bot_token,
        socket_mode_off,
        no_role_that_reads_findings,
        an_old_studio_token,
        studio_away,
        a_missing_setting,
        broken_rules,
    ],
    ids=lambda spoil: spoil.__name__,
)
async def test_check_names_what_is_broken_and_its_mend(world, bot, spoil):
    step, words, mend = await spoil(world, bot)
    code, lines = await checked(bot)
    assert code == 1
    found = faults(lines, step)
    assert [line for line in found if words in line["words"] and mend in line["mend"]], lines


async def test_a_manager_s_view_that_is_missing_is_a_doubt_with_its_mend(bot):
    bot.extra = {"STUDIO_TOKEN_MANAGER": ""}
    code, lines = await checked(bot)
    assert code == 0
    (line,) = [one for one in lines if one["words"].startswith("no manager")]
    assert (line["verdict"], "STUDIO_TOKEN_MANAGER" in line["mend"]) == ("doubt", True)


# ---------------------------------------------------------------- validate, init, manifest


async def test_validate_gives_0_or_every_problem_with_its_place_and_2(bot):
    code, out, _ = await bot.command("validate")
    assert code == 0, out
    bot.rules = {
        **RULES,
        "routing_rules": {"a": {"condition": "severty == 1", "channels": ["#a"]}},
        "studio": {"poll_interval": "soon"},
    }
    code, out, _ = await bot.command("validate")
    assert code == 2
    assert re.search(r"rules\.yaml:\d+:\d+ routing_rules\.a\.condition: ", out)
    assert re.search(r"rules\.yaml:\d+:\d+ studio\.poll_interval: ", out)


async def test_init_writes_what_validate_accepts_and_never_overwrites(bot):
    place = bot.home / "new"
    assert (await bot.command("init", str(place)))[0] == 0
    written = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    assert (await bot.command("validate", str(place / "rules.yaml")))[0] == 0
    (place / "rules.yaml").write_text("mine: 1\n")
    code, _, err = await bot.command("init", str(place))
    assert code == 73
    assert "there already" in err
    assert (place / "rules.yaml").read_text() == "mine: 1\n"
    assert {path for path in place.rglob("*") if path.is_file()} == set(written)


async def test_the_manifest_is_one_document_and_follows_a_renamed_command(bot):
    rules = bot.home / "renamed.yaml"
    rules.write_text((ROOT / "rules.yaml").read_text().replace("\n  /compliance:", "\n  /kpi:"))
    bot.extra = {"COMPLIANCE_BOT_RULES": str(rules)}
    code, out, _ = await bot.command("manifest", "--json")
    assert code == 0
    document = json.loads(out)
    assert document["settings"]["socket_mode_enabled"] is True
    assert "/kpi" in [one["command"] for one in document["features"]["slash_commands"]]
    code, out, _ = await bot.command("manifest")
    assert code == 0
    assert yaml.safe_load(out) == document


# ---------------------------------------------------------------- names that change


async def test_a_channel_renamed_while_it_runs_is_followed_and_the_rules_may_name_it_anew(world, bot, until):
    place = world.slack.workspace.channel(ALERTS).id
    a_finding(world, "Before")
    await bot.start()
    await until(lambda: telling(world, place, "Before"))
    message = telling(world, place, "Before")[0]

    world.slack.rename(ALERTS, "red-alerts")
    await press(world, place, message)
    await until(lambda: telling(world, place, "Acknowledged by"))
    a_finding(world, "By the old name")
    await until(lambda: telling(world, place, "By the old name"))
    assert await bot.stop() == 0

    bot.rules = with_alerts_in(RULES, "#red-alerts")
    a_finding(world, "After")
    await bot.start()
    await until(lambda: telling(world, place, "After"))
    assert "which can't be found" not in str(telling(world, place, "After")[0].blocks)
    assert len(telling(world, place, "Before")) == 1
    assert await bot.stop() == 0


def with_alerts_in(rules, channel):
    """The rules with critical alerts going to that channel."""
    shipped = merged(rules)
    types, alerts = shipped["notification_types"], shipped["alert_configuration"]
    types["critical_alerts"]["channel"] = channel
    alerts["critical_issues"]["channels"] = [channel]
    return {**rules, "notification_types": types, "alert_configuration": alerts}


async def test_a_channel_that_is_not_there_is_said_in_the_message_and_by_check(world, bot, until):
    bot.rules = with_alerts_in(RULES, "#nowhere-at-all")
    a_finding(world, "Public bucket")
    await bot.start()
    await until(lambda: telling(world, UPDATES, "Public bucket"))
    note = str(telling(world, UPDATES, "Public bucket")[0].blocks)
    assert "nowhere-at-all, which can't be found" in note
    code, lines = await checked(bot)
    assert code == 1
    assert "#nowhere-at-all" in faults(lines, "channels")[0]["words"]
    assert await bot.stop() == 0


async def test_a_mention_that_nobody_bears_is_said_in_the_message(world, bot, until):
    shipped = merged(RULES)
    shipped["alert_configuration"]["critical_issues"]["mentions"] = ["@nobody-at-all", "@compliance-team"]
    bot.rules = {**RULES, "alert_configuration": shipped["alert_configuration"]}
    a_finding(world, "Public bucket")
    await bot.start()
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    blocks = str(telling(world, ALERTS, "Public bucket")[0].blocks)
    assert "<!subteam^S0COMPLI1>" in blocks
    assert "Slack knows nobody called" in blocks
    assert "nobody-at-all" in blocks
    assert await bot.stop() == 0
