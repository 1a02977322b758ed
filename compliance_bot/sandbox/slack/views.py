"""Views: modals in stacks and Home tabs, the object Slack shows of one, and the state of its inputs.

Source: recorded views.open answers, view_submission payloads and a recording of untouched inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from compliance_bot.sandbox.slack.blocks.check import elements_of
from compliance_bot.sandbox.slack.blocks.rewrite import rewritten
from compliance_bot.sandbox.slack.ids import view_hash
from compliance_bot.sandbox.slack.settings import Json, SlackSettings

_EMPTY: dict[str, Json] = {
    "plain_text_input": {"value": None},
    "static_select": {"selected_option": None},
    "external_select": {"selected_option": None},
    "radio_buttons": {"selected_option": None},
    "users_select": {"selected_user": None},
    "channels_select": {"selected_channel": None},
    "conversations_select": {"selected_conversation": None},
    "datepicker": {"selected_date": None},
    "timepicker": {"selected_time": None},
    "datetimepicker": {"selected_date_time": None},
    "checkboxes": {"selected_options": []},
    "multi_static_select": {"selected_options": []},
    "multi_external_select": {"selected_options": []},
    "multi_users_select": {"selected_users": []},
    "multi_channels_select": {"selected_channels": []},
    "multi_conversations_select": {"selected_conversations": []},
    "file_input": {"files": []},
    "email_text_input": {},
    "url_text_input": {},
    "number_input": {},
    "rich_text_input": {},
}
_KEY = {"email_text_input": "value", "url_text_input": "value", "number_input": "value"}
_INITIAL = {
    "plain_text_input": "initial_value",
    "email_text_input": "initial_value",
    "url_text_input": "initial_value",
    "number_input": "initial_value",
    "static_select": "initial_option",
    "external_select": "initial_option",
    "radio_buttons": "initial_option",
    "users_select": "initial_user",
    "channels_select": "initial_channel",
    "conversations_select": "initial_conversation",
    "datepicker": "initial_date",
    "timepicker": "initial_time",
    "datetimepicker": "initial_date_time",
    "checkboxes": "initial_options",
    "multi_static_select": "initial_options",
    "multi_users_select": "initial_users",
}


@dataclass(kw_only=True)
class View:
    """One view of one person. ``sent`` is what the app gave, as Slack rewrote it."""

    id: str
    user: str
    team_id: str
    sent: Json
    hash: str
    root: str
    previous: str | None = None
    values: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    """What the app said of the last submission, by block."""
    closed: bool = False

    @property
    def modal(self) -> bool:
        """False for a Home tab."""
        return bool(self.sent["type"] == "modal")

    def replace(self, view: Json, now: float) -> None:
        """The app put another view in its place. Inputs with the same ids keep what was typed."""
        self.sent, self.hash, self.errors = stored(view), view_hash(now), {}
        kept = {(one["block_id"], element.get("action_id")) for one, element in inputs(self.sent)}
        self.values = {
            block: {action: value for action, value in actions.items() if (block, action) in kept}
            for block, actions in self.values.items()
            if any((block, action) in kept for action in actions)
        }


def stored(view: Json) -> Json:
    """A view as Slack keeps it."""
    blocks = rewritten(view.get("blocks") or [])
    return {**view, "blocks": blocks}


def inputs(view: Json) -> list[tuple[Json, Json]]:
    """(block, element) of everything in it that has a state."""
    found: list[tuple[Json, Json]] = []
    for block in view["blocks"]:
        found.extend((block, element) for _, element in elements_of(block) if element.get("type") in _EMPTY)
    return found


def view_object(view: View, settings: SlackSettings, *, filled: bool = False) -> Json:
    """``view`` of an answer or payload; ``filled`` adds the state of its inputs."""
    sent = view.sent
    return {
        "id": view.id,
        "team_id": view.team_id,
        "type": sent["type"],
        "blocks": sent["blocks"],
        "private_metadata": sent.get("private_metadata") or "",
        "callback_id": sent.get("callback_id") or "",
        "state": {"values": state_values(view) if filled else {}},
        "hash": view.hash,
        "title": _words(sent.get("title")) or _words({"text": "View Title"}),
        "clear_on_close": bool(sent.get("clear_on_close")),
        "notify_on_close": bool(sent.get("notify_on_close")),
        "close": _words(sent.get("close")),
        "submit": _words(sent.get("submit")),
        "previous_view_id": view.previous,
        "root_view_id": view.root,
        "app_id": settings.app_id,
        "external_id": sent.get("external_id") or "",
        "app_installed_team_id": settings.team_id,
        "bot_id": settings.bot_id,
    }


def _words(text: Any) -> Json | None:
    if not isinstance(text, dict):
        return None
    return {"type": "plain_text", "text": text["text"], "emoji": text.get("emoji", True)}


def state_values(view: View) -> Json:
    """``state.values``: what was typed, else what the app put there, else the empty form."""
    values: Json = {}
    for block, element in inputs(view.sent):
        typed = view.values.get(block["block_id"], {}).get(element["action_id"])
        values.setdefault(block["block_id"], {})[element["action_id"]] = typed or untouched(element)
    return values


def untouched(element: Json) -> Json:
    """The state of an input nobody touched."""
    kind = element["type"]
    initial = element.get(_INITIAL.get(kind, ""))
    return {"type": kind, **_EMPTY[kind]} if initial is None else filled(element, initial)


def filled(element: Json, value: Any) -> Json:
    """The state of an input that holds ``value``; options may be named by their values."""
    kind = element["type"]
    key = next(iter(_EMPTY[kind]), _KEY.get(kind, "value"))
    if key == "selected_option":
        value = _option(element, value)
    elif key == "selected_options":
        value = [_option(element, one) for one in value]
    return {"type": kind, key: value}


def _option(element: Json, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    groups = element.get("option_groups") or []
    options = [*(element.get("options") or []), *(one for group in groups for one in group["options"])]
    found = next((one for one in options if one["value"] == value), None)
    if found is None and element["type"].endswith("external_select"):
        return {"text": {"type": "plain_text", "text": value, "emoji": True}, "value": value}
    if found is None:
        raise LookupError(f"no option {value!r} in {element.get('action_id')!r}")
    return found


def is_empty(state: Json) -> bool:
    """True when that input holds nothing."""
    return not any(value for key, value in state.items() if key != "type")
