"""What Slack takes away, be it blocks, channel or message: what was promised is told elsewhere."""

import pytest
from bot_process import FAST

from compliance_bot.sandbox.faults import Fault
from tests.journeys.steps import (
    ALERTS,
    UPDATES,
    a_finding,
    an_operations_channel,
    notices,
    press,
    telling,
    with_operations,
)

RULES = with_operations(FAST, studio={**FAST["studio"], "full_walk_interval": "1h"})


@pytest.fixture
async def running(world, bot):
    """The bot, with an operations channel of its own."""
    bot.rules = RULES
    an_operations_channel(world)
    return await bot.start()


async def test_blocks_that_slack_refuses_go_out_as_plain_words(world, until, running):
    """Fails if refused blocks make a dead letter: the fact would be lost for its dress."""
    refusing = world.slack.refuse("chat.postMessage", "invalid_blocks", times=1)
    a_finding(world, "Public bucket")
    await until(lambda: telling(world, ALERTS, "Public bucket"))

    message = telling(world, ALERTS, "Public bucket")[0]
    assert refusing.met == 1
    assert not any(block["type"] == "actions" for block in message.blocks)
    assert "<!subteam^S0COMPLI1>" in message.text
    assert notices(world) == []


@pytest.mark.parametrize("loss", ["archived", "bot removed", "deleted"])
async def test_what_was_meant_for_a_lost_channel_is_told_in_the_default_one(world, until, running, loss):
    """Fails if a channel that can't be posted to loses the finding, or is tried for ever."""
    match loss:
        case "archived":
            world.slack.archive(ALERTS)
        case "deleted":
            world.slack.delete_channel(ALERTS)
        case _:
            world.slack.kick(ALERTS, world.slack.settings.bot_user)
    a_finding(world, "Public bucket")
    await until(lambda: telling(world, UPDATES, "Public bucket"))

    message = telling(world, UPDATES, "Public bucket")[0]
    assert ALERTS in str(message.blocks)
    assert len(telling(world, UPDATES, "Public bucket")) == 1
    await press(world, UPDATES, message)
    await until(lambda: "Acknowledged by" in str(message.blocks))
    assert running.process.returncode is None


async def test_a_channel_that_is_archived_unheard_makes_a_dead_letter_that_is_said(world, until, running):
    """Fails if the refusal itself is not believed: the event that tells of it may never come."""
    world.slack.workspace.channel(ALERTS).archived = True
    a_finding(world, "Public bucket")
    await until(lambda: telling(world, UPDATES, "Public bucket"))
    await until(lambda: any("is_archived" in one for one in notices(world)))


async def test_a_renamed_channel_is_followed(world, until, running):
    """Fails if a channel is known by its name: the alert would go to the default channel."""
    world.slack.rename(ALERTS, "alerts-of-old")
    a_finding(world, "Public bucket")
    await until(lambda: telling(world, "alerts-of-old", "Public bucket"))
    assert telling(world, UPDATES, "Public bucket") == []


@pytest.mark.parametrize("code", ["edit_window_closed", "message_not_found"])
async def test_a_message_that_can_not_be_edited_is_posted_fresh_once(world, until, running, code):
    """Fails if the edit is tried again or given up: the channel would show what is no longer so."""
    a_finding(world, "Public bucket")
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    old = telling(world, ALERTS, "Public bucket")[0]
    refusing = refused_for(world, "chat.update", code, "ts", old)

    await press(world, ALERTS, old)
    await until(lambda: len(telling(world, ALERTS, "Public bucket")) == 2)
    fresh = telling(world, ALERTS, "Public bucket")[1]
    assert "Acknowledged by" in str(fresh.blocks)
    assert "<!subteam" not in f"{fresh.text} {fresh.blocks}"
    a_finding(world, "Another")
    await until(lambda: telling(world, ALERTS, "Another"))
    assert refusing.met == 1
    assert len(telling(world, ALERTS, "Public bucket")) == 2
    assert notices(world) == []


@pytest.mark.parametrize("lost", ["thread and message", "thread alone"])
async def test_a_thread_whose_first_message_is_gone_loses_no_line(world, until, running, lost):
    """Fails if a line that has no thread any more is dropped: it goes with the fresh message."""
    a_finding(world, "Public bucket")
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    old = telling(world, ALERTS, "Public bucket")[0]
    if lost != "thread alone":
        refused_for(world, "chat.update", "message_not_found", "ts", old)
    refused_for(world, "chat.postMessage", "thread_not_found", "thread_ts", old)

    await press(world, ALERTS, old)
    await until(lambda: len(telling(world, ALERTS, "Public bucket")) == 2)
    fresh = telling(world, ALERTS, "Public bucket")[1]
    await until(lambda: world.slack.thread(ALERTS, fresh.ts))
    assert "Bob Builder" in world.slack.thread(ALERTS, fresh.ts)[0].text
    assert "Acknowledged by" in str(fresh.blocks)


def refused_for(world, method, code, argument, message):
    """Have each call that names this message be refused."""
    return world.slack.faults.lay(
        Fault(
            call=method,
            where=lambda arguments: arguments.get(argument) == message.ts,
            status=200,
            body={"ok": False, "error": code},
        )
    )
