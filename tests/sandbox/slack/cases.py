"""For each method a call that works, and for each refusal of its table a call that earns it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compliance_bot.sandbox.slack.messages import Message
from compliance_bot.sandbox.slack.methods.views import add_view, new_view
from compliance_bot.sandbox.slack.workspace import Workspace
from compliance_bot.sandbox.slack.world import SlackWorld

Arguments = dict[str, Any]
Prepare = Callable[[SlackWorld], Arguments]

ALERTS, PRIVATE, FOREIGN_PRIVATE = "C0ALERTS1", "C0PRIVAT1", "C0PRIVAT2"
GENERAL, OLD = "C0GENERAL1", "C0OLDCHAN1"
LONG = "x" * 40_001


def words(text: str = "words") -> dict[str, Any]:
    """A plain text object."""
    return {"type": "plain_text", "text": text}


def modal(**more: Any) -> dict[str, Any]:
    """A modal that Slack takes."""
    return {"type": "modal", "title": words("Title"), "blocks": [{"type": "divider"}], **more}


def home(**more: Any) -> dict[str, Any]:
    """A Home tab that Slack takes."""
    return {"type": "home", "blocks": [{"type": "divider"}], **more}


def post(slack: SlackWorld, *, channel: str = ALERTS, own: bool = True, **more: Any) -> Message:
    """A message that stands in a channel."""
    workspace = slack.workspace
    author = slack.settings.bot_user if own else "U0BOB0001"
    message = Message(
        channel=channel, ts=workspace.stamps.next(), user=author, text="t", blocks=[], bot=own, **more
    )
    return workspace.add_message(workspace.channels[channel], message)


def _here(slack: SlackWorld) -> Arguments:
    return {"channel": ALERTS, "ts": post(slack).ts, "text": "t"}


def _thumb(slack: SlackWorld) -> Arguments:
    return {"channel": ALERTS, "timestamp": post(slack).ts, "name": "eyes"}


def _thumbed(slack: SlackWorld) -> Arguments:
    names = {"eyes": ["U0BOB0001", slack.settings.bot_user]}
    return {"channel": ALERTS, "timestamp": post(slack, reactions=names).ts, "name": "eyes"}


def _file(slack: SlackWorld) -> Arguments:
    slack.add_file({"id": "F0EVID0001", "mode": "hosted"})
    return {"file": "F0EVID0001"}


def _trigger(slack: SlackWorld) -> str:
    return slack.workspace.new_trigger("U0ALICE01")


def _opened(slack: SlackWorld, count: int = 1) -> str:
    view = None
    for number in range(1, count + 1):
        view = add_view(slack.workspace, modal(external_id=f"e{number}"), "U0ALICE01", view)
    assert view is not None
    return view.id


def _pushed(slack: SlackWorld) -> Arguments:
    _opened(slack)
    return {"trigger_id": _trigger(slack), "view": modal()}


GOOD: dict[str, Prepare] = {
    "auth.test": lambda _: {},
    "apps.connections.open": lambda _: {},
    "chat.postMessage": lambda _: {"channel": ALERTS, "text": "t"},
    "chat.update": _here,
    "chat.delete": _here,
    "chat.postEphemeral": lambda _: {"channel": ALERTS, "user": "U0ALICE01", "text": "t"},
    "chat.getPermalink": lambda slack: {"channel": ALERTS, "message_ts": post(slack).ts},
    "conversations.list": lambda _: {"types": "public_channel,private_channel"},
    "conversations.info": lambda _: {"channel": ALERTS},
    "conversations.history": lambda _: {"channel": ALERTS},
    "conversations.replies": _here,
    "conversations.members": lambda _: {"channel": ALERTS},
    "conversations.open": lambda _: {"users": "U0ALICE01"},
    "conversations.join": lambda _: {"channel": GENERAL},
    "users.info": lambda _: {"user": "U0ALICE01"},
    "users.list": lambda _: {"limit": 5},
    "users.lookupByEmail": lambda _: {"email": "alice@example.com"},
    "usergroups.list": lambda _: {"include_users": True},
    "usergroups.users.list": lambda _: {"usergroup": "S0COMPLI1"},
    "views.open": lambda slack: {"trigger_id": _trigger(slack), "view": modal()},
    "views.push": _pushed,
    "views.update": lambda slack: {"view_id": _opened(slack), "view": modal()},
    "views.publish": lambda _: {"user_id": "U0ALICE01", "view": home()},
    "reactions.add": _thumb,
    "reactions.remove": _thumbed,
    "team.info": lambda _: {},
    "bots.info": lambda slack: {"bot": slack.settings.bot_id},
    "files.info": _file,
    "blocks.validate": lambda _: {"blocks": [{"type": "divider"}]},
}


def with_setting(**fields: Any) -> Callable[[Prepare], Prepare]:
    """The same call in a workspace that is set otherwise."""

    def around(prepare: Prepare) -> Prepare:
        def changed(slack: SlackWorld) -> Arguments:
            for name, value in fields.items():
                setattr(slack.settings, name, value)
            return prepare(slack)

        return changed

    return around


def but(method: str, **changes: Any) -> Prepare:
    """The good call, but for these arguments; None leaves one out."""

    def changed(slack: SlackWorld) -> Arguments:
        merged = {**GOOD[method](slack), **changes}
        return {key: value for key, value in merged.items() if value is not None}

    return changed


def _archived(method: str) -> Prepare:
    def changed(slack: SlackWorld) -> Arguments:
        arguments = GOOD[method](slack)
        slack.workspace.channels[ALERTS].archived = True
        return arguments

    return changed


def _late(slack: SlackWorld, method: str, seconds: float) -> Arguments:
    arguments = GOOD[method](slack)
    _move(slack.workspace, seconds)
    return arguments


def _move(workspace: Workspace, seconds: float) -> None:
    clock: Any = workspace.clock
    clock._now += seconds


def _used_trigger(method: str) -> Prepare:
    def changed(slack: SlackWorld) -> Arguments:
        arguments = GOOD[method](slack)
        slack.workspace.triggers[arguments["trigger_id"]].used = True
        return arguments

    return changed


def _posting(method: str) -> dict[tuple[str, str], Prepare]:
    big = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5
    return {
        (method, "channel_not_found"): but(method, channel=FOREIGN_PRIVATE),
        (method, "not_in_channel"): but(method, channel=GENERAL),
        (method, "is_archived"): but(method, channel=OLD),
        (method, "no_text"): but(method, text=" \n"),
        (method, "invalid_blocks"): but(method, blocks=[{"type": "section"}]),
        (method, "invalid_arguments"): but(method, channel=None),
        (method, "msg_blocks_too_long"): but(method, blocks=big),
        (method, "too_many_attachments"): but(method, attachments=[{"text": "a"}] * 101),
    }


def _metadata(method: str) -> dict[tuple[str, str], Prepare]:
    huge = {"event_type": "t", "event_payload": {"k": "x" * 20_000}}
    return {
        (method, "invalid_metadata_format"): but(method, metadata="no json"),
        (method, "invalid_metadata_schema"): but(method, metadata={"event_type": 3}),
        (method, "metadata_too_large"): but(method, metadata=huge),
    }


def _paging(method: str) -> dict[tuple[str, str], Prepare]:
    return {
        (method, "invalid_cursor"): but(method, cursor="nonsense"),
        (method, "invalid_limit"): but(method, limit=100_000),
    }


def _reading(method: str) -> dict[tuple[str, str], Prepare]:
    return _paging(method) | {
        (method, "channel_not_found"): but(method, channel=FOREIGN_PRIVATE),
        (method, "not_in_channel"): but(method, channel=GENERAL),
        (method, "invalid_ts_latest"): but(method, latest="yesterday"),
        (method, "invalid_ts_oldest"): but(method, oldest="yesterday"),
        (method, "invalid_arguments"): but(method, channel=None),
    }


def _tabs_off(prepare: Prepare) -> Prepare:
    return with_setting(messages_tab_enabled=False)(prepare)


def _twice_named() -> Prepare:
    def prepared(slack: SlackWorld) -> Arguments:
        _opened(slack)
        return {"trigger_id": _trigger(slack), "view": modal(external_id="e1")}

    return prepared


def _triggers(method: str) -> dict[tuple[str, str], Prepare]:
    return {
        (method, "expired_trigger_id"): lambda slack: _late(slack, method, 3.5),
        (method, "exchanged_trigger_id"): _used_trigger(method),
        (method, "invalid_trigger_id"): but(method, trigger_id="1.2.3"),
        (method, "duplicate_external_id"): _twice_named(),
        (method, "invalid_arguments"): but(method, view=modal(title=words("x" * 25))),
        (method, "view_too_large"): but(method, view=modal(private_metadata="x" * 260_000)),
    }


def _update_duplicate(slack: SlackWorld) -> Arguments:
    return {"view_id": _opened(slack, 2), "view": modal(external_id="e1")}


def _published_before(slack: SlackWorld) -> Arguments:
    slack.workspace.homes["U0ALICE01"] = new_view(slack.workspace, home(), "U0ALICE01", None)
    return {"user_id": "U0ALICE01", "view": home(), "hash": "1.stale"}


def _crowded(slack: SlackWorld) -> Arguments:
    for number in range(30):
        slack.add_person(f"p{number}")
    slack.settings.big_team = 20
    return {}


def _many_reactions(slack: SlackWorld) -> Arguments:
    names = {f"r{number}": ["U0BOB0001"] for number in range(23)}
    return {"channel": ALERTS, "timestamp": post(slack, reactions=names).ts, "name": "eyes"}


def _reacted(slack: SlackWorld) -> Arguments:
    names = {"eyes": [slack.settings.bot_user]}
    return {"channel": ALERTS, "timestamp": post(slack, reactions=names).ts, "name": "eyes"}


def _foreign(slack: SlackWorld) -> Arguments:
    return {"channel": ALERTS, "ts": post(slack, own=False).ts, "text": "t"}


def _old_message(slack: SlackWorld) -> Arguments:
    slack.settings.edit_window = 60.0
    return _late(slack, "chat.update", 61.0)


def _gone_file(slack: SlackWorld) -> Arguments:
    slack.add_file({"id": "F0GONE0001", "mode": "tombstone"})
    return {"file": "F0GONE0001"}


def _stack_of(count: int) -> Prepare:
    def prepared(slack: SlackWorld) -> Arguments:
        if count:
            _opened(slack, count)
        return {"trigger_id": _trigger(slack), "view": modal()}

    return prepared


_SAID = "chat.postMessage"
CASES: dict[tuple[str, str], Prepare] = {
    ("apps.connections.open", "forbidden_team"): with_setting(socket_mode=False)(lambda _: {}),
    **_posting("chat.postMessage"),
    **_metadata("chat.postMessage"),
    (_SAID, "msg_too_long"): with_setting(truncates_long_text=False)(but(_SAID, text=LONG)),
    (_SAID, "messages_tab_disabled"): _tabs_off(but(_SAID, channel="U0ALICE01")),
    (_SAID, "user_not_found"): but(_SAID, channel="U0DAVE0001"),
    (_SAID, "cannot_dm_bot"): but(_SAID, channel="USLACKBOT"),
    **{key: case for key, case in _posting("chat.update").items() if key[1] != "not_in_channel"},
    **_metadata("chat.update"),
    ("chat.update", "message_not_found"): but("chat.update", ts="1.000001"),
    ("chat.update", "cant_update_message"): _foreign,
    ("chat.update", "edit_window_closed"): _old_message,
    ("chat.update", "is_inactive"): _archived("chat.update"),
    ("chat.update", "msg_too_long"): but("chat.update", text=LONG),
    ("chat.delete", "channel_not_found"): but("chat.delete", channel=FOREIGN_PRIVATE),
    ("chat.delete", "message_not_found"): but("chat.delete", ts="1.000001"),
    ("chat.delete", "cant_delete_message"): _foreign,
    ("chat.delete", "invalid_arguments"): but("chat.delete", ts=None),
    **_posting("chat.postEphemeral"),
    ("chat.postEphemeral", "msg_too_long"): but("chat.postEphemeral", text=LONG),
    ("chat.postEphemeral", "user_not_in_channel"): but("chat.postEphemeral", user="U0DAVE0001"),
    ("chat.postEphemeral", "messages_tab_disabled"): _tabs_off(
        but("chat.postEphemeral", channel="U0ALICE01")
    ),
    ("chat.getPermalink", "channel_not_found"): but("chat.getPermalink", channel="C0NOWHERE"),
    ("chat.getPermalink", "message_not_found"): but("chat.getPermalink", message_ts="1.000001"),
    ("chat.getPermalink", "invalid_arguments"): but("chat.getPermalink", message_ts=None),
    **_paging("conversations.list"),
    ("conversations.list", "invalid_types"): but("conversations.list", types="secret_channel"),
    ("conversations.info", "channel_not_found"): but("conversations.info", channel=FOREIGN_PRIVATE),
    ("conversations.info", "invalid_arguments"): but("conversations.info", channel=None),
    **_reading("conversations.history"),
    **_reading("conversations.replies"),
    ("conversations.replies", "thread_not_found"): but("conversations.replies", ts="1.000001"),
    **_paging("conversations.members"),
    ("conversations.members", "channel_not_found"): but("conversations.members", channel="C0NOWHERE"),
    ("conversations.members", "invalid_arguments"): but("conversations.members", channel=None),
    ("conversations.open", "user_not_found"): but("conversations.open", users="U0NOBODY1"),
    ("conversations.open", "user_disabled"): but("conversations.open", users="U0DAVE0001"),
    ("conversations.open", "users_list_not_supplied"): but("conversations.open", users=None),
    ("conversations.open", "cannot_dm_bot"): but("conversations.open", users="USLACKBOT"),
    ("conversations.open", "channel_not_found"): but("conversations.open", channel="D0NOWHERE"),
    ("conversations.join", "channel_not_found"): but("conversations.join", channel=FOREIGN_PRIVATE),
    ("conversations.join", "is_archived"): but("conversations.join", channel=OLD),
    ("conversations.join", "method_not_supported_for_channel_type"): but(
        "conversations.join", channel=PRIVATE
    ),
    ("conversations.join", "invalid_arguments"): but("conversations.join", channel=None),
    ("users.info", "user_not_found"): but("users.info", user="U0NOBODY1"),
    ("users.info", "invalid_arguments"): but("users.info", user=None),
    **_paging("users.list"),
    ("users.list", "limit_required"): _crowded,
    ("users.lookupByEmail", "users_not_found"): but("users.lookupByEmail", email="dave@example.com"),
    ("users.lookupByEmail", "invalid_arguments"): but("users.lookupByEmail", email=None),
    ("usergroups.list", "plan_upgrade_required"): with_setting(paid_plan=False)(GOOD["usergroups.list"]),
    ("usergroups.users.list", "plan_upgrade_required"): with_setting(paid_plan=False)(
        GOOD["usergroups.users.list"]
    ),
    ("usergroups.users.list", "no_such_subteam"): but("usergroups.users.list", usergroup="S0NONE"),
    ("usergroups.users.list", "invalid_arguments"): but("usergroups.users.list", usergroup=None),
    **_triggers("views.open"),
    **_triggers("views.push"),
    ("views.push", "push_limit_reached"): _stack_of(3),
    ("views.push", "not_found"): _stack_of(0),
    ("views.update", "not_found"): but("views.update", view_id="V0NONE"),
    ("views.update", "hash_conflict"): but("views.update", hash="1.stale"),
    ("views.update", "duplicate_external_id"): _update_duplicate,
    ("views.update", "invalid_arguments"): but("views.update", view=home()),
    ("views.update", "view_too_large"): but("views.update", view=modal(private_metadata="x" * 260_000)),
    ("views.publish", "not_enabled"): with_setting(home_enabled=False)(GOOD["views.publish"]),
    ("views.publish", "hash_conflict"): _published_before,
    ("views.publish", "invalid_arguments"): but("views.publish", user_id="U0NOBODY1"),
    ("views.publish", "view_too_large"): but("views.publish", view=home(private_metadata="x" * 260_000)),
    ("reactions.add", "already_reacted"): _reacted,
    ("reactions.add", "message_not_found"): but("reactions.add", timestamp="1.000001"),
    ("reactions.add", "no_reaction"): but("reactions.add", name=None),
    ("reactions.add", "invalid_name"): but("reactions.add", name=":eyes:"),
    ("reactions.add", "is_archived"): _archived("reactions.add"),
    ("reactions.add", "channel_not_found"): but("reactions.add", channel="C0NOWHERE"),
    ("reactions.add", "too_many_reactions"): _many_reactions,
    ("reactions.add", "no_item_specified"): but("reactions.add", timestamp=None),
    ("reactions.remove", "no_reaction"): _thumb,
    ("reactions.remove", "message_not_found"): but("reactions.remove", timestamp="1.000001"),
    ("reactions.remove", "invalid_name"): but("reactions.remove", name=":eyes:"),
    ("reactions.remove", "is_archived"): _archived("reactions.remove"),
    ("reactions.remove", "channel_not_found"): but("reactions.remove", channel="C0NOWHERE"),
    ("reactions.remove", "no_item_specified"): but("reactions.remove", timestamp=None),
    ("bots.info", "bot_not_found"): but("bots.info", bot="B0NONE"),
    ("files.info", "file_not_found"): but("files.info", file="F0NONE"),
    ("files.info", "file_deleted"): _gone_file,
    ("blocks.validate", "invalid_arguments"): lambda _: {},
}
