from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from compliance_bot import logs
from compliance_bot.cli.ending import carry_out
from compliance_bot.clock import SystemClock
from compliance_bot.config.places import packaged_place
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.world import World
from compliance_bot.state_directory import hold
from compliance_bot.store.database import DATABASE_FILE, Database

RULES = """
slack_config:
  default_channel: "#compliance"
  operations_channel: "#bot-operations"
notification_types:
  critical_alerts:
    channel: "#compliance-alerts"
    priority: urgent
    mentions: ["@on-call"]
    template: critical_alert
people:
  roles:
    manager: ["boss@example.com"]
"""


@dataclass(frozen=True)
class Ended:
    """What a command came to."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ended]]:
    """Runs a command line in an empty directory: none of our settings are there, no secret was read yet."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, logging.raiseExceptions)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logs, "_kept", set())
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "STUDIO_URL", "STUDIO_TOKEN", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Ended:
        code = carry_out(list(arguments))
        told = capsys.readouterr()
        return Ended(code, told.out, told.err)

    yield run
    root.handlers[:], root.level, sys.excepthook, logging.raiseExceptions = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory in which a bot has run."""
    place = tmp_path / "state"
    monkeypatch.setenv("COMPLIANCE_BOT_STATE", str(place))

    async def make() -> None:
        database = await Database.open(place / DATABASE_FILE)
        await database.close()

    with hold(place):
        asyncio.run(make())
    return place


@dataclass
class Living:
    """A world on a loop of its own, since a command line has its own too."""

    world: World
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run ``work`` where the world lives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def call(self, change: Callable[[], Any]) -> Any:
        """Change the world on its own loop."""

        async def there() -> Any:
            return change()

        return self.do(there())


@pytest.fixture
def living(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Living]:
    """The embedded Slack and Studio, furnished for the rules above, with every setting right."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    found = Living(World(clock=WorldClock(start=SystemClock().now())), loop)
    found.do(found.world.start())
    found.call(lambda: furnish(found.world))
    settings = found.world.slack.settings
    for name, value in {
        "SLACK_API_URL": found.world.slack_api_url,
        "SLACK_BOT_TOKEN": settings.bot_token,
        "SLACK_APP_TOKEN": settings.app_token,
        "STUDIO_URL": found.world.studio_url,
        "STUDIO_TOKEN_AUDITOR": "studio-auditor-token",
        "STUDIO_TOKEN_MANAGER": "studio-manager-token",
        "COMPLIANCE_BOT_TEMPLATES": str(packaged_place("templates")),
    }.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "rules.yaml").write_text(RULES)
    yield found
    found.do(found.world.stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def furnish(world: World) -> None:
    standing = {channel.name for channel in world.slack.workspace.channels.values()}
    for name in ("compliance", "compliance-alerts", "bot-operations"):
        if name not in standing:
            world.slack.add_channel(name)
    if "on-call" not in {group.handle for group in world.slack.workspace.groups.values()}:
        world.slack.add_person("dora")
        world.slack.add_group("on-call", "On call", ["dora"])
