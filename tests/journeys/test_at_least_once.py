"""A channel that the bot may post to without being inside: at least once, and marked."""

from bot_process import FAST
from journey_steps import stored

from compliance_bot.sandbox.faults import Fault
from tests.journeys.steps import a_finding, an_operations_channel, notices, telling, with_operations

PLACE = "findings"
ROUTING = {"all": {"condition": "type == 'finding'", "channels": [f"#{PLACE}"], "replace": True}}


async def test_a_lost_answer_where_nobody_can_look_has_it_said_again_with_a_mark(world, bot, until):
    """Fails if it stays unknown for ever, or the second message looks like another finding's."""
    an_operations_channel(world)
    world.slack.settings.scopes.add("chat:write.public")
    place = world.slack.add_channel(PLACE, members=["alice"]).id
    lost = world.slack.faults.lay(
        Fault(
            call="chat.postMessage",
            where=lambda arguments: arguments["channel"] == place and "CB-" in str(arguments["blocks"]),
            drop="after",
            times=1,
        )
    )
    bot.rules = with_operations(FAST, routing_rules=ROUTING)
    await bot.start()
    a_finding(world, "Public bucket", severity="high")
    await until(lambda: len(telling(world, PLACE, "Public bucket")) == 2)

    await bot.settled()
    first, second = telling(world, PLACE, "Public bucket")
    assert lost.met == 1
    assert "may stand here already" not in str(first.blocks)
    assert "may stand here already" in str(second.blocks)
    assert len(stored(bot, "SELECT 1 FROM audit WHERE body LIKE '%delivery.sent_again_in_doubt%'")) == 1
    assert notices(world) == []
