"""Show details: a modal that only tells. Studio is asked for its comments, for a second and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from compliance_bot.cases.moment import Moment
from compliance_bot.errors import StudioError
from compliance_bot.handlers import case_reading as reading
from compliance_bot.handlers.decisions import ReadFinding
from compliance_bot.handlers.form_spec import FormSpec, Opening
from compliance_bot.insight.details import details
from compliance_bot.messages.details import DETAILS, show_details
from compliance_bot.messages.modal import Modal
from compliance_bot.model.findings import Comment
from compliance_bot.store import objects
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

ASKED_WITHIN = 1.0
"""Seconds that Studio gets to tell its comments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsForm:
    """Fills the modal. ``read_finding``: asks Studio for one finding with its comments."""

    database: Database
    moment: Callable[[], Moment]
    read_finding: ReadFinding

    def spec(self) -> FormSpec:
        """The form, for ``Forms``."""
        return FormSpec(
            callback_id=DETAILS, title="Details", rights=("view",), fill=self._fill, menu="details"
        )

    async def _fill(self, opening: Opening) -> Modal | str:
        found = await self.database.read(lambda tx: self._find(tx, opening))
        if isinstance(found, str):
            return found
        seen, finding_id = found
        comments = () if seen.head.title is None else await self._comments(finding_id)
        view = await self.database.read(lambda tx: details(tx, self.moment(), seen.case, seen.head, comments))
        return show_details(view)

    def _find(self, tx: Transaction, opening: Opening) -> tuple[reading.Seen, str] | str:
        seen = reading.case_for(tx, self.moment(), opening, closed_too=True)
        if isinstance(seen, str):
            return seen
        return seen, objects.find_by_row(tx, seen.case.object_id).finding.id

    async def _comments(self, finding_id: str) -> Sequence[Comment] | None:
        try:
            async with asyncio.timeout(ASKED_WITHIN):
                return (await self.read_finding(finding_id)).comments
        except (TimeoutError, StudioError):
            return None
