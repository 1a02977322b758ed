"""The real process against the embedded world over loopback: what journeys and crashes are driven by.

It is forked from one that has the program's modules imported (``warm_start``); else it is a cold start.
"""

import asyncio
import json
import os
import re
import signal
from pathlib import Path

import aiohttp
import yaml

from tests import warm_process
from tests.ports import free_port

ROOT = Path(__file__).parents[1]
POLL = "GET /api/findings"
PATIENCE = 60.0
"""Seconds a journey waits for what must come; it is over long before."""

FAST = {
    "studio": {"poll_interval": "200ms", "full_walk_interval": "1s", "quota_per_hour": 0},
    "delivery": {"per_channel": 0, "reconcile_after": "1s", "welcome": False},
}


class Bot:
    """One daemon process in one state directory; it can be killed and started again."""

    def __init__(self, world, home, rules):
        self.world = world
        self.home = home
        self.rules = rules
        self.process = None
        self.log_path = home / "bot.log"
        self.port = free_port()
        self.extra = {}
        self._news = asyncio.Event()
        self._copying = None

    @property
    def state(self):
        """Its state directory."""
        return self.home / "state"

    def environment(self):
        """What it is started with; writes its rules file."""
        rules_path = self.home / "rules.yaml"
        rules_path.write_text(as_yaml(merged(self.rules)))
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "SLACK_BOT_TOKEN": self.world.slack.settings.bot_token,
            "SLACK_APP_TOKEN": self.world.slack.settings.app_token,
            "SLACK_API_URL": self.world.slack_api_url,
            "STUDIO_URL": self.world.studio_url,
            "STUDIO_TOKEN_MANAGER": "studio-manager-token",
            "STUDIO_TOKEN_AUDITOR": "studio-auditor-token",
            "COMPLIANCE_BOT_RULES": str(rules_path),
            "COMPLIANCE_BOT_TEMPLATES": str(ROOT / "templates"),
            "COMPLIANCE_BOT_STATE": str(self.state),
            "COMPLIANCE_BOT_LISTEN": f"127.0.0.1:{self.port}",
            "COMPLIANCE_BOT_CLOCK": self.world.clock_url,
            **self.extra,
        }

    async def launch(self, *arguments):
        """Start the process without waiting for it to be ready."""
        self.process = await warm_process.start(
            arguments or ("run",), environment=self.environment(), directory=self.home
        )
        self._copying = asyncio.create_task(self._copy_log(self.process.stdout))

    async def _copy_log(self, stream):
        """Keep what it writes, and wake those who wait for a line."""
        while chunk := await stream.read(1 << 16):
            with self.log_path.open("ab") as log:
                log.write(chunk)
            self._tell()
        self._tell()

    def _tell(self):
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def start(self):
        """Start the process and return once Slack has said hello to it."""
        await self.launch()
        await within(self.ready())
        return self

    async def ready(self):
        """Return once the health page is green and Studio was read."""
        await self.page_when(lambda page: page.get("ready") and page["ages"]["poll"] is not None)

    async def page_when(self, holds):
        """The health page, once ``holds`` of it; a process that ended is told with its log.

        Looked at again whenever the process writes a line, or does something in the world.
        """
        while True:
            happening = self._happening()
            page = await self.page("/readyz")
            if page is not None and holds(page):
                happening.cancel()
                return page
            assert self.process.returncode is None, self.log()
            await happening

    def _happening(self):
        """Done at the next line of the log, change in Slack or poll of Studio, reckoned from now."""
        slack = self.world.slack.changes
        waits = self._news.wait(), slack.beyond(slack.number), _done(self.world.studio.next_call(POLL))
        return asyncio.ensure_future(_first_of([asyncio.ensure_future(one) for one in waits]))

    async def logged(self, event):
        """The first record of that event in the log, once it is there."""
        while True:
            news = self._news
            found = [one for one in self.log_events() if one.get("event") == event]
            if found:
                return found[0]
            assert self.process.returncode is None, self.log()
            await news.wait()

    async def page(self, path):
        """What the health page says now; None while nobody listens."""
        async with aiohttp.ClientSession() as session:
            try:
                async with session.get(f"http://127.0.0.1:{self.port}{path}") as answer:
                    return await answer.json()
            except (aiohttp.ClientError, OSError):
                return None

    async def ended(self):
        """The exit code, once the process has ended by itself."""
        code = await within(self.process.wait())
        await self._copying
        return code

    async def kill(self):
        """As the machine's power would: nothing is said to the process."""
        self.process.kill()
        await self.process.wait()
        await self._copying

    async def stop(self, signal_number=signal.SIGTERM):
        """Stop it in order; its exit code."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal_number)
        return await self.ended()

    async def command(self, *arguments):
        """Run another command of the program in the same surroundings: exit code and what it printed."""
        process = await warm_process.start(
            arguments, environment=self.environment(), directory=self.home, apart=True
        )
        out, err = await within(process.communicate())
        return process.returncode, out.decode(), err.decode()

    async def settled(self):
        """Return once what is in Studio by now was read, and nothing waits, is under way or uncertain."""
        await within(self.ready())
        for _ in range(2):
            await within(self.world.studio.next_call(POLL))
        while True:
            _, out, _ = await self.command("status", "--json")
            outbox = json.loads(out)["counts"]["outbox"]
            if not any(outbox[state] for state in ("pending", "sending", "unknown")):
                return

    def log(self):
        """Everything the process wrote."""
        return self.log_path.read_text() if self.log_path.exists() else ""

    def log_events(self):
        """Its log as records."""
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]


async def _done(future):
    await future


async def _first_of(tasks):
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


class _Quoting(yaml.SafeDumper):
    """Quotes times of day: YAML 1.1 reads some of those that its dumper leaves bare to base 60."""

    def represent_str(self, data):
        time_of_day = re.fullmatch(r"\d\d:\d\d", data)
        return self.represent_scalar("tag:yaml.org,2002:str", data, style='"' if time_of_day else None)


_Quoting.add_representer(str, _Quoting.represent_str)


def as_yaml(rules):
    """A rules file with these rules, as a person would write it."""
    return yaml.dump(rules, Dumper=_Quoting)


def merged(overrides):
    """The shipped rules with a journey's own values in place."""
    rules = yaml.safe_load((ROOT / "rules.yaml").read_text())
    for section, values in overrides.items():
        rules[section] = {**(rules.get(section) or {}), **values} if isinstance(values, dict) else values
    return rules


async def within(work, seconds=PATIENCE):
    """Wait for what must come."""
    async with asyncio.timeout(seconds):
        return await work
