"""Events of the workspace, in the wrapper of the Events API, for the app that subscribes to them.

Source: recorded event envelopes. One mention is two events; what the app did itself comes back.
"""

from __future__ import annotations

import base64
import json

from compliance_bot.sandbox.slack.channels import Channel
from compliance_bot.sandbox.slack.envelopes import Envelope, Envelopes
from compliance_bot.sandbox.slack.messages import Message, as_event
from compliance_bot.sandbox.slack.people import user_object
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.workspace import Workspace

_TOKEN = "legacy-verification-token"  # noqa: S105 - the field is dead, Slack still sends it
_BARE = frozenset({"channel_archive", "channel_unarchive", "channel_rename", "app_uninstalled"})
"""Wrappers without ``context_team_id``."""
_SCOPES = {"reaction_added": "reactions:read", "reaction_removed": "reactions:read"}
"""Events that are not sent without a scope, however the app subscribed."""
_SUBSCRIPTIONS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}


class Events:
    """Makes events out of what happens."""

    def __init__(self, workspace: Workspace, envelopes: Envelopes) -> None:
        self._workspace = workspace
        self._envelopes = envelopes
        workspace.news = self

    def send(
        self, subscription: str, event: Json, channel: Channel | None = None, team_id: str | None = None
    ) -> Envelope | None:
        """Send one event; None when the app does not get it."""
        settings = self._workspace.settings
        needed = _SCOPES.get(subscription)
        if subscription not in settings.subscriptions or (needed and needed not in settings.scopes):
            return None
        payload = wrapper(self._workspace, event, channel, team_id or settings.team_id)
        return self._envelopes.deliver("events_api", payload)

    def said(self, channel: Channel, message: Message) -> list[Envelope]:
        """A message was posted: its message event, and the mention when it names the bot."""
        workspace, settings = self._workspace, self._workspace.settings
        if settings.bot_user not in channel.members:
            return []
        shown = as_event(message, settings) | {"channel": channel.id, "event_ts": message.ts}
        sent = []
        if f"<@{settings.bot_user}>" in message.text and channel.kind == "channel" and not message.bot:
            mention = {**shown, "type": "app_mention"}
            sent.append(self.send("app_mention", mention, channel))
        shown["channel_type"] = channel.channel_type
        team = None if message.bot else workspace.people[message.user].team_id
        subscription = f"message.{_SUBSCRIPTIONS[channel.channel_type]}"
        sent.append(self.send(subscription, shown, channel, team))
        return [one for one in sent if one is not None]

    def changed(self, channel: Channel, message: Message, before: Json) -> None:
        """A message was edited."""
        team = message.team_id
        now = as_event(message, self._workspace.settings) | {"source_team": team, "user_team": team}
        self._of_message(channel, "message_changed", {"message": now, "previous_message": before})

    def deleted(self, channel: Channel, message: Message) -> None:
        """A message was deleted."""
        before = as_event(message, self._workspace.settings)
        body = {"previous_message": before, "deleted_ts": message.ts}
        self._of_message(channel, "message_deleted", body)

    def _of_message(self, channel: Channel, subtype: str, body: Json) -> None:
        ts = self._workspace.stamps.next()
        event = {"type": "message", "subtype": subtype, **body, "channel": channel.id, "hidden": True}
        event |= {"ts": ts, "event_ts": ts, "channel_type": channel.channel_type}
        self.send(f"message.{_SUBSCRIPTIONS[channel.channel_type]}", event, channel)

    def joined(self, channel: Channel, user: str, inviter: str | None, *, left: bool = False) -> None:
        """Somebody came into a channel, or went. The app hears of it only where its bot is inside."""
        bot = self._workspace.settings.bot_user
        if bot not in (user, *channel.members):
            return
        event: Json = {
            "type": "member_left_channel" if left else "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "G" if channel.private else "C",
            "team": self._workspace.settings.team_id,
        }
        if inviter is not None:
            event["inviter"] = inviter
        self.plain(event, channel)

    def plain(self, event: Json, channel: Channel | None = None) -> Envelope | None:
        """An event whose subscription is its type."""
        return self.send(event["type"], event | {"event_ts": self._workspace.stamps.next()}, channel)

    def person_changed(self, user: str) -> None:
        """A person's object changed: also sent for a deactivation."""
        workspace = self._workspace
        person = workspace.people[user]
        shown = user_object(person, workspace.settings, with_email=True)
        self.plain({"type": "user_change", "user": shown, "cache_ts": int(workspace.clock.now())})


def wrapper(workspace: Workspace, event: Json, channel: Channel | None, team_id: str) -> Json:
    """The payload around an event."""
    settings = workspace.settings
    bare = event["type"] in _BARE
    context: Json = {} if bare else {"context_team_id": settings.team_id, "context_enterprise_id": None}
    return {
        "token": _TOKEN,
        "team_id": team_id,
        **context,
        "api_app_id": settings.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": workspace.ids.event(),
        "event_time": int(workspace.clock.now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": settings.team_id,
                "user_id": settings.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.shared_with),
        **_context(event, channel, settings.team_id, settings.app_id),
    }


def _context(event: Json, channel: Channel | None, team_id: str, app_id: str) -> Json:
    if event["type"] == "app_home_opened":
        return {}
    inner = {"et": event["type"], "tid": team_id, "aid": app_id}
    if channel is not None:
        inner["cid"] = channel.id
    coded = base64.b64encode(json.dumps(inner, separators=(",", ":")).encode()).decode()
    return {"event_context": f"4-{coded}"}
