"""Whatever Slack answers, a finding is told or it is said that it could not be: never lost, never twice."""

from bot_process import FAST

from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.slack.refusals import body_of
from compliance_bot.sandbox.slack.refused import HEADERS, STATUS
from compliance_bot.slack.failures import FailureClass, listed_codes
from tests.journeys.steps import (
    UPDATES,
    a_finding,
    an_operations_channel,
    notices,
    telling,
    until_studio,
    with_operations,
)

RULES = with_operations(
    FAST,
    grouping={"enabled": False},
    studio={**FAST["studio"], "full_walk_interval": "1h"},
    delivery={"per_channel": 0, "reconcile_after": "1s", "welcome": False},
)
REFUSED_FOR_GOOD = (
    FailureClass.PERMANENT_DESTINATION,
    FailureClass.MESSAGE_GONE,
    FailureClass.STALE,
    FailureClass.FEATURE_MISSING,
    FailureClass.ALREADY_SO,
)


def refused_once(world, code, words, *, effect_first=False):
    """Have the first post that holds these words be refused with this code."""
    return world.slack.faults.lay(
        Fault(
            call="chat.postMessage",
            where=lambda arguments: words in str(arguments),
            times=1,
            status=STATUS.get(code, 200),
            headers=HEADERS.get(code, {}),
            body=body_of(code, "chat.postMessage", ""),
            effect_first=effect_first,
        )
    )


async def test_each_code_of_slack_once_ends_told_or_said_to_be_undeliverable(world, bot, until):
    """Fails if one code is taken for success, is retried blindly, or is dropped without a word."""
    bot.rules = RULES
    an_operations_channel(world)
    world.slack.settings.limits = "off"
    await bot.start()
    titles = {}
    for number, (code, kind) in enumerate(listed_codes().items()):
        titles[f"Case {number:03d} once"] = code
        refused_once(world, code, f"Case {number:03d} once")
        if kind is FailureClass.UNKNOWN:
            titles[f"Case {number:03d} done"] = code
            refused_once(world, code, f"Case {number:03d} done", effect_first=True)
    for title in titles:
        a_finding(world, title, severity="high")

    def ended(title):
        code = titles[title]
        if listed_codes()[code] in REFUSED_FOR_GOOD:
            return any(code in one for one in notices(world))
        return telling(world, UPDATES, title)

    await world.clock.run_at(20.0)
    await until(lambda: all(ended(title) for title in titles))
    await world.clock.jump(3600.0)
    await until_studio(world, lambda: True)
    a_finding(world, "The last one", severity="high")
    await until(lambda: telling(world, UPDATES, "The last one"))
    for title, code in titles.items():
        shown = len(telling(world, UPDATES, title))
        assert shown == (0 if listed_codes()[code] in REFUSED_FOR_GOOD else 1), (title, code)
    assert bot.process.returncode is None
    assert (await bot.page("/readyz"))["ready"]
