"""Incoming webhooks: the way into a channel that the bot can't join. No token ever goes there.

A webhook's address is its secret. It is looked up when a message leaves, and stands in no error, log or
row. Source: Slack's "Sending messages using incoming webhooks": 200 with the text ``ok``, else a status
and a word of text; one message a second. There is no ``ts``, so nothing is edited or looked up.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from compliance_bot import failpoints, metrics
from compliance_bot.errors import Misconfigured
from compliance_bot.model.delivery import Done, Never, Outcome, Retry, Unknown
from compliance_bot.slack.client import (
    CONNECT_TIMEOUT,
    JSON,
    NEVER_SENT,
    REQUEST_TIMEOUT,
    Observed,
    read_body,
)
from compliance_bot.slack.failures import (
    FailureClass,
    SlackCallFailed,
    classify,
    refused,
    unanswered,
    unreachable,
    unreadable,
)

METHOD = "webhook"
"""Stands where another effect's payload has the name of Slack's method."""

_OK = "ok"
_LONGEST_WORD = 100
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_SENT = ("text", "blocks", "unfurl_links", "unfurl_media")
"""What of an effect's arguments leaves: an old kind of webhook would heed a ``channel``."""
_TABLE: Mapping[str, tuple[FailureClass, str]] = {
    word: (kind, why)
    for kind, words in {
        FailureClass.PERMANENT_DESTINATION: {
            "no_active_hooks": "the webhook was switched off",
            "no_service": "the webhook was removed",
            "no_service_id": "the webhook's address is not whole",
            "no_team": "the webhook's workspace is gone",
            "team_disabled": "the webhook's workspace is gone",
            "invalid_token": "the webhook's address is wrong, or was revoked",
            "channel_is_archived": "the webhook's channel is archived",
            "channel_not_found": "the webhook's channel is gone",
            "user_not_found": "the person it writes to is gone",
            "action_prohibited": "the workspace's administrators forbid it",
            "posting_to_general_channel_denied": "only some may post in that workspace's general channel",
        },
        FailureClass.PERMANENT_PAYLOAD: {
            "invalid_payload": "Slack could not read the message",
            "no_text": "there is no text",
            "too_many_attachments": "there are too many attachments",
        },
        FailureClass.UNKNOWN: {"rollup_error": "Slack failed, perhaps after having done it"},
    }.items()
    for word, why in words.items()
}


class WebhookSender:
    """Sends messages to incoming webhooks, once each.

    ``address`` gives a webhook's address by the channel as the settings spell it (``COMPLIANCE_ALERTS``),
    at each call, so a rotated file counts at once; ``Misconfigured`` where there is none. ``timeout`` in
    seconds. ``observed`` is told of each finished call.
    """

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        address: Callable[[str], str],
        proxy: str | None = None,
        timeout: float = REQUEST_TIMEOUT,
        observed: Observed = metrics.slack_called,
    ) -> None:
        self._observed = observed
        self._session = session
        self._address = address
        self._proxy = proxy or None
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, CONNECT_TIMEOUT))

    async def send(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Send one message; ``SlackCallFailed`` with its class where it is not taken."""
        body = json.dumps({part: arguments[part] for part in _SENT if part in arguments}, ensure_ascii=False)
        address = self._address(name)
        began = time.perf_counter()
        failpoints.reach("slack.webhook.before")
        outcome = "cancelled"
        try:
            await self._post(address, body.encode())
            outcome = "ok"
        except SlackCallFailed as failure:
            outcome = failure.code
            raise
        finally:
            self._observed(METHOD, outcome, time.perf_counter() - began)
        failpoints.reach("slack.webhook.after")

    async def _post(self, address: str, body: bytes) -> None:
        try:
            async with self._session.post(
                address,
                data=body,
                headers={"Content-Type": JSON},
                proxy=self._proxy,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                said = await read_body(response, _LONGEST_WORD)
                _judge(response.status, response.headers, said.decode("utf-8", "replace").strip())
        except NEVER_SENT as error:
            raise unreachable(METHOD, error) from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise unanswered(METHOD, error) from None


def _judge(status: int, headers: Mapping[str, str], said: str) -> None:
    """Raise what an answer means, unless the message was taken."""
    if 200 <= status < 300 and said == _OK:  # noqa: PLR2004 -- HTTP's own numbers
        return
    if status == 429:  # noqa: PLR2004 -- HTTP's own number
        raise refused(METHOD, {"error": "ratelimited"}, status, headers)
    known = _TABLE.get(said)
    if known is None and 400 <= status < 500 and _WORD.fullmatch(said):  # noqa: PLR2004 -- HTTP's own numbers
        known = classify(said)
    if known is None:
        raise unreadable(METHOD, status, headers)
    raise SlackCallFailed(method=METHOD, code=said, kind=known[0], why=known[1])


async def perform(sender: WebhookSender, arguments: Mapping[str, Any], *, degraded: bool) -> Outcome:
    """Send an effect's message once, and say what that came to.

    Only the one webhook waits where its host is away or limits the rate: the rest of Slack goes on.

    Args:
        sender: The way to the webhooks.
        arguments: The stored ones: ``webhook`` names the webhook, ``channel`` the place it stands for.
        degraded: It was plain text already.

    """
    try:
        await sender.send(str(arguments["webhook"]), arguments)
    except Misconfigured as error:
        return Never(reason=f"webhook_unusable: {error}")
    except SlackCallFailed as failure:
        return _outcome_of(failure, degraded=degraded)
    return Done(result={"channel": arguments["channel"], "ts": None})


def _outcome_of(failure: SlackCallFailed, *, degraded: bool) -> Outcome:
    match failure.kind:
        case FailureClass.RETRY:
            waits = failure.retry_after is not None or failure.code in ("unreachable", "http_503")
            return Retry(reason=failure.code, after=failure.retry_after, park=waits)
        case FailureClass.UNKNOWN:
            return Unknown(reason=failure.code)
        case FailureClass.PERMANENT_PAYLOAD if not degraded:
            return Retry(reason=failure.code, degrade=True)
        case _:
            return Never(reason=failure.code)
