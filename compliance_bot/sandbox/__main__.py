"""``python -m compliance_bot.sandbox``: the embedded world as a process of its own.

Prints one JSON line with its URLs once it listens; stops cleanly on SIGTERM and SIGINT.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys

from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.page.bot_desk import BotDesk
from compliance_bot.sandbox.page.serving import page_routes
from compliance_bot.sandbox.slack.settings import SlackSettings
from compliance_bot.sandbox.world import World


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="compliance_bot.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--speed", type=float, default=1.0, help="world seconds in a real second")
    parser.add_argument("--light", action="store_true", help="no limits and no checks of blocks")
    return parser.parse_args()


async def _run(options: argparse.Namespace) -> None:
    settings = SlackSettings(light=options.light, limits="off" if options.light else "real")
    world = World(
        clock=WorldClock(rate=options.speed),
        slack_settings=settings,
        more_routes=[*page_routes(), *BotDesk().routes()],
    )
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    await world.start(options.host, options.port)
    urls = {"url": world.url, "slack_api_url": world.slack_api_url, "studio_url": world.studio_url}
    sys.stdout.write(json.dumps(urls | {"clock_url": world.clock_url}) + "\n")
    sys.stdout.flush()
    try:
        await stopped.wait()
    finally:
        await world.stop()


if __name__ == "__main__":
    asyncio.run(_run(_options()))
