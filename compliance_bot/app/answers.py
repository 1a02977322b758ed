"""What the control socket answers: the commands that a running daemon carries out itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from compliance_bot import control
from compliance_bot.audit import verify
from compliance_bot.clock import Clock
from compliance_bot.health import Readiness
from compliance_bot.outbox import dead_letters
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

Head = tuple[int, str]
"""Number and hash of the audit chain's last entry."""


class Answers:
    """The daemon's commands. ``head_at_start``: where the chain ended at the clean stop before this start."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        readiness: Callable[[], Readiness],
        notes: Callable[[], tuple[str, ...]],
        head_at_start: Callable[[], Head | None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._readiness = readiness
        self._notes = notes
        self._head_at_start = head_at_start

    def commands(self) -> Mapping[str, control.Command]:
        """Each command by its name."""
        return {
            "status": self._status,
            "audit verify": self._verify,
            "deadletters list": self._dead_letters,
            "deadletters retry": partial(self._settle_dead_letter, dead_letters.revive),
            "deadletters drop": partial(self._settle_dead_letter, dead_letters.drop),
        }

    async def _status(self, _params: Mapping[str, Any]) -> Mapping[str, Any]:
        counts = await self._database.read(control.summary)
        said = self._readiness()
        told = replace(said, notes=(*said.notes, *self._notes())).as_json()
        return {"running": True, **told, "counts": counts}

    async def _dead_letters(self, _params: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"dead": await self._database.read(dead_letters.listed)}

    async def _settle_dead_letter(
        self, settle: Callable[[Transaction, int, float], bool], params: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        number, now = int(params["number"]), self._clock.now()
        return {"settled": await self._database.write(lambda tx: settle(tx, number, now))}

    async def _verify(self, _params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Against the clean stop before this start: a tail cut off meanwhile shows."""
        head = self._head_at_start()
        return (await self._database.read(lambda tx: verify.verify(tx, head))).as_json()
