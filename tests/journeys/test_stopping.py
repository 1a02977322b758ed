"""Stopping: in order, within the time, and with nothing lost or doubled, whatever is under way."""

import asyncio
import os
import resource
import signal
import socket
import sqlite3

import pytest
from bot_process import FAST, within

from compliance_bot.sandbox.faults import Fault
from compliance_bot.store.database import DATABASE_FILE
from tests.journeys.health_page import green, logged, page_until, says
from tests.journeys.steps import (
    ACKNOWLEDGE,
    ALERTS,
    COMMENT,
    PUT,
    a_finding,
    press,
    telling,
    until_studio,
)

RULES = {**FAST, "studio": {**FAST["studio"], "full_walk_interval": "1h", "first_run": "all"}}


@pytest.fixture(autouse=True)
def rules(bot):
    bot.rules = RULES


async def told(world, bot, until, title="Public bucket"):
    """A critical finding that stands in Slack: its id, and its message."""
    finding_id = a_finding(world, title)
    if bot.process is None:
        await bot.start()
    await until(lambda: telling(world, ALERTS, title))
    return finding_id, telling(world, ALERTS, title)[0]


async def whole_chain(bot):
    """The audit chain of the stopped bot, verified."""
    code, out, err = await bot.command("audit", "verify")
    assert code == 0, out + err


# ---------------------------------------------------------------- by a signal


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_with_0_and_leaves_the_chain_whole(world, bot, until, number):
    await told(world, bot, until)
    assert await bot.stop(number) == 0
    assert not world.slack.sockets
    assert not (bot.state / "control.sock").exists()
    await whole_chain(bot)


async def test_a_post_that_slack_holds_is_waited_for_and_stands_once(world, bot, until):
    await bot.start()
    held = world.slack.faults.lay(Fault(call="chat.postMessage", times=1, hold="after"))
    a_finding(world, "Public bucket")
    await within(held.reached.wait())
    bot.process.send_signal(signal.SIGTERM)
    await logged(bot, "stopping")
    held.release()
    assert await bot.ended() == 0

    await bot.start()
    await until(lambda: telling(world, ALERTS, "Public bucket"))
    a_finding(world, "The next one")
    await until(lambda: telling(world, ALERTS, "The next one"))
    assert len(telling(world, ALERTS, "Public bucket")) == 1
    assert await bot.stop() == 0
    await whole_chain(bot)


async def test_a_post_that_slack_holds_too_long_is_let_go_and_found_at_the_next_start(world, bot, until):
    await bot.start()
    held = world.slack.faults.lay(Fault(call="chat.postMessage", hold="after"))
    a_finding(world, "Public bucket")
    await within(held.reached.wait())
    assert await bot.stop() == 0

    world.slack.faults.lift(held)
    await bot.start()
    a_finding(world, "The next one")
    await until(lambda: telling(world, ALERTS, "The next one"))
    _, counts, _ = await bot.command("status", "--json")
    assert len(telling(world, ALERTS, "Public bucket")) == 1, counts
    assert await bot.stop() == 0
    await whole_chain(bot)


async def test_a_write_that_studio_holds_is_done_once_and_commented_once(world, bot, until):
    finding_id, message = await told(world, bot, until)
    held = world.studio.faults.lay(Fault(call=PUT, times=1, hold="after"))
    await press(world, ALERTS, message)
    await within(held.reached.wait())
    bot.process.send_signal(signal.SIGTERM)
    await logged(bot, "stopping")
    held.release()
    assert await bot.ended() == 0

    await bot.start()
    await until(lambda: telling(world, ALERTS, "Acknowledged by"))
    await until_studio(world, lambda: world.studio.comment_count(finding_id) == 1, COMMENT)
    assert world.studio.put_count(finding_id) == 1
    assert world.studio.finding(finding_id)["status"] == "investigating"
    assert await bot.stop() == 0
    await whole_chain(bot)


async def test_a_click_in_flight_is_kept_and_carried_out_at_the_next_start(world, bot, until):
    finding_id, message = await told(world, bot, until)
    gone = sqlite3.connect(bot.state / DATABASE_FILE, isolation_level=None)
    gone.execute("BEGIN IMMEDIATE")
    click = await world.slack.click("bob", ALERTS, message.ts, ACKNOWLEDGE)
    bot.process.send_signal(signal.SIGTERM)
    await logged(bot, "stopping")
    gone.execute("ROLLBACK")
    gone.close()
    acked = await within(click.acked)
    assert await bot.ended() == 0
    assert acked is not None

    await bot.start()
    await until(lambda: telling(world, ALERTS, "Acknowledged by"))
    await until_studio(world, lambda: world.studio.comment_count(finding_id) == 1, COMMENT)
    assert world.studio.put_count(finding_id) == 1
    assert await bot.stop() == 0
    await whole_chain(bot)


async def test_a_database_that_another_process_holds_makes_the_stop_unclean_but_no_longer(world, bot, until):
    await told(world, bot, until)
    gone = sqlite3.connect(bot.state / DATABASE_FILE, isolation_level=None)
    gone.execute("BEGIN IMMEDIATE")
    bot.process.send_signal(signal.SIGTERM)
    assert await within(bot.process.wait(), 60) == 1
    assert "the database did not take it in time" in bot.log().splitlines()[-1]
    gone.execute("ROLLBACK")
    gone.close()

    await bot.start()
    a_finding(world, "The next one")
    await until(lambda: telling(world, ALERTS, "The next one"))
    assert len(telling(world, ALERTS, "Public bucket")) == 1
    assert await bot.stop() == 0
    await whole_chain(bot)


