"""While the database cannot be written, nobody is told that something was recorded."""

import contextlib
import sqlite3

from journey_steps import ALERTS, a_critical_is_shown, press, says, stored, whispers


@contextlib.contextmanager
def foreign_writer(bot):
    """Somebody else's transaction on the bot's database."""
    with contextlib.closing(
        sqlite3.connect(bot.state / "compliance-bot.db", isolation_level=None)
    ) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        yield
        stranger.execute("ROLLBACK")


async def test_a_click_that_could_not_be_recorded_is_said_so_and_a_mention_comes_again(world, bot, until):
    """Fails if what timed out still commits later, or if a mention is acked anyway."""
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    with foreign_writer(bot):
        click = await press(world, "bob")
        asked, (first,) = await world.slack.mention("U0CARL0001", "compliance", "help")
        await until(lambda: whispers(world, "bob"))
        await until(lambda: first.given_up)
        assert first.id not in world.slack.acks
        assert world.slack.thread("compliance", asked.ts) == []

    await until(lambda: world.slack.thread("compliance", asked.ts))
    assert [row["kind"] for row in stored(bot, "SELECT kind FROM inbox")] == ["mention"]
    assert whispers(world, "bob") == ["I couldn't record that, please press again."]
    assert click.answers[0]["replace_original"] is False
    assert world.studio.put_count(finding_id) == 0
    assert first.id not in world.slack.acks

    await press(world, "bob")
    await until(lambda: says(world, ALERTS, "Public bucket", "Acknowledged by"))
    assert await bot.stop() == 0
    kinds = [row["kind"] for row in stored(bot, "SELECT kind FROM inbox ORDER BY id")]
    assert kinds == ["mention", "acknowledge"]
    assert len(world.slack.thread("compliance", asked.ts)) == 1
