"""Steps that several journeys take: find what was said, wait for Studio's side, work the clock."""

import re

from bot_process import within

ALERTS, UPDATES, OPERATIONS = "compliance-alerts", "compliance", "operations"
LIST = "GET /api/findings"
DETAIL = "GET /api/findings/{id}"
PUT = "PUT /api/findings/{id}"
COMMENT = "POST /api/findings/{id}/comments"
ACKNOWLEDGE = "acknowledge_alert"


def with_operations(rules, **sections):
    """The rules of a journey whose operations channel is one of its own."""
    return {**rules, "slack_config": {"operations_channel": f"#{OPERATIONS}"}, **sections}


def an_operations_channel(world):
    """Make it; the bot is inside."""
    return world.slack.add_channel(OPERATIONS)


def a_finding(world, title, **fields):
    """A new finding that is told in one channel: critical in the alerts', else in the updates'."""
    given = {"severity": "critical", "category": "compliance_gap", "status": "open", **fields}
    return world.studio.add_finding(title=title, **given)


def telling(world, channel, words):
    """The messages of a channel that contain these words, in blocks or text."""
    return [one for one in world.slack.messages(channel) if words in f"{one.text} {one.blocks}"]


def notices(world):
    """What was said in the operations channel."""
    return [f"{one.text} {one.blocks}" for one in world.slack.messages(OPERATIONS)]


def reference_in(message):
    """The case's reference in a message."""
    return re.search(r"CB-\w+", str(message.blocks)).group()


def posts_to(world, channel):
    """The calls of chat.postMessage to a channel."""
    place = world.slack.workspace.channel(channel).id
    return [call for call in world.slack.calls_of("chat.postMessage") if call.text("channel") == place]


async def until_studio(world, holds, route=LIST, seconds=30.0):
    """Wait until something holds of Studio's side; it is asked again whenever a call of ``route`` comes."""

    async def waiting():
        while not holds():
            await world.studio.next_call(route)

    await within(waiting(), seconds)


async def polls(world, number):
    """Wait until so many more lists were asked for: what came before has been taken in."""
    seen = len(world.studio.calls_of(LIST))
    await until_studio(world, lambda: len(world.studio.calls_of(LIST)) >= seen + number)


async def press(world, channel, message, person="bob"):
    """A person presses Acknowledge, and is acked."""
    click = await world.slack.click(person, channel, message.ts, ACKNOWLEDGE)
    assert await within(click.acked) is not None
    return click
