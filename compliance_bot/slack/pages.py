"""Lists of Slack's that come in pages, read whole and as slowly as Slack asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance_bot.clock import Clock
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.failures import RETRY_AFTER_UNTOLD, FailureClass, SlackCallFailed

PAGE = 999
PAGES = 200
"""Pages after which a list counts as one without an end."""

_PATIENCE = 5


async def read_pages(
    client: SlackClient, clock: Clock, method: str, key: str, arguments: Mapping[str, Any]
) -> list[Any]:
    """What stands under ``key`` on every page; ``SlackCallFailed`` where one can't be had, or no end is.

    A list that was not read whole is never given for one that was: who is missing may be a guest.
    """
    found: list[Any] = []
    cursors: set[str | None] = {None}
    cursor: str | None = None
    for _ in range(PAGES):
        asked = {**arguments, "limit": PAGE, **({"cursor": cursor} if cursor else {})}
        page = await ask_politely(client, clock, method, asked)
        found.extend(page.get(key) or ())
        following = (page.get("response_metadata") or {}).get("next_cursor") or None
        if following is None:
            return found
        if following in cursors:
            raise _endless(method, "Slack's pages come round again")
        cursors.add(following)
        cursor = following
    raise _endless(method, f"there are more than {PAGES} pages")


def _endless(method: str, why: str) -> SlackCallFailed:
    return SlackCallFailed(method=method, code="endless_pages", kind=FailureClass.UNKNOWN, why=why)


async def ask_politely(
    client: SlackClient, clock: Clock, method: str, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """One call that waits as long as Slack's rate limit asks, some times over."""
    for _ in range(_PATIENCE):
        try:
            return await client.call(method, arguments)
        except SlackCallFailed as failure:
            if failure.retry_after is None:
                raise
            await clock.sleep(failure.retry_after or RETRY_AFTER_UNTOLD)
    return await client.call(method, arguments)
