"""Studio's side of the outbox as one: each kind of write goes to the performer that knows it."""

from __future__ import annotations

from compliance_bot.model.delivery import Effect, EffectKind, Outcome, Performer, Sighting


class StudioHands:
    """Sends verdicts to one performer, and whatever concerns a finding to the other."""

    def __init__(self, *, findings: Performer, verdicts: Performer) -> None:
        self._findings = findings
        self._verdicts = verdicts

    async def perform(self, effect: Effect) -> Outcome:
        """Carry out a presented effect."""
        return await self._of(effect).perform(effect)

    async def find(self, effects: list[Effect]) -> dict[str, Sighting]:
        """Settle effects of unknown outcome, each by whoever performed it."""
        found: dict[str, Sighting] = {}
        for performer in (self._findings, self._verdicts):
            theirs = [effect for effect in effects if self._of(effect) is performer]
            found |= await performer.find(theirs) if theirs else {}
        return found

    def _of(self, effect: Effect) -> Performer:
        return self._verdicts if effect.kind is EffectKind.STUDIO_VERDICT else self._findings
