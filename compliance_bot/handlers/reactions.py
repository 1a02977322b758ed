"""An emoji under an alert acknowledges it, where the rules name one.

The row is committed before the ack: unrecorded the event gets none, and Slack sends it again. So it is with
an emoji under what may be a message of ours whose outcome is not noted yet.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from compliance_bot.clock import Clock
from compliance_bot.config.schema import Rules
from compliance_bot.handlers.acknowledging import Ack
from compliance_bot.handlers.dispatch import Dispatcher
from compliance_bot.handlers.errands import Errands
from compliance_bot.handlers.incoming import Incoming, Kind
from compliance_bot.handlers.recording import Unrecorded, Unsettled, once_settled
from compliance_bot.handlers.replies import Replies
from compliance_bot.messages import sending
from compliance_bot.store import cases, digests, inbox, told
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction


class _Under(Enum):
    """What an emoji stands under."""

    ALERT = "alert"
    DIGEST = "digest"
    OTHER = "other"


class Reactions:
    """Listens for emoji. ``ours``: the bot's own id, whose ticks acknowledge nothing."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        rules: Callable[[], Rules],
        replies: Replies,
        errands: Errands,
        ours: Callable[[], str | None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._replies = replies
        self._errands = errands
        self._ours = ours

    def attach(self, dispatcher: Dispatcher) -> None:
        """Register with the dispatcher."""
        dispatcher.on(Kind.EVENT, "reaction_added", self.added)

    async def added(self, incoming: Incoming, ack: Ack) -> None:
        """Record an emoji that acknowledges, then ack it; ack any other."""
        emoji = self._rules().slack_config.acknowledge_reaction
        if emoji is None or not self._counts(incoming, emoji):
            await ack()
            return
        under = await once_settled(self._database, "acknowledge", lambda tx: self._receive(tx, incoming))
        if isinstance(under, Unrecorded | Unsettled):
            return
        await ack()
        if under is _Under.DIGEST:
            self._errands.later(self._hint(incoming, emoji))

    def _counts(self, incoming: Incoming, emoji: str) -> bool:
        """Whether it is the emoji of the rules, by a person, under what may be a message of ours."""
        event = incoming.payload.get("event", {})
        name = str(event.get("reaction") or "").partition("::")[0]
        author, ours = event.get("item_user"), self._ours()
        return (
            name == emoji
            and incoming.person not in (None, ours)
            and (author is None or ours is None or author == ours)
            and bool(incoming.channel and incoming.message_ts)
        )

    def _receive(self, tx: Transaction, incoming: Incoming) -> _Under | Unsettled:
        channel, ts = incoming.channel or "", incoming.message_ts or ""
        post = cases.post_at(tx, channel, ts)
        if post is None and digests.at(tx, channel, ts) is not None:
            return _Under.DIGEST
        if post is None:
            return Unsettled() if told.is_being_sent(tx, channel) else _Under.OTHER
        inbox.receive(
            tx,
            key=incoming.key,
            kind="acknowledge",
            person=incoming.person,
            channel=channel,
            body={"value": cases.find(tx, post.case_id).ref, "message_ts": ts, "response_url": None},
            now=self._clock.now(),
        )
        return _Under.ALERT

    async def _hint(self, incoming: Incoming, emoji: str) -> None:
        await self._replies.tell(
            person=incoming.person,
            channel=incoming.channel,
            response_url=None,
            body={"text": sending.emoji_under_a_digest(emoji)},
        )
