"""What Studio's details let out of credentials goes nowhere: not to disk, not to the log, not to Slack."""

import json
import signal

from bot_process import FAST, within
from journey_steps import CHANNELS, a_critical_is_shown, commented, press, says

from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.slack import report

INTEGRATION = "d0000000-0000-4000-8000-000000000001"
DETAIL = "GET /api/findings/{id}"
PLANTED = ("SECRET-IN-DB", "hunter2-of-the-journey", "client-secret-of-the-journey")
TOKENS = ("xoxb-demo-bot-token", "xapp-demo-app-token", "studio-manager-token", "studio-auditor-token")


async def test_a_credential_in_a_finding_s_detail_is_nowhere_after_the_whole_story(world, bot, until):
    """Fails if the answer is stored, logged or shown as it came."""
    world.studio.records.integrations[INTEGRATION] |= {
        "credentials": {"key": PLANTED[0], "password": PLANTED[1]},
        "config": {"clientSecret": PLANTED[2]},
    }
    bot.rules = {**FAST, "debug_config": {"log_level": "debug", "detailed_logging": True}}
    await bot.start()
    finding_id = await a_critical_is_shown(world, until, integrationId=INTEGRATION)
    echo = world.studio.faults.lay(
        Fault(call=DETAIL, times=1, status=500, body={"error": f"password {PLANTED[1]} was refused"})
    )
    await world.clock.jump(40.0)
    await within(echo.reached.wait())
    await press(world, "bob")
    await until(lambda: all(says(world, name, "Public bucket", "Acknowledged by") for name in CHANNELS))
    await commented(world, finding_id)
    nonsense = world.studio.faults.lay(
        Fault(call=DETAIL, times=1, status=200, body={"success": True, "data": {"severity": PLANTED[0]}})
    )
    while nonsense.met == 0:
        looked = world.studio.next_call(DETAIL)
        await world.clock.jump(40.0)
        await within(looked)
    details = [call for call in world.studio.calls_of(DETAIL) if call.status == 200]
    assert len(details) >= 2, "a detail with the credentials was read"
    await bot.command("status", "--json")
    assert await bot.stop(signal.SIGTERM) == 0

    places = {str(path): path.read_bytes() for path in bot.home.rglob("*") if path.is_file()}
    slack = [report.state(world.slack), [report.call(one) for one in world.slack.calls]]
    places["Slack"] = json.dumps(slack, default=str).encode()
    assert any(path.endswith("compliance-bot.db") for path in places)
    for where, held in places.items():
        for secret in (*PLANTED, *TOKENS):
            assert secret.encode() not in held, (secret, where)
