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
from compliance_bot.messages import away_words, buttons, digest_words, framing, refusal_words, wording
from compliance_bot.messages import decision_words as decisions
from compliance_bot.messages.approval_answer_words import ANSWERS
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
        w["ref"], w["won"], w["before"], w["unknown"], w.get("takes", 0.0)
    ),
    "on_data_of": lambda w: wording.acknowledged_on_data_of(w["ref"], w["at"]),
    "snoozed": lambda w: decisions.answer_snoozed(w["ref"], w["until"]),
    "assigned": lambda w: decisions.answer_assigned(
        w["ref"], w.get("who"), w["name"], here_only=w["here_only"]
    ),
    "fix_by_set": lambda w: decisions.answer_fix_by(w["ref"], w["until"]),
    "undone": lambda w: decisions.answer_undone(w["ref"], w["action"], w.get("stays")),
    "proposed": lambda w: decisions.answer_proposed(w["ref"]),
    "proposed_already": lambda w: decisions.proposed_already(w["ref"], w["who"], w["name"]),
    "proposal_ended": lambda w: decisions.proposal_over(w["ref"], w["how"], w["who"], w["name"], w["at"]),
    "proposal_overtaken": lambda w: decisions.proposal_overtaken(w["ref"]),
    "second_is_first": lambda w: decisions.second_is_first(w["ref"]),
    "undo_not_yours": lambda w: decisions.undo_not_yours(w["ref"], w["who"], w["name"]),
    "undo_too_late": lambda w: decisions.undo_too_late(w["ref"], w["at"]),
    "undo_overtaken": lambda w: decisions.undo_overtaken(w["ref"]),
    "undone_already": lambda w: decisions.undone_already(w["ref"]),
    "undo_impossible": lambda w: decisions.undo_impossible(w["ref"]),
    "reason_missing": lambda w: decisions.reason_missing(w["ref"]),
    "words_missing": lambda w: decisions.words_missing(w["ref"]),
    "date_is_past": lambda w: decisions.date_is_past(w["ref"], w["at"]),
    "date_too_far": lambda w: decisions.date_too_far(w["ref"], w["at"]),
    "snooze_too_long": lambda w: decisions.snooze_too_long(w["ref"], w["at"]),
    "not_snoozed": lambda w: decisions.not_snoozed(w["ref"]),
    "nobody_chosen": lambda w: decisions.nobody_chosen(w["ref"]),
    "assigned_already": lambda w: decisions.assigned_already(w["ref"], w.get("who"), w["name"]),
    "take_it_first": lambda w: decisions.take_it_first(w["ref"]),
    "changed_since": lambda w: decisions.changed_since(w["ref"], w["before"], w["after"]),
    "sent_before": lambda w: decisions.sent_before(w["ref"], w["name"], w["at"]),
    "sent_to_studio": lambda w: decisions.answer_sent(w["ref"], shadow=w["shadow"]),
    "waits_for_studio": lambda w: decisions.waits_for_studio(w["ref"], w["until"]),
    "project_not_listed": lambda w: decisions.project_not_listed(w["ref"]),
    "expired": lambda w: decisions.expired(w["ref"]),
    "unknown_button": lambda w: wording.unknown_button(w["ref"]),
    "refused": lambda w: refusal_words.refused(
        Refusal(w["refusal"]), action=w["action"], allowed=w["allowed"], reference=w["reference"]
    ),
    **ANSWERS,
    **away_words.SENTENCES,
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
        """Give a decided row's answer, unless it is too old by now; who waited is told what became of it."""
        if row.reply is None:
            return
        since = max(row.received_at, row.not_before)
        if row.reply["say"] == "expired" or self._clock.now() - since <= TOO_OLD:
            await self.say(row, row.reply)

    async def say(self, row: InboxRow, reply: Words) -> None:
        """Say one sentence to the person of a row; a failure is logged, never raised."""
        text = SENTENCES[reply["say"]](reply)
        body: dict[str, Any] = {"text": text}
        if reply.get("undo") is not None:
            body["blocks"] = [framing.section(text), buttons.undo_row(reply["ref"], reply["undo"])]
        age = self._clock.now() - row.received_at
        url = row.body.get("response_url") if age < _RESPONSE_URL_LIVES else None
        await self.tell(person=row.person, channel=row.channel, response_url=url, body=body)

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
