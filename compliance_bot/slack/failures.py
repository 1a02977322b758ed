"""What Slack's error codes mean for us; nothing else in this program reads one.

Source: Slack's lists of errors by method (``chat.postMessage``, ``chat.update``,
``conversations.history``, ``views.open``, the common errors), checked 2026-11-24. Slack says of
``fatal_error`` and ``internal_error`` that the call may have partly succeeded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from compliance_bot.errors import SlackError

RETRY_AFTER_UNTOLD = 30.0
"""Seconds to wait when a 429 does not say, or says nonsense."""

_LONGEST_RETRY_AFTER = 86_400.0


class FailureClass(StrEnum):
    """What a failed call means for whoever wanted it."""

    RETRY = "retry"
    """It surely did not happen, and may later."""
    UNKNOWN = "unknown"
    """It may have happened: look first."""
    PERMANENT_DESTINATION = "permanent_destination"
    """Never there."""
    PERMANENT_PAYLOAD = "permanent_payload"
    """Never like this."""
    FATAL = "fatal"
    """Nothing will go with this token, here."""
    MESSAGE_GONE = "message_gone"
    """The message meant is not there, or can't be changed any more."""
    STALE = "stale"
    """The moment passed: the person must press again."""
    ALREADY_SO = "already_so"
    """What was asked for is so already."""
    FEATURE_MISSING = "feature_missing"
    """This workspace's plan or settings have no such thing."""


