"""Who reads a channel, asked of Slack: is it shared, is a guest or a stranger inside.

Source: ``conversations.info`` and ``conversations.members``, which names ids only, bots and strangers
among them; what a person is stands in ``users.list`` and ``users.info``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from compliance_bot.clock import Clock
from compliance_bot.model.slack import Channel, Person
from compliance_bot.slack.answers import channel_of
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.failures import FailureClass, SlackCallFailed
from compliance_bot.slack.pages import ask_politely, read_pages
from compliance_bot.slack.people import People

FEW = 20
"""Members nobody knows yet who are asked for one by one, rather than waiting for the list of everybody."""

MOST = 200
"""Members missing from that list who are asked for one by one; with more it can't be said who reads."""

_DEFINITE = frozenset(
    {FailureClass.PERMANENT_DESTINATION, FailureClass.PERMANENT_PAYLOAD, FailureClass.FEATURE_MISSING}
)
_FORBIDDEN = frozenset(
    {"missing_scope", "no_permission", "team_access_not_granted", "enterprise_is_restricted"}
)


def counts_as_guest(person: Person) -> bool:
    """Whether somebody inside a channel makes it one that not only colleagues read; a bot does not."""
    return not person.bot and (person.guest or person.stranger)


def is_definite(failure: SlackCallFailed) -> bool:
    """Whether Slack refuses to say who reads a channel, as against: can't just now."""
    return failure.kind in _DEFINITE or failure.code in _FORBIDDEN


async def ask_readers(
    client: SlackClient, clock: Clock, people: People, listed: asyncio.Event, channel_id: str
) -> Channel:
    """The channel with ``guests`` and ``shared_outside`` as they are now, else ``SlackCallFailed``.

    Of a channel that is shared outside nobody's state matters, so its members are not asked for.
    ``listed``: set once everybody of the workspace was read.
    """
    answer = await ask_politely(client, clock, "conversations.info", {"channel": channel_id})
    told = answer.get("channel")
    channel = channel_of(told) if isinstance(told, Mapping) else None
    if channel is None or channel.id != channel_id:
        raise _cannot_say("conversations.info", "no_channel", "Slack's answer names no channel")
    if channel.shared_outside:
        return channel
    members = await read_pages(client, clock, "conversations.members", "members", {"channel": channel_id})
    return replace(channel, guests=await _any_guest(people, listed, [str(one) for one in members]))


async def _any_guest(people: People, listed: asyncio.Event, members: Sequence[str]) -> bool:
    if len(_unknown(people, members)) > FEW:
        await listed.wait()
    known = (people.known(user_id) for user_id in members)
    if any(person is not None and counts_as_guest(person) for person in known):
        return True
    unknown = _unknown(people, members)
    if len(unknown) > MOST:
        raise _cannot_say("users.list", "people_unread", "too many members are not in the list of people")
    for user_id in unknown:
        if counts_as_guest(await people.person(user_id)):
            return True
    return False


def _unknown(people: People, members: Sequence[str]) -> list[str]:
    return [user_id for user_id in members if people.known(user_id) is None]


def _cannot_say(method: str, code: str, why: str) -> SlackCallFailed:
    return SlackCallFailed(method=method, code=code, kind=FailureClass.UNKNOWN, why=why)
