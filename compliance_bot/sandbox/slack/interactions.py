"""What a person does in a client, as the payloads Slack makes of it.

Source: recorded block_actions, slash command, view_submission, view_closed, shortcut and
message_action payloads.
"""

from __future__ import annotations

import asyncio
from typing import Any

from compliance_bot.sandbox.slack.channels import Channel
from compliance_bot.sandbox.slack.envelopes import Ack, Envelope
from compliance_bot.sandbox.slack.hooks import Hook
from compliance_bot.sandbox.slack.messages import Message, as_clicked, bot_profile
from compliance_bot.sandbox.slack.people import Person
from compliance_bot.sandbox.slack.settings import Json, SlackSettings
from compliance_bot.sandbox.slack.views import View, filled, view_object
from compliance_bot.sandbox.slack.workspace import Ephemeral, Workspace

_TOKEN = "legacy-verification-token"  # noqa: S105 - the field is dead, Slack still sends it


class Interaction:
    """One thing a person did and what came of it.

    ``acked`` gives the ack, or None when Slack gave up after three seconds or had no socket: the
    person then saw a warning sign.
    """

    def __init__(self, payload: Json) -> None:
        self.payload = payload
        self.acked: asyncio.Future[Ack | None] = asyncio.get_running_loop().create_future()
        self.envelope: Envelope | None = None
        self.answers: list[Json] = []
        """What came back through the response URL, in order."""

    @property
    def envelope_id(self) -> str:
        """The id of the envelope it went out in."""
        return self.envelope.id if self.envelope else ""

    @property
    def trigger_id(self) -> str:
        """The trigger it gave the app."""
        return str(self.payload.get("trigger_id", ""))

    def settle(self, ack: Ack | None) -> None:
        """The ack came, or did not."""
        if not self.acked.done():
            self.acked.set_result(ack)


def person_in(person: Person, *, named: bool = True) -> Json:
    """``user`` of a payload."""
    shown = {"id": person.id, "username": person.handle}
    return shown | ({"name": person.handle} if named else {}) | {"team_id": person.team_id}


def team_in(settings: SlackSettings) -> Json:
    """``team`` of a payload."""
    return {"id": settings.team_id, "domain": settings.domain}


def clicked_in_channel(
    workspace: Workspace, person: Person, channel: Channel, seen: Message | Ephemeral, action: Json, url: str
) -> Json:
    """block_actions of a message or of an ephemeral, which has no ``message``."""
    settings = workspace.settings
    container: Json = {"type": "message", "message_ts": seen.ts, "channel_id": channel.id}
    container["is_ephemeral"] = isinstance(seen, Ephemeral)
    is_reply = seen.thread_ts is not None and seen.thread_ts != seen.ts
    if is_reply or (seen.thread_ts is not None and settings.container_names_thread_of_parent):
        container["thread_ts"] = seen.thread_ts
    payload = _click_head(workspace, person, container)
    payload["channel"] = {"id": channel.id, "name": channel.shown_name}
    if isinstance(seen, Message) and not settings.click_without_message:
        payload["message"] = as_clicked(seen, settings, with_metadata=settings.click_carries_metadata)
    values = workspace.picked.get((channel.id, seen.ts, person.id), {})
    return payload | {"state": {"values": values}, "response_url": url, "actions": [action]}


def clicked_in_view(workspace: Workspace, person: Person, view: View, action: Json) -> Json:
    """block_actions of a view: no channel, no message, no response URL."""
    payload = _click_head(workspace, person, {"type": "view", "view_id": view.id})
    shown = view_object(view, workspace.settings, filled=True)
    return payload | {"view": shown, "actions": [action]}


def _click_head(workspace: Workspace, person: Person, container: Json) -> Json:
    return {
        "type": "block_actions",
        "user": person_in(person),
        "api_app_id": workspace.settings.app_id,
        "token": _TOKEN,
        "container": container,
        "trigger_id": workspace.new_trigger(person.id),
        "team": team_in(workspace.settings),
        "enterprise": None,
        "is_enterprise_install": False,
    }