_TABLE: dict[FailureClass, dict[str, str]] = {
    FailureClass.RETRY: {
        "ratelimited": "too many calls",
        "rate_limited": "too many messages",
        "message_limit_exceeded": "the workspace's message limit is reached",
        "service_unavailable": "Slack is away",
        "team_added_to_org": "the workspace is being moved into an organisation",
        "org_login_required": "the workspace is being moved into an organisation",
        "external_channel_migrating": "the channel is being moved between workspaces",
        "channel_migrating": "the channel is being moved between workspaces",
        "fetch_members_failed": "Slack could not say who is in the channel",
        "streaming_state_conflict": "the message is still being written",
    },
    FailureClass.UNKNOWN: {
        "fatal_error": "Slack failed, perhaps after having done it",
        "internal_error": "Slack failed, perhaps after having done it",
        "request_timeout": "Slack gave up waiting, perhaps after having done it",
        "update_failed": "Slack failed, perhaps after having done it",
    },
    FailureClass.PERMANENT_DESTINATION: {
        "channel_not_found": "there is no such channel, or the bot may not see it",
        "not_in_channel": "the bot is not in that channel: /invite it",
        "is_archived": "the channel is archived",
        "is_inactive": "the channel is archived",
        "restricted_action": "the workspace's settings forbid posting there",
        "messages_tab_disabled": "the person's messages tab with this app is off",
        "user_not_found": "there is no such person",
        "users_not_found": "there is no such person",
        "user_disabled": "the person is deactivated",
        "cannot_dm_bot": "the bot can't write to a bot",
        "not_in_group": "the bot is not in that channel: /invite it",
        "thread_locked": "the thread is locked",
        "cannot_reply_to_message": "that message takes no replies",
        "method_not_supported_for_channel_type": "that kind of conversation can't take it",
        "team_not_found": "the workspace is not this token's",
    },
    FailureClass.PERMANENT_PAYLOAD: {
        "invalid_blocks": "Slack does not take these blocks",
        "invalid_blocks_format": "Slack does not take these blocks",
        "msg_blocks_too_long": "the blocks are too long together",
        "msg_too_long": "the text is too long",
        "no_text": "there is no text",
        "invalid_attachments": "Slack does not take these attachments",
        "too_many_attachments": "there are too many attachments",
        "metadata_too_large": "the metadata is too large",
        "metadata_must_be_sent_from_app": "metadata needs an app's token",
        "markdown_text_conflict": "markdown and blocks can't go together",
        "block_mismatch": "rich text may only become rich text",
        "invalid_arguments": "Slack does not take these arguments",
        "invalid_arg_name": "Slack does not know one of the arguments",
        "invalid_array_arg": "Slack does not take one of the arguments",
        "invalid_form_data": "Slack could not read the form",
        "invalid_json": "Slack could not read the JSON",
        "json_not_object": "Slack could not read the JSON",
        "invalid_post_type": "Slack could not read the body",
        "missing_post_type": "Slack could not read the body",
        "view_too_large": "the view is over 250 KB",
        "invalid_name": "Slack knows no emoji of that name",
        "no_item_specified": "no message was named",
        "not_reactable": "that message takes no emoji",
        "too_many_reactions": "that message takes no more emoji",
        "unknown_method": "Slack has no such method",
        "method_deprecated": "Slack has withdrawn the method",
        "deprecated_endpoint": "Slack has withdrawn the method",
        "as_user_not_supported": "Slack has withdrawn as_user",
    },
    FailureClass.FATAL: {
        "invalid_auth": (
            "the token is wrong or revoked, or this machine's address is not on the app's IP allow list"
        ),
        "not_authed": "no token was sent",
        "token_revoked": "the token was revoked",
        "token_expired": "the token has expired: token rotation must be off",
        "account_inactive": "the bot's account or the workspace was deactivated",
        "missing_scope": "the token lacks a scope: add it and re-install the app",
        "no_permission": "the token may not do this",
        "accesslimited": "Slack limits access from this network: look at the IP allow list",
        "ekm_access_denied": "the workspace's administrators have suspended access",
        "not_allowed_token_type": "this kind of token can't do this: xoxb- and xapp- may be mixed up",
        "team_access_not_granted": "the token is not granted for this workspace",
        "enterprise_is_restricted": "the organisation forbids this",
        "two_factor_setup_required": "the account must set up two-factor login",
        "forbidden_team": "the app is not allowed in this workspace",
        "app_not_installed": "the app is not installed in this workspace",
    },
    FailureClass.MESSAGE_GONE: {
        "message_not_found": "the message is gone",
        "edit_window_closed": "the workspace lets nobody edit so old a message",
        "cant_update_message": "the message is not ours to edit",
        "thread_not_found": "the thread's first message is gone",
        "cant_delete_message": "the message is not ours to delete",
    },
    FailureClass.STALE: {
        "expired_trigger_id": "the click is more than three seconds old",
        "exchanged_trigger_id": "the click was used already",
        "invalid_trigger_id": "the click is not one Slack knows",
        "hash_conflict": "the view changed meanwhile",
        "not_found": "the view is closed",
        "view_not_found": "the view is closed",
        "expired_url": "the response URL is spent",
        "used_url": "the response URL is spent",
    },
    FailureClass.ALREADY_SO: {
        "already_reacted": "the emoji is there already",
        "no_reaction": "the emoji is not there",
    },
    FailureClass.FEATURE_MISSING: {
        "plan_upgrade_required": "the workspace's plan has none of these",
        "paid_teams_only": "the workspace's plan has none of these",
        "not_enabled": "the app's settings have this switched off",
        "feature_not_enabled": "the app's settings have this switched off",
    },
}

_BY_CODE: dict[str, tuple[FailureClass, str]] = {
    code: (kind, why) for kind, codes in _TABLE.items() for code, why in codes.items()
}

_FAMILIES = (
    ("invalid_blocks", FailureClass.PERMANENT_PAYLOAD, "Slack does not take these blocks"),
    ("invalid_metadata", FailureClass.PERMANENT_PAYLOAD, "Slack does not take this metadata"),
    ("restricted_action", FailureClass.PERMANENT_DESTINATION, "the workspace's settings forbid it"),
)


def listed_codes() -> Mapping[str, FailureClass]:
    """Every code the table names, with its class: what tests and ``check`` walk through."""
    return {code: kind for code, (kind, _) in _BY_CODE.items()}


def classify(code: str) -> tuple[FailureClass, str]:
    """The class and the reason in words of one error code of Slack's.

    A code nobody listed is a refusal of what was sent: plain text may still pass.
    """
    found = _BY_CODE.get(code)
    if found is not None:
        return found
    for prefix, kind, why in _FAMILIES:
        if code.startswith(prefix):
            return kind, why
    return FailureClass.PERMANENT_PAYLOAD, "Slack refused it with a code this program does not know"


