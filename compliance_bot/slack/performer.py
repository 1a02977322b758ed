"""The outbox's hand on Slack: carries out one presented effect, and looks whether it stands.

A message of ours carries metadata ``compliance_outbox`` with the hash of its effect's key. After an
unknown outcome the channel's history is read in Slack's own clock: what stands there was sent.
Source: Slack's ``conversations.history`` (``include_all_metadata``); there is no idempotency key.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from compliance_bot.clock import Clock
from compliance_bot.model.delivery import (
    METADATA_EVENT,
    Absent,
    CannotTell,
    Done,
    Effect,
    EffectKind,
    Found,
    Never,
    Outcome,
    Retry,
    Sighting,
    Unknown,
    key_hash,
)
from compliance_bot.slack import webhooks
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.failures import FailureClass, SlackCallFailed

LOOK_BACK = 60.0
"""Seconds before the attempt from which a channel's history is read."""

_ONLY_THIS = frozenset({"missing_scope", "no_permission"})
"""Refusals of a look-up or an emoji that say nothing about sending: only this is closed to us."""

_PAGE = 999
_PAGES = 20
_POST, _UPDATE = "chat.postMessage", "chat.update"
_REACTIONS = frozenset({"reactions.add", "reactions.remove"})
_HARMLESS_TWICE = frozenset({_UPDATE, *_REACTIONS})
_STARTS = {f'{{"method":"{method}","arguments":'.encode(): method for method in (_POST, _UPDATE)}
"""How a payload begins whose arguments are sent as they stand."""


class SlackPerformer:
    """Performs effects whose payload is a message, an edit, an emoji, or an incoming webhook's.

    An emoji is never worth a dead letter: one that Slack refuses for good is let be. ``on_fatal`` is told
    the reason, once a call, when nothing will go with this token.
    """

    def __init__(
        self,
        *,
        client: SlackClient,
        hooks: webhooks.WebhookSender,
        clock: Clock,
        on_fatal: Callable[[SlackCallFailed], None],
    ) -> None:
        self._client = client
        self._hooks = hooks
        self._clock = clock
        self._on_fatal = on_fatal

    async def perform(self, effect: Effect) -> Outcome:
        """Send the effect's bytes once, and say what that came to; raises for no fault of the wire."""
        if _is_webhook(effect):
            arguments = request_of(effect)[1]
            return await webhooks.perform(self._hooks, arguments, degraded=effect.degraded)
        try:
            answer = await self._send(effect)
        except SlackCallFailed as failure:
            method, arguments = request_of(effect)
            if method in _REACTIONS and (ended := _end_of_reaction(failure)) is not None:
                return ended
            if failure.kind is FailureClass.FATAL:
                self._on_fatal(failure)
            meant = method == _UPDATE or "thread_ts" in arguments
            return outcome_of(failure, method=method, degraded=effect.degraded, meant=meant)
        return self._done(effect, answer)

    async def _send(self, effect: Effect) -> Mapping[str, Any]:
        """Send the stored arguments as they stand, not parsed and written anew."""
        payload = effect.payload or b""
        for start, method in _STARTS.items():
            if payload.startswith(start):
                return await self._client.send(method, payload[len(start) : -1])
        return await self._client.call(*request_of(effect))

    def _done(self, effect: Effect, answer: Mapping[str, Any]) -> Outcome:
        if effect.kind is EffectKind.REACTION:
            return Done()
        ts, channel = answer.get("ts"), answer.get("channel")
        if not ts or not channel:
            method, arguments = request_of(effect)
            ts = ts or (arguments.get("ts") if method == _UPDATE else None)
            channel = channel or arguments.get("channel")
        if not isinstance(ts, str) or not ts:
            return Unknown(reason="ok_without_ts")
        return Done(result={"channel": channel, "ts": ts, "at": self._clock.now()})

    async def find(self, effects: list[Effect]) -> dict[str, Sighting]:
        """Whether each effect's message stands, by effect key: one reading a channel or thread.

        An edit or an emoji counts as absent: doing it again does no harm. Nothing is known of a webhook's.
        """
        sightings: dict[str, Sighting] = {}
        places: dict[tuple[str, str | None], list[Effect]] = defaultdict(list)
        for effect in effects:
            if _is_webhook(effect):
                sightings[effect.key] = CannotTell(reason="webhook", blind=True)
            elif effect.payload is None or request_of(effect)[0] in _HARMLESS_TWICE:
                sightings[effect.key] = Absent()
            else:
                places[_place(effect)].append(effect)
        for (channel, thread), there in places.items():
            sightings.update(await self._look(channel, thread, there))
        return sightings

    async def _look(self, channel: str, thread: str | None, effects: list[Effect]) -> dict[str, Sighting]:
        try:
            seen = await self._read(channel, thread, effects)
        except SlackCallFailed as failure:
            if thread is not None and failure.code == "thread_not_found":
                return {effect.key: Absent() for effect in effects}
            if failure.kind is FailureClass.FATAL and failure.code not in _ONLY_THIS:
                self._on_fatal(failure)
            said = CannotTell(
                reason=failure.code,
                temporary=failure.kind in (FailureClass.RETRY, FailureClass.UNKNOWN),
                blind=failure.kind is FailureClass.PERMANENT_DESTINATION,
            )
            return {effect.key: said for effect in effects}
        return {effect.key: seen.get(key_hash(effect.key), Absent()) for effect in effects}

    async def _read(self, channel: str, thread: str | None, effects: list[Effect]) -> dict[str, Sighting]:
        ours = await self._client.identify()
        channel = await self._conversation(channel)
        wanted = {key_hash(effect.key) for effect in effects}
        asked = {
            "channel": channel,
            "oldest": self._oldest(effects),
            "inclusive": True,
            "include_all_metadata": True,
            "limit": _PAGE,
        }
        method = "conversations.history"
        if thread is not None:
            method, asked = "conversations.replies", {**asked, "ts": thread}
        seen: dict[str, Sighting] = {}
        for _ in range(_PAGES):
            page = await self._client.call(method, asked)
            seen.update(self._ours(page.get("messages") or (), channel, ours.bot_user_id, ours.bot_id))
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if wanted <= seen.keys() or not cursor:
                return seen
            asked = {**asked, "cursor": cursor}
        raise _endless(method)

    def _oldest(self, effects: Iterable[Effect]) -> str:
        first = min(
            effect.created_at if effect.started_at is None else effect.started_at for effect in effects
        )
        return f"{max(0.0, self._client.slack_time(first) - LOOK_BACK):.6f}"

    async def _conversation(self, channel: str) -> str:
        if not channel.startswith(("U", "W")):
            return channel
        answer = await self._client.call("conversations.open", {"users": channel})
        return str((answer.get("channel") or {}).get("id") or channel)

    def _ours(
        self, messages: Iterable[Any], channel: str, user: str, bot: str | None
    ) -> Iterable[tuple[str, Sighting]]:
        for message in messages:
            key = _key_in(message, user, bot)
            if key is not None:
                result = {"channel": channel, "ts": message["ts"], "at": self._clock.now()}
                yield key, Found(result=result)


