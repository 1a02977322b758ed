"""Response URLs: five answers within thirty minutes, to a command, a click or a shortcut.

Source: docs.slack.dev/interactivity/handling-user-interaction and header dumps of hooks.slack.com.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from compliance_bot.sandbox.faults import Faults
from compliance_bot.sandbox.slack.blocks.check import message_faults
from compliance_bot.sandbox.slack.blocks.rewrite import rewritten
from compliance_bot.sandbox.slack.channels import Channel
from compliance_bot.sandbox.slack.ids import secret
from compliance_bot.sandbox.slack.messages import Message, as_event
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.text import rich_text, trimmed
from compliance_bot.sandbox.slack.wire import meet
from compliance_bot.sandbox.slack.workspace import Ephemeral, Workspace


@dataclass(kw_only=True, slots=True, eq=False)
class Hook:
    """One response URL. ``original``: the message or ephemeral it was made for, if any."""

    path: str
    user: str
    channel: str
    made_at: float
    original: Message | Ephemeral | None = None
    thread_ts: str | None = None
    uses: int = 0
    taken: Callable[[Json], None] | None = None
    """Told of every answer that was accepted."""


class Hooks:
    """The response URLs of this workspace."""

    def __init__(self, *, workspace: Workspace, faults: Faults) -> None:
        self._workspace = workspace
        self._faults = faults
        self._hooks: dict[str, Hook] = {}
        self.base = ""
        """The world's URL, known once it is started."""

    def make(self, kind: str, user: str, channel: str, original: Message | Ephemeral | None = None) -> Hook:
        """A new response URL; ``kind`` is ``actions``, ``commands`` or ``app``."""
        workspace = self._workspace
        path = f"{kind}/{workspace.settings.team_id}/{workspace.ids.number()}/{secret()}"
        hook = Hook(path=path, user=user, channel=channel, made_at=workspace.clock.now(), original=original)
        self._hooks[path] = hook
        return hook

    def url(self, hook: Hook) -> str:
        """The URL of a hook."""
        return f"{self.base}/slack/hooks/{hook.path}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """``POST /slack/hooks/…``: one answer."""
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None

        async def act() -> web.StreamResponse:
            return self._answer(request.match_info["path"], body)

        return await meet(self._faults, "response_url", body if isinstance(body, dict) else {}, request, act)

    def _answer(self, path: str, body: Any) -> web.Response:
        hook, settings = self._hooks.get(path), self._workspace.settings
        if hook is None:
            return _said(404, "no_service")
        if hook.uses >= settings.response_url_uses:
            return _refused(404, "used_url")
        if self._workspace.clock.now() - hook.made_at > settings.response_url_seconds:
            return _refused(404, "expired_url")
        if not isinstance(body, dict):
            return _said(400, "invalid_payload")
        words = self.take(hook, body)
        if words != "ok":
            return _said(400, words)
        hook.uses += 1
        return _said(200, "ok")

    def take(self, hook: Hook, body: Json) -> str:
        """Do what an answer says: ``ok``, or the error."""
        if body.get("delete_original"):
            self._delete(hook.original)
        else:
            text, given = trimmed(body.get("text")), body.get("blocks")
            if not text and not given:
                return "no_text"
            if given and message_faults(given):
                return "invalid_blocks"
            self._show(hook, body, text, rewritten(given) if given else rich_text(text))
        if hook.taken is not None:
            hook.taken(body)
        self._workspace.changes.note()
        return "ok"

    def _delete(self, original: Message | Ephemeral | None) -> None:
        if isinstance(original, Message):
            self._workspace.delete_message(self._workspace.channel(original.channel), original)
        elif original is not None:
            original.deleted = True

    def _show(self, hook: Hook, body: Json, text: str, blocks: list[Json]) -> None:
        original, thread = hook.original, body.get("thread_ts") or hook.thread_ts
        channel = self._workspace.channel(hook.channel)
        if body.get("replace_original") and original is not None:
            self._replace(channel, original, text, blocks)
        elif body.get("response_type") == "in_channel":
            self._post(channel, text, blocks, thread)
        else:
            self._workspace.add_ephemeral(
                Ephemeral(
                    channel=channel.id,
                    user=hook.user,
                    ts=self._workspace.stamps.next(),
                    text=text,
                    blocks=blocks,
                    thread_ts=thread,
                    via="response_url",
                )
            )

    def _replace(
        self, channel: Channel, original: Message | Ephemeral, text: str, blocks: list[Json]
    ) -> None:
        if isinstance(original, Ephemeral):
            original.text, original.blocks = text, blocks
            return
        before = as_event(original, self._workspace.settings)
        original.say(at=self._workspace.clock.now(), text=text, blocks=blocks, metadata=original.metadata)
        self._workspace.changed(channel, original, before)

    def _post(self, channel: Channel, text: str, blocks: list[Json], thread: str | None) -> None:
        workspace = self._workspace
        message = Message(
            channel=channel.id,
            ts=workspace.stamps.next(),
            user=workspace.settings.bot_user,
            text=text,
            blocks=blocks,
            bot=True,
            thread_ts=thread,
            team_id=workspace.settings.team_id,
        )
        workspace.said(channel, workspace.add_message(channel, message))


def _said(status: int, words: str) -> web.Response:
    return web.Response(status=status, body=words.encode(), headers={"Content-Type": "text/html"})


def _refused(status: int, error: str) -> web.Response:
    body = json.dumps({"ok": False, "error": error}).encode()
    return web.Response(status=status, body=body, headers={"Content-Type": "application/json"})