@dataclass(eq=False)
class SlackCallFailed(SlackError):
    """One call that gave no ``ok: true``. Its text holds the method, the code and the reason only.

    ``retry_after`` in seconds, only where Slack limits the rate. ``request_id`` is what Slack's
    support asks for. ``needed`` and ``provided`` are scopes, told with ``missing_scope``.
    """

    method: str
    code: str
    kind: FailureClass
    why: str
    retry_after: float | None = None
    request_id: str | None = None
    needed: str | None = None
    provided: str | None = None

    def __str__(self) -> str:
        """One sentence for a log or an operator."""
        scopes = f"; needed: {self.needed}, granted: {self.provided}" if self.needed else ""
        trace = f" [request {self.request_id}]" if self.request_id else ""
        return f"Slack call {self.method} failed: {self.code} ({self.why}{scopes}){trace}"


def refused(method: str, body: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> SlackCallFailed:
    """The failure in a JSON answer that is not ``ok``."""
    code = str(body.get("error") or f"http_{status}")[:100]
    kind, why = classify(code)
    limited = status == 429 or code in ("ratelimited", "rate_limited")  # noqa: PLR2004 -- HTTP's own number
    return SlackCallFailed(
        method=method,
        code="ratelimited" if limited else code,
        kind=FailureClass.RETRY if limited else kind,
        why="too many calls" if limited else why,
        retry_after=retry_after(headers.get("Retry-After")) if limited else None,
        request_id=headers.get("x-slack-req-id"),
        needed=_scopes(body.get("needed")),
        provided=_scopes(body.get("provided")),
    )


def unreadable(method: str, status: int, headers: Mapping[str, str]) -> SlackCallFailed:
    """The failure in an answer that is no JSON object.

    A gateway (500, 502, 504) may answer after Slack has done it, so those are looked up first; 429,
    503, a redirect and any other 4xx come from something that did not let the call through.
    """
    request_id = headers.get("x-slack-req-id")
    if status == 429:  # noqa: PLR2004 -- HTTP's own number
        return refused(method, {"error": "ratelimited"}, status, headers)
    kind, why = _by_status(status)
    return SlackCallFailed(method=method, code=f"http_{status}", kind=kind, why=why, request_id=request_id)


def _by_status(status: int) -> tuple[FailureClass, str]:
    if status == 413:  # noqa: PLR2004 -- HTTP's own number
        return FailureClass.PERMANENT_PAYLOAD, "the request is too large"
    if status == 503:  # noqa: PLR2004 -- HTTP's own number
        return FailureClass.RETRY, "Slack is away"
    if 300 <= status < 500:  # noqa: PLR2004 -- HTTP's own numbers
        return FailureClass.RETRY, "something between here and Slack answered: a proxy or a login page?"
    return FailureClass.UNKNOWN, "the answer could not be read, so it may have been done"


def unreachable(method: str, error: Exception) -> SlackCallFailed:
    """The failure of a connection that never stood: nothing was sent."""
    why = f"no connection to Slack, {type(error).__name__}: nothing was sent"
    return SlackCallFailed(method=method, code="unreachable", kind=FailureClass.RETRY, why=why)


def unanswered(method: str, error: Exception) -> SlackCallFailed:
    """The failure of a request that left and got no whole answer."""
    code = "timeout" if isinstance(error, TimeoutError) else "disconnected"
    why = f"no whole answer came, {type(error).__name__}: it may have been done"
    return SlackCallFailed(method=method, code=code, kind=FailureClass.UNKNOWN, why=why)


def retry_after(header: str | None) -> float:
    """Seconds to wait after a 429; 30 when the header is missing or nonsense."""
    try:
        seconds = float(header or "")
    except ValueError:
        return RETRY_AFTER_UNTOLD
    if not 0 <= seconds <= _LONGEST_RETRY_AFTER:
        return RETRY_AFTER_UNTOLD
    return max(1.0, seconds)


def _scopes(value: Any) -> str | None:
    return str(value)[:500] if value else None
