"""``/compliance [framework]``: figures as of when, a near miss, and Studio asked once a minute."""

import asyncio

import pytest

from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.world import World

DASHBOARD = "GET /api/manager/dashboard"
"""What only a question asks for; the list of projects is read by itself too."""


@pytest.fixture
async def world():
    """The recorded Studio: five projects, six findings, one request."""
    world = World(clock=WorldClock())
    await world.start()
    yield world
    await world.stop()


@pytest.fixture
def ask(world, until):
    """Ask ``/compliance`` in #compliance; what only the one who asked is shown."""

    async def asking(who="bob", words=""):
        command = await world.slack.slash(who, "compliance", "/compliance", words)
        assert (await command.acked).payload is None
        await until(lambda: command.answers)
        (answer,) = command.answers
        assert answer["response_type"] == "ephemeral"
        return answer

    return asking


async def test_the_status_has_score_frameworks_criticals_tasks_and_as_of_when(bot, ask):
    await bot.start()
    shown = str(await ask())
    for said in ("*Overall score*\\n", "*Critical issues*\\n", "*Open tasks*\\n", "/100", "<!date^"):
        assert said in shown
    for framework in ("SOC 2", "HIPAA"):
        assert f"  {framework}" in shown


async def test_one_framework_is_found_however_it_is_written(bot, ask):
    await bot.start()
    for words in ("soc2", "SOC 2", "\u201csoc-2\u201d"):
        shown = str(await ask(words=words))
        assert "SOC 2" in shown
        assert "HIPAA" not in shown


async def test_an_unknown_framework_gets_the_near_miss_and_the_list(bot, ask):
    await bot.start()
    answer = await ask(words="hippa")
    assert answer["text"].startswith("I know no framework called hippa. Did you mean HIPAA? There are: ")
    assert "SOC 2" in answer["text"]


async def test_studio_is_asked_once_a_minute_however_many_ask(world, bot, ask):
    """Fails if every question goes to Studio."""
    await bot.start()
    await asyncio.gather(ask("bob"), ask("alice"), ask("U0CARL0001", "soc2"))
    await world.clock.jump(50.0)
    await ask("bob", "hippa")
    assert world.studio.calls_by_route()[DASHBOARD] == 1
    await world.clock.jump(11.0)
    await ask("bob")
    assert world.studio.calls_by_route()[DASHBOARD] == 2


async def test_guests_and_strangers_see_no_figures(world, bot, ask):
    await bot.start()
    for who, sentence in (("gina", "Guests can't"), ("U0CAROL001", "Only people of this workspace can")):
        answer = await ask(who)
        assert answer["text"].startswith(sentence)
        assert "blocks" not in answer
    assert world.studio.calls_by_route()[DASHBOARD] == 0
