"""Channels that the bot can't join: told by their incoming webhook, without a token, at least once."""

import json
import signal

import pytest
from bot_process import FAST
from journey_steps import stored

from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.slack import report
from tests.journeys.steps import a_finding, an_operations_channel, notices, telling, with_operations

BOARD, SETTING = "board-room", "SLACK_WEBHOOK_BOARD_ROOM"
"""A private channel without the bot: Slack does not show it."""
ROUTING = {
    "board": {
        "condition": "type == 'finding'",
        "channels": [f"#{BOARD}"],
        "mentions": ["@compliance-team"],
        "replace": True,
    },
}
LINKS = {"links": {"finding": "/findings/{id}"}}


def rules(**sections):
    """Everything goes to the board's channel, whose readers may see it all."""
    return with_operations(
        FAST,
        **{
            "routing_rules": ROUTING,
            "sensitivity": {"channels": {f"#{BOARD}": "confidential"}},
            "studio": {**FAST["studio"], **LINKS},
            **sections,
        },
    )


@pytest.fixture
def address(world, bot):
    """The webhook's address, as the bot's setting has it."""
    an_operations_channel(world)
    address = world.slack.add_webhook(BOARD)
    bot.extra = {SETTING: address}
    bot.rules = rules()
    return address


def hooks(world):
    """What came in by webhooks."""
    return list(world.slack.webhooks.calls)


async def test_a_channel_the_bot_can_not_see_is_told_by_its_webhook(world, bot, until, address):
    """Fails if the message lacks its link, keeps a button that nobody answers, or isn't marked."""
    await bot.start()
    a_finding(world, "Public bucket")
    await until(lambda: telling(world, BOARD, "Public bucket"))

    (message,) = telling(world, BOARD, "Public bucket")
    assert not any(block["type"] == "actions" for block in message.blocks)
    assert f"<{world.studio_url}/findings/" in str(message.blocks)
    assert "Acknowledge it in Studio" in str(message.blocks)
    assert "may come twice" in str(message.blocks[-1])
    assert "<!subteam^S0COMPLI1>" in f"{message.text} {message.blocks}"
    await bot.settled()
    assert notices(world) == []


async def test_what_follows_is_said_beside_it_with_the_reference(world, bot, until, address):
    """Fails if a follow-up waits for a thread that can never be, or the message is tried to be edited."""
    await bot.start()
    finding = a_finding(world, "Public bucket")
    await until(lambda: telling(world, BOARD, "Public bucket"))
    world.studio.change_finding(finding, status="resolved")
    await until(lambda: telling(world, BOARD, "CB-0001: "))

    await bot.settled()
    assert world.slack.calls_of("chat.update") == []


async def test_no_token_and_no_address_leave_their_place(world, bot, until, address):
    """Fails if the webhook's host sees a token, or the address is written anywhere."""
    bot.rules = rules(debug_config={"log_level": "debug", "detailed_logging": True})
    world.slack.faults.lay(Fault(call="webhook", status=500, body="<html>failed</html>", times=1))
    await bot.start()
    a_finding(world, "Public bucket")
    await until(lambda: telling(world, BOARD, "Public bucket"))
    _, checked, _ = await bot.command("check", "--json")
    _, status, _ = await bot.command("status", "--json")
    assert await bot.stop() == 0

    for call in hooks(world):
        assert "Authorization" not in call.headers
        assert world.slack.settings.bot_token not in f"{call.headers} {call.body}"
        assert set(call.body) <= {"text", "blocks", "unfurl_links", "unfurl_media"}
    secret = address.rsplit("/", 1)[1]
    places = {str(path): path.read_bytes() for path in bot.home.rglob("*") if path.is_file()}
    places |= {"check": checked.encode(), "status": status.encode()}
    slack = [report.state(world.slack), [report.call(one) for one in world.slack.calls]]
    places["Slack"] = json.dumps(slack, default=str).encode()
    for where, held in places.items():
        assert secret.encode() not in held, where
    assert f"{SETTING} is for #{BOARD}" in checked


