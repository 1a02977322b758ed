"""The state of the workspace as JSON, for the page and for journeys."""

from __future__ import annotations

from compliance_bot.sandbox.slack.call import Call
from compliance_bot.sandbox.slack.channels import Channel
from compliance_bot.sandbox.slack.messages import Message
from compliance_bot.sandbox.slack.people import Person
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.views import View, state_values, view_object
from compliance_bot.sandbox.slack.workspace import Ephemeral
from compliance_bot.sandbox.slack.world import SlackWorld

_VERSIONS = 10
"""How many of a message's earlier wordings are told."""


def state(slack: SlackWorld, *, last: int | None = None) -> Json:
    """Everything the page draws. ``number`` rises with each change.

    ``last``: how many messages of each channel, the newest; ``earlier`` counts those left out.
    """
    workspace = slack.workspace
    return {
        "number": slack.changes.number,
        "now": slack.clock.now(),
        "team": {"id": slack.settings.team_id, "name": slack.settings.team_name},
        "bot": {"user": slack.settings.bot_user, "name": slack.settings.bot_name},
        "people": [_person(one) for one in workspace.people.values()],
        "channels": [_channel(slack, one, last) for one in workspace.channels.values()],
        "groups": [vars(one) for one in workspace.groups.values()],
        "ephemerals": [_ephemeral(one) for one in workspace.ephemerals if not one.deleted],
        "views": [_view(slack, one) for one in workspace.views.values() if not one.closed],
        "homes": [_view(slack, one) for one in workspace.homes.values()],
        "sockets": len(slack.sockets),
        "sockets_opened": slack.sockets_opened,
        "open_envelopes": len(slack.envelopes.open),
        "acks": len(slack.acks),
        "counts": dict(slack.counts),
        "bad_frames": len(slack.bad_frames),
    }


def call(one: Call) -> Json:
    """One call of the Web API; the arguments as they came."""
    return {
        "method": one.method,
        "arguments": one.arguments,
        "caller": one.caller,
        "at": one.at,
        "status": one.status,
        "error": one.error,
        "answered_at": one.answered_at,
    }


def _person(person: Person) -> Json:
    return {
        "id": person.id,
        "handle": person.handle,
        "name": person.display_name or person.real_name,
        "real_name": person.real_name,
        "email": person.email,
        "time_zone": person.time_zone[0],
        "team_id": person.team_id,
        "bot": person.bot,
        "guest": person.guest,
        "stranger": person.stranger,
        "deactivated": person.deactivated,
    }


def _channel(slack: SlackWorld, channel: Channel, last: int | None) -> Json:
    standing = slack.messages(channel.id)
    shown = standing if last is None else standing[len(standing) - min(last, len(standing)) :]
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "user": channel.user,
        "private": channel.private,
        "archived": channel.archived,
        "shared_outside": bool(channel.shared_with),
        "members": sorted(channel.members),
        "earlier": len(standing) - len(shown),
        "messages": [
            {**message(one), "thread": [message(reply) for reply in slack.thread(channel.id, one.ts)]}
            for one in shown
        ],
    }


def message(one: Message) -> Json:
    """One message with its blocks, its metadata and what it said before."""
    return {
        "ts": one.ts,
        "user": one.user,
        "bot": one.bot,
        "text": one.text,
        "blocks": one.blocks,
        "metadata": one.metadata,
        "thread_ts": one.thread_ts,
        "edited": one.edited,
        "reactions": one.reactions,
        "changes": max(0, len(one.versions) - 1),
        "versions": [{"at": version.at, "text": version.text} for version in one.versions[-_VERSIONS:]],
    }


def _ephemeral(one: Ephemeral) -> Json:
    return {
        "channel": one.channel,
        "user": one.user,
        "ts": one.ts,
        "text": one.text,
        "blocks": one.blocks,
        "thread_ts": one.thread_ts,
        "via": one.via,
    }


def _view(slack: SlackWorld, view: View) -> Json:
    shown = view_object(view, slack.settings)
    return {
        "user": view.user,
        "view": shown,
        "values": state_values(view),
        "errors": dict(view.errors),
    }
