"""Incoming webhooks: an address for each channel, whoever is inside it.

Source: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: 200 with the text ``ok``, else
a status and a word of text. The message has the subtype ``bot_message`` and no user.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from compliance_bot.sandbox.faults import Faults
from compliance_bot.sandbox.slack.blocks.check import message_faults
from compliance_bot.sandbox.slack.blocks.rewrite import rewritten
from compliance_bot.sandbox.slack.channels import Channel
from compliance_bot.sandbox.slack.ids import secret
from compliance_bot.sandbox.slack.limits import Limits
from compliance_bot.sandbox.slack.messages import Message
from compliance_bot.sandbox.slack.refused import Refused
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.text import TEXT_MOST, rich_text, trimmed
from compliance_bot.sandbox.slack.wire import meet
from compliance_bot.sandbox.slack.workspace import Workspace

_ATTACHMENTS_MOST = 100
_REMEMBERED = 1_000


@dataclass(kw_only=True, slots=True, eq=False)
class IncomingWebhook:
    """One address. ``prohibited``: an administrator forbids it; not ``active``: it was switched off."""

    path: str
    channel: str
    active: bool = True
    prohibited: bool = False


@dataclass(frozen=True, kw_only=True)
class WebhookCall:
    """What came in at an address, and what was said to it."""

    channel: str
    body: Any
    headers: Mapping[str, str]
    status: int


class IncomingWebhooks:
    """The incoming webhooks of this workspace. ``calls``: what came, oldest first."""

    def __init__(self, *, workspace: Workspace, limits: Limits, faults: Faults) -> None:
        self._workspace = workspace
        self._limits = limits
        self._faults = faults
        self._made: dict[str, IncomingWebhook] = {}
        self.calls: deque[WebhookCall] = deque(maxlen=_REMEMBERED)
        self.base = ""
        """The world's URL, known once it is started."""

    def make(self, channel: str) -> IncomingWebhook:
        """A new webhook to a channel, given by id or name."""
        place = self._workspace.channel(channel).id
        path = f"{self._workspace.settings.team_id}/{self._workspace.ids.of('B')}/{secret()}"
        self._made[path] = IncomingWebhook(path=path, channel=place)
        return self._made[path]

    def url(self, webhook: IncomingWebhook) -> str:
        """Its address, which is its secret."""
        return f"{self.base}/slack/services/{webhook.path}"

    def switch_off(self, address: str) -> None:
        """Take nothing at that address any more."""
        self._made[address.removeprefix(f"{self.base}/slack/services/")].active = False

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """``POST /slack/services/T…/B…/…``: one message."""
        webhook = self._made.get(request.match_info["path"])
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        place = "" if webhook is None else webhook.channel

        async def act() -> web.StreamResponse:
            return self._answer(webhook, body, request.match_info["path"])

        met = {**(body if isinstance(body, dict) else {}), "channel": place}
        response = await meet(self._faults, "webhook", met, request, act)
        headers = dict(request.headers)
        self.calls.append(WebhookCall(channel=place, body=body, headers=headers, status=response.status))
        self._workspace.changes.note()
        return response

    def _answer(self, webhook: IncomingWebhook | None, body: Any, path: str) -> web.Response:
        status, word = self._judge_place(webhook, path)
        headers: Mapping[str, str] = {}
        if webhook is not None and word == "ok":
            try:
                self._limits.check_place(webhook.path, self._workspace.clock.now())
                status, word = self._take(self._workspace.channels[webhook.channel], body)
            except Refused as refusal:
                status, word, headers = refusal.status, "rate_limited", refusal.headers
        return web.Response(
            status=status, body=word.encode(), headers={"Content-Type": "text/html", **headers}
        )

    def _judge_place(self, webhook: IncomingWebhook | None, path: str) -> tuple[int, str]:
        if webhook is None:
            known = any(one.path.rsplit("/", 1)[0] == path.rsplit("/", 1)[0] for one in self._made.values())
            ours = path.startswith(f"{self._workspace.settings.team_id}/")
            return (403, "invalid_token") if known else (404, "no_service" if ours else "no_team")
        channel = self._workspace.channels.get(webhook.channel)
        if not webhook.active:
            return 404, "no_active_hooks"
        if channel is None:
            return 404, "channel_not_found"
        if channel.archived:
            return 410, "channel_is_archived"
        return (403, "action_prohibited") if webhook.prohibited else (200, "ok")

    def _take(self, channel: Channel, body: Any) -> tuple[int, str]:
        if not isinstance(body, dict):
            return 400, "invalid_payload"
        text, blocks = trimmed(body.get("text"))[:TEXT_MOST], body.get("blocks")
        attachments = body.get("attachments") or []
        if len(attachments) > _ATTACHMENTS_MOST:
            return 400, "too_many_attachments"
        if not (text or blocks or attachments):
            return 400, "no_text"
        if blocks and message_faults(blocks):
            return 400, "invalid_blocks"
        self._post(channel, text, rewritten(blocks) if blocks else rich_text(text), list(attachments))
        return 200, "ok"

    def _post(self, channel: Channel, text: str, blocks: list[Json], attachments: list[Json]) -> None:
        workspace = self._workspace
        message = Message(
            channel=channel.id,
            ts=workspace.stamps.next(),
            user="",
            text=text,
            blocks=blocks,
            bot=True,
            subtype="bot_message",
            attachments=attachments,
            team_id=workspace.settings.team_id,
        )
        workspace.said(channel, workspace.add_message(channel, message))