async def test_a_lost_answer_has_it_said_again_marked_and_in_the_chain(world, bot, until, address):
    """Fails if a message that may not have arrived is dropped, or comes twice without a word."""
    lost = world.slack.faults.lay(Fault(call="webhook", drop="after", times=1))
    await bot.start()
    a_finding(world, "Public bucket")
    await until(lambda: len(telling(world, BOARD, "Public bucket")) == 2)

    await bot.settled()
    first, second = telling(world, BOARD, "Public bucket")
    assert lost.met == 1
    assert "may stand here already" not in str(first.blocks)
    assert "may stand here already" in str(second.blocks)
    assert len(stored(bot, "SELECT 1 FROM audit WHERE body LIKE '%delivery.sent_again_in_doubt%'")) == 1


@pytest.mark.parametrize(("point", "times"), [("slack.webhook.before", 1), ("slack.webhook.after", 2)])
async def test_a_kill_around_the_request_loses_nothing(world, bot, until, address, point, times):
    """Fails if what a stopped process may have sent stays unknown for ever."""
    bot.extra |= {"COMPLIANCE_BOT_FAILPOINT": point}
    await bot.start()
    a_finding(world, "Public bucket")
    assert await bot.ended() == -signal.SIGKILL
    del bot.extra["COMPLIANCE_BOT_FAILPOINT"]
    await bot.start()
    await until(lambda: len(telling(world, BOARD, "Public bucket")) == times)
    await bot.settled()
    assert len(telling(world, BOARD, "Public bucket")) == times
    assert await bot.stop() == 0
    assert (await bot.command("audit", "verify"))[0] == 0


@pytest.mark.parametrize("code", ["not_in_channel", "restricted_action"])
async def test_a_definite_refusal_sends_it_by_the_webhook_and_no_dead_letter(world, bot, until, code):
    """Fails if a channel with a second way in makes a dead letter, or the webhook comes first."""
    an_operations_channel(world)
    world.slack.add_channel("findings", members=["alice"])
    bot.extra = {"SLACK_WEBHOOK_FINDINGS": world.slack.add_webhook("findings")}
    board = {**ROUTING["board"], "channels": ["#findings"]}
    bot.rules = rules(routing_rules={"board": board}, sensitivity={"channels": {"#findings": "confidential"}})
    refused = world.slack.faults.lay(
        Fault(
            call="chat.postMessage",
            where=lambda arguments: arguments["channel"] == world.slack.workspace.channel("findings").id,
            status=200,
            body={"ok": False, "error": code},
        )
    )
    await bot.start()
    a_finding(world, "Public bucket")
    await until(lambda: telling(world, "findings", "Public bucket"))

    await bot.settled()
    assert refused.met >= 1
    (message,) = telling(world, "findings", "Public bucket")
    assert message.subtype == "bot_message"
    assert notices(world) == []


async def test_a_channel_that_nobody_can_describe_gets_only_a_reference(world, bot, until, address):
    """Fails if the title reaches readers of whom nothing is known."""
    bot.rules = rules(sensitivity={})
    await bot.start()
    a_finding(world, "Public bucket")
    await until(lambda: telling(world, BOARD, "CB-0001"))
    await bot.settled()
    assert telling(world, BOARD, "Public bucket") == []


async def test_a_new_address_counts_without_a_restart(world, bot, until, address):
    """Fails if a rotated file is read at the start only."""
    place = bot.home / "hook"
    place.write_text(address)
    bot.extra = {f"{SETTING}_FILE": str(place)}
    await bot.start()
    a_finding(world, "Public bucket")
    await until(lambda: telling(world, BOARD, "Public bucket"))
    world.slack.webhooks.switch_off(address)
    place.write_text(world.slack.add_webhook(BOARD))
    a_finding(world, "Open port")
    await until(lambda: telling(world, BOARD, "Open port"))
    await bot.settled()
    assert notices(world) == []
