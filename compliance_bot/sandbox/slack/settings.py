"""What can be set on the embedded Slack: who it is, what the app may do, how strict it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

BOT_SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:join",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "reactions:read",
        "reactions:write",
        "team:read",
        "usergroups:read",
        "users:read",
        "users:read.email",
    }
)

SUBSCRIPTIONS = frozenset(
    {
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "channel_archive",
        "channel_rename",
        "channel_shared",
        "channel_unarchive",
        "channel_unshared",
        "group_archive",
        "group_rename",
        "group_unarchive",
        "member_joined_channel",
        "member_left_channel",
        "message.im",
        "reaction_added",
        "subteam_members_changed",
        "subteam_updated",
        "tokens_revoked",
        "user_change",
    }
)


@dataclass(kw_only=True)
class SlackSettings:
    """The workspace, the app, and how strict this Slack is. Change fields at any time.

    Times are seconds of the world's clock. ``None`` turns a limit off.
    """

    team_id: str = "T0DEMO1"
    team_name: str = "Demo Compliance"
    domain: str = "demo-compliance"
    app_id: str = "A0DEMO001"
    bot_user: str = "U0BOT0001"
    bot_id: str = "B0BOT0001"
    bot_name: str = "compliance-bot"
    bot_handle: str = "compliance_bot"
    bot_token: str = "xoxb-demo-bot-token"  # noqa: S105 - a made-up token of a made-up workspace
    app_token: str = "xapp-demo-app-token"  # noqa: S105 - a made-up token of a made-up workspace
    token_faults: dict[str, str] = field(default_factory=dict)
    """Token → the error it is answered with: ``token_revoked``, ``account_inactive`` …"""

    scopes: set[str] = field(default_factory=lambda: set(BOT_SCOPES))
    app_scopes: set[str] = field(default_factory=lambda: {"connections:write"})
    subscriptions: set[str] = field(default_factory=lambda: set(SUBSCRIPTIONS))
    """Events the app gets. ``message.channels`` and kin also bring back what the app itself did."""

    limits: Literal["off", "real", "strict"] = "real"
    """``strict``: one message a second a channel without any burst."""
    burst: int = 3
    tiers: bool = True
    """False: only chat.postMessage is limited."""
    light: bool = False
    """True: blocks are not checked (benchmarks)."""

    paid_plan: bool = True
    home_enabled: bool = True
    messages_tab_enabled: bool = True
    edit_window: float | None = None
    truncates_long_text: bool = True
    big_team: int = 1000
    """From so many people on, users.list asks for ``limit``."""
    metadata_most: int = 16_000
    allowed_channel_names: bool = True
    """chat.postMessage takes a name for an id."""

    ack_seconds: float = 3.0
    trigger_seconds: float = 3.0
    """Both stretch with a fast clock, so that a person's three seconds do not shrink."""
    retry_after: tuple[float, ...] = (0.0, 60.0, 300.0)
    """When an events_api envelope without an ack comes again."""
    ticket_seconds: float | None = None
    sockets_most: int = 10
    approximate_connection_time: int = 3600
    warning_seconds: float = 10.0
    """From a ``warning`` or ``refresh_requested`` frame to the close."""
    socket_mode: bool = True
    never_pong: bool = False
    never_close: bool = False
    """True: a close frame of the client is not answered."""
    response_url_uses: int = 5
    response_url_seconds: float = 1800.0
    remembered_calls: int = 50_000
    container_names_thread_of_parent: bool = False
    """Unconfirmed: whether a click on a thread's parent has ``container.thread_ts``."""
    click_carries_metadata: bool = False
    """Unconfirmed: whether ``message.metadata`` stands in a click."""
    click_without_message: bool = False
    """Recorded once in a private channel: a click without ``message``."""
