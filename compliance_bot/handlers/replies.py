"""Answers to one person: ephemeral, given once, no promise beyond that.

By the interaction's own ``response_url`` while Slack takes it (30 minutes, five uses), else by
``chat.postEphemeral``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compliance_bot.clock import Clock
from compliance_bot.errors import SlackError
from compliance_bot.logs import logger
from compliance_bot.messages import digest_words, wording
from compliance_bot.messages.wording import Refusal
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.response_url import respond
from compliance_bot.store.inbox import InboxRow

_log = logger(__name__)

TOO_OLD = 300.0
"""Seconds after which an answer would puzzle more than help."""
_RESPONSE_URL_LIVES = 1500.0

Words = Mapping[str, Any]

SENTENCES: Mapping[str, Callable[[Words], str]] = {
    "already_acknowledged": lambda w: wording.already_acknowledged(w["who"], w["name"], w["at"], w["ref"]),
    "already_closed": lambda w: wording.already_closed(w["reason"], w["at"], w["ref"]),
    "acknowledged_all": lambda w: digest_words.acknowledged_all(
        w["ref"], w["won"], w["before"], w["unknown"]
    ),
    "on_data_of": lambda w: wording.acknowledged_on_data_of(w["ref"], w["at"]),
    "unknown_button": lambda w: wording.unknown_button(w["ref"]),
    "refused": lambda w: wording.refused(
        Refusal(w["refusal"]), action=w["action"], allowed=w["allowed"], reference=w["reference"]
    ),
    "not_recorded": lambda _: wording.not_recorded(),
    "internal_error": lambda w: wording.internal_error(w["reference"]),
}
"""Every answer, by the name under which a decision leaves it."""


class Replies:
    """Gives a person an answer where they stand."""

    def __init__(self, *, slack: SlackClient, clock: Clock) -> None:
        self._slack = slack
        self._clock = clock

    async def give(self, row: InboxRow) -> None:
        """Give a decided row's answer, unless it is too old by now."""
        if row.reply is not None and self._clock.now() - row.received_at <= TOO_OLD:
            await self.say(row, row.reply)

    async def say(self, row: InboxRow, reply: Words) -> None:
        """Say one sentence to the person of a row; a failure is logged, never raised."""
        text = SENTENCES[reply["say"]](reply)
        age = self._clock.now() - row.received_at
        url = row.body.get("response_url") if age < _RESPONSE_URL_LIVES else None
        await self.tell(person=row.person, channel=row.channel, response_url=url, body={"text": text})

    async def tell(
        self, *, person: str | None, channel: str | None, response_url: str | None, body: Mapping[str, Any]
    ) -> None:
        """Show ``body`` (text, blocks) to one person only."""
        try:
            if response_url:
                ephemeral = {**body, "response_type": "ephemeral", "replace_original": False}
                await respond(self._slack, response_url, ephemeral)
            elif person and channel:
                arguments = {**body, "channel": channel, "user": person}
                await self._slack.call("chat.postEphemeral", arguments)
        except SlackError as error:
            _log.warning("reply.not_given", person=person, reason=str(error))
