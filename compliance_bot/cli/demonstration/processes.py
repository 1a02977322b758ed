"""The demo's two processes: how each is started, and how it is made to end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

from compliance_bot.cli.demonstration.place import HOST, Place, free_port
from compliance_bot.errors import BotError

_OURS = ("SLACK_", "STUDIO_", "COMPLIANCE_BOT_", "CREDENTIALS_DIRECTORY", "STATE_DIRECTORY", "NOTIFY_SOCKET")
_WORLD_STARTS_WITHIN = 30.0
_LONGEST_LINE = 4 * 1024 * 1024
STOPS_WITHIN = 31.0
"""Seconds a process gets to end by itself; the bot promises 30."""


async def start_world(port: int, speed: float) -> tuple[asyncio.subprocess.Process, Mapping[str, str]]:
    """The world's process and its URLs, once it listens. Raises ``BotError`` when it does not come up."""
    process = await _start(
        "compliance_bot.sandbox", "--host", HOST, "--port", str(port), "--speed", str(speed)
    )
    assert process.stdout is not None  # noqa: S101 - it was asked for
    with contextlib.suppress(TimeoutError, ValueError):
        async with asyncio.timeout(_WORLD_STARTS_WITHIN):
            urls: Mapping[str, str] = json.loads(await process.stdout.readline())
            return process, urls
    await end(process)
    raise BotError("the embedded world did not start; what it said stands above")


async def start_bot(urls: Mapping[str, str], place: Place) -> asyncio.subprocess.Process:
    """An unchanged ``compliance-bot run`` against the world; its log comes by ``stderr``."""
    return await _start("compliance_bot", "run", environment=_bot_settings(urls, place), log=True)


async def end(process: asyncio.subprocess.Process) -> int:
    """Ask the process to stop, wait, and kill it when it does not; its exit code."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOPS_WITHIN):
                await process.wait()
        except TimeoutError:
            kill(process)
    return await process.wait()


def kill(process: asyncio.subprocess.Process) -> None:
    """``kill -9``, now."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGKILL)


def reload(process: asyncio.subprocess.Process) -> None:
    """Have the bot read its rules again."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGHUP)


def _bot_settings(urls: Mapping[str, str], place: Place) -> dict[str, str]:
    """The tokens are those of the embedded world, as its ``settings`` and ``state`` name them."""
    return {
        "SLACK_BOT_TOKEN": "xoxb-demo-bot-token",
        "SLACK_APP_TOKEN": "xapp-demo-app-token",
        "SLACK_API_URL": urls["slack_api_url"],
        "STUDIO_URL": urls["studio_url"],
        "STUDIO_TOKEN_MANAGER": "studio-manager-token",
        "STUDIO_TOKEN_AUDITOR": "studio-auditor-token",
        "STUDIO_TOKEN_CUSTOMER": "studio-customer-token",
        "COMPLIANCE_BOT_CLOCK": urls["clock_url"],
        "COMPLIANCE_BOT_STATE": str(place.state),
        "COMPLIANCE_BOT_RULES": str(place.rules),
        "COMPLIANCE_BOT_TEMPLATES": str(place.templates),
        "COMPLIANCE_BOT_LISTEN": f"{HOST}:{free_port()}",
    }


async def _start(
    *arguments: str, environment: Mapping[str, Any] | None = None, log: bool = False
) -> asyncio.subprocess.Process:
    """A Python process that knows no setting but ``environment`` and hears no Ctrl-C of ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *arguments,
        env={**inherited, **(environment or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL if log else asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE if log else None,
        start_new_session=True,
        limit=_LONGEST_LINE,
    )
