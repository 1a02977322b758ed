"""Every method of the embedded Slack as data: its scopes, its tier, and the refusals it can give.

Source: docs.slack.dev/reference/methods and recorded answers. ``natural`` refusals follow from what
is asked and how the world stands; ``on_demand`` ones come from inside Slack and are given when a
test or the page asks for them (``SlackWorld.refuse``).
"""

from __future__ import annotations

from dataclasses import dataclass

from compliance_bot.sandbox.slack.settings import Json

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute by tier."""

_AUTH = ("not_authed", "invalid_auth", "token_revoked", "token_expired", "account_inactive")
_INSIDE = (
    "internal_error",
    "fatal_error",
    "request_timeout",
    "service_unavailable",
    "accesslimited",
    "ekm_access_denied",
    "no_permission",
    "org_login_required",
    "team_access_not_granted",
    "team_added_to_org",
)


@dataclass(frozen=True, kw_only=True)
class Method:
    """One Web API method. ``scopes`` are needed all; "conversation" ones depend on the channel."""

    scopes: tuple[str, ...] = ()
    conversation: str = ""
    """``read`` or ``history``: the scope is ``channels:``, ``groups:``, ``im:`` or ``mpim:`` that."""
    tier: int | None = None
    natural: tuple[str, ...] = ()
    on_demand: tuple[str, ...] = ()
    caller: str = "bot"
    """Whose token it takes; "" for none."""

    @property
    def all_natural(self) -> tuple[str, ...]:
        """What follows from the request and the world's state."""
        if not self.caller:
            return self.natural
        scoped = ("missing_scope",) if self.scopes or self.conversation else ()
        limited = ("ratelimited",) if self.tier else ()
        return (*_AUTH, "not_allowed_token_type", *scoped, *limited, *self.natural)

    @property
    def all_on_demand(self) -> tuple[str, ...]:
        """What comes from inside Slack."""
        return (*_INSIDE, *self.on_demand)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_POSTING = "channel_not_found not_in_channel is_archived no_text invalid_blocks invalid_arguments "
