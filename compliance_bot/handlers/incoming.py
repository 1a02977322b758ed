"""What Slack sends, read once at the edge: who, where, what, and how to answer.

Source: payloads of Slack as recorded. Where a field stands differs by kind; ``team`` is the workspace
the app is installed in, ``person_team`` the one the person belongs to, which in a shared channel may
be another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

Json: TypeAlias = Mapping[str, Any]
_NOTHING: Json = {}


class Kind(StrEnum):
    """The kinds of payload, as our listeners are registered for them."""

    COMMAND = "command"
    ACTION = "action"
    OPTIONS = "options"
    SUBMISSION = "submission"
    CLOSED = "closed"
    SHORTCUT = "shortcut"
    EVENT = "event"


_INTERACTIVE = {
    "block_actions": Kind.ACTION,
    "block_suggestion": Kind.OPTIONS,
    "view_submission": Kind.SUBMISSION,
    "view_closed": Kind.CLOSED,
    "shortcut": Kind.SHORTCUT,
    "message_action": Kind.SHORTCUT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One thing that happened in Slack. ``None`` is what Slack did not say.

    ``name`` is what listeners are found by: the command with its slash, the action id, the callback id,
    or the event's type. ``key`` is the same for every delivery of the same thing, and differs for
    two presses of one button. ``retry`` counts Slack's redeliveries from 0.
    """

    kind: Kind
    name: str
    key: str
    payload: Json
    person: str | None = None
    person_team: str | None = None
    team: str | None = None
    app: str | None = None
    channel: str | None = None
    thread: str | None = None
    message_ts: str | None = None
    response_url: str | None = None
    action_id: str | None = None
    block_id: str | None = None
    value: str | None = None
    text: str | None = None
    view: Json = field(default_factory=dict)
    retry: int = 0


def read_envelope(envelope: Json) -> Incoming | None:
    """What an envelope holds, or None when its payload is of no shape we know."""
    kind, payload = envelope.get("type"), envelope.get("payload")
    if not isinstance(payload, Mapping):
        return None
    if kind == "slash_commands":
        return _command(payload)
    if kind == "interactive":
        return _interaction_of(payload)
    if kind == "events_api":
        retry = envelope.get("retry_attempt")
        return _event(payload, retry if isinstance(retry, int) else 0)
    return None


def _interaction_of(payload: Json) -> Incoming | None:
    """What a click, a view or a shortcut holds."""
    match _INTERACTIVE.get(str(payload.get("type"))):
        case Kind.ACTION:
            return _action(payload)
        case Kind.OPTIONS:
            return _options(payload)
        case Kind.SUBMISSION:
            return _view(Kind.SUBMISSION, payload)
        case Kind.CLOSED:
            return _view(Kind.CLOSED, payload)
        case Kind.SHORTCUT:
            return _shortcut(payload)
        case _:
            return None


def _command(payload: Json) -> Incoming | None:
    name = _text(payload, "command")
    if name is None:
        return None
    return Incoming(
        kind=Kind.COMMAND,
        name=name,
        key=f"command:{payload.get('trigger_id')}",
        payload=payload,
        person=_text(payload, "user_id"),
        team=_text(payload, "team_id"),
        app=_text(payload, "api_app_id"),
        channel=_text(payload, "channel_id"),
        response_url=_text(payload, "response_url"),
        text=_text(payload, "text") or "",
    )


def _action(payload: Json) -> Incoming | None:
    action = _first(payload, "actions")
    if not action:
        return None
    name = _text(action, "action_id") or ""
    place, message, view = _map(payload, "container"), _map(payload, "message"), _map(payload, "view")
    ts = _text(place, "message_ts") or _text(message, "ts")
    user = _text(_map(payload, "user"), "id")
    return Incoming(
        kind=Kind.ACTION,
        name=name,
        key=f"action:{ts or view.get('id')}:{name}:{user}:{action.get('action_ts')}",
        channel=_text(_map(payload, "channel"), "id") or _text(place, "channel_id"),
        thread=_text(place, "thread_ts") or _text(message, "thread_ts"),
        message_ts=ts,
        action_id=name,
        block_id=_text(action, "block_id"),
        value=_chosen(action),
        view=view,
        **_interaction(payload),
    )


