"""An interaction's ``response_url``: an answer to one person, good for 30 minutes and five uses.

It carries its own secret, so no token is sent with it, and only Slack's hosts are ever called.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from compliance_bot import failpoints
from compliance_bot.slack.client import REQUEST_TIMEOUT, SlackClient
from compliance_bot.slack.failures import FailureClass, SlackCallFailed

HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
_METHOD = "response_url"


async def respond(client: SlackClient, url: str, body: Mapping[str, Any]) -> None:
    """Send ``body`` to an interaction's own address; raises ``SlackCallFailed`` when it isn't taken."""
    if not _is_slacks(url, client.base_url):
        raise SlackCallFailed(
            _METHOD, "foreign_host", FailureClass.PERMANENT_DESTINATION, "it is not an address of Slack's"
        )
    timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT)
    failpoints.reach("slack.response_url.before")
    began, outcome = time.perf_counter(), "cancelled"
    try:
        async with client.session.post(
            url, json=dict(body), proxy=client.proxy, timeout=timeout, allow_redirects=False
        ) as response:
            if response.status != 200:  # noqa: PLR2004 - Slack answers 200 or it was not taken
                outcome = f"http_{response.status}"
                raise SlackCallFailed(
                    _METHOD, outcome, FailureClass.PERMANENT_DESTINATION, "it was not taken"
                )
            outcome = "ok"
    except (aiohttp.ClientError, TimeoutError, OSError):
        outcome = "unanswered"
        raise SlackCallFailed(_METHOD, "unanswered", FailureClass.UNKNOWN, "no answer came") from None
    finally:
        client.observed(_METHOD, outcome, time.perf_counter() - began)
    failpoints.reach("slack.response_url.after")


def _is_slacks(url: str, base_url: str) -> bool:
    """Slack's own hook hosts over TLS, or exactly the origin that the settings name."""
    asked, ours = urlsplit(url), urlsplit(base_url)
    if asked.username or asked.password:
        return False
    if asked.scheme == "https" and asked.hostname in HOSTS and asked.port in (None, 443):
        return True
    return (asked.scheme, asked.hostname, asked.port) == (ours.scheme, ours.hostname, ours.port)