def action_of(workspace: Workspace, block_id: str, element: Json, value: Any) -> Json:
    """``actions[0]``: what was pressed or chosen, with the element's own settings repeated."""
    kind = element["type"]
    head: Json = {"type": kind, "action_id": element["action_id"], "block_id": block_id}
    if kind == "button":
        head |= {key: element[key] for key in ("text", "value", "style", "confirm") if key in element}
    elif kind == "overflow":
        option = next((one for one in element["options"] if one["value"] == value), None)
        if option is None:
            raise LookupError(f"no option {value!r} in {element['action_id']!r}")
        head["selected_option"] = option
    else:
        head |= filled(element, value)
        kept = {"initial_option", "initial_date", "min_query_length", "confirm"}
        if kind not in ("datepicker", "timepicker"):  # recorded without, though the element has one
            kept.add("placeholder")
        head |= {key: element[key] for key in element if key in kept}
    return head | {"action_ts": workspace.stamps.next()}


def slash_command(
    workspace: Workspace, person: Person, channel: Channel, command: str, text: str, url: str
) -> Json:
    """A command: every value a string."""
    settings = workspace.settings
    return {
        "token": _TOKEN,
        "team_id": settings.team_id,
        "team_domain": settings.domain,
        "channel_id": channel.id,
        "channel_name": channel.shown_name,
        "user_id": person.id,
        "user_name": person.handle,
        "command": command,
        "text": text.strip(),
        "api_app_id": settings.app_id,
        "is_enterprise_install": "false",
        "response_url": url,
        "trigger_id": workspace.new_trigger(person.id),
    }


def submitted(workspace: Workspace, person: Person, view: View) -> Json:
    """view_submission."""
    return {
        "type": "view_submission",
        "team": _team_of(workspace, person),
        "user": person_in(person),
        "api_app_id": workspace.settings.app_id,
        "token": _TOKEN,
        "trigger_id": workspace.new_trigger(person.id),
        "view": view_object(view, workspace.settings, filled=True),
        "response_urls": [],
        "is_enterprise_install": False,
        "enterprise": None,
    }


def closed(workspace: Workspace, person: Person, view: View, *, cleared: bool) -> Json:
    """view_closed: no trigger."""
    return {
        "type": "view_closed",
        "team": _team_of(workspace, person),
        "user": person_in(person),
        "api_app_id": workspace.settings.app_id,
        "token": _TOKEN,
        "view": view_object(view, workspace.settings),
        "is_cleared": cleared,
        "is_enterprise_install": False,
        "enterprise": None,
    }


def _team_of(workspace: Workspace, person: Person) -> Json:
    if person.team_id == workspace.settings.team_id:
        return team_in(workspace.settings)
    return {"id": person.team_id, "domain": "partner-inc"}


def suggestion(workspace: Workspace, person: Person, view: View, block: str, action: str, typed: str) -> Json:
    """block_suggestion of an external select in a view: no trigger."""
    return {
        "type": "block_suggestion",
        "user": person_in(person),
        "container": {"type": "view", "view_id": view.id},
        "api_app_id": workspace.settings.app_id,
        "token": _TOKEN,
        "action_id": action,
        "block_id": block,
        "value": typed,
        "team": team_in(workspace.settings),
        "enterprise": None,
        "is_enterprise_install": False,
        "view": view_object(view, workspace.settings),
    }


def global_shortcut(workspace: Workspace, person: Person, callback_id: str) -> Json:
    """shortcut: no channel, no app id, no ``user.name``."""
    return {
        "type": "shortcut",
        "token": _TOKEN,
        "action_ts": workspace.stamps.next(),
        "team": team_in(workspace.settings),
        "user": person_in(person, named=False),
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": workspace.new_trigger(person.id),
    }


def message_shortcut(
    workspace: Workspace, person: Person, channel: Channel, message: Message, callback_id: str, url: str
) -> Json:
    """message_action: the message has no channel; its thread stands only inside it."""
    settings = workspace.settings
    shown = as_clicked(message, settings, with_metadata=False)
    if message.bot:
        shown["bot_profile"] = bot_profile(settings, with_user=False)
    return {
        "type": "message_action",
        "token": _TOKEN,
        "action_ts": workspace.stamps.next(),
        "team": team_in(settings),
        "user": {
            "id": person.id,
            "username": person.handle,
            "team_id": person.team_id,
            "name": person.handle,
        },
        "channel": {"id": channel.id, "name": channel.shown_name},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": workspace.new_trigger(person.id),
        "response_url": url,
        "message_ts": message.ts,
        "message": shown,
    }


def listen(interaction: Interaction, hook: Hook) -> None:
    """Let an interaction keep what comes back through its response URL."""
    hook.taken = interaction.answers.append