def _options(payload: Json) -> Incoming | None:
    name = _text(payload, "action_id")
    if name is None:
        return None
    message = _map(payload, "message")
    return Incoming(
        kind=Kind.OPTIONS,
        name=name,
        key=f"options:{name}:{payload.get('value')}",
        channel=_text(_map(payload, "channel"), "id"),
        thread=_text(message, "thread_ts"),
        message_ts=_text(_map(payload, "container"), "message_ts") or _text(message, "ts"),
        action_id=name,
        block_id=_text(payload, "block_id"),
        value=_text(payload, "value"),
        view=_map(payload, "view"),
        **_interaction(payload),
    )


def _view(kind: Kind, payload: Json) -> Incoming | None:
    view = _map(payload, "view")
    if not view:
        return None
    first = _first(payload, "response_urls")
    told = {**_interaction(payload), "response_url": _text(first, "response_url")}
    return Incoming(
        kind=kind,
        name=_text(view, "callback_id") or "",
        key=f"{kind}:{view.get('id')}:{view.get('hash')}",
        channel=_text(first, "channel_id"),
        view=view,
        **told,
    )


def _shortcut(payload: Json) -> Incoming | None:
    message = _map(payload, "message")
    return Incoming(
        kind=Kind.SHORTCUT,
        name=_text(payload, "callback_id") or "",
        key=f"shortcut:{payload.get('trigger_id')}",
        channel=_text(_map(payload, "channel"), "id"),
        thread=_text(message, "thread_ts"),
        message_ts=_text(payload, "message_ts") or _text(message, "ts"),
        text=_text(message, "text"),
        **_interaction(payload),
    )


def _interaction(payload: Json) -> dict[str, Any]:
    user = _map(payload, "user")
    return {
        "payload": payload,
        "person": _text(user, "id"),
        "person_team": _text(user, "team_id"),
        "team": _workspace(payload),
        "app": _text(payload, "api_app_id"),
        "response_url": _text(payload, "response_url"),
    }


def _event(payload: Json, retry: int) -> Incoming | None:
    event = _map(payload, "event")
    name = _text(event, "type")
    if name is None:
        return None
    inner = _map(event, "message") or _map(event, "previous_message") or _map(event, "assistant_thread")
    return Incoming(
        kind=Kind.EVENT,
        name=name,
        key=f"event:{payload.get('event_id')}",
        payload=payload,
        person=_either(event, "user") or _text(event, "user_id") or _author(inner),
        person_team=_text(event, "user_team") or _text(event, "team"),
        team=_workspace(payload),
        app=_text(payload, "api_app_id"),
        channel=_event_channel(event, inner),
        thread=_text(event, "thread_ts") or _text(inner, "thread_ts"),
        message_ts=_text(event, "ts") or _text(_map(event, "item"), "ts"),
        text=_text(event, "text"),
        retry=retry,
    )


def _event_channel(event: Json, inner: Json) -> str | None:
    item = _text(_map(event, "item"), "channel")
    told = _either(event, "channel") or _text(event, "channel_id") or item
    return told or _text(inner, "channel_id")


def _author(inner: Json) -> str | None:
    return _text(inner, "user") or _text(inner, "user_id")


def _workspace(payload: Json) -> str | None:
    """The workspace our app stands in: of all places that name one, the first that means ours."""
    granted = payload.get("authorizations")
    first = (
        granted[0] if isinstance(granted, list) and granted and isinstance(granted[0], Mapping) else _NOTHING
    )
    return (
        _text(first, "team_id")
        or _text(_map(payload, "view"), "app_installed_team_id")
        or _text(_map(payload, "team"), "id")
        or _text(payload, "team_id")
        or _text(_map(payload, "user"), "team_id")
    )


def _chosen(action: Json) -> str | None:
    """The one value of a button, menu or picker; None for those that hold several."""
    option = _text(_map(action, "selected_option"), "value")
    if option is not None:
        return option
    names = ("value", "selected_user", "selected_channel", "selected_conversation", "selected_date")
    return next((text for name in names if (text := _text(action, name)) is not None), None)


def _either(source: Json, name: str) -> str | None:
    """An id that stands bare, or inside an object."""
    return _text(source, name) or _text(_map(source, name), "id")


def _map(source: Json, name: str) -> Json:
    value = source.get(name)
    return value if isinstance(value, Mapping) else _NOTHING


def _first(source: Json, name: str) -> Json:
    value = source.get(name)
    return value[0] if isinstance(value, list) and value and isinstance(value[0], Mapping) else _NOTHING


def _text(source: Json, name: str) -> str | None:
    value = source.get(name)
    return value if isinstance(value, str) else None