METHODS: dict[str, Method] = {
    "auth.test": Method(),
    "apps.connections.open": Method(
        scopes=("connections:write",),
        tier=3,
        natural=("forbidden_team",),
        caller="app",
    ),
    "chat.postMessage": Method(
        scopes=("chat:write",),
        natural=_words(
            _POSTING + "msg_blocks_too_long msg_too_long invalid_metadata_format invalid_metadata_schema "
            "metadata_too_large too_many_attachments messages_tab_disabled user_not_found cannot_dm_bot "
            "ratelimited"
        ),
        on_demand=_words(
            "rate_limited message_limit_exceeded restricted_action restricted_action_read_only_channel "
            "restricted_action_thread_only_channel"
        ),
    ),
    "chat.update": Method(
        scopes=("chat:write",),
        tier=3,
        natural=_words(
            "channel_not_found message_not_found cant_update_message edit_window_closed is_inactive no_text "
            "invalid_blocks invalid_arguments msg_blocks_too_long msg_too_long invalid_metadata_format "
            "invalid_metadata_schema metadata_too_large too_many_attachments"
        ),
        on_demand=_words("block_mismatch update_failed external_channel_migrating"),
    ),
    "chat.delete": Method(
        scopes=("chat:write",),
        tier=3,
        natural=_words("channel_not_found message_not_found cant_delete_message invalid_arguments"),
    ),
    "chat.postEphemeral": Method(
        scopes=("chat:write",),
        tier=4,
        natural=_words(
            _POSTING + "msg_blocks_too_long msg_too_long user_not_in_channel messages_tab_disabled "
            "too_many_attachments"
        ),
    ),
    "chat.getPermalink": Method(
        natural=_words("channel_not_found message_not_found invalid_arguments"),
    ),
    "conversations.list": Method(
        conversation="read",
        tier=2,
        natural=_words("invalid_cursor invalid_limit invalid_types"),
    ),
    "conversations.info": Method(
        conversation="read",
        tier=3,
        natural=_words("channel_not_found invalid_arguments"),
        on_demand=_words("channel_is_limited_access"),
    ),
    "conversations.history": Method(
        conversation="history",
        tier=3,
        natural=_words(
            "channel_not_found not_in_channel invalid_cursor invalid_limit invalid_ts_latest "
            "invalid_ts_oldest invalid_arguments"
        ),
    ),
    "conversations.replies": Method(
        conversation="history",
        tier=3,
        natural=_words(
            "channel_not_found not_in_channel thread_not_found invalid_cursor invalid_limit "
            "invalid_ts_latest invalid_ts_oldest invalid_arguments"
        ),
    ),
    "conversations.members": Method(
        conversation="read",
        tier=4,
        natural=_words("channel_not_found invalid_cursor invalid_limit invalid_arguments"),
        on_demand=_words("fetch_members_failed"),
    ),
    "conversations.open": Method(
        scopes=("im:write",),
        tier=3,
        natural=_words(
            "user_not_found user_disabled users_list_not_supplied cannot_dm_bot channel_not_found"
        ),
        on_demand=_words("user_not_visible"),
    ),
    "conversations.join": Method(
        scopes=("channels:join",),
        tier=3,
        natural=_words(
            "channel_not_found is_archived method_not_supported_for_channel_type invalid_arguments"
        ),
    ),
    "users.info": Method(
        scopes=("users:read",),
        tier=4,
        natural=_words("user_not_found invalid_arguments"),
        on_demand=_words("user_not_visible"),
    ),
    "users.list": Method(
        scopes=("users:read",), tier=2, natural=_words("invalid_cursor limit_required invalid_limit")
    ),
    "users.lookupByEmail": Method(
        scopes=("users:read.email", "users:read"),
        tier=3,
        natural=_words("users_not_found invalid_arguments"),
    ),
    "usergroups.list": Method(
        scopes=("usergroups:read",),
        tier=2,
        natural=_words("plan_upgrade_required"),
        on_demand=_words("paid_teams_only invalid_team"),
    ),
    "usergroups.users.list": Method(
        scopes=("usergroups:read",),
        tier=2,
        natural=_words("no_such_subteam plan_upgrade_required invalid_arguments"),
    ),
    "views.open": Method(
        tier=4,
        natural=_words(
            "expired_trigger_id exchanged_trigger_id invalid_trigger_id duplicate_external_id "
            "invalid_arguments view_too_large"
        ),
    ),
    "views.push": Method(
        tier=4,
        natural=_words(
            "expired_trigger_id exchanged_trigger_id invalid_trigger_id duplicate_external_id "
            "invalid_arguments view_too_large push_limit_reached not_found"
        ),
    ),
    "views.update": Method(
        tier=4,
        natural=_words("not_found hash_conflict duplicate_external_id invalid_arguments view_too_large"),
    ),
    "views.publish": Method(
        tier=4, natural=_words("not_enabled hash_conflict invalid_arguments view_too_large")
    ),
    "reactions.add": Method(
        scopes=("reactions:write",),
        tier=3,
        natural=_words(
            "already_reacted message_not_found no_reaction invalid_name is_archived channel_not_found "
            "too_many_reactions no_item_specified"
        ),
        on_demand=_words("not_reactable"),
    ),
    "reactions.remove": Method(
        scopes=("reactions:write",),
        tier=2,
        natural=_words(
            "no_reaction message_not_found invalid_name is_archived channel_not_found no_item_specified"
        ),
        on_demand=_words("not_reactable"),
    ),
    "team.info": Method(scopes=("team:read",), tier=3),
    "bots.info": Method(scopes=("users:read",), tier=3, natural=_words("bot_not_found")),
    "files.info": Method(
        scopes=("files:read",),
        tier=4,
        natural=_words("file_not_found file_deleted"),
        on_demand=_words("not_visible"),
    ),
    "blocks.validate": Method(caller="", natural=_words("invalid_arguments")),
}


def body_of(error: str, method: str, granted: str) -> Json:
    """The body of a refusal given on demand."""
    body: Json = {"ok": False, "error": error}
    if error == "missing_scope":
        scopes = METHODS[method].scopes
        body |= {"needed": ",".join(scopes) or "channels:read", "provided": granted}
    elif error == "invalid_blocks":
        line = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
        body |= {"errors": [line], "response_metadata": {"messages": [f"[ERROR] {line}"]}}
    elif error == "invalid_arguments":
        body["response_metadata"] = {"messages": ["[ERROR] missing required field: channel"]}
    return body
