"""Frames that no contract allows: a line in the log, and the next click is acked and carried out."""

import copy
import json

from bot_process import FAST, within

from tests.journeys.steps import ACKNOWLEDGE, ALERTS, a_finding, press, telling

RULES = {**FAST, "studio": {**FAST["studio"], "full_walk_interval": "1h"}}
GIANT = 5 * 1024 * 1024
FRAMES = (
    "",
    "no JSON at all",
    '{"envelope_id": "cut',
    "[]",
    "null",
    "17",
    '"words"',
    "{}",
    b"\x00\xff\xfe binary",
    json.dumps({"type": "events_api", "payload": {}}),
    json.dumps({"envelope_id": 17, "type": "interactive", "payload": {}}),
    json.dumps({"envelope_id": {"a": 1}, "type": ["interactive"], "payload": "words"}),
    json.dumps({"envelope_id": "", "type": "slash_commands", "payload": {}}),
    json.dumps({"type": "a_type_of_tomorrow", "envelope_id": "e-1", "payload": {"a": 1}}),
    json.dumps({"type": "disconnect_all_of_them"}),
    "[" * 100_000,
)
PAYLOADS = (
    None,
    [],
    "words",
    17,
    {},
    {"type": "block_actions"},
    {"type": "block_actions", "actions": None, "user": None, "team": None},
    {"type": "block_actions", "actions": [None, 17, {}], "user": [], "channel": "C"},
    {"type": "view_submission", "view": None},
    {"type": "a_type_of_tomorrow"},
    {"type": "event_callback", "event": None},
    {"type": "event_callback", "event": {"type": "an_event_of_tomorrow"}},
    {"type": "event_callback", "event": {"type": "app_mention", "text": None, "user": {}, "channel": 7}},
    {"command": None},
    {"command": "/nobody_knows", "text": None, "user_id": "U0BOB0001"},
    {"command": 17, "text": {"a": 1}},
)
KINDS = ("events_api", "interactive", "slash_commands")


async def test_frames_and_payloads_of_any_kind_are_survived_and_the_next_click_counts(world, bot, until):
    """Fails if one bad frame ends the socket's reader, the process, or the acks that follow."""
    bot.rules = RULES
    await bot.start()
    a_finding(world, "Public bucket")
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    message = telling(world, ALERTS, "Public bucket")[0]
    sockets = world.slack.sockets_opened

    for frame in FRAMES:
        for socket in world.slack.sockets:
            socket.send(frame)
    acked = [
        world.slack.envelopes.deliver(kind, copy.deepcopy(payload))
        for kind in KINDS
        for payload in (*PAYLOADS, {"type": "event_callback", "event": {"type": "x", "text": "y" * GIANT}})
    ]
    strange = await world.slack.slash("bob", ALERTS, "/nobody_knows", "words")
    unknown = await unknown_button(world, message)
    await press(world, ALERTS, message)

    await until(lambda: "Acknowledged by" in str(message.blocks))
    await until(lambda: all(one.ack or one.given_up for one in acked))
    assert await within(strange.acked) is not None
    assert unknown.ack is not None
    assert world.slack.sockets_opened == sockets
    assert bot.process.returncode is None
    assert "Traceback" not in bot.log()
    assert [one for one in bot.log_events() if one["level"] in ("warning", "error")]


async def unknown_button(world, message):
    """Press a button that only an older or a later version of this bot would know."""
    click = await world.slack.click("bob", ALERTS, message.ts, ACKNOWLEDGE)
    payload = copy.deepcopy(click.payload)
    payload["actions"][0]["action_id"] = "a_button_of_tomorrow"
    return world.slack.envelopes.deliver("interactive", payload)
