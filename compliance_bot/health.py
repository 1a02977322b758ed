"""The health page: ``/healthz``, ``/readyz`` and ``/metrics``. It tells ages and reasons, never data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from aiohttp import web

from compliance_bot import metrics
from compliance_bot.errors import Misconfigured
from compliance_bot.logs import redact

NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """How the bot is now.

    ``started``: all rooms are up. ``degraded``: each reason as a sentence; any makes the page red.
    ``ages``: seconds since the last ``envelope``, ``frame``, ``poll``, ``delivery``; None: none yet.
    ``notes``: sentences that are not faults (a foreign clock, a demo, the version).
    """

    started: bool
    degraded: tuple[str, ...] = ()
    ages: Mapping[str, float | None] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """True when everything is up and nothing is degraded."""
        return self.started and not self.degraded

    def as_json(self) -> dict[str, object]:
        """What ``/readyz`` and ``status`` print. No secret can stand in it."""
        return {
            "ready": self.ready,
            "started": self.started,
            "degraded": [redact(reason) for reason in self.degraded],
            "ages": {what: None if age is None else round(age, 3) for what, age in self.ages.items()},
            "notes": [redact(note) for note in self.notes],
        }


class HealthServer:
    """Serves the three pages at ``listen`` (host and port; None: not at all)."""

    def __init__(self, *, listen: tuple[str, int] | None, readiness: Callable[[], Readiness]) -> None:
        self._listen = listen
        self._readiness = readiness
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """The pages answer. Raises ``Misconfigured`` when the address cannot be had."""
        if self._listen is None:
            return
        host, port = self._listen
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            await runner.cleanup()
            raise Misconfigured(
                f"COMPLIANCE_BOT_LISTEN={host}:{port} cannot be listened on ({error.strerror or error}): "
                "free that port, name another, or leave it empty to switch the health page off"
            ) from error
        self._runner = runner

    async def stop(self) -> None:
        """The pages are gone."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def address(self) -> tuple[str, int] | None:
        """Where the pages really are (a port of 0 was chosen by the system); None when off."""
        if self._runner is None or not self._runner.addresses:
            return None
        host, port = self._runner.addresses[0][:2]
        return host, port

    def _application(self) -> web.Application:
        pages = web.Application()
        pages.router.add_get("/healthz", self._healthz)
        pages.router.add_get("/readyz", self._readyz)
        pages.router.add_get("/metrics", self._metrics)
        return pages

    async def _healthz(self, _: web.Request) -> web.Response:
        # That this answers at all shows that the loop turns.
        return web.json_response({"alive": True}, headers=NO_STORE)

    async def _readyz(self, _: web.Request) -> web.Response:
        state = self._readiness()
        return web.json_response(state.as_json(), status=200 if state.ready else 503, headers=NO_STORE)

    async def _metrics(self, _: web.Request) -> web.Response:
        state = self._readiness()
        metrics.readiness(ready=state.ready, ages=state.ages)
        headers = {**NO_STORE, "Content-Type": metrics.CONTENT_TYPE}
        return web.Response(body=metrics.render(), headers=headers)