def _is_webhook(effect: Effect) -> bool:
    payload = effect.payload or b""
    if payload.startswith(tuple(_STARTS)):
        return False
    return bool(payload) and request_of(effect)[0] == webhooks.METHOD


def request_of(effect: Effect) -> tuple[str, dict[str, Any]]:
    """Method and arguments in an effect's payload bytes."""
    request = json.loads(effect.payload or b"{}")
    return str(request["method"]), dict(request["arguments"])


def outcome_of(failure: SlackCallFailed, *, method: str, degraded: bool, meant: bool = True) -> Outcome:
    """What a failed call means for its effect.

    ``degraded``: it was plain text already. ``meant``: the call named a message, which can be gone.
    """
    match failure.kind:
        case FailureClass.RETRY:
            parked = failure.retry_after is not None
            away = failure.code in ("unreachable", "service_unavailable", "http_503")
            return Retry(reason=failure.code, after=failure.retry_after, park=parked, blocked=away)
        case FailureClass.UNKNOWN:
            again = method in _HARMLESS_TWICE
            return Retry(reason=failure.code) if again else Unknown(reason=failure.code)
        case FailureClass.FATAL:
            return Retry(reason=failure.code, blocked=True)
        case FailureClass.PERMANENT_PAYLOAD if not degraded:
            return Retry(reason=failure.code, degrade=True)
        case FailureClass.MESSAGE_GONE if meant:
            return Never(reason=failure.code, gone=True)
        case kind:
            refused_there = kind is FailureClass.PERMANENT_DESTINATION and method == _POST
            return Never(reason=failure.code, place=refused_there)


def _end_of_reaction(failure: SlackCallFailed) -> Outcome | None:
    """What ends an emoji; None where it may still come, or where more than the emoji is at stake."""
    match failure.kind:
        case FailureClass.ALREADY_SO:
            return Done()
        case FailureClass.RETRY | FailureClass.UNKNOWN:
            return None
        case FailureClass.FATAL if failure.code not in _ONLY_THIS:
            return None
        case _:
            return Never(reason=failure.code, gone=True)


def _place(effect: Effect) -> tuple[str, str | None]:
    _, arguments = request_of(effect)
    thread = arguments.get("thread_ts")
    return str(arguments.get("channel", "")), str(thread) if thread else None


def _key_in(message: Any, user: str, bot: str | None) -> str | None:
    """The key's hash in a message that our own bot sent, else None."""
    if not isinstance(message, dict) or not isinstance(message.get("ts"), str):
        return None
    if message.get("user") != user and (bot is None or message.get("bot_id") != bot):
        return None
    metadata = message.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != METADATA_EVENT:
        return None
    payload = metadata.get("event_payload")
    key = payload.get("k") if isinstance(payload, dict) else None
    return key if isinstance(key, str) else None


def _endless(method: str) -> SlackCallFailed:
    return SlackCallFailed(
        method=method, code="too_many_pages", kind=FailureClass.RETRY, why="the history did not end"
    )
