"""The embedded Studio, mounted: its own routes and the panel's."""

from __future__ import annotations

from aiohttp import hdrs, web

from compliance_bot.sandbox.studio.control import Control
from compliance_bot.sandbox.studio.public import PREFIX
from compliance_bot.sandbox.studio.state import StudioState


class StudioWorld(StudioState):
    """A Studio on the world's clock, with the routes to mount."""

    def routes(self) -> list[web.RouteDef]:
        """What the world's server mounts: ``/studio/…`` and ``/world/studio/…``."""
        every = web.route(hdrs.METH_ANY, PREFIX + "/{tail:.*}", self.wire.respond)
        return [every, *Control(self).routes()]
