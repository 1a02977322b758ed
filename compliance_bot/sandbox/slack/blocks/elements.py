"""The shapes of Block Kit elements and composition objects, with every published limit.

Source: the Block Kit reference (reference/block-kit) and slack_sdk's models, which repeat it.
"""

from __future__ import annotations

from typing import Any

from compliance_bot.sandbox.slack.blocks.rules import (
    Faults,
    Rule,
    all_of,
    any_key,
    anything,
    boolean,
    by_type,
    clock_time,
    date,
    fault,
    items,
    number,
    one_of,
    shape,
    string,
    url,
)

ID = string(255)


def plain(most: int) -> Rule:
    """A plain_text object of at most that many characters."""
    return shape({"type": one_of("plain_text"), "text": string(most)}, {"emoji": boolean})


def words(most: int) -> Rule:
    """A plain_text or mrkdwn object of at most that many characters."""
    mrkdwn = shape({"type": one_of("mrkdwn"), "text": string(most)}, {"verbatim": boolean})
    return by_type({"plain_text": plain(most), "mrkdwn": mrkdwn})


CONFIRM = shape(
    {"title": plain(100), "text": words(300)},
    {"confirm": plain(30), "deny": plain(30), "style": one_of("primary", "danger")},
)
_OPTION_EXTRAS = {"description": words(75), "url": url()}
PLAIN_OPTION = shape({"text": plain(75), "value": string(150)}, _OPTION_EXTRAS)
OPTION = shape({"text": words(75), "value": string(150)}, _OPTION_EXTRAS)
OPTION_GROUP = shape({"label": plain(75), "options": items(PLAIN_OPTION, 100)})
DISPATCH = shape({"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 2)})
SLACK_FILE = all_of(shape({}, {"id": string(), "url": url()}), any_key(("id", "url")))

_ANY = {"type": string(), "action_id": ID}
_WAITING = {"action_id": ID, "confirm": CONFIRM, "placeholder": plain(150), "focus_on_load": boolean}
_FILTER = shape(
    {},
    {
        "include": items(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)

BUTTON = shape(
    {"type": string(), "text": plain(75)},
    {
        "action_id": ID,
        "url": url(),
        "value": string(2000, least=0),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
        "visible_to_user_ids": items(string(), 10),
        "agent_prompt": string(4000),
    },
)
IMAGE = all_of(
    shape({"type": string(), "alt_text": string(2000)}, {"image_url": url(), "slack_file": SLACK_FILE}),
    any_key(("image_url", "slack_file")),
)
OVERFLOW = shape(
    {"type": string(), "options": items(PLAIN_OPTION, 5)},
    {"action_id": ID, "confirm": CONFIRM},
)


def _select(**own: Rule) -> Rule:
    return shape({"type": string()}, {**_WAITING, **own})


def _chosen_among_options(value: Any, pointer: str, faults: Faults) -> None:
    """What is chosen from the first must be one of the options, text and value."""
    if not isinstance(value, dict):
        return
    groups = [group for group in value.get("option_groups") or [] if isinstance(group, dict)]
    offered = [value.get("options") or [], *(group.get("options") or [] for group in groups)]
    chosen = {
        "initial_options": value.get("initial_options"),
        "initial_option": [value.get("initial_option")],
    }
    for key, ones in chosen.items():
        if key in value and any(not any(one in options for options in offered) for one in ones or []):
            faults.append(fault("must exactly match one of the options", f"{pointer}/{key}"))


def _static(initial: dict[str, Rule]) -> Rule:
    own = {"options": items(PLAIN_OPTION, 100), "option_groups": items(OPTION_GROUP, 100), **initial}
    return all_of(_select(**own), any_key(("options", "option_groups")), _chosen_among_options)


def _multi(**own: Rule) -> Rule:
    return _select(max_selected_items=number(1), **own)


def _choice(initial: dict[str, Rule]) -> Rule:
    own = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": boolean, **initial}
    return all_of(shape({"type": string(), "options": items(OPTION, 10)}, own), _chosen_among_options)


def _text_input(**own: Rule) -> Rule:
    known = {"action_id": ID, "placeholder": plain(150), "focus_on_load": boolean}
    return shape({"type": string()}, {**known, "dispatch_action_config": DISPATCH, **own})


_USERS = items(string(), 100)
CHOOSERS: dict[str, Rule] = {
    "static_select": _static({"initial_option": PLAIN_OPTION}),
    "multi_static_select": all_of(
        shape(
            {"type": string()},
            {
                **_WAITING,
                "options": items(PLAIN_OPTION, 100),
                "option_groups": items(OPTION_GROUP, 100),
                "initial_options": items(PLAIN_OPTION, 100),
                "max_selected_items": number(1),
            },
        ),
        any_key(("options", "option_groups")),
        _chosen_among_options,
    ),
    "external_select": _select(initial_option=PLAIN_OPTION, min_query_length=number(0)),
    "multi_external_select": _multi(initial_options=items(PLAIN_OPTION, 100), min_query_length=number(0)),
    "users_select": _select(initial_user=string()),
    "multi_users_select": _multi(initial_users=_USERS),
    "conversations_select": _select(
        initial_conversation=string(),
        default_to_current_conversation=boolean,
        response_url_enabled=boolean,
        filter=_FILTER,
    ),
    "multi_conversations_select": _multi(
        initial_conversations=_USERS, default_to_current_conversation=boolean, filter=_FILTER
    ),
    "channels_select": _select(initial_channel=string(), response_url_enabled=boolean),
    "multi_channels_select": _multi(initial_channels=_USERS),
    "datepicker": _select(initial_date=date),
    "timepicker": _select(initial_time=clock_time, timezone=string()),
    "checkboxes": _choice({"initial_options": items(OPTION, 10)}),
    "radio_buttons": _choice({"initial_option": OPTION}),
}
MOMENT = shape(
    {"type": string()},
    {"action_id": ID, "confirm": CONFIRM, "focus_on_load": boolean, "initial_date_time": number(0)},
)

IN_ACTIONS: dict[str, Rule] = {
    "button": BUTTON,
    "overflow": OVERFLOW,
    "datetimepicker": MOMENT,
    "workflow_button": shape({"type": string(), "text": plain(75), "workflow": anything}, {"action_id": ID}),
    **CHOOSERS,
}
IN_SECTION: dict[str, Rule] = {"image": IMAGE, **IN_ACTIONS}
IN_INPUT: dict[str, Rule] = {
    **CHOOSERS,
    "datetimepicker": MOMENT,
    "plain_text_input": _text_input(
        initial_value=string(3000, least=0),
        multiline=boolean,
        min_length=number(0, 3000),
        max_length=number(1, 3000),
    ),
    "email_text_input": _text_input(initial_value=string(least=0)),
    "url_text_input": _text_input(initial_value=string(least=0)),
    "number_input": all_of(
        _text_input(
            is_decimal_allowed=boolean, initial_value=string(), min_value=string(), max_value=string()
        ),
    ),
    "rich_text_input": _text_input(initial_value=anything),
    "file_input": shape(
        {"type": string()},
        {"action_id": ID, "filetypes": items(string(), 100), "max_files": number(1, 10)},
    ),
}
IN_CONTEXT: dict[str, Rule] = {
    "image": IMAGE,
    "plain_text": plain(2000),
    "mrkdwn": words(2000),
}
FEEDBACK_BUTTON = shape({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
IN_CONTEXT_ACTIONS: dict[str, Rule] = {
    "feedback_buttons": shape(
        {"type": string(), "positive_button": FEEDBACK_BUTTON, "negative_button": FEEDBACK_BUTTON},
        {"action_id": ID},
    ),
    "icon_button": shape(
        {"type": string(), "icon": one_of("trash"), "text": plain(75)},
        {
            "action_id": ID,
            "value": string(2000),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "visible_to_user_ids": items(string(), 10),
        },
    ),
}
