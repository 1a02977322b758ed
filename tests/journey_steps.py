"""Steps that many journeys share: a finding is shown, somebody presses, the store is looked into."""

import contextlib
import sqlite3

from bot_process import within

ALERTS = "compliance-alerts"
COPIES = ("security-alerts", "compliance")
CHANNELS = (ALERTS, *COPIES)
"""Where the shipped rules show a critical finding of a security category; the first is the primary."""

PING = "<!subteam^S0COMPLI1>"
"""The mention of @compliance-team, as it stands in a message that pings."""


def add_critical(world, title="Public bucket", **fields):
    """A critical finding appears in Studio; its id."""
    fields = {"severity": "critical", "category": "data_leak", "status": "open", **fields}
    return world.studio.add_finding(title=title, **fields)


async def a_critical_is_shown(world, until, title="Public bucket", **fields):
    """A critical finding appears and is shown in every channel that the rules name; its id."""
    finding_id = add_critical(world, title, **fields)
    await until(lambda: all(showing(world, name, title) for name in CHANNELS))
    return finding_id


def showing(world, channel, title):
    """The messages of a channel that are about a finding of that title."""
    return [one for one in world.slack.messages(channel) if title in str(one.blocks)]


def says(world, channel, title, words):
    """Whether the one message about that finding says ``words`` now."""
    (message,) = showing(world, channel, title)
    return words in str(message.blocks)


async def press(world, who, channel=ALERTS, message=None):
    """Somebody presses Acknowledge on a channel's first message and sees the ack."""
    message = message or world.slack.messages(channel)[0]
    click = await world.slack.click(who, channel, message.ts, "acknowledge_alert")
    assert await click.acked is not None
    return click


async def commented(world, finding_id):
    """Return once Studio has the comment that names who acknowledged: the last step of a decision.

    A call is told of when it arrives, before it takes effect; so this looks again with every poll.
    """
    while world.studio.comment_count(finding_id) == 0:
        await within(world.studio.next_call("GET /api/findings"))


def whispers(world, who, channel=ALERTS):
    """What only one person was told in a channel."""
    return [one.text for one in world.slack.ephemerals(channel, who)]


def thread_of(world, channel=ALERTS):
    """The lines below a channel's first message."""
    return [one.text for one in world.slack.thread(channel, world.slack.messages(channel)[0].ts)]


def stored(bot, question, *values):
    """Rows of the bot's own database."""
    with contextlib.closing(sqlite3.connect(bot.state / "compliance-bot.db")) as database:
        database.row_factory = sqlite3.Row
        return database.execute(question, values).fetchall()
