"""Which decisions need a second person, by ``approvals.second_person_for``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compliance_bot.model.events import Attribute
from compliance_bot.rules.conditions import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondPerson:
    """Actions with the condition under which each needs a second person; None: always."""

    cases: tuple[tuple[str, Condition | None], ...] = ()

    def needed(self, action: str, attributes: Mapping[str, Attribute]) -> bool:
        """Whether ``action`` on what has these attributes needs a second person."""
        return any(
            named == action and (condition is None or condition.holds(attributes))
            for named, condition in self.cases
        )
