"""Envelopes to listeners, through Bolt, with an ack that does not wait for Bolt's poll.

Bolt authorises, leaves out what we did ourselves, and tells the kinds of payload apart; which command
or button it is, is one look into a table of ours. Bolt asks every listener in turn whether a payload
is its own, at 11 µs each, so it knows one listener of each kind, and each is a catch-all: nothing is
answered with "no listener", for which Socket Mode sends no ack.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.lazy_listener.asyncio_runner import AsyncioLazyListenerRunner
from slack_bolt.listener.async_listener import AsyncListener
from slack_bolt.listener.async_listener_completion_handler import AsyncDefaultListenerCompletionHandler
from slack_bolt.listener.async_listener_error_handler import AsyncDefaultListenerErrorHandler
from slack_bolt.listener.async_listener_start_handler import AsyncDefaultListenerStartHandler
from slack_bolt.listener.asyncio_runner import AsyncioListenerRunner
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from compliance_bot import logs
from compliance_bot.handlers.acknowledging import Ack, FrameAck
from compliance_bot.handlers.incoming import Incoming, Kind, read_envelope
from compliance_bot.slack.client import Identity

_log = logs.logger("handlers")
_bolt_log = logging.getLogger("slack_bolt.dispatch")
_bolt_log.setLevel(logging.ERROR)  # it warns at every start of a token it finds in the environment
_ANY = re.compile(r".*", re.DOTALL)
_DONE = 200

Listener: TypeAlias = Callable[[Incoming, Ack], Awaitable[None]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[bool]]


class ListenerRunner(AsyncioListenerRunner):
    """Runs a listener to its end in the envelope's own task; what it raises takes back no ack.

    It acks for nobody: a listener that does not ack leaves the envelope to be sent again.
    """

    async def run(
        self,
        request: AsyncBoltRequest,
        response: BoltResponse,
        listener_name: str,
        listener: AsyncListener,
        starting_time: float | None = None,  # noqa: ARG002 -- Bolt's signature
    ) -> BoltResponse:
        """Run the listener; the answer only tells Bolt to look no further."""
        request.context["ack"].heard = True
        try:
            await listener.run_ack_function(request=request, response=response)
        except Exception:  # noqa: BLE001 -- a listener's fault is logged, never the socket's
            _log.exception("listener.failed", listener=listener_name, acked=request.context["ack"].written)
        return BoltResponse(status=_DONE, body="")


class Dispatcher:
    """Hands each envelope to the listener registered for it.

    ``identity`` and ``app_id`` tell who we are; an envelope for another app or workspace reaches no
    listener. ``heard`` is told of which workspace a person is who pressed something. Listeners are
    ``async fn(incoming, ack)``; they run at the same time, in no order.
    """

    def __init__(
        self,
        *,
        identity: Callable[[], Identity | None],
        app_id: Callable[[], str | None] = lambda: None,
        heard: Callable[[str, str], None] = lambda _person, _team: None,
    ) -> None:
        self._identity = identity
        self._app_id = app_id
        self._heard = heard
        self._listeners: dict[tuple[Kind, str], Listener] = {}
        self._otherwise: dict[Kind, Listener] = {}
        self._said: set[str] = set()
        self._app = self._build()

    def on(self, kind: Kind, name: str, listener: Listener) -> None:
        """Listen for a command by its slash and name, an element or view by its id, an event by its type.

        An event is acked by its listener or not at all; a menu's ack is the answer.
        """
        self._listeners[kind, name] = listener

    def otherwise(self, kind: Kind, listener: Listener) -> None:
        """Listen for whatever of a kind has no listener by name; the default acks and logs once."""
        self._otherwise[kind] = listener

    async def dispatch(self, envelope: Mapping[str, Any], send: Send) -> None:
        """Carry one envelope to its listener and return when that has ended.

        Acked without a listener: what can't be read, and what isn't ours, when it is an event, since
        sending it again mends nothing. Of a person's click the same gets no ack: Slack shows that it failed.
        """
        incoming = read_envelope(envelope)
        request = None if incoming is None else _request(incoming)
        ack = FrameAck(envelope=envelope, send=send)
        if incoming is None or request is None:
            await self._refuse("envelope.unreadable", envelope, ack)
        elif not self._is_ours(incoming):
            await self._refuse("envelope.foreign", envelope, ack)
        else:
            request.context["ack"] = ack
            request.context["incoming"] = incoming
            self._note_team(incoming)
            await self._app.async_dispatch(request)
            if not ack.heard and not ack.written:
                await self._refuse("envelope.unheard", envelope, ack)

    def _note_team(self, incoming: Incoming) -> None:
        """An event's team may be that of the channel: only what a person pressed tells theirs."""
        if incoming.kind is not Kind.EVENT and incoming.person and incoming.person_team:
            self._heard(incoming.person, incoming.person_team)

    def _is_ours(self, incoming: Incoming) -> bool:
        app, ours = self._app_id(), self._identity()
        if app is not None and incoming.app is not None and incoming.app != app:
            return False
        if ours is None or not ours.team_id or incoming.team is None or incoming.team.startswith("E"):
            return True
        return incoming.team == ours.team_id

    async def _refuse(self, event: str, envelope: Mapping[str, Any], ack: FrameAck) -> None:
        kind = str(envelope.get("type"))[:40]
        self._say_once(event, kind)
        if kind not in ("interactive", "slash_commands"):
            await ack()

    def _say_once(self, event: str, what: str) -> None:
        if (line := f"{event} {what}") not in self._said:
            self._said.add(line)
            _log.warning(event, what=what)

    async def _listen(self, context: Mapping[str, Any]) -> None:
        incoming: Incoming = context["incoming"]
        found = self._listeners.get((incoming.kind, incoming.name)) or self._otherwise.get(incoming.kind)
        if found is not None:
            await found(incoming, context["ack"])
            return
        self._say_once("listener.missing", f"{incoming.kind} {incoming.name[:80]}")
        await context["ack"]()

    def _build(self) -> AsyncApp:
        async def authorize() -> AuthorizeResult:
            return self._who_we_are()

        app = AsyncApp(
            name="compliance-bot",
            logger=_bolt_log,
            client=AsyncWebClient(token=None, retry_handlers=[]),
            authorize=authorize,
            request_verification_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        # Bolt offers no setter for its runner.
        app._async_listener_runner = _runner()  # noqa: SLF001 - see above

        async def listen(context: Mapping[str, Any]) -> None:
            await self._listen(context)

        for register in (app.command, app.action, app.event, app.view, app.options, app.shortcut):
            register(_ANY)(listen)
        app.view_closed(_ANY)(listen)
        return app

    def _who_we_are(self) -> AuthorizeResult:
        """As known already; Bolt's own way asks at the first click, and drops the click on failure."""
        ours = self._identity()
        return AuthorizeResult(
            enterprise_id=None,
            team_id=ours.team_id if ours else None,
            bot_user_id=ours.bot_user_id if ours else None,
            bot_id=ours.bot_id if ours else None,
        )


def _request(incoming: Incoming) -> AsyncBoltRequest | None:
    """The payload as Bolt reads it; None where a field has a type that Bolt stumbles over."""
    try:
        return AsyncBoltRequest(mode="socket_mode", body=dict(incoming.payload))
    except (TypeError, AttributeError, KeyError, ValueError, IndexError):
        return None


def _runner() -> ListenerRunner:
    return ListenerRunner(
        logger=_bolt_log,
        process_before_response=False,
        listener_error_handler=AsyncDefaultListenerErrorHandler(logger=_bolt_log),
        listener_start_handler=AsyncDefaultListenerStartHandler(logger=_bolt_log),
        listener_completion_handler=AsyncDefaultListenerCompletionHandler(logger=_bolt_log),
        lazy_listener_runner=AsyncioLazyListenerRunner(logger=_bolt_log),
    )
