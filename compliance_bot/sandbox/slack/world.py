"""``SlackWorld``: the embedded Slack as tests and the world use it."""

from __future__ import annotations

from compliance_bot.clock import Clock
from compliance_bot.sandbox.faults import Faults
from compliance_bot.sandbox.slack.doings import Doings
from compliance_bot.sandbox.slack.settings import SlackSettings
from compliance_bot.sandbox.slack.staging import Staging


class SlackWorld(Doings, Staging):
    """A furnished workspace: what people do, what admins do, what is there, what was asked."""

    def __init__(
        self,
        *,
        clock: Clock,
        faults: Faults,
        settings: SlackSettings | None = None,
        furnished: bool = True,
    ) -> None:
        super().__init__(clock=clock, faults=faults, settings=settings)
        if furnished:
            self.furnish()
