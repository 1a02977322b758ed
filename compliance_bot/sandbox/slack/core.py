"""The parts of the embedded Slack put together, and what can be asked of them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from compliance_bot.clock import Clock
from compliance_bot.sandbox.faults import Fault, Faults
from compliance_bot.sandbox.slack.api import Api
from compliance_bot.sandbox.slack.call import Call
from compliance_bot.sandbox.slack.changes import Changes
from compliance_bot.sandbox.slack.envelopes import Ack, Envelopes
from compliance_bot.sandbox.slack.events import Events
from compliance_bot.sandbox.slack.hooks import Hooks
from compliance_bot.sandbox.slack.incoming_webhooks import IncomingWebhooks
from compliance_bot.sandbox.slack.messages import Message
from compliance_bot.sandbox.slack.refusals import body_of
from compliance_bot.sandbox.slack.refused import HEADERS, STATUS
from compliance_bot.sandbox.slack.settings import SlackSettings
from compliance_bot.sandbox.slack.sockets import Socket, Sockets
from compliance_bot.sandbox.slack.timers import Timers
from compliance_bot.sandbox.slack.views import View
from compliance_bot.sandbox.slack.workspace import Ephemeral, Workspace


class SlackCore:
    """One workspace on the wire. Channels and people are named by id, name or handle."""

    def __init__(self, *, clock: Clock, faults: Faults, settings: SlackSettings | None = None) -> None:
        self.clock = clock
        self.faults = faults
        self.settings = settings or SlackSettings()
        self.workspace = Workspace(clock=clock, settings=self.settings)
        self._timers = Timers(clock)
        changes = self.workspace.changes
        self._sockets = Sockets(
            settings=self.settings, clock=clock, timers=self._timers, faults=faults, changes=changes
        )
        self.envelopes = Envelopes(
            settings=self.settings,
            timers=self._timers,
            changes=changes,
            send=self._sockets.send,
            stretch=self.workspace.stretch,
        )
        self._sockets.on_ack = self.envelopes.acked
        self._sockets.on_gone = self.envelopes.socket_gone
        self.events = Events(self.workspace, self.envelopes)
        self._api = Api(workspace=self.workspace, sockets=self._sockets, faults=faults)
        self.hooks = Hooks(workspace=self.workspace, faults=faults)
        self.webhooks = IncomingWebhooks(workspace=self.workspace, limits=self._api.limits, faults=faults)

    def routes(self) -> Sequence[web.RouteDef]:
        """The routes below ``/slack``."""
        return [
            web.post("/slack/api/{method}", self._api.serve),
            web.get("/slack/api/{method}", self._api.serve),
            web.get("/slack/link", self._sockets.serve),
            web.get("/slack/link/", self._sockets.serve),
            web.post("/slack/hooks/{path:.+}", self.hooks.serve),
            web.post("/slack/services/{path:.+}", self.webhooks.serve),
        ]

    def start(self, url: str) -> None:
        """Begin to keep time; ``url`` is where response URLs and webhooks point."""
        self.hooks.base = self.webhooks.base = url
        self._timers.start()

    async def stop(self) -> None:
        """Cut every socket and forget what is still to come."""
        self.faults.lift_all()
        self.settings.never_close = False
        self.changes.note()
        await self._sockets.stop()
        await self._timers.stop()

    @property
    def changes(self) -> Changes:
        """The state number and ways to wait for it."""
        return self.workspace.changes

    async def until(self, holds: Callable[[], Any]) -> None:
        """Return once ``holds()`` is true; it is asked again after each change."""
        await self.changes.until(lambda: bool(holds()))

    @property
    def calls(self) -> deque[Call]:
        """The Web API calls that came, oldest first."""
        return self._api.calls

    @property
    def counts(self) -> Counter[str]:
        """How many calls came, by method."""
        return self._api.counts

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self._api.calls if call.method == method]

    @property
    def acks(self) -> dict[str, Ack]:
        """Acks by envelope id."""
        return self.envelopes.acks

    @property
    def sockets(self) -> list[Socket]:
        """The open sockets."""
        return list(self._sockets.open.values())

    @property
    def sockets_opened(self) -> int:
        """How many sockets there ever were."""
        return self._sockets.opened

    @property
    def bad_frames(self) -> list[Any]:
        """Frames of the client that were no ack of a known envelope."""
        return self._sockets.bad_frames

    def messages(self, channel: str) -> list[Message]:
        """What stands in a channel, oldest first, without replies."""
        found = self.workspace.channel(channel).messages.values()
        top = (one for one in found if one.thread_ts in (None, one.ts) or one.broadcast)
        return [one for one in top if not one.deleted]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The replies to one message, oldest first."""
        replies = self.workspace.channel(channel).replies.get(ts, [])
        return [one for one in replies if not one.deleted]

    def message(self, channel: str, ts: str) -> Message:
        """One message, reply or not; LookupError when it is not there."""
        found = self.workspace.channel(channel).live(ts)
        if found is None:
            raise LookupError(f"no message {ts} in {channel}")
        return found

    def direct(self, user: str) -> list[Message]:
        """What stands in the direct messages of the bot with one person."""
        channel = self.workspace.direct_message(self.workspace.person(user).id)
        return self.messages(channel.id)

    def ephemerals(self, channel: str, user: str) -> list[Ephemeral]:
        """What one person alone sees in a channel."""
        place, person = self.workspace.channel(channel).id, self.workspace.person(user).id
        mine = (one for one in self.workspace.ephemerals if one.user == person and one.channel == place)
        return [one for one in mine if not one.deleted]

    def views(self, user: str) -> list[View]:
        """The modals one person has open, the lowest first."""
        return self.workspace.stack(self.workspace.person(user).id)

    def home(self, user: str) -> View | None:
        """One person's Home tab, once published."""
        return self.workspace.homes.get(self.workspace.person(user).id)

    def refuse(self, method: str, error: str, *, times: int | None = 1, effect_first: bool = False) -> Fault:
        """Give a refusal of the method's table, whatever is asked; returns the fault laid."""
        body = body_of(error, method, ",".join(sorted(self.settings.scopes)))
        return self.faults.lay(
            Fault(
                call=method,
                times=times,
                status=STATUS.get(error, 200),
                headers=HEADERS.get(error, {}),
                body=body,
                effect_first=effect_first,
            )
        )

    def drop_sockets(self) -> int:
        """Cut the TCP connection of every socket; how many there were."""
        sockets = self.sockets
        for socket in sockets:
            socket.cut()
        return len(sockets)

    def disconnect(self, reason: str = "refresh_requested", socket: Socket | None = None) -> None:
        """Ask sockets (all, or one) to go, as ``warning``, ``refresh_requested`` … do."""
        if reason == "link_disabled":
            self.settings.socket_mode = False
        self._sockets.ask_to_leave(reason, [socket] if socket else self.sockets)

    def send_raw(self, frame: str | bytes) -> None:
        """Put any frame on one of the open sockets."""
        self.sockets[0].send(frame)
