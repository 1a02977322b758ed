"""What the control socket answers: the commands that a running daemon carries out itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from compliance_bot import control
from compliance_bot.audit import verify
from compliance_bot.clock import Clock
from compliance_bot.config.schema import Rules
from compliance_bot.health import Readiness
from compliance_bot.insight import held, proof
from compliance_bot.model.slack import Directory
from compliance_bot.outbox import dead_letters
from compliance_bot.store import directories, rules_used
from compliance_bot.store import quota as ledger
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio.quota import Purpose, all_granted_in
from compliance_bot.studio.walk import OVERLAP, WalkProgress

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
        rules: Callable[[], Rules],
        walk: Callable[[], WalkProgress | None],
        head_at_start: Callable[[], Head | None],
        directory: Callable[[], Directory],
        studio_url: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._readiness = readiness
        self._rules = rules
        self._walk = walk
        self._head_at_start = head_at_start
        self._directory = directory
        self._studio_url = studio_url

    def commands(self) -> Mapping[str, control.Command]:
        """Each command by its name."""
        return {
            "status": self._status,
            "audit verify": self._verify,
            "audit show": self._show,
            "directory": self._names,
            "deadletters list": self._dead_letters,
            "deadletters retry": partial(self._settle_dead_letter, dead_letters.revive),
            "deadletters drop": partial(self._settle_dead_letter, dead_letters.drop),
        }

    async def _status(self, _params: Mapping[str, Any]) -> Mapping[str, Any]:
        now, walk, studio = self._clock.now(), self._walk(), self._rules().studio
        names = self._directory()
        counts, spent, waiting, rules = await self._database.read(
            lambda tx: (
                control.summary(tx, projects=studio.projects),
                ledger.spent(tx, now),
                held.counted(tx, names),
                rules_used.in_force(tx),
            )
        )
        said = self._readiness()
        notes = () if walk is None else (walk_note(walk, spent, studio.quota_per_hour, now),)
        told = replace(said, notes=(*said.notes, *notes)).as_json()
        return {
            "running": True,
            **told,
            "rules": rules and rules.as_json(),
            "counts": counts,
            "held": [one.as_json() for one in waiting],
        }

    async def _names(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """What Slack's names mean, the people only as far as ``named`` names them, and what time it is."""
        names = directories.packed(self._directory(), str(params.get("named", "")))
        return {"directory": names, "now": self._clock.now(), "studio_url": self._studio_url}

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

    async def _show(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """One decision, case or approval as a page, its proof looked at now."""
        zone = params.get("zone")
        return await self._database.read(
            lambda tx: proof.shown(
                tx,
                self._directory(),
                str(params.get("reference", "")),
                now=self._clock.now(),
                zone=zone if isinstance(zone, str) else None,
            )
        )


def walk_note(walk: WalkProgress, spent: Sequence[tuple[float, str]], quota: int, now: float) -> str:
    """How far the full walk is, and about when it ends: by the quota, else by its pace so far."""
    read = f"walk {walk.number}: {walk.seen} of {walk.total} findings read"
    if walk.finished:
        return f"{read}; the next begins in its turn" if walk.broken is None else f"{read}, then broken off"
    if not walk.pages:
        return read
    pages = math.ceil(max(0, walk.total - walk.offset) / max(1, walk.size - OVERLAP))
    calls = [(at, Purpose(purpose)) for at, purpose in spent]
    by_quota = all_granted_in(calls, Purpose.WALK, quota, pages, now)
    left = by_quota or (now - walk.started_at) / walk.pages * pages
    return f"{read}; at the present quota the rest takes about {max(1, round(left / 60))} min"
