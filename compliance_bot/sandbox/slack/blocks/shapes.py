"""The shapes of blocks, and which block may stand where.

Source: the Block Kit reference; surfaces of the newer blocks from docs.slack.dev/blocks.json.
"""

from __future__ import annotations

from compliance_bot.sandbox.slack.blocks.elements import (
    BUTTON,
    ID,
    IMAGE,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    SLACK_FILE,
    plain,
    words,
)
from compliance_bot.sandbox.slack.blocks.rules import (
    Rule,
    all_of,
    any_key,
    anything,
    boolean,
    by_type,
    items,
    number,
    one_of,
    shape,
    string,
    url,
)

_OWN = {"block_id": ID}
_KIND = {"type": string()}

RICH_TEXT = shape(
    {
        **_KIND,
        "elements": items(
            by_type(
                dict.fromkeys(
                    (
                        "rich_text_section",
                        "rich_text_list",
                        "rich_text_preformatted",
                        "rich_text_quote",
                    ),
                    shape(
                        {**_KIND, "elements": items(anything, 10_000, least=0)},
                        {
                            "style": anything,
                            "indent": number(0, 8),
                            "offset": number(0),
                            "border": number(0, 1),
                            "language": string(),
                        },
                    ),
                )
            ),
            10_000,
            least=0,
        ),
    },
    _OWN,
)
_CELL = by_type(
    {
        "raw_text": shape({**_KIND, "text": string()}),
        "raw_number": shape({**_KIND, "value": anything}, {"text": string()}),
        "rich_text": RICH_TEXT,
    }
)
_COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})
_CARD = all_of(
    shape(
        _KIND,
        {
            **_OWN,
            "title": words(150),
            "subtitle": words(150),
            "body": words(200),
            "hero_image": IMAGE,
            "icon": IMAGE,
            "actions": items(BUTTON, 3),
        },
    ),
    any_key(("hero_image", "title", "actions", "body")),
)

EVERYWHERE: dict[str, Rule] = {
    "section": all_of(
        shape(
            _KIND,
            {
                **_OWN,
                "text": words(3000),
                "fields": items(words(2000), 10),
                "accessory": by_type(IN_SECTION),
                "expand": boolean,
            },
        ),
        any_key(("text", "fields")),
    ),
    "divider": shape(_KIND, _OWN),
    "header": shape({**_KIND, "text": plain(150)}, {**_OWN, "level": number(1, 4)}),
    "actions": shape({**_KIND, "elements": items(by_type(IN_ACTIONS), 25)}, _OWN),
    "context": shape({**_KIND, "elements": items(by_type(IN_CONTEXT), 10)}, _OWN),
    "image": all_of(
        shape(
            {**_KIND, "alt_text": string(2000)},
            {**_OWN, "image_url": url(), "slack_file": SLACK_FILE, "title": plain(2000)},
        ),
        any_key(("image_url", "slack_file")),
    ),
    "input": shape(
        {**_KIND, "label": plain(2000), "element": by_type(IN_INPUT)},
        {**_OWN, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "video": shape(
        {**_KIND, "alt_text": string(), "title": plain(200), "thumbnail_url": url(), "video_url": url()},
        {
            **_OWN,
            "author_name": string(50),
            "description": plain(200),
            "provider_icon_url": url(),
            "provider_name": string(),
            "title_url": url(),
        },
    ),
    "rich_text": RICH_TEXT,
    "card": _CARD,
}

IN_MESSAGES: dict[str, Rule] = {
    **EVERYWHERE,
    "file": shape({**_KIND, "external_id": string(255), "source": one_of("remote")}, _OWN),
    "markdown": shape({**_KIND, "text": string(12_000)}, _OWN),
    "table": shape(
        {**_KIND, "rows": items(items(_CELL, 20), 100)}, {**_OWN, "column_settings": items(_COLUMN, 20)}
    ),
    "data_table": shape(
        {**_KIND, "caption": anything, "rows": items(items(_CELL, 20), 201, least=2)},
        {**_OWN, "page_size": number(1), "columns": anything},
    ),
    "data_visualization": shape(
        {**_KIND, "title": anything}, {**_OWN, "chart_type": string(), "data": anything}
    ),
    "context_actions": shape({**_KIND, "elements": items(by_type(IN_CONTEXT_ACTIONS), 5)}, _OWN),
    "carousel": shape({**_KIND, "elements": items(_CARD, 10)}, _OWN),
    "container": shape(
        {**_KIND, "children": items(anything, 10)},
        {**_OWN, "title": plain(150), "is_collapsible": boolean},
    ),
    "plan": shape({**_KIND, "title": anything}, {**_OWN, "tasks": anything}),
    "task_card": shape(
        {**_KIND, "task_id": string(), "title": anything},
        {
            **_OWN,
            "status": one_of("pending", "in_progress", "complete", "error"),
            "details": anything,
            "output": anything,
            "sources": anything,
        },
    ),
}
IN_MODALS: dict[str, Rule] = {
    **EVERYWHERE,
    "alert": shape({**_KIND, "text": words(200)}, {**_OWN, "level": string()}),
}
IN_HOME: dict[str, Rule] = {**EVERYWHERE, "carousel": IN_MESSAGES["carousel"]}

ONCE_PER_MESSAGE = {"table": 1, "data_visualization": 2}
"""Blocks a message may hold only so often."""

MODAL: dict[str, Rule] = {
    "title": plain(24),
    "submit": plain(24),
    "close": plain(24),
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
    "submit_disabled": boolean,
}