async def test_a_signal_while_it_is_starting_ends_it_with_0(world, bot):
    held = world.slack.faults.lay(Fault(call="auth.test", hold="before"))
    await bot.launch()
    await within(held.reached.wait())
    assert await bot.stop() == 0
    assert not world.slack.sockets


async def test_a_peer_that_does_not_answer_the_close_holds_nobody_up(world, bot):
    await bot.start()
    world.slack.settings.never_close = True
    assert await bot.stop() == 0


async def test_killed_it_goes_on_where_it_was(world, bot, until):
    finding_id, message = await told(world, bot, until)
    held = world.studio.faults.lay(Fault(call=PUT, times=1, hold="before"))
    await press(world, ALERTS, message)
    await within(held.reached.wait())
    await bot.kill()
    held.release()

    await bot.start()
    await until(lambda: telling(world, ALERTS, "Acknowledged by"))
    await until_studio(world, lambda: world.studio.comment_count(finding_id) == 1, COMMENT)
    assert len(telling(world, ALERTS, "Public bucket")) == 1
    assert await bot.stop() == 0
    await whole_chain(bot)


# ---------------------------------------------------------------- by a fault


async def test_a_dead_essential_task_ends_the_process_with_its_traceback(world, bot, until):
    """Somebody drops a table under the running bot: no half-alive daemon stays up."""
    await told(world, bot, until)
    with sqlite3.connect(bot.state / DATABASE_FILE) as foreign:
        foreign.execute("DROP TABLE cursor")
    assert await bot.ended() == 1
    (fault,) = [one for one in bot.log_events() if one["level"] == "critical"]
    assert "no such table" in fault["exception"]
    assert "Traceback" in fault["exception"]
    assert not world.slack.sockets


async def test_a_full_disk_ends_nothing_and_loses_nothing(world, bot, until):
    """The kernel lets no file of the process grow: nothing is recorded, so nothing is told; then all is."""
    await told(world, bot, until)
    pid, unlimited = bot.process.pid, resource.RLIM_INFINITY
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
    a_finding(world, "While the disk was full")
    await page_until(bot, says("Nothing can be recorded"))
    assert not telling(world, ALERTS, "While the disk was full")

    resource.prlimit(pid, resource.RLIMIT_FSIZE, (unlimited, hard))
    await until(lambda: telling(world, ALERTS, "While the disk was full"))
    await page_until(bot, green)
    assert len(telling(world, ALERTS, "Public bucket")) == 1
    assert await bot.stop() == 0
    await whole_chain(bot)


# ---------------------------------------------------------------- what systemd hears


@pytest.fixture
async def systemd(bot, tmp_path):
    """A socket in systemd's place: a function that waits until something was said, and forgets it."""
    said = []
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.bind(str(tmp_path / "notify"))
    line.settimeout(0)
    bot.extra = {"NOTIFY_SOCKET": str(tmp_path / "notify")}

    async def heard(word):
        while not (found := [words for words in said if word in words]):
            said.append((await asyncio.get_running_loop().sock_recv(line, 4096)).decode())
        said.remove(found[0])
        return found[0]

    yield lambda word: within(heard(word))
    line.close()


async def test_systemd_hears_of_the_start_of_progress_and_of_the_stop(bot, systemd):
    await bot.launch()
    assert "STATUS=connected" in await systemd("READY=1")
    await systemd("WATCHDOG=1")
    bot.process.send_signal(signal.SIGTERM)
    await systemd("STOPPING=1")
    assert await bot.ended() == 0


async def test_without_slack_systemd_hears_that_it_is_ready_and_degraded(world, bot, systemd):
    world.slack.faults.lay(Fault(call="*", drop="before"))
    await bot.launch()
    assert "STATUS=degraded: No Socket Mode connection stands" in await systemd("READY=1")
    await systemd("WATCHDOG=1")
    world.slack.faults.lift_all()
    await world.clock.run_at(20.0)
    await systemd("STATUS=connected")
    assert await bot.stop() == 0


async def test_a_database_that_takes_no_row_is_no_progress(bot, systemd):
    await bot.launch()
    await systemd("WATCHDOG=1")
    locked = sqlite3.connect(bot.state / DATABASE_FILE, isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")
    await page_until(bot, says("Nothing can be recorded"))
    locked.execute("ROLLBACK")
    locked.close()
    await page_until(bot, lambda page: not says("Nothing can be recorded")(page))
    assert await bot.stop() == 0


async def test_stopped_for_ten_minutes_it_catches_up_once(world, bot, until):
    """A laptop's sleep: the process stands still while the world goes on."""
    await told(world, bot, until)
    os.kill(bot.process.pid, signal.SIGSTOP)
    world.slack.drop_sockets()
    a_finding(world, "During the sleep")
    await world.clock.jump(600.0)
    os.kill(bot.process.pid, signal.SIGCONT)
    await until(lambda: telling(world, ALERTS, "During the sleep"))
    await page_until(bot, green)
    assert len(telling(world, ALERTS, "During the sleep")) == 1
    assert len(telling(world, ALERTS, "Public bucket")) == 1
    assert await bot.stop() == 0
