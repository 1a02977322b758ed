"""Puts Slack's side together, and minds its tokens: refused at the start is the end, later a halt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

import aiohttp

from compliance_bot.app.complaints import undescribed_channels
from compliance_bot.clock import Clock
from compliance_bot.config.settings import Settings
from compliance_bot.errors import Misconfigured
from compliance_bot.handlers.dispatch import Dispatcher
from compliance_bot.handlers.manifest import APP_TOKEN_SCOPE, missing_scopes
from compliance_bot.jobs.troubles import Troubles
from compliance_bot.logs import logger
from compliance_bot.messages import wording
from compliance_bot.model.slack import Directory
from compliance_bot.outbox.lanes import Outbox
from compliance_bot.slack.audience import AudienceReader, Told
from compliance_bot.slack.client import Observed, SlackClient
from compliance_bot.slack.directory import DirectoryReader
from compliance_bot.slack.failures import FailureClass, SlackCallFailed
from compliance_bot.slack.socket import Alarm, SlackSocket
from compliance_bot.slack.webhooks import WebhookSender

_log = logger(__name__)

LOOK_EVERY = 60.0
"""Seconds between two looks whether a refused token is accepted again."""
ASK_EVERY = 5.0
"""Seconds between two tries to hear who we are from a Slack that was away at the start."""
TROUBLE = "slack_token"
NO_SOCKET = (
    "No Socket Mode connection stands, so what people do in Slack does not arrive. It is tried again by "
    "itself; if it stays, see whether this machine may reach wss-primary.slack.com (SLACK_PROXY), and "
    "`compliance-bot check`."
)
NO_NAMES = (
    "Slack's channels are not known yet; until they are, Studio is not read. They are asked for again by "
    "themselves; the log names what Slack refuses."
)
_ALARMS = {
    Alarm.FOREIGN_CONNECTION: "Another process uses this app token and takes part of what people do: stop "
    "it, or give it an app of its own.",
    Alarm.TOO_MANY_CONNECTIONS: "The Slack app has its ten connections already: stop the other instances.",
    Alarm.SOCKET_MODE_OFF: "Socket Mode is switched off in the Slack app's settings: switch it on.",
    Alarm.APP_TOKEN_REFUSED: "Slack refuses SLACK_APP_TOKEN: make a new one with connections:write.",
}


class SlackSide:
    """Client, directory, sockets and dispatcher, and how Slack takes our tokens."""

    def __init__(
        self,
        *,
        client: SlackClient,
        directory: DirectoryReader,
        audience: AudienceReader,
        hooks: WebhookSender,
        clock: Clock,
        troubles: Troubles,
    ) -> None:
        self.client = client
        self.directory = directory
        self.audience = audience
        self.hooks = hooks
        self.dispatcher = Dispatcher(
            identity=lambda: client.identity,
            app_id=lambda: self.socket.app_id,
            heard=directory.people.heard,
        )
        self.socket = SlackSocket(
            client=client, clock=clock, on_envelope=self.dispatcher.dispatch, on_alarm=self._alarmed
        )
        self._clock = clock
        self._troubles = troubles
        self._outbox: Outbox | None = None
        self._alarms: dict[Alarm, str] = {}
        self._refused = asyncio.Event()
        self._reason = ""

    def watch(self, outbox: Outbox) -> None:
        """Halt that outbox while Slack refuses our token."""
        self._outbox = outbox

    async def check_tokens(self) -> None:
        """Raise ``Misconfigured`` where Slack refuses a token or lacks a scope; away is no refusal."""
        asked = [
            asyncio.ensure_future(self.client.identify()),
            asyncio.ensure_future(self.client.call("apps.connections.open")),
        ]
        try:
            for answer in asked:
                await _unless_away(answer)
        finally:
            for answer in asked:
                answer.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        lacking = self._lacking_scopes()
        if lacking:
            raise Misconfigured(lacking)

    def _lacking_scopes(self) -> str | None:
        granted = self.client.granted_scopes
        missing = () if granted is None else missing_scopes(granted)
        if not missing:
            return None
        return (
            f"The Slack app lacks the scopes {', '.join(missing)}: add them (compliance-bot manifest "
            "prints them all) and install the app again."
        )

    # ------------------------------------------------------------ a token lost while running

    def token_refused(self, failure: SlackCallFailed) -> None:
        """A call said that nothing will go with this token any more."""
        self._halt(failure.code)

    def token_lost(self, reason: str) -> None:
        """An event said so."""
        self._halt(reason)

    def _halt(self, reason: str) -> None:
        if self._outbox is not None and not self._refused.is_set():
            self._reason = reason
            self._outbox.halt(f"Slack refuses the bot token ({reason})")
            self._refused.set()

    async def watch_token(self) -> None:
        """While the token is refused, ask ``auth.test`` every minute; when it is accepted, send again.

        A Slack that was away at the start is asked first who we are.
        """
        await self._hear_who_we_are()
        if not self._refused.is_set():
            await self._troubles.ends(TROUBLE)
        accepted_at = float("-inf")
        while True:
            await self._refused.wait()
            reason = self._reason
            await self._troubles.begins(
                TROUBLE,
                f"Slack refuses the bot token ({reason}): is it revoked, or is this address not on the "
                "app's IP allow list?",
                partial(_token_lost_notice, reason),
            )
            # Slack may accept the token and still refuse what is sent: then that is tried once a minute.
            await self._clock.sleep(max(0.0, accepted_at + LOOK_EVERY - self._clock.now()))
            await self._until_accepted()
            accepted_at = self._clock.now()
            self._refused.clear()
            if self._outbox is not None:
                self._outbox.resume()
            await self._troubles.ends(TROUBLE)

    async def _hear_who_we_are(self) -> None:
        while self.client.identity is None:
            try:
                await self.client.identify()
            except SlackCallFailed as failure:
                if failure.kind is FailureClass.FATAL:
                    self.token_refused(failure)
                    return
                await self._clock.sleep(ASK_EVERY)
            else:
                self.directory.want_refresh()

    async def _until_accepted(self) -> None:
        while True:
            try:
                await self.client.call("auth.test")
            except SlackCallFailed as failure:
                _log.warning("slack.token_still_refused", reason=str(failure))
                await self._clock.sleep(LOOK_EVERY)
            else:
                return

    # ------------------------------------------------------------ what is wrong

    def _alarmed(self, alarm: Alarm, detail: str) -> None:
        _log.error("slack.alarm", alarm=alarm.value, detail=detail)
        if alarm is not Alarm.FOREIGN_CONNECTION:
            self._alarms[alarm] = _ALARMS[alarm]

    def complaints(self) -> Sequence[str]:
        """What is wrong with Slack now, one sentence each."""
        found: list[str] = []
        if self.socket.connected:
            self._alarms.clear()
        else:
            found += [NO_SOCKET, *self._alarms.values()]
        if self.socket.foreign:
            found.append(_ALARMS[Alarm.FOREIGN_CONNECTION])
        if not self.directory.loaded:
            found.append(NO_NAMES)
        lacking = self._lacking_scopes()
        return [*found, lacking] if lacking else found

    def notes(self) -> Sequence[str]:
        """What Slack does not let us see, one sentence each; no fault."""
        lacking = self.directory.lacking.items()
        said = [f"Slack does not list its {part}: {code}." for part, code in lacking]
        return [*said, *undescribed_channels(self.directory.snapshot)]


def slack_side(
    settings: Settings,
    *,
    session: aiohttp.ClientSession,
    clock: Clock,
    troubles: Troubles,
    remember: Callable[[Directory], Awaitable[None]],
    named: Callable[[], Iterable[str]],
    on_read: Told,
    on_changed: Told,
    observed: Observed,
) -> SlackSide:
    """Construct Slack's side; tokens are read anew at each call.

    ``remember``: see ``DirectoryReader``; ``named`` and what begins with ``on_``: see ``AudienceReader``;
    ``observed`` is told of every call.
    """
    client = SlackClient(
        session=session,
        base_url=settings.slack_api_url,
        bot_token=lambda: settings.fresh("SLACK_BOT_TOKEN").reveal(),
        app_token=lambda: settings.fresh("SLACK_APP_TOKEN").reveal(),
        clock=clock,
        proxy=settings.slack_proxy,
        observed=observed,
    )
    directory = DirectoryReader(
        client=client, clock=clock, remember=remember, webhooks=frozenset(settings.webhooks)
    )
    audience = AudienceReader(
        client=client,
        clock=clock,
        directory=directory,
        named=named,
        on_read=on_read,
        on_changed=on_changed,
    )
    hooks = WebhookSender(
        session=session,
        address=lambda name: settings.webhook(name).reveal(),
        proxy=settings.slack_proxy,
        observed=observed,
    )
    return SlackSide(
        client=client,
        directory=directory,
        audience=audience,
        hooks=hooks,
        clock=clock,
        troubles=troubles,
    )


def _token_lost_notice(reason: str, _since: float) -> str:
    return wording.notice_token_lost(reason)


async def _unless_away(answer: Awaitable[object]) -> None:
    try:
        await answer
    except SlackCallFailed as failure:
        if failure.kind is FailureClass.FATAL:
            raise Misconfigured(_refusal(failure)) from failure
        _log.warning("slack.away_at_start", reason=str(failure))


def _refusal(failure: SlackCallFailed) -> str:
    name = "SLACK_APP_TOKEN" if failure.method == "apps.connections.open" else "SLACK_BOT_TOKEN"
    if failure.code == "missing_scope":
        scope = failure.needed or APP_TOKEN_SCOPE
        return f"{name} lacks the scope {scope}: make a token that has it and set it."
    return (
        f"Slack refuses {name} ({failure.code}): copy it anew from the app's settings; if it is right, the "
        "app's IP allow list may not hold this machine's address."
    )
