"""Studio talking nonsense: nothing is lost or told twice, the process stays, and what is wrong is said."""

from bot_process import FAST

from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.studio import nonsense
from tests.journeys.steps import (
    ALERTS,
    COMMENT,
    DETAIL,
    LIST,
    PUT,
    UPDATES,
    a_finding,
    an_operations_channel,
    notices,
    polls,
    press,
    telling,
    until_studio,
    with_operations,
)

RULES = with_operations(
    FAST,
    studio={"poll_interval": "1s", "full_walk_interval": "20s", "quota_per_hour": 0},
    delivery={"per_channel": 0, "reconcile_after": "1s", "welcome": False},
)
LISTS = (
    nonsense.html(LIST),
    nonsense.html(LIST, status=404),
    nonsense.html(LIST, status=503),
    nonsense.truncated(),
    nonsense.empty_body(),
    nonsense.wrong_envelope(),
    nonsense.wrong_types(),
    nonsense.nulls(),
    nonsense.missing_fields(),
    nonsense.giant_field(),
    nonsense.page_loop(),
    nonsense.empty_page(),
    nonsense.server_error(LIST),
    Fault(call=LIST, status=400, body={"error": "Bad Request"}),
    Fault(call=LIST, status=200, body="NaN"),
    Fault(call=LIST, status=200, body="[" * 100_000),
    Fault(call=LIST, status=200, body=nonsense.page(nonsense.list_item(), total=-5, limit="many", number={})),
    Fault(call=LIST, status=200, body=nonsense.page(nonsense.list_item(title="\ud800\x00<!channel>" * 50))),
    Fault(call=LIST, status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"}, body=""),
    Fault(call=LIST, drop="before"),
)


async def test_findings_that_come_while_lists_are_nonsense_are_each_told_once(world, bot, until):
    """Fails if one bad answer ends the poll or the process, or makes a finding new a second time."""
    bot.rules = RULES
    an_operations_channel(world)
    world.slack.settings.limits = "off"
    await bot.start()
    a_finding(world, "Before it all")
    await until(lambda: telling(world, ALERTS, "Before it all"))
    await world.clock.run_at(20.0)
    titles = ["Before it all"]
    for number, fault in enumerate(LISTS):
        world.studio.faults.lay(fault)
        titles.append(f"Finding {number:02d} of the storm")
        a_finding(world, titles[-1])
        await until_studio(world, lambda fault=fault: fault.met >= 4)
        assert bot.process.returncode is None, bot.log()[-4000:]
        world.studio.faults.lift(fault)

    await until(lambda: all(telling(world, ALERTS, title) for title in titles))
    await world.clock.run_at(100.0)
    seen = world.clock.now()
    await until_studio(world, lambda: world.clock.now() > seen + 120.0)
    await world.clock.run_at(1.0)
    assert [title for title in titles if len(telling(world, ALERTS, title)) != 1] == []
    assert all("Closed" not in str(telling(world, ALERTS, title)[0].blocks) for title in titles)
    assert "<!channel>" not in str([one.blocks for one in world.slack.messages(UPDATES)])
    assert any("can't be read" in one for one in notices(world))
    assert bot.process.returncode is None
    await polls(world, 2)
    assert not any("studio" in reason.lower() for reason in (await bot.page("/readyz"))["degraded"])


async def test_a_decision_taken_in_the_storm_is_written_once_when_it_ends(world, bot, until):
    """Fails if nonsense counts as an answer: the write would be lost, or done without a look."""
    bot.rules = RULES
    an_operations_channel(world)
    await bot.start()
    finding_id = a_finding(world, "Public bucket")
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    message = telling(world, ALERTS, "Public bucket")[0]
    storm = [
        nonsense.html(DETAIL, times=9),
        Fault(
            call=DETAIL, times=9, status=200, body={"success": True, "data": {"id": 17, "comments": "none"}}
        ),
        nonsense.html(PUT, times=2),
        nonsense.giant_field(PUT, times=1),
        Fault(call=PUT, times=1, status=200, body={"success": True, "data": None}, effect_first=True),
        nonsense.giant_field(COMMENT, times=1),
        Fault(call=COMMENT, times=1, status=201, body="", effect_first=True),
    ]
    for fault in storm:
        world.studio.faults.lay(fault)
    await press(world, ALERTS, message)
    await world.clock.run_at(100.0)
    await until_studio(world, lambda: world.studio.comment_count(finding_id) == 1)
    settled = world.clock.now()
    await until_studio(world, lambda: world.clock.now() > settled + 900.0)
    await world.clock.run_at(1.0)
    assert [fault.call for fault in storm if not fault.met] == []

    assert world.studio.finding(finding_id)["status"] == "investigating"
    assert world.studio.comment_count(finding_id) == 1
    assert "Acknowledged by" in str(message.blocks)
    assert "not yet in Studio" not in str(message.blocks)
    assert bot.process.returncode is None
