"""The processes of one measurement: the peer, a daemon, stock Bolt; each ended when it is over."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import yaml

from compliance_bot.handlers.manifest import OPTIONAL_SCOPES, SCOPES
from tests.benchmark.link import Link
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
FREE = {
    "studio": {"poll_interval": "1s", "full_walk_interval": "1h", "quota_per_hour": 0},
    "delivery": {"per_channel": 0, "reconcile_after": "15s", "welcome": False},
    "grouping": {"enabled": False},
}
"""Rules under which nothing but the program itself is the limit."""


class Stage:
    """A peer, a link and a state directory; daemons are started on it."""

    def __init__(self, *, link, port, session, home):
        self.link = link
        self.home = home
        self.session = session
        self.url = f"http://127.0.0.1:{port}"
        self.listen = free_port()

    @property
    def respond_url(self):
        """Where answers to one person go."""
        return f"{self.url}/respond/T0BENCH01/1"

    async def order(self, name, **order):
        """Have the peer do something; what it says."""
        async with self.session.post(f"{self.url}/control/{name}", data=json.dumps(order)) as answer:
            return await answer.json()

    def environment(self, rules=None, *, clock=False):
        """What the daemon is started with."""
        path = self.home / "rules.yaml"
        path.write_text(yaml.safe_dump(_merged(rules or {})))
        told = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "SLACK_BOT_TOKEN": "xoxb-bench-1",
            "SLACK_APP_TOKEN": "xapp-bench-1",
            "SLACK_API_URL": f"{self.url}/slack/api/",
            "STUDIO_URL": f"{self.url}/studio",
            "STUDIO_TOKEN_MANAGER": "manager-token",
            "STUDIO_TOKEN_AUDITOR": "auditor-token",
            "COMPLIANCE_BOT_RULES": str(path),
            "COMPLIANCE_BOT_TEMPLATES": str(ROOT / "templates"),
            "COMPLIANCE_BOT_STATE": str(self.home / "state"),
            "COMPLIANCE_BOT_LISTEN": f"127.0.0.1:{self.listen}",
        }
        return told | ({"COMPLIANCE_BOT_CLOCK": f"http://127.0.0.1:{self.link.port}/clock"} if clock else {})

    @asynccontextmanager
    async def daemon(self, rules=None, *, clock=False):
        """A daemon that has connected and polled once; stopped in order at the end."""
        env = self.environment(rules, clock=clock)
        async with self._process("compliance_bot", "run", env=env) as process:
            await asyncio.wait_for(self._settled(process), 60.0)
            yield process

    @asynccontextmanager
    async def stock(self):
        """Stock Bolt, connected."""
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONPATH": str(ROOT)}
        arguments = ("tests.benchmark.stock_bolt", f"{self.url}/slack/api/")
        async with self._process(*arguments, env=env) as process:
            await asyncio.wait_for(self.link.connected(), 30.0)
            yield process

    @asynccontextmanager
    async def _process(self, module, *arguments, env):
        self.link.greeted_at = None
        with (self.home / "process.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", module, *arguments, env=env, stdout=log, stderr=log, cwd=self.home
            )
            process.began = time.time()
            try:
                yield process
            finally:
                await _end(process)

    async def _settled(self, process):
        while True:
            if process.returncode is not None:
                raise RuntimeError((self.home / "process.log").read_text()[-2000:])
            page = await self.health("/readyz")
            told = json.loads(page) if page else {}
            if told.get("ready") and told["ages"]["poll"] is not None and self.link.sockets:
                return
            await asyncio.sleep(0.05)

    async def health(self, path):
        """What the daemon's own page says; None while nobody listens."""
        try:
            async with self.session.get(f"http://127.0.0.1:{self.listen}{path}") as answer:
                return await answer.text()
        except (aiohttp.ClientError, OSError):
            return None

    async def metric(self, name):
        """One figure of ``/metrics`` without labels."""
        lines = (await self.health("/metrics") or "").splitlines()
        return next((float(line.split()[1]) for line in lines if line.startswith(f"{name} ")), None)

    async def command(self, *arguments):
        """Run one command of the program: its exit code and its seconds."""
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "compliance_bot", *arguments),
            env=self.environment(),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=self.home,
        )
        return await process.wait(), time.perf_counter() - began

    async def answers(self):
        """What was answered to one person: when, and of how many bytes."""
        return (await self.order("counts"))["answers"]

    async def posts(self, count, seconds=120.0, what="posts"):
        """Wait until the peer has so many messages (or ``cases`` told by them); all messages."""
        async with asyncio.timeout(seconds):
            while (await self.order("counts"))[what] < count:  # noqa: ASYNC110 - another process's count
                await asyncio.sleep(0.1)
        return await self.order("posts")


@asynccontextmanager
async def stage():
    """A fresh stage."""
    home = Path(tempfile.mkdtemp(prefix="bench-"))
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        link = await Link().start()
        stack.push_async_callback(link.stop)
        scopes = ",".join([*SCOPES, *OPTIONAL_SCOPES])
        peer = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.benchmark.peer", link.url, scopes),
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
            cwd=home,
        )
        stack.push_async_callback(_end, peer)
        port = int(await peer.stdout.readline())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Stage(link=link, port=port, session=session, home=home)


async def _end(process):
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 35.0)
        except TimeoutError:
            process.kill()
            await process.wait()


def _merged(overrides):
    rules = yaml.safe_load((ROOT / "rules.yaml").read_text())
    for source in (FREE, overrides):
        for section, values in source.items():
            rules[section] = {**(rules.get(section) or {}), **values}
    return rules


def megabytes(process, what="VmRSS"):
    """Memory of a process in MB (``VmRSS`` now, ``VmHWM`` its peak)."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024, 1)


def cpu_seconds(process):
    """What a process has used of the processors, user and system."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
