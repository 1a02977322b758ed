"""An answer to a mention that Slack would take only after an hour is not given: it answers nobody by then."""

from journey_steps import stored

from compliance_bot.sandbox.faults import Fault
from tests.journeys.steps import UPDATES

POST = "chat.postMessage"


async def test_an_answer_an_hour_late_is_not_given_and_the_next_one_is(world, bot, until):
    await bot.start()
    in_time = set()
    world.slack.faults.lay(
        Fault(
            call=POST,
            where=lambda asked: "thread_ts" in asked and asked["thread_ts"] not in in_time,
            status=429,
            headers={"Retry-After": "1"},
            body={"ok": False, "error": "ratelimited"},
        )
    )
    early, _ = await world.slack.mention("bob", UPDATES, "help")
    await until(lambda: [call for call in world.slack.calls_of(POST) if call.text("thread_ts") == early.ts])

    await world.clock.jump(3_601.0)
    late, _ = await world.slack.mention("bob", UPDATES, "help")
    in_time.add(late.ts)
    await until(lambda: world.slack.thread(UPDATES, late.ts))

    assert await bot.stop() == 0
    assert world.slack.thread(UPDATES, early.ts) == []
    replies = stored(bot, "SELECT state, error FROM effect WHERE kind = 'reply' ORDER BY id")
    assert [tuple(row) for row in replies] == [("skipped", "expired"), ("done", None)]
