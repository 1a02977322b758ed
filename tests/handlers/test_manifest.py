from __future__ import annotations

import json

import jsonschema

from compliance_bot.clock import SystemClock
from compliance_bot.config.guide_sections import SlashCommand, default_commands
from compliance_bot.config.schema import Rules
from compliance_bot.handlers.dispatch import Dispatcher
from compliance_bot.handlers.errands import Errands
from compliance_bot.handlers.forms import Forms
from compliance_bot.handlers.incoming import Kind
from compliance_bot.handlers.listening import Listeners
from compliance_bot.handlers.manifest import (
    COMMAND_HANDLERS,
    EVENTS,
    OPTIONAL_EVENTS,
    OPTIONAL_SCOPES,
    SCOPES,
    SHORTCUTS,
    left_out,
    manifest,
    missing_scopes,
)
from compliance_bot.handlers.reactions import Reactions
from compliance_bot.handlers.sending import SendToStudio


def text(longest: int, shortest: int = 1) -> dict[str, object]:
    return {"type": "string", "minLength": shortest, "maxLength": longest}


def closed(required: list[str], **properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


TRUTH = {"type": "boolean"}
COMMAND = closed(
    ["command", "description"],
    command={"type": "string", "pattern": "^/", "minLength": 2, "maxLength": 32},
    description=text(2000),
    usage_hint=text(1000),
    should_escape=TRUTH,
)
SHORTCUT = closed(
    ["name", "type", "callback_id", "description"],
    name=text(24),
    type={"enum": ["message", "global"]},
    callback_id=text(255),
    description=text(150),
)
SCOPE_LIST = {"type": "array", "maxItems": 255, "uniqueItems": True, "items": text(50)}
SCHEMA = closed(
    ["display_information"],
    _metadata=closed([], major_version={"enum": [1, 2]}, minor_version={"type": "integer"}),
    display_information=closed(
        ["name"],
        name=text(35),
        description=text(140),
        background_color=text(7, 4),
        long_description=text(4000, 175),
    ),
    features=closed(
        [],
        bot_user=closed(["display_name"], display_name=text(80), always_online=TRUTH),
        app_home=closed(
            [], home_tab_enabled=TRUTH, messages_tab_enabled=TRUTH, messages_tab_read_only_enabled=TRUTH
        ),
        shortcuts={"type": "array", "minItems": 1, "maxItems": 10, "items": SHORTCUT},
        slash_commands={"type": "array", "minItems": 1, "maxItems": 50, "items": COMMAND},
    ),
    oauth_config=closed([], scopes=closed([], bot=SCOPE_LIST, bot_optional=SCOPE_LIST)),
    settings=closed(
        [],
        socket_mode_enabled=TRUTH,
        interactivity=closed(["is_enabled"], is_enabled=TRUTH),
        event_subscriptions=closed([], bot_events={"type": "array", "maxItems": 100, "items": text(255)}),
        org_deploy_enabled=TRUTH,
        token_rotation_enabled=TRUTH,
    ),
)
"""What Slack's manifest schema (version 1, July 2026) says of the parts we use, request URLs left out."""


def test_slack_takes_the_manifest() -> None:
    jsonschema.validate(manifest(default_commands()), SCHEMA)


def test_it_asks_for_no_url_and_for_no_scope_that_slack_does_not_have() -> None:
    words = json.dumps(manifest(default_commands()))
    assert "url" not in words
    assert "interactive:write" not in words
    assert "incoming-webhook" not in words


def test_socket_mode_and_buttons_are_switched_on() -> None:
    settings = manifest(default_commands())["settings"]
    assert settings["socket_mode_enabled"]
    assert settings["interactivity"] == {"is_enabled": True}


def test_each_event_has_the_scope_it_needs() -> None:
    needed = {scope for event, scope in EVENTS.items() if scope and event not in OPTIONAL_EVENTS}
    assert needed <= set(SCOPES)
    assert set(OPTIONAL_EVENTS.values()) <= set(OPTIONAL_SCOPES)


def listening() -> Dispatcher:
    """A dispatcher with every listener registered."""
    dispatcher, errands = Dispatcher(identity=lambda: None), Errands()
    forms = Forms(
        specs=(), database=None, moment=None, access=None, slack=None, replies=None, errands=errands
    )
    Listeners(
        database=None,
        clock=SystemClock(),
        rules=Rules,
        replies=None,
        questions=None,
        forms=forms,
        reactions=Reactions(
            database=None,
            clock=SystemClock(),
            rules=Rules,
            replies=None,
            errands=errands,
            ours=lambda: None,
        ),
        sending=SendToStudio(database=None, moment=None, replies=None, known=lambda _: None),
        errands=errands,
        directory=None,
        audience=None,
        token_lost=lambda _: None,
    ).attach(dispatcher)
    return dispatcher


def test_what_is_subscribed_to_is_what_is_listened_for() -> None:
    heard = {name for kind, name in listening()._listeners if kind is Kind.EVENT}
    assert heard == {event.split(".")[0] for event in EVENTS}


def test_every_shortcut_that_is_offered_is_answered() -> None:
    heard = {name for kind, name in listening()._listeners if kind is Kind.SHORTCUT}
    assert heard == {shortcut["callback_id"] for shortcut in SHORTCUTS}


def test_no_scope_is_both_needed_and_optional() -> None:
    assert not set(SCOPES) & set(OPTIONAL_SCOPES)


def test_a_renamed_command_is_renamed_in_the_manifest() -> None:
    commands = {"/status": SlashCommand(handler="compliance_status_command")}
    (told,) = manifest(commands)["features"]["slash_commands"]
    assert told["command"] == "/status"


def test_only_commands_that_are_answered_are_offered() -> None:
    commands = default_commands()
    offered = {told["command"] for told in manifest(commands)["features"]["slash_commands"]}
    assert offered == {name for name, command in commands.items() if command.handler in COMMAND_HANDLERS}
    assert offered | set(left_out(commands)) == set(commands)


def test_what_is_not_built_yet_keeps_nobody_from_starting() -> None:
    assert {"files:read", "channels:join"} <= set(OPTIONAL_SCOPES)


def test_a_missing_scope_is_named() -> None:
    assert missing_scopes(frozenset(SCOPES)) == ()
    assert missing_scopes(frozenset(SCOPES) - {"users:read"}) == ("users:read",)
