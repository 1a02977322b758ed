"""What the readers of a channel may see: colleagues the title, anybody else a reference that says nothing."""

import pytest
from bot_process import FAST, within

from compliance_bot.sandbox.faults import Fault
from tests.journeys.steps import ALERTS, UPDATES, a_finding, telling

TITLE, NEXT = "Patient exports are readable", "Keys of the chief officer"
HOUR = 3600.0


async def stand(until, world, channel, number):
    """Wait until so many messages stand in a channel."""
    await until(lambda: len(world.slack.messages(channel)) >= number)


async def heard(until, world):
    """Wait until the bot has acked all that it was told."""
    await until(lambda: not world.slack.envelopes.open)


def is_reference(message):
    """Whether a message names the case and says nothing of the finding."""
    said = f"{message.text} {message.blocks}"
    return "CB-" in said and not any(word in said for word in (TITLE, NEXT, "critical", "Critical"))


async def told(until, world, channel=ALERTS, title=TITLE):
    """A critical is found and the channel may see it."""
    a_finding(world, title)
    await until(lambda: telling(world, channel, title))


async def withheld(until, world, channel=ALERTS, title=NEXT):
    """A critical is found and the channel gets a reference of it."""
    before = len(world.slack.messages(channel))
    a_finding(world, title)
    await stand(until, world, channel, before + 1)
    assert all(is_reference(message) for message in world.slack.messages(channel)[before:])


def asked(world):
    """The names of the channels that were asked about, in order."""
    names = {one.id: one.name for one in world.slack.workspace.channels.values()}
    return [names[call.text("channel")] for call in world.slack.calls_of("conversations.info")]


def questions(world):
    """How often it was answered who is a member of the alerts' channel."""
    place = world.slack.workspace.channel(ALERTS).id
    calls = world.slack.calls_of("conversations.members")
    return sum(call.text("channel") == place and call.answered_at is not None for call in calls)


async def test_where_a_guest_reads_it_is_a_reference_and_elsewhere_the_title(world, bot, until):
    world.slack.invite(ALERTS, "gina")
    await bot.start()
    await withheld(until, world)
    a_finding(world, TITLE, severity="high")
    await until(lambda: telling(world, UPDATES, TITLE))
    assert await bot.stop() == 0


async def test_a_guest_who_joins_gets_a_reference_of_what_comes_next_and_once_gone_titles_are_told_again(
    world, bot, until
):
    await bot.start()
    await told(until, world)
    guest = world.slack.add_guest(ALERTS, "grace")
    await heard(until, world)
    await withheld(until, world)
    await until(lambda: questions(world) == 2)
    world.slack.kick(ALERTS, guest.id)
    await until(lambda: questions(world) == 3)
    await told(until, world, title="Told again")
    assert await bot.stop() == 0


async def test_what_stands_where_a_guest_came_while_the_bot_was_away_becomes_a_reference(world, bot, until):
    """Fails if only what is said next is judged, or if a stop forgets who read the channel before."""
    await bot.start()
    await told(until, world)
    for _ in range(2):
        assert await bot.stop() == 0
        await bot.start()
    assert await bot.stop() == 0
    (message,) = telling(world, ALERTS, TITLE)
    world.slack.add_guest(ALERTS, "grace")
    await bot.start()
    await until(lambda: is_reference(world.slack.message(ALERTS, message.ts)))
    assert await bot.stop() == 0


async def test_a_colleague_who_becomes_a_guest_makes_it_a_channel_of_guests(world, bot, until):
    await bot.start()
    await told(until, world)
    world.slack.change_person("bob", guest="multi")
    await heard(until, world)
    await withheld(until, world)
    assert await bot.stop() == 0


@pytest.mark.parametrize("order", ["share_outside", "offer_outside"])
async def test_a_channel_of_slack_connect_gets_references(world, bot, until, order):
    getattr(world.slack, order)(ALERTS)
    await bot.start()
    await withheld(until, world)
    assert await bot.stop() == 0


async def test_from_the_moment_a_channel_is_shared_outside_it_gets_references(world, bot, until):
    await bot.start()
    await told(until, world)
    world.slack.share_outside(ALERTS)
    await heard(until, world)
    await withheld(until, world)
    assert await bot.stop() == 0


async def test_what_is_confidential_is_told_in_a_private_channel_alone(world, bot, until):
    room = {"condition": 'severity == "critical"', "channels": ["#audit-room"]}
    secret = {"condition": 'severity == "critical"', "class": "confidential"}
    bot.rules = {**FAST, "routing_rules": {"room": room}, "sensitivity": {"rules": [secret]}}
    await bot.start()
    await told(until, world, "audit-room", NEXT)
    await stand(until, world, ALERTS, 1)
    assert is_reference(world.slack.messages(ALERTS)[0])
    assert await bot.stop() == 0


@pytest.mark.parametrize("code", ["missing_scope", "channel_not_found"])
async def test_where_slack_does_not_say_who_reads_it_is_a_reference(world, bot, until, code):
    world.slack.refuse("conversations.members", code, times=None)
    await bot.start()
    await withheld(until, world)
    assert await bot.stop() == 0


async def test_nothing_is_said_before_slack_has_told_who_reads(world, bot, until):
    """Fails if the readers that were known before the stop are taken for those of now."""
    await bot.start()
    await told(until, world)
    assert await bot.stop() == 0
    world.slack.invite(ALERTS, "gina")
    held = world.slack.faults.lay(Fault(call="conversations.members", hold="before", times=None))
    a_finding(world, NEXT)
    await bot.start()
    await within(held.reached.wait())
    polls = world.studio.calls_of("GET /api/findings")
    await within(world.studio.next_call("GET /api/findings"))
    assert len(polls) > 1
    assert len(world.slack.messages(ALERTS)) == 1
    held.release()
    await stand(until, world, ALERTS, 2)
    assert is_reference(world.slack.messages(ALERTS)[-1])
    assert await bot.stop() == 0


async def test_a_guest_of_whom_no_event_told_is_noticed_within_the_hour(world, bot, until):
    world.slack.settings.subscriptions.discard("member_joined_channel")
    await bot.start()
    await told(until, world)
    guest = world.slack.add_guest(ALERTS, "grace")
    assert guest.id in world.slack.workspace.channel(ALERTS).members
    await told(until, world, title="Nobody has told")
    before = questions(world)
    await world.clock.jump(HOUR)
    await until(lambda: questions(world) > before)
    await withheld(until, world)
    assert await bot.stop() == 0


async def test_a_restart_asks_about_few_channels_before_the_first_message(world, bot, until):
    for number in range(30):
        world.slack.add_channel(f"room-{number}")
    await bot.start()
    await told(until, world)
    assert await bot.stop() == 0
    before = len(asked(world))
    a_finding(world, "After the restart")
    await bot.start()
    await until(lambda: telling(world, ALERTS, "After the restart"))
    named = {"compliance", "compliance-alerts", "compliance-reports", "security-alerts"}
    others = [name for name in asked(world)[before:] if name not in named]
    assert len(others) <= 3, "the others are read one by one, behind"
    assert await bot.stop() == 0


async def test_without_a_paid_plan_the_message_says_why_nobody_was_called(world, bot, until):
    world.slack.settings.paid_plan = False
    await bot.start()
    await told(until, world)
    (message,) = telling(world, ALERTS, TITLE)
    assert "compliance-team can't be called: user groups need a paid Slack plan" in str(message.blocks)
    assert "<!subteam" not in str(message.blocks)
    assert await bot.stop() == 0
