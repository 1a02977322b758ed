"""The first run in its three kinds, killed in the middle; and each channel's one welcome."""

import pytest
from bot_process import FAST, within
from journey_steps import ALERTS, CHANNELS, add_critical, showing, stored

from compliance_bot.sandbox.faults import Fault

DAY = 86_400.0
LIST = "GET /api/findings"
REPORTS = "compliance-reports"
GREETED = {*CHANNELS, REPORTS}
WELCOME = "Studio now reports to #"
HOT, MILD, SOLVED = "Old bucket", "Old key", "Solved long ago"


@pytest.fixture
def old(world):
    """What stood in Studio days before the bot came: a critical, a mild one, one that is solved."""
    long_ago = world.clock.now() - 9 * DAY
    for title, severity, status in (
        (HOT, "critical", "open"),
        (MILD, "high", "open"),
        (SOLVED, "critical", "resolved"),
    ):
        add_critical(world, title, severity=severity, status=status, createdAt=long_ago, firstSeenAt=long_ago)


def first_run(kind, **delivery):
    """Fast rules with that kind of first run."""
    return {
        **FAST,
        "studio": {**FAST["studio"], "first_run": kind},
        "delivery": {**FAST["delivery"], **delivery},
    }


async def interrupted(world, bot):
    """Kill the bot while it reads Studio for the first time, and start it again."""
    first = world.studio.faults.lay(Fault(call=LIST, hold="after", times=1))
    await bot.launch()
    await within(first.reached.wait())
    await bot.kill()
    first.release()
    await bot.start()
    await within(bot.logged("studio.walk.ended"))


def told(world, title):
    """The channels in which a finding of that title was told, each once."""
    found = {name: len(showing(world, name, title)) for name in CHANNELS}
    assert set(found.values()) <= {0, 1}
    return {name for name, count in found.items() if count}


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize(
    ("kind", "hot", "mild"),
    [
        ("baseline", set(), set()),
        ("open_critical", set(CHANNELS), set()),
        ("all", set(CHANNELS), {"compliance"}),
    ],
)
async def test_what_was_there_before_is_told_as_the_rules_say(world, bot, kind, hot, mild):
    bot.rules = first_run(kind)
    await interrupted(world, bot)
    await bot.settled()
    assert told(world, HOT) == hot
    assert told(world, MILD) == mild
    assert told(world, SOLVED) == set()


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize("kind", ["baseline", "open_critical", "all"])
async def test_what_comes_later_is_told_after_each_kind(world, bot, until, kind):
    bot.rules = first_run(kind)
    await interrupted(world, bot)
    add_critical(world, "New bucket")
    await until(lambda: told(world, "New bucket") == set(CHANNELS))


# ---------------------------------------------------------------- welcomes


def welcomes(world, channel):
    """The welcomes that stand in a channel."""
    return [str(one.blocks) for one in world.slack.messages(channel) if WELCOME in str(one.blocks)]


@pytest.mark.usefixtures("old")
async def test_each_channel_is_greeted_once_with_counts_and_what_will_land_there(world, bot, until):
    bot.rules = first_run("baseline", welcome=True)
    await interrupted(world, bot)
    await until(lambda: all(welcomes(world, name) for name in GREETED))
    await bot.settled()
    for name in GREETED:
        (said,) = welcomes(world, name)
        assert "3 findings (2 critical, 1 high) were in Studio already" in said, name
    (said,) = welcomes(world, ALERTS)
    assert "Critical findings (critical_alerts)" in said
    assert "@compliance-team, @manager" in said
    assert "<!subteam" not in said


async def test_where_all_is_told_a_welcome_says_that_nothing_is_left_untold(world, bot, until):
    add_critical(world)
    bot.rules = first_run("all", welcome=True)
    await bot.start()
    await until(lambda: welcomes(world, REPORTS))
    assert "is left untold" in welcomes(world, REPORTS)[0]


async def test_a_kill_after_slack_took_a_welcome_greets_nobody_twice(world, bot, until):
    bot.rules = first_run("baseline", welcome=True)
    taken = world.slack.faults.lay(
        Fault(call="chat.postMessage", hold="after", where=lambda call: WELCOME in str(call), times=1)
    )
    await bot.launch()
    await within(taken.reached.wait())
    await bot.kill()
    taken.release()
    await bot.start()
    await until(lambda: all(welcomes(world, name) for name in GREETED))
    await bot.settled()
    assert [len(welcomes(world, name)) for name in GREETED] == [1] * len(GREETED)


async def test_a_channel_that_is_made_later_is_greeted_and_a_renamed_one_is_not_again(world, bot, until):
    world.slack.rename(REPORTS, "elsewhere")
    bot.rules = first_run("baseline", welcome=True)
    await bot.start()
    await until(lambda: all(welcomes(world, name) for name in CHANNELS))
    assert welcomes(world, "elsewhere") == []
    await bot.stop()

    world.slack.rename("security-alerts", "alarms")
    world.slack.add_channel(REPORTS)
    await bot.start()
    await until(lambda: welcomes(world, REPORTS))
    await bot.settled()
    assert len(welcomes(world, "alarms")) == 1
    (count,) = stored(bot, "SELECT count(*) AS n FROM effect WHERE kind = 'welcome'")
    assert count["n"] == 4
