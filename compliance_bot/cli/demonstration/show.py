"""The demo from curtain to curtain: the world, the bot, the bot again whenever it ends, the end."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import signal
import webbrowser
from asyncio.subprocess import Process
from collections.abc import Mapping
from typing import Any

import aiohttp
import click

from compliance_bot.cli.demonstration.cast import bring_in
from compliance_bot.cli.demonstration.lines import demo_line, entry_of, short_line
from compliance_bot.cli.demonstration.place import Place
from compliance_bot.cli.demonstration.processes import end, kill, reload, start_bot, start_world
from compliance_bot.cli.demonstration.rules_desk import RulesDesk
from compliance_bot.cli.ending import DONE, FAULT, MISCONFIGURED
from compliance_bot.rulebook import compile_rulebook

RESTARTS_AFTER = 2.0
"""Real seconds between the end of a bot and the start of the next."""
_LONGEST_ORDER = 4 * 1024 * 1024


class Show:
    """One run of the demo. ``speed``: world seconds in a real second."""

    def __init__(self, *, place: Place, port: int, speed: float, browser: bool) -> None:
        self._place = place
        self._port = port
        self._speed = speed
        self._browser = browser
        self._stop = asyncio.Event()
        self._bot: Process | None = None
        self._hears_reload = False
        self._killed = False

    async def run(self) -> int:
        """Play until SIGINT or SIGTERM, or until a process ends that should not: exit code 0 or 1."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        world, urls = await start_world(self._port, self._speed)
        try:
            async with aiohttp.ClientSession(
                urls["url"], timeout=aiohttp.ClientTimeout(total=None)
            ) as session:
                return await self._play(world, urls, session)
        finally:
            await end(world)
            _say("Stopped.")

    async def _play(self, world: Process, urls: Mapping[str, str], session: aiohttp.ClientSession) -> int:
        await _post(session, "/world/studio/story", {})
        await bring_in(functools.partial(_post, session))
        rulebook, _ = compile_rulebook(self._place.rules, self._place.templates)
        await _post(session, "/world/bot", {"state": "starting"})
        self._announce(urls["url"])
        desk = RulesDesk(
            place=self._place,
            ask=functools.partial(_get, session),
            tell=functools.partial(_post, session),
            reload=self._reload,
        )
        await desk.open(rulebook)
        ends = {
            "bot": asyncio.create_task(self._keep_a_bot(urls, session, desk)),
            "world": asyncio.create_task(world.wait()),
            "orders": asyncio.create_task(self._take_orders(session, desk)),
            "stop": asyncio.create_task(self._stop.wait()),
        }
        await asyncio.wait(ends.values(), return_when=asyncio.FIRST_COMPLETED)
        stopped = self._stop.is_set()
        for name in ("bot", "orders", "world", "stop"):
            ends[name].cancel()
        await asyncio.gather(*ends.values(), return_exceptions=True)
        if self._bot is not None:
            await end(self._bot)
        return DONE if stopped else FAULT

    def _announce(self, url: str) -> None:
        click.echo(f"DEMO: a made-up Slack and a made-up Studio, and the real bot. Open {url}/")
        _say("Ctrl-C ends it. Nothing leaves this machine.")
        if self._browser:
            # Some browsers keep the call waiting until they are closed.
            asyncio.get_running_loop().run_in_executor(None, webbrowser.open, f"{url}/")

    async def _keep_a_bot(
        self, urls: Mapping[str, str], session: aiohttp.ClientSession, desk: RulesDesk
    ) -> None:
        """One bot after another; returns when one says that it can never work."""
        restarts = 0
        while True:
            self._killed = False
            self._bot = await start_bot(urls, self._place)
            word = {"state": "running", "pid": self._bot.pid, "restarts": restarts}
            await _post(session, "/world/bot", word)
            await self._relay(self._bot, desk)
            self._hears_reload = False
            code = await self._bot.wait()
            if code == MISCONFIGURED:
                _say(f"The bot cannot work as configured (exit code {code}); its own words stand above.")
                return
            _say(f"The bot ended ({'killed' if self._killed else f'exit code {code}'}); it starts again.")
            await _post(session, "/world/bot", {"state": "killed", "pid": None})
            await asyncio.sleep(RESTARTS_AFTER)
            restarts += 1

    async def _relay(self, bot: Process, desk: RulesDesk) -> None:
        """Print the bot's log until it ends, and heed what it says of its rules."""
        assert bot.stderr is not None  # noqa: S101 - it was asked for
        while line := await bot.stderr.readline():
            click.echo(short_line(line), err=True)
            entry = entry_of(line)
            # From this line on SIGHUP has a meaning of the bot's own: before, it would end the process.
            self._hears_reload |= entry.get("event") == "starting"
            await desk.heed(entry)

    def _reload(self) -> None:
        if self._bot is not None and self._hears_reload:
            reload(self._bot)

    async def _take_orders(self, session: aiohttp.ClientSession, desk: RulesDesk) -> None:
        """Carry out what the page wants of the bot's process and of its rules."""
        async with session.get("/world/bot/orders", read_bufsize=_LONGEST_ORDER) as orders:
            async for line in orders.content:
                order = json.loads(line)
                if order["order"] == "kill" and self._bot is not None:
                    self._killed = True
                    kill(self._bot)
                await desk.answer(order)


async def _get(session: aiohttp.ClientSession, path: str) -> Any:
    async with session.get(path) as answer:
        return await answer.json()


async def _post(session: aiohttp.ClientSession, path: str, body: Mapping[str, Any]) -> None:
    with contextlib.suppress(aiohttp.ClientError):
        async with session.post(path, json=body):
            return


def _say(words: str) -> None:
    click.echo(demo_line(words), err=True)
