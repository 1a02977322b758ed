"""What is wrong right now: red in ``/readyz``, said once in the operations channel, also over restarts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from compliance_bot.clock import Clock
from compliance_bot.logs import logger
from compliance_bot.outbox.notices import notify_operations
from compliance_bot.store import cursors
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)
_CURSOR = "troubles"


class Troubles:
    """The list of what is wrong. ``known`` is read by the health page."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, tuple[float, str]] = {}

    async def recall(self) -> None:
        """Take over what was wrong when the process stopped, so that it is not said again."""
        found = await self._database.read(lambda tx: cursors.read(tx, _CURSOR)) or {}
        self._known = {name: (since, reason) for name, (since, reason) in found.items()}

    @property
    def known(self) -> Mapping[str, str]:
        """What is wrong, by name: a sentence each."""
        return {name: reason for name, (_, reason) in self._known.items()}

    async def begins(self, name: str, reason: str, notice: Callable[[float], str] | None = None) -> None:
        """Something is wrong; ``notice`` (from when it began) is said once, until ``ends``."""
        known = self._known.get(name)
        if known is not None:
            self._known[name] = (known[0], reason)
            return
        now = self._clock.now()
        self._known[name] = (now, reason)
        _log.warning("trouble.began", trouble=name, reason=reason)
        await self._note(f"{name}:began:{now}", notice and notice(now), now)

    async def ends(self, name: str, notice: Callable[[float, float], str] | None = None) -> None:
        """It is right again; ``notice`` gets when it began and when it ended."""
        known = self._known.pop(name, None)
        if known is None:
            return
        now = self._clock.now()
        _log.info("trouble.ended", trouble=name)
        await self._note(f"{name}:ended:{now}", notice and notice(known[0], now), now)

    async def _note(self, key: str, words: str | None, now: float) -> None:
        # Copied here, on the loop: the database's thread must not see it change under its hands.
        standing = {name: list(value) for name, value in self._known.items()}

        def decide(tx: Transaction) -> None:
            cursors.move(tx, _CURSOR, standing, now)
            if words:
                notify_operations(tx, key=key, text=words, now=now)

        await self._database.write(decide)
