"""The ladder of an event: what is said again, to whom and where, while nobody acts. Pure.

Chosen once, when a case opens, and kept with it: rules that change later never change what is under way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from compliance_bot.model.events import Attribute
from compliance_bot.rules.conditions import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One thing that is said: ``after`` so many seconds of an open case.

    ``mentions`` and ``channel`` as rules.yaml writes them. ``step``: which entry of ``escalation`` it is,
    from 1; ``repetition``: 0 where the step is said first.
    """

    after: float
    mentions: tuple[str, ...] = ()
    channel: str | None = None
    step: int = 1
    repetition: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderStep:
    """One entry of ``escalation`` as compiled; without a ``match`` it is for everything."""

    number: int
    after: float
    mentions: tuple[str, ...] = ()
    channel: str | None = None
    repeat: int = 0
    match: Condition | None = None

    def rungs(self) -> Iterator[Rung]:
        """Said once, and ``repeat`` times more, each ``after`` seconds later."""
        for repetition in range(self.repeat + 1):
            yield Rung(
                after=self.after * (repetition + 1),
                mentions=self.mentions,
                channel=self.channel,
                step=self.number,
                repetition=repetition,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """``escalation`` as compiled: its entries in the order of the file."""

    steps: tuple[LadderStep, ...] = ()

    def chosen(self, attributes: Mapping[str, Attribute]) -> tuple[Rung, ...]:
        """The rungs for an event with these attributes, the first to come first."""
        fitting = (step for step in self.steps if step.match is None or step.match.holds(attributes))
        return in_time(rung for step in fitting for rung in step.rungs())


def in_time(rungs: Iterable[Rung]) -> tuple[Rung, ...]:
    """The rungs as they are climbed: those of one moment in the order of the file."""
    return tuple(sorted(rungs, key=lambda rung: (rung.after, rung.step, rung.repetition)))


def to_json(rungs: Sequence[Rung]) -> str:
    """The rungs as a case keeps them: each step once, however often it is said."""
    first = [rung for rung in rungs if rung.repetition == 0]
    said = [sum(other.step == rung.step for other in rungs) for rung in first]
    kept = [
        {
            "step": rung.step,
            "after": rung.after,
            "mentions": list(rung.mentions),
            "channel": rung.channel,
            "repeat": times - 1,
        }
        for rung, times in zip(first, said, strict=True)
    ]
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def from_json(kept: str) -> tuple[Rung, ...]:
    """The rungs that ``to_json`` wrote down."""
    steps = (
        LadderStep(
            number=one["step"],
            after=one["after"],
            mentions=tuple(one["mentions"]),
            channel=one["channel"],
            repeat=one["repeat"],
        )
        for one in json.loads(kept)
    )
    return in_time(rung for step in steps for rung in step.rungs())
