"""The anchor: a stock Bolt app that acks at once. ``python -m tests.benchmark.stock_bolt SLACK_API_URL``."""

import asyncio
import sys

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def main(url):
    """Serve until killed."""
    app = AsyncApp(client=AsyncWebClient(token="xoxb-bench", base_url=url))

    @app.command("/compliance")
    async def ask(ack):
        await ack()

    @app.action("acknowledge_alert")
    async def press(ack):
        await ack()

    await AsyncSocketModeHandler(app, "xapp-bench").start_async()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
