"""What an hour may hold of calls, and a second of posts, is kept in the store: a restart renews nothing."""

from itertools import pairwise

from bot_process import FAST

from tests.journeys.steps import UPDATES, posts_to, until_studio

RESTARTS = 20
LIFE = 170.0
"""Virtual seconds from one restart to the next: twenty fit into an hour."""
QUOTA = 1000
HALF = QUOTA // 2
"""What no person asked for takes no more than this."""
UNMADE = 60
"""Calls written down, at most, that were not made because the process was killed in between."""
SLOW = 0.2
WIRE = 0.1
"""Seconds by which two requests may come closer together on a busy machine than they left."""
RULES = {
    **FAST,
    "grouping": {"enabled": False},
    "studio": {
        "poll_interval": "1ms",
        "full_walk_interval": "1ms",
        "quota_per_hour": QUOTA,
        "first_run": "all",
    },
    "delivery": {"per_channel": 1, "reconcile_after": "1s", "welcome": False},
}


async def test_twenty_restarts_in_an_hour_spend_one_hour_and_never_post_twice_a_second(world, bot, until):
    """Fails if limits live in memory: each life would begin a new hour, and post as soon as it is up.

    The world's clock is slow while a process starts, so that a post at its start would come within the
    same second as the last one of the life before; and time enough passes for a hundred calls.
    """
    bot.rules = RULES
    world.studio.seed(60, status="open", severity="high", category="other")
    began = world.clock.now()
    spent = []
    for life in range(1, RESTARTS + 1):
        await world.clock.run_at(SLOW)
        opened = world.slack.sockets_opened
        await bot.launch()
        await until(lambda opened=opened: world.slack.sockets_opened > opened)
        await as_many_calls_as_may_be(world)
        await world.clock.run_at(1.0)
        await world.clock.jump(max(0.0, began + life * LIFE - world.clock.now()))
        shown = len(world.slack.messages(UPDATES))
        await until(lambda shown=shown: len(world.slack.messages(UPDATES)) > shown)
        await bot.kill()
        spent.append(world.studio.busiest_hour())

    assert world.clock.now() - began <= 3600.0
    assert world.studio.busiest_hour() <= QUOTA
    assert HALF - UNMADE <= spent[-1] <= HALF
    times = [call.at for call in posts_to(world, UPDATES)]
    assert len(times) >= RESTARTS
    assert min(later - earlier for earlier, later in pairwise(times)) >= 1.0 - WIRE


async def as_many_calls_as_may_be(world):
    """Let a hundred calls come; near the half, let the time pass in which they would have come."""
    wanted = world.studio.busiest_hour() + 100
    if wanted > HALF - UNMADE:
        await world.clock.sleep(0.1)
    else:
        await until_studio(world, lambda: world.studio.busiest_hour() >= wanted)
