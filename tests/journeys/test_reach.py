"""Whom and what the bot reaches beyond its own messages: a person, an emoji, a colleague's words."""

from bot_process import within
from journeys.filling_in import filled_in, menu, opened, sent_off
from journeys.steps import ALERTS, COMMENT, a_finding, press, reference_in, telling

from compliance_bot.sandbox.faults import Fault

ALICE, BOB = "alice", "U0BOB0001"
TICK = "white_check_mark"
RULES = {
    "slack_config": {"acknowledge_reaction": "eyes"},
    "access": {"acknowledge": ["@alice", "@bob"]},
    "people": {"roles": {"manager": ["alice@example.com"]}},
}


async def told(world, until, title, **fields):
    """A finding that is told in the alerts' channel: its id in Studio, and its message."""
    finding_id = a_finding(world, title, **fields)
    await until(lambda: telling(world, ALERTS, title))
    return finding_id, telling(world, ALERTS, title)[0]


def ticked(message):
    """Whether the bot put its tick there."""
    return "U0BOT0001" in message.reactions.get(TICK, [])


def only_for(world, who):
    """What one person alone is told in the alerts' channel."""
    return [one.text for one in world.slack.ephemerals(ALERTS, who)]


async def commented(world, finding_id, words):
    """The comment in Studio with these words, once it is there."""
    while not (found := [one for one in world.studio.comments(finding_id) if words in one["content"]]):
        await within(world.studio.next_call(COMMENT))
    return found


async def assigned(world, message, to):
    """Alice gives a case to somebody."""
    choose = menu(world.slack, ALICE, ALERTS, lambda: message, "assign")
    await filled_in(world.slack, ALICE, choose, "assign_slack_user", {"assign_slack_user": to})


async def test_a_person_is_told_once_whatever_dies_and_the_thread_names_who_was_not(world, bot, until):
    bot.rules = {**bot.rules, **RULES}
    await bot.start()
    _, message = await told(world, until, "Public bucket")
    answer = Fault(
        call="chat.postMessage", times=1, hold="after", where=lambda given: given.get("channel") == BOB
    )
    world.slack.faults.lay(answer)
    await assigned(world, message, BOB)
    await within(answer.reached.wait())
    await bot.kill()
    world.slack.faults.lift(answer)
    await bot.start()
    world.slack.settings.messages_tab_enabled = False
    await assigned(world, message, "U0MANAGR01")
    await until(lambda: "could not be told" in str(world.slack.thread(ALERTS, message.ts)))
    (direct,) = world.slack.direct(BOB)
    assert f"assigned {reference_in(message)} to you" in direct.text
    assert "Public bucket" in direct.text
    assert world.slack.direct("manager") == []
    await bot.stop()
    assert (await bot.command("audit", "verify"))[0] == 0


async def test_an_emoji_acknowledges_and_a_tick_shows_who_is_done(world, bot, until):
    bot.rules = {**bot.rules, **RULES}
    await bot.start()
    finding_id, message = await told(world, until, "Public bucket")
    await world.slack.react("manager", ALERTS, message.ts, "eyes")
    await until(lambda: any("You can't acknowledge" in text for text in only_for(world, "manager")))
    await world.slack.react(BOB, ALERTS, message.ts, "tada")
    await world.slack.react(BOB, ALERTS, message.ts, "eyes::skin-tone-2")
    await until(lambda: ticked(message))
    assert "Acknowledged by <@U0BOB0001>" in str(message.blocks)
    await world.slack.react(ALICE, ALERTS, message.ts, "eyes")
    await until(lambda: any("was first" in text for text in only_for(world, ALICE)))

    undone = await world.slack.click(BOB, ALERTS, message.ts, "undo_decision")
    assert await undone.acked is not None
    await until(lambda: not ticked(message))
    assert world.studio.finding(finding_id)["status"] in ("open", "investigating")

    world.slack.settings.scopes -= {"reactions:write"}
    await press(world, ALERTS, message)
    await until(lambda: "Acknowledged by" in str(message.blocks))
    assert not ticked(message)
    assert telling(world, "compliance", "Not delivered") == []


async def test_a_colleagues_words_are_sent_to_studio_from_the_thread_or_from_anywhere(world, bot, until):
    bot.rules = {**bot.rules, **RULES}
    await bot.start()
    finding_id, message = await told(world, until, "Public bucket")
    said, _ = await world.slack.say("carol", ALERTS, "Closed by <@U0BOB0001> &amp; me", thread_ts=message.ts)
    sent = await world.slack.message_action(BOB, ALERTS, said.ts, "send_to_studio")
    assert await sent.acked is not None
    (comment,) = await commented(world, finding_id, "Closed by @")
    assert "carol wrote in Slack" in comment["content"]
    assert f"/archives/C0ALERTS1/p{said.ts.replace('.', '')}" in comment["content"]
    again = await world.slack.message_action(ALICE, ALERTS, said.ts, "send_to_studio")
    assert await again.acked is not None
    await until(lambda: len(again.answers) == 1)

    other, _ = await world.slack.say("carol", "general", "The vendor answers on Monday")

    async def from_general():
        return await world.slack.message_action(ALICE, "general", other.ts, "send_to_studio")

    reference = reference_in(message)
    view = await opened(world.slack, ALICE, from_general, "send_ref")
    ack = await sent_off(world.slack, ALICE, view, {"send_ref": "whatever"})
    assert "no reference" in ack.payload["errors"]["send_ref"]
    ack = await sent_off(world.slack, ALICE, view, {"send_ref": reference.lower()})
    assert not (ack.payload or {}).get("errors")
    (comment,) = await commented(world, finding_id, "The vendor answers on Monday")
    assert "sent by alice" in comment["content"]
    assert len(world.studio.comments(finding_id)) == 2
