"""What the daemon says of itself, waited for."""

from bot_process import within

SLACK_AWAY = "No Socket Mode connection"
STUDIO = "Studio"


async def page_until(bot, holds, seconds=30.0):
    """The health page, once ``holds`` of it; a process that ended is told with its log."""
    return await within(bot.page_when(holds), seconds)


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
    return await within(bot.logged(event))
