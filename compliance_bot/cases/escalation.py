"""The ladder of a case: what is said again, and to whom, while nobody acts.

A case keeps its ladder as it was chosen when it opened. ``ladder_step`` is how many rungs were climbed,
``next_step_at`` when the next is due; None while the ladder stands still, or has been climbed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compliance_bot.cases.moment import Moment
from compliance_bot.model.cases import Case
from compliance_bot.model.events import Cause, Change, Event
from compliance_bot.rules.attributes import finding_attributes
from compliance_bot.rules.ladder import Rung, from_json, to_json
from compliance_bot.store import objects
from compliance_bot.store.transaction import Transaction

SOONEST = 60.0
"""Seconds that an undone decision leaves at least: nobody is called at once for what a click opened again."""


def begin(tx: Transaction, moment: Moment, case: Case, change: Change = Change.NEW) -> dict[str, Any]:
    """The columns of a case that opens: its ladder chosen anew, by the finding as last known, from the start.

    ``change``: what a condition reads as such.
    """
    if not moment.rulebook.escalation.steps:
        return {"ladder": "[]", "ladder_step": 0, "next_step_at": None}
    rungs = moment.rulebook.ladder(_event(tx, moment, case, change))
    first = moment.now + rungs[0].after if rungs else None
    return {"ladder": to_json(rungs), "ladder_step": 0, "next_step_at": first}


def _event(tx: Transaction, moment: Moment, case: Case, change: Change) -> Event:
    finding = objects.find_by_row(tx, case.object_id).finding
    attributes = finding_attributes(
        finding,
        change=change,
        project=finding.project_name,
        categories=moment.rulebook.rules.categories,
        url=moment.link(finding),
        now=moment.now,
    )
    return Event(
        type="finding", studio_id=finding.id, change=change, cause=Cause.CLOCK, attributes=attributes
    )


def paused() -> dict[str, Any]:
    """The columns of a case whose ladder stands still."""
    return {"next_step_at": None}


def resumed(next_step_at: float | None, paused_at: float, now: float) -> dict[str, Any]:
    """The columns of a case whose ladder goes on with the time that was left when it paused.

    A minute is left at least: who undoes an action is not called for that at once.
    """
    left = None if next_step_at is None else max(SOONEST, next_step_at - paused_at)
    return {"next_step_at": None if left is None else now + left}


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """What a case climbs at one moment: the rungs due, when the first was, and where it stands then."""

    rungs: tuple[Rung, ...]
    due: float
    number: int
    total: int
    next_step_at: float | None

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of the case once it has climbed."""
        return {"ladder_step": self.number, "next_step_at": self.next_step_at}

    @property
    def mentions(self) -> tuple[str, ...]:
        """Whom the rungs call, each once."""
        return tuple(dict.fromkeys(word for rung in self.rungs for word in rung.mentions))

    @property
    def channels(self) -> tuple[str, ...]:
        """Where the rungs tell it besides, each once."""
        return tuple(dict.fromkeys(rung.channel for rung in self.rungs if rung.channel is not None))


def climb(case: Case, now: float) -> Climb | None:
    """What the case climbs by ``now``; None where its ladder stands still or has no rung left.

    What fell due while nobody could say it is climbed at once. The next rung keeps its distance to the last.
    """
    rungs = from_json(case.ladder)
    step, due = case.ladder_step, case.next_step_at
    if due is None or step >= len(rungs):
        return None
    number, following = step + 1, _after(rungs, step, due)
    while following is not None and following <= now:
        number, following = number + 1, _after(rungs, number, following)
    return Climb(
        rungs=rungs[step:number],
        due=due,
        number=number,
        total=len(rungs),
        next_step_at=following,
    )


def _after(rungs: Sequence[Rung], step: int, at: float) -> float | None:
    """When the rung behind ``step`` is due, where that one was at ``at``."""
    return at + rungs[step + 1].after - rungs[step].after if step + 1 < len(rungs) else None
