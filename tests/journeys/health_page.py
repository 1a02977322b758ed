"""What the daemon says of itself, waited for."""

import asyncio

from bot_process import within

SLACK_AWAY = "No Socket Mode connection"
STUDIO = "Studio"


async def page_until(bot, holds, seconds=30.0):
    """The health page, once ``holds`` of it; a process that ended is told with its log."""

    async def waiting():
        while True:
            assert bot.process.returncode is None, bot.log()
            page = await bot.page("/readyz")
            if page is not None and holds(page):
                return page
            await asyncio.sleep(0.02)

    return await within(waiting(), seconds)


def says(*words):
    """A condition of the page: it is red, and a reason has all these words."""

    def holds(page):
        return not page["ready"] and any(all(word in why for word in words) for why in page["degraded"])

    return holds


def green(page):
    """A condition of the page: nothing is degraded."""
    return page["ready"]


async def logged(bot, event):
    """The first record of that event in the log, once it is there."""

    async def waiting():
        while True:
            found = [one for one in bot.log_events() if one.get("event") == event]
            if found:
                return found[0]
            assert bot.process.returncode is None, bot.log()
            await asyncio.sleep(0.02)

    return await within(waiting())
