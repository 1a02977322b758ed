"""``run``: from settings to a daemon that stops in order.

Everything long-lived is a task of one TaskGroup; one that ends by itself ends the process, so that a
half-alive daemon never stays up. Stopping: no new work, what is under way, the sockets, the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from compliance_bot import __version__, logs, systemd_notify
from compliance_bot.app.house import House, build
from compliance_bot.app.reload import Requests
from compliance_bot.clock import Clock, SystemClock
from compliance_bot.config.settings import Settings
from compliance_bot.control import ControlServer
from compliance_bot.errors import Misconfigured
from compliance_bot.followed_clock import FollowedClock
from compliance_bot.health import HealthServer
from compliance_bot.model.problems import Problem
from compliance_bot.rulebook import Rulebook
from compliance_bot.slack import client as slack_client
from compliance_bot.store.database import DATABASE_FILE, Database
from compliance_bot.studio import transport as studio_transport

_log = logs.logger(__name__)

STOP_WITHIN = 20.0
"""Seconds for what is under way; the note of the stop and the closing of the file have the rest of thirty."""
READY_WITHIN = 5.0
"""Seconds after which a start without Slack's hello is ready all the same, degraded."""
CLOCK_WITHIN = 10.0
_SWITCH_INTERVAL = 0.001
"""Seconds after which the database thread gives the interpreter back to the loop."""


async def run(
    settings: Settings, *, rulebook: Rulebook, warnings: Sequence[Problem], requests: Requests
) -> int:
    """Run until SIGTERM or SIGINT; 0 after a clean stop. ``requests``: what SIGHUP asks, from the first on.

    Raises ``Misconfigured`` where the bot can never work as configured, ``DatabaseUnusable`` likewise.
    """
    sys.setswitchinterval(_SWITCH_INTERVAL)
    # What was imported stays: looked through at every full collection it would hold up the loop for 40 ms.
    gc.freeze()
    for warning in warnings:
        _log.warning("rules.warning", problem=str(warning))
    stop = _stop_on_signals()
    requests.listen(asyncio.get_running_loop())
    # One connection, and the lock keeps others away: the WAL-reset fault of SQLite before 3.51.3 needs two.
    _log.info(
        "starting",
        version=__version__,
        sqlite=sqlite3.sqlite_version,
        rules=rulebook.hash,
        state=str(settings.state_path.absolute()),
    )
    async with AsyncExitStack() as stack:
        clock = await stack.enter_async_context(_clock(settings))
        database = await Database.open(settings.state_path / DATABASE_FILE)
        stack.push_async_callback(database.close)
        slack_session = await stack.enter_async_context(slack_client.open_session())
        ca_file = None if settings.studio_ca_file is None else str(settings.studio_ca_file)
        studio_session = await stack.enter_async_context(studio_transport.open_session(ca_file=ca_file))
        house = build(
            settings,
            rulebook=rulebook,
            clock=clock,
            database=database,
            slack_session=slack_session,
            studio_session=studio_session,
            requests=requests,
        )
        await _serve(settings, house, stop)
    requests.ignore(asyncio.get_running_loop())
    return 0


async def _serve(settings: Settings, house: House, stop: asyncio.Event) -> None:
    health = HealthServer(listen=settings.listen, readiness=house.readiness)
    control = ControlServer(state_path=settings.state_path, commands=house.commands())
    await health.start()
    try:
        await control.start()
        if await _unless_told_to_stop(house.arrive(), stop):
            await _live(house, stop)
            await house.leave(settings.state_path)
        _log.info("stopped")
    finally:
        await control.stop()
        await health.stop()


async def _unless_told_to_stop(work: Awaitable[None], stop: asyncio.Event) -> bool:
    """Do the work; False when the signal to stop came before its end."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
        return working.done()
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)


async def _live(house: House, stop: asyncio.Event) -> None:
    """Run every task until told to stop, then stop them in order."""
    stopping = asyncio.ensure_future(stop.wait())
    try:
        async with asyncio.TaskGroup() as group:
            reading = [group.create_task(work, name=name) for name, work in house.reading_tasks()]
            others = [group.create_task(work, name=name) for name, work in house.essential_tasks()]
            ready = group.create_task(_tell_when_ready(house), name="ready")
            done, _ = await asyncio.wait({stopping, *others, *reading}, return_when=asyncio.FIRST_COMPLETED)
            if stopping not in done:
                _raise_of(done)
            systemd_notify.notify("STOPPING=1")
            ready.cancel()
            await _cancel(reading)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_WITHIN):
                    await house.drain()
            await _cancel(others)
    finally:
        stopping.cancel()


def _raise_of(done: Iterable[asyncio.Future[Any]]) -> None:
    """An essential task ended: by its own error, or, without one, by a fault of ours."""
    for task in done:
        task.result()
    raise RuntimeError("an essential task ended by itself")


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _tell_when_ready(house: House) -> None:
    try:
        async with asyncio.timeout(READY_WITHIN):
            await house.wait_ready()
    except TimeoutError:
        reasons = house.readiness().degraded
        systemd_notify.notify("READY=1", f"STATUS=degraded: {' '.join(reasons)[:400]}")
        _log.warning("ready.degraded", reasons=reasons)
        await house.wait_ready()
    systemd_notify.notify("READY=1", "STATUS=connected")
    _log.info("ready")


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def heed(number: signal.Signals) -> None:
        _log.info("stopping", signal=number.name)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, heed, number)
    return stop


@asynccontextmanager
async def _clock(settings: Settings) -> AsyncIterator[Clock]:
    if settings.clock_url is None:
        yield SystemClock()
        return
    _log.warning("clock.follows_the_embedded_world", url=settings.clock_url)
    clock = FollowedClock(url=settings.clock_url)
    following = asyncio.create_task(clock.follow(), name="followed-clock")
    try:
        await _heard(clock, settings.clock_url)
        yield clock
    finally:
        following.cancel()


async def _heard(clock: FollowedClock, url: str) -> None:
    try:
        async with asyncio.timeout(CLOCK_WITHIN):
            await clock.heard()
    except TimeoutError:
        raise Misconfigured(
            f"COMPLIANCE_BOT_CLOCK={url} tells no time: start the world, or unset it."
        ) from None
