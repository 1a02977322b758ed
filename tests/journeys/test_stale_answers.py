"""What Studio said before somebody decided never undoes the decision, however late it arrives."""

from bot_process import FAST, within
from journey_steps import (
    ALERTS,
    CHANNELS,
    PING,
    a_critical_is_shown,
    commented,
    press,
    says,
    stored,
    thread_of,
)

from compliance_bot.model.findings import FindingStatus
from compliance_bot.sandbox.faults import Fault

LIST, COMMENT = "GET /api/findings", "POST /api/findings/{id}/comments"


async def test_a_page_read_before_the_press_and_answered_after_it_changes_nothing(world, bot, until):
    """Fails if the last answer wins, whenever its request was sent."""
    bot.rules = {**FAST, "studio": {**FAST["studio"], "full_walk_interval": "1h"}}
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    page_one = world.studio.faults.lay(Fault(call=LIST, hold="after"))
    comment = world.studio.faults.lay(Fault(call=COMMENT, hold="before"))
    await within(page_one.reached.wait())
    held = world.studio.calls_of(LIST)[-1]

    await press(world, "bob")
    await until(lambda: all(says(world, name, "Public bucket", "Acknowledged by") for name in CHANNELS))
    await within(comment.reached.wait())  # it comes after the PUT was answered and recorded
    assert held.status is None
    page_one.release()
    for _ in range(3):
        await within(world.studio.next_call(LIST))
    comment.release()
    await commented(world, finding_id)

    assert await bot.stop() == 0
    assert held.status in (200, 304), "the page was answered"
    dropped = [one for one in bot.log_events() if one["event"] == "studio.rows.stale"]
    assert dropped[0]["rows"] == 1, "and its only row was taken for stale"
    changes = stored(bot, "SELECT change, cause FROM event ORDER BY id")
    assert [tuple(row) for row in changes] == [("new", "studio")]
    (case,) = stored(bot, 'SELECT state, acknowledged_by FROM "case"')
    assert tuple(case) == ("acknowledged", "U0BOB0001")
    assert world.studio.finding(finding_id)["status"] == FindingStatus.INVESTIGATING
    assert world.studio.put_count(finding_id) == 1
    assert [line for line in thread_of(world) if "Bob Builder" not in line] == []
    for name in CHANNELS:
        (message,) = world.slack.messages(name)
        said = ["Acknowledged by" in str(version.blocks) for version in message.versions]
        assert said == sorted(said), name
    assert sum(PING in str(call.arguments) for call in world.slack.calls_of("chat.postMessage")) == len(
        CHANNELS
    )
    assert PING in str(world.slack.messages(ALERTS)[0].versions[0].blocks)
