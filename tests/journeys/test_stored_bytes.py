"""The bytes that left are the bytes that stand in the store: written before the request, never after."""

import json
import shutil

from bot_process import ROOT, within
from journey_steps import CHANNELS, add_critical, press, says, showing, stored

from compliance_bot.sandbox.faults import Fault


async def test_killed_after_slack_took_a_message_the_store_still_holds_what_slack_holds(
    world, bot, until, tmp_path
):
    """Fails if the bytes are stored after sending: a restart would render them by a newer template."""
    templates = tmp_path / "templates"
    shutil.copytree(ROOT / "templates", templates)
    bot.extra["COMPLIANCE_BOT_TEMPLATES"] = str(templates)
    await bot.start()
    answer = world.slack.faults.lay(Fault(call="chat.postMessage", hold="after"))
    add_critical(world)
    await until(lambda: all(world.slack.messages(name) for name in CHANNELS))
    await bot.kill()
    before = payloads(bot)
    answer.release()
    reworded = templates / "critical_alert.json.j2"
    reworded.write_text(reworded.read_text().replace("Required action: ", "Do this now: "))

    await bot.start()
    await within(world.slack.until(lambda: world.slack.calls_of("conversations.history")))
    await press(world, "bob")
    await until(lambda: all(says(world, name, "Public bucket", "Acknowledged by") for name in CHANNELS))
    assert await bot.stop() == 0

    assert payloads(bot) == before
    assert [len(showing(world, name, "Public bucket")) for name in CHANNELS] == [1, 1, 1]
    sent = {
        one.arguments["channel"]: one for one in world.slack.calls_of("chat.postMessage")[: len(CHANNELS)]
    }
    for name in CHANNELS:
        message = world.slack.messages(name)[0]
        arguments = before[message.channel]["arguments"]
        assert arguments == sent[message.channel].arguments
        first = message.versions[0]
        assert (first.text, first.metadata) == (arguments["text"], arguments["metadata"])
        assert [bare(block) for block in first.blocks] == [bare(block) for block in arguments["blocks"]]
        assert "Required action" in str(first.blocks)
    assert says(world, CHANNELS[0], "Public bucket", "Do this now")


def payloads(bot):
    """What the store holds of each post's message, by channel."""
    rows = stored(bot, "SELECT pace_key, payload FROM effect WHERE kind = 'post'")
    return {row["pace_key"]: json.loads(row["payload"]) for row in rows}


def bare(block):
    """A block without what Slack adds of itself: made-up ids and defaults."""
    if isinstance(block, list):
        return [bare(one) for one in block]
    if not isinstance(block, dict):
        return block
    added = ("block_id", "emoji", "verbatim")
    return {key: bare(value) for key, value in block.items() if key not in added}
