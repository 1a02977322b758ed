"""The embedded world: one Slack, one Studio, one clock, one port.

``/slack/api/METHOD``, ``/slack/link`` and ``/slack/hooks/…`` are Slack; ``/studio/…`` is Studio;
``/clock`` is the clock a bot may follow; ``/world/…`` works all of it from outside.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.faults import Faults
from compliance_bot.sandbox.slack.control import Control
from compliance_bot.sandbox.slack.settings import SlackSettings
from compliance_bot.sandbox.slack.world import SlackWorld
from compliance_bot.sandbox.studio.world import StudioWorld

_BIGGEST = 64 * 1024 * 1024


class World:
    """A Slack and a Studio on one clock. ``more_routes``: what a page adds."""

    def __init__(
        self,
        *,
        clock: WorldClock,
        slack_settings: SlackSettings | None = None,
        studio: StudioWorld | None = None,
        more_routes: Sequence[web.RouteDef] = (),
    ) -> None:
        self.clock = clock
        self.slack = SlackWorld(clock=clock, faults=Faults(), settings=slack_settings)
        self.studio = studio or StudioWorld(clock=clock, faults=Faults())
        self.url = ""
        self._more_routes = more_routes
        self._runner: web.AppRunner | None = None

    @property
    def slack_api_url(self) -> str:
        """Where the Web API is, with the slash at its end."""
        return f"{self.url}/slack/api/"

    @property
    def studio_url(self) -> str:
        """Where Studio is."""
        return f"{self.url}/studio"

    @property
    def clock_url(self) -> str:
        """Where the clock is."""
        return f"{self.url}/clock"

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; ``port`` 0 takes a free one."""
        app = web.Application(client_max_size=_BIGGEST)
        app.add_routes(self._routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound = self._runner.addresses[0]
        self.url = f"http://{host}:{bound[1]}"
        self.slack.start(self.url)

    async def stop(self) -> None:
        """Cut what is open and stop listening. Harmless when not started."""
        if self._runner is None:
            return
        self.studio.faults.lift_all()
        await self.slack.stop()
        await self._runner.cleanup()
        self._runner = None

    def _routes(self) -> list[web.RouteDef]:
        return [
            *self.slack.routes(),
            *Control(self.slack).routes(),
            *self.studio.routes(),
            web.get("/clock", self._stream_clock),
            web.get("/world/clock", self._tell_clock),
            web.post("/world/clock", self._set_clock),
            *self._more_routes,
        ]

    async def _stream_clock(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self.clock.stream(request)
        except ConnectionError:  # the follower went away
            return web.Response()

    async def _tell_clock(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"now": self.clock.now(), "rate": self.clock.rate})

    async def _set_clock(self, request: web.Request) -> web.StreamResponse:
        """``{"jump": seconds}`` and ``{"rate": factor}``, either or both."""
        order = await request.json()
        if "jump" in order:
            await self.clock.jump(float(order["jump"]))
        if "rate" in order:
            await self.clock.run_at(float(order["rate"]))
        return await self._tell_clock(request)
