"""The HTTP side of the Web API: tokens, scopes, limits, faults, headers, and the record of calls.

Source: recorded headers and bodies of answers. Errors are HTTP 200, except 429 and 503.
"""

from __future__ import annotations

import json
import random
from collections import Counter, deque
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any

from aiohttp import web

from compliance_bot.sandbox.faults import Faults
from compliance_bot.sandbox.slack.call import Call
from compliance_bot.sandbox.slack.limits import Limits
from compliance_bot.sandbox.slack.methods import chat, conversations, people, rest, views
from compliance_bot.sandbox.slack.refusals import METHODS, Method
from compliance_bot.sandbox.slack.refused import Refused
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.sockets import Sockets
from compliance_bot.sandbox.slack.wire import meet
from compliance_bot.sandbox.slack.workspace import Workspace

Handler = Callable[[Workspace, Call], Json]

HANDLERS: dict[str, Handler] = {
    "auth.test": people.auth_test,
    "chat.postMessage": chat.post_message,
    "chat.update": chat.update,
    "chat.delete": chat.delete,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.getPermalink": chat.get_permalink,
    "conversations.list": conversations.list_channels,
    "conversations.info": conversations.info,
    "conversations.history": conversations.history,
    "conversations.replies": conversations.replies,
    "conversations.members": conversations.members,
    "conversations.open": conversations.open_conversation,
    "conversations.join": conversations.join,
    "users.info": people.info,
    "users.list": people.list_people,
    "users.lookupByEmail": people.lookup_by_email,
    "usergroups.list": people.list_groups,
    "usergroups.users.list": people.group_members,
    "views.open": views.open_view,
    "views.push": views.push,
    "views.update": views.update,
    "views.publish": views.publish,
    "reactions.add": rest.reactions_add,
    "reactions.remove": rest.reactions_remove,
    "team.info": people.team_info,
    "bots.info": people.bots_info,
    "files.info": rest.files_info,
    "blocks.validate": rest.blocks_validate,
}
_ALWAYS = {
    "Server": "Apache",
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "private, no-cache, no-store, must-revalidate",
    "access-control-expose-headers": "x-slack-req-id, retry-after",
    "x-slack-backend": "r",
}
_EVERY_CONVERSATION = ("channels", "groups", "mpim", "im")


class Api:
    """Answers calls and remembers them."""

    def __init__(self, *, workspace: Workspace, sockets: Sockets, faults: Faults) -> None:
        self._workspace = workspace
        self._sockets = sockets
        self._faults = faults
        self.limits = Limits(workspace.settings)
        self.calls: deque[Call] = deque(maxlen=workspace.settings.remembered_calls)
        self.counts: Counter[str] = Counter()
        self._date = (0, "")

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """``POST /slack/api/METHOD``: one call."""
        method = request.match_info["method"]
        arguments = await _arguments(request)
        header = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        token = header or str(arguments.pop("token", ""))
        now = self._workspace.clock.now()
        call = Call(
            method=method,
            arguments=arguments,
            caller=self._kind(token),
            at=now,
            size=request.content_length or 1 << 30,
        )
        self.calls.append(call)
        self.counts[method] += 1
        self._workspace.changes.note()

        async def act() -> web.StreamResponse:
            return self._answer(call, token, in_header=bool(header), base=f"ws://{request.host}")

        response = await meet(self._faults, method, arguments, request, act)
        call.status, call.answered_at = response.status, self._workspace.clock.now()
        self._workspace.changes.note()
        return response

    def _answer(self, call: Call, token: str, *, in_header: bool, base: str) -> web.Response:
        headers: Mapping[str, str] = {}
        status = 200
        try:
            self._check(call, token, in_header=in_header)
            if call.method == "apps.connections.open":
                body = self._open_connection(base)
            else:
                body = HANDLERS[call.method](self._workspace, call)
        except Refused as refusal:
            call.error = refusal.body["error"]
            body, status, headers = refusal.body, refusal.status, refusal.headers
        return web.Response(
            status=status, body=json.dumps(body).encode(), headers={**self._headers(call), **headers}
        )

    def _check(self, call: Call, token: str, *, in_header: bool) -> None:
        method = METHODS.get(call.method)
        if method is None:
            raise Refused("unknown_method", req_method=call.method)
        if not method.caller:
            return
        self._check_token(call, method, token, in_header=in_header)
        self._check_scopes(call, method)
        self.limits.check(call)

    def _kind(self, token: str) -> str:
        settings = self._workspace.settings
        known = {"": "none", settings.bot_token: "bot", settings.app_token: "app"}
        return known.get(token, "other")

    def _check_token(self, call: Call, method: Method, token: str, *, in_header: bool) -> None:
        if call.caller == "none":
            raise Refused("not_authed")
        settings = self._workspace.settings
        if token in settings.token_faults:
            raise Refused(settings.token_faults[token])
        misplaced = call.caller == "app" and not in_header
        if call.caller == "other" or misplaced:
            raise Refused("invalid_auth")
        if call.caller != method.caller:
            raise Refused("not_allowed_token_type")

    def _check_scopes(self, call: Call, method: Method) -> None:
        settings = self._workspace.settings
        granted = settings.app_scopes if method.caller == "app" else settings.scopes
        needed = method.scopes if not method.conversation else self._conversation_scopes(call, method)
        missing = [scope for scope in needed if scope not in granted]
        if missing:
            raise Refused("missing_scope", needed=",".join(missing), provided=",".join(sorted(granted)))

    def _conversation_scopes(self, call: Call, method: Method) -> tuple[str, ...]:
        scopes = self._workspace.settings.scopes
        if call.method == "conversations.list":
            return tuple(f"{word}:read" for word in sorted(conversations.asked_types(call)))
        channel = self._workspace.channels.get(call.text("channel"))
        if channel is not None:
            return (f"{channel.scope_word}:{method.conversation}",)
        every = tuple(f"{word}:{method.conversation}" for word in _EVERY_CONVERSATION)
        return () if scopes.intersection(every) else every

    def _open_connection(self, base: str) -> Json:
        settings = self._workspace.settings
        if not settings.socket_mode:
            raise Refused("forbidden_team")
        ticket = self._sockets.new_ticket()
        return {"ok": True, "url": f"{base}/slack/link/?ticket={ticket}&app_id={settings.app_id}"}

    def _headers(self, call: Call) -> dict[str, str]:
        settings = self._workspace.settings
        granted = settings.app_scopes if call.caller == "app" else settings.scopes
        method = METHODS.get(call.method)
        return {
            **_ALWAYS,
            "Date": self.date(),
            "x-slack-req-id": f"{random.getrandbits(128):032x}",
            "x-oauth-scopes": ",".join(sorted(granted)),
            "x-accepted-oauth-scopes": ",".join(method.scopes) if method else "",
        }

    def date(self) -> str:
        """The Date header: the world's clock."""
        second = int(self._workspace.clock.now())
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True))
        return self._date[1]


async def _arguments(request: web.Request) -> dict[str, Any]:
    arguments: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            return arguments
        return arguments | body if isinstance(body, dict) else arguments
    if request.can_read_body:
        arguments |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    return arguments
