"""A decision that Studio has not got yet says so; one that Studio never takes is taken back."""

from bot_process import FAST
from journey_steps import (
    ALERTS,
    CHANNELS,
    PING,
    a_critical_is_shown,
    commented,
    press,
    says,
    showing,
    stored,
    thread_of,
)

from compliance_bot.model.findings import FindingStatus

TITLE = "Public bucket"
NO_WALKS = {**FAST, "studio": {**FAST["studio"], "full_walk_interval": "1h"}}


async def test_after_a_minute_without_studio_every_copy_says_so_until_studio_has_it(world, bot, until):
    """After 60 s every copy says "not yet in Studio", and no more when the write has landed."""
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    world.studio.away()
    await press(world, "bob")
    await until(lambda: all(says(world, name, TITLE, "Acknowledged by") for name in CHANNELS))
    assert not any(says(world, name, TITLE, "not yet in Studio") for name in CHANNELS)

    await world.clock.jump(70.0)
    await until(lambda: all(says(world, name, TITLE, "not yet in Studio") for name in CHANNELS))
    assert all(says(world, name, TITLE, "Acknowledged by") for name in CHANNELS)
    assert world.studio.finding(finding_id)["status"] == FindingStatus.OPEN

    world.studio.back()
    await world.clock.run_at(60.0)
    await until(lambda: not any(says(world, name, TITLE, "not yet in Studio") for name in CHANNELS))
    await world.clock.run_at(1.0)
    await commented(world, finding_id)
    assert await bot.stop() == 0
    assert world.studio.finding(finding_id)["status"] == FindingStatus.INVESTIGATING
    assert world.studio.comment_count(finding_id) == 1
    assert all(says(world, name, TITLE, "Acknowledged by") for name in CHANNELS)
    (case,) = stored(bot, 'SELECT state, sync FROM "case"')
    assert tuple(case) == ("acknowledged", "confirmed")


async def test_what_studio_deleted_cannot_be_acknowledged_the_state_goes_back_and_the_clicker_is_told(
    world, bot, until
):
    """The copies say "Studio refused: deleted", the case is open again, the thread tells Bob why."""
    bot.rules = NO_WALKS
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    world.studio.remove_finding(finding_id)
    await press(world, "bob")

    await until(lambda: all(says(world, name, TITLE, "Studio refused: deleted") for name in CHANNELS))
    await until(lambda: any("Studio refused" in line for line in thread_of(world)))
    for name in CHANNELS:
        (message,) = showing(world, name, TITLE)
        assert "acknowledge_alert" in str(message.blocks)
        assert "Acknowledged by" not in str(message.blocks)
    told = thread_of(world)[-1]
    assert told.startswith("<@U0BOB0001>: Studio refused"), "a mention: the clicker is told"
    assert "the finding was deleted there. This is open again." in told
    assert await bot.stop() == 0
    assert world.studio.put_count(finding_id) == 0
    assert len(world.studio.calls_of("GET /api/findings/{id}", finding_id)) == 1
    assert not world.studio.calls_of("POST /api/findings/{id}/comments")
    (case,) = stored(bot, 'SELECT state, acknowledged_by, sync, sync_note FROM "case"')
    assert tuple(case) == ("open", None, "refused", "deleted")
    assert sum(PING in str(one.arguments) for one in world.slack.calls_of("chat.postMessage")) == len(
        CHANNELS
    )
    assert len(world.slack.messages(ALERTS)) == 1
    code, out, err = await bot.command("audit", "verify")
    assert code == 0, out + err
