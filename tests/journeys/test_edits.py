"""However often a case moves while an edit is under way, its message ends at the last state."""

from bot_process import within
from journey_steps import ALERTS, COPIES, a_critical_is_shown, commented, press, says, thread_of

from compliance_bot.sandbox.faults import Fault

TITLE = "Public bucket"


async def test_an_edit_whose_answer_is_held_while_the_case_moves_twice_is_followed_by_one_more(
    world, bot, until
):
    """Fails if later edits are dropped while one waits, or if the current version counts as shown."""
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    message = world.slack.messages(ALERTS)[0]
    held = world.slack.faults.lay(
        Fault(call="chat.update", hold="after", where=lambda sent: sent["ts"] == message.ts)
    )
    await press(world, "bob")
    await within(held.reached.wait())
    await until(lambda: says(world, COPIES[0], TITLE, "Acknowledged by"))
    await commented(world, finding_id)

    world.studio.change_finding(finding_id, status="resolved")
    await until(lambda: says(world, COPIES[0], TITLE, "Closed in Studio"))
    world.studio.change_finding(finding_id, status="open")
    await until(lambda: not says(world, COPIES[0], TITLE, "Closed in Studio"))
    assert says(world, ALERTS, TITLE, "Acknowledged by")
    held.release()

    await until(lambda: any("Open again" in line for line in thread_of(world)))
    await until(lambda: not says(world, ALERTS, TITLE, "Acknowledged by"))
    assert await bot.stop() == 0
    assert not says(world, ALERTS, TITLE, "Closed in Studio")
    assert says(world, ALERTS, TITLE, "acknowledge_alert")
    edits = [one for one in world.slack.calls_of("chat.update") if one.arguments["ts"] == message.ts]
    assert len(edits) <= 2
